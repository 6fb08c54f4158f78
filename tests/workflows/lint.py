"""Lints the workflows, `python -m tests.workflows.lint`: zizmor for what is unsafe, actionlint for what is wrong.

actionlint comes from the Go module proxy and is built once, where there is a Go; it runs shellcheck on each `run`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.programs.cache import cache_folder, to_be_filled

ROOT: Final = Path(__file__).parents[2]
ACTIONLINT: Final = "v1.7.12"


def main() -> None:
    """Run both; the exit code says whether they found anything."""
    tools = Path(sys.executable).parent
    failed = subprocess.run([tools / "zizmor", "--offline", "--quiet", ".github"], cwd=ROOT, check=False).returncode
    if linter := actionlint():
        environment = os.environ | {"PATH": os.pathsep.join([str(tools), os.environ.get("PATH", os.defpath)])}
        failed |= subprocess.run([linter], cwd=ROOT, env=environment, check=False).returncode
    sys.exit(bool(failed))


def actionlint() -> Path | None:
    """The program on PATH, or one that is built once; None, with a message, where there is no Go to build it with."""
    if on_path := shutil.which("actionlint"):
        return Path(on_path)
    folder = cache_folder() / f"actionlint-{ACTIONLINT}"
    if not folder.is_dir() and not shutil.which("go"):
        print("actionlint is not run: neither it nor a Go to build it with is on PATH")
        return None
    with to_be_filled(folder) as content:
        if content:
            print(f"Building actionlint {ACTIONLINT} into {folder}, once ...", file=sys.stderr)
            module = f"github.com/rhysd/actionlint/cmd/actionlint@{ACTIONLINT}"
            done = subprocess.run(
                ["go", "install", module],
                env=os.environ | {"GOBIN": str(content)},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                sys.exit(f"actionlint can't be built:\n{done.stderr}")
    return folder / "actionlint"


if __name__ == "__main__":
    main()
