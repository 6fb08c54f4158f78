"""The project in a clone of its own, as a job of a workflow has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from policies.config import FOLDER
from tests.workflows.reading import ROOT

STACKS: Final = ("platform-dev", "ads-dev", "search-dev")
IDENTITY: Final = {
    f"GIT_{who}_{what}": "test@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


def git(root: Path, *arguments: str) -> str:
    """What git prints."""
    environment = os.environ | IDENTITY | {"GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def make_origin(root: Path) -> None:
    """A repository in an empty folder: the project with three of its stacks, one commit on main."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if not name.startswith(("docs/", "tests/")) and (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    for file in (root / "stacks").glob("Pulumi.*.yaml"):
        if file.name.split(".")[1] not in STACKS:
            file.unlink()
    for file in (root / FOLDER).glob("*.json"):
        if file.stem not in STACKS:
            file.unlink()
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "main")


def clone(origin: Path, workspace: Path) -> None:
    """A clone, with what set-up would make in it, so that set-up has nothing to do: this interpreter, its modules."""
    git(origin, "clone", "--quiet", str(origin), str(workspace))
    tools = workspace / ".venv" / "bin"
    tools.mkdir(parents=True)
    (tools / "python").symlink_to(sys.executable)
    (tools / "fleet").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fleet "$@"\n')
    (tools / "fleet").chmod(0o755)
    for done in (".program", ".aws", ".capacity"):
        (workspace / ".venv" / done).touch()


def edit(workspace: Path, path: str, old: str, new: str) -> None:
    """Replace a text that stands in a file."""
    file = workspace / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
