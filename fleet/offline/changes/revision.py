"""The project as it was at a git revision, in a folder of its own; `fleet.offline.programs` runs its program there."""

from __future__ import annotations

import importlib.metadata
import io
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import FleetError

REQUIREMENTS = Path("requirements.txt")
_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;#\\]+)")
_SHORT = 10
"""Characters of a commit's hash that people are shown."""


class RevisionError(FleetError):
    """There is nothing to compare with; the message says why, and what to do."""


@dataclass(frozen=True)
class Revision:
    """A commit of the project.

    Attributes:
        asked: what the user called it.
        commit: its full hash.
        root: where its files are.
        other_requirements: what it pins that is not what runs here, such as `pulumi-aws 7.50.0 (here 7.51.1)`.
    """

    asked: str
    commit: str
    root: Path
    other_requirements: tuple[str, ...] = ()

    def __str__(self) -> str:
        short = self.commit[:_SHORT]
        return short if self.commit.startswith(self.asked) else f"{self.asked} ({short})"


@contextmanager
def exported(root: Path, asked: str) -> Iterator[Revision]:
    """The project at a revision, exported for as long as the context lasts.

    Only what is committed counts: a work tree that differs from it does not matter, and is not touched.

    Args:
        root: the project's folder, which may be anywhere in a repository.
        asked: a branch, tag, commit, or anything else that git takes for one.

    Raises:
        RevisionError: git is not there, the folder is in no repository, there is no such revision, or it can't be
            written.
    """
    try:
        _git(root, "rev-parse", "--git-dir")
    except RevisionError as error:
        raise RevisionError(f"{root} can't be compared with {asked!r}: {error}") from None
    commit = _commit(root, asked)
    prefix = _git(root, "rev-parse", "--show-prefix").decode().strip()
    try:
        archive = _git(root, "archive", "--format=tar", f"{commit}:{prefix}".rstrip("/"))
    except RevisionError:
        raise RevisionError(f"{asked} has no folder {prefix}: the project was not there yet") from None
    with tempfile.TemporaryDirectory(prefix="fleet-base-") as scratch:
        try:
            with tarfile.open(fileobj=io.BytesIO(archive)) as files:
                files.extractall(scratch, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise RevisionError(f"{asked} can't be written to {scratch}: {error}") from None
        tree = Path(scratch).resolve()
        yield Revision(asked, commit, tree, tuple(_other_requirements(tree)))


def unchanged(root: Path, asked: str) -> str | None:
    """The commit of a revision from which no file of the project differs, nor what runs here from what it pins.

    What git ignores does not count. Nothing is run, so that it takes no time.

    Args:
        root: the project's folder.
        asked: as in `exported`.

    Raises:
        RevisionError: as in `exported`.
    """
    try:
        _git(root, "rev-parse", "--git-dir")
    except RevisionError as error:
        raise RevisionError(f"{root} can't be compared with {asked!r}: {error}") from None
    commit = _commit(root, asked)
    differing = _git(root, "diff", "--name-only", "--no-ext-diff", commit, "--", ".")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "--", ".")
    return None if differing or untracked or any(_other_requirements(root)) else commit


def _commit(root: Path, asked: str) -> str:
    try:
        name = f"{asked}^{{commit}}"
        return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()
    except RevisionError:
        pass
    if _git(root, "rev-parse", "--is-shallow-repository").decode().strip() == "true":
        raise RevisionError(
            f"no revision {asked!r} in this repository, which is a shallow clone; `git fetch --unshallow` fetches all "
            "of its history (fetch-depth: 0 in actions/checkout)"
        )
    raise RevisionError(f"no revision {asked!r} in this repository; `git fetch` first if a remote has it")


def _git(root: Path, *arguments: str) -> bytes:
    try:
        result = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise RevisionError("git is not installed; a comparison with a revision needs it") from None
    if result.returncode:
        reason = result.stderr.decode(errors="replace").strip().splitlines()
        raise RevisionError(reason[-1] if reason else f"git {arguments[0]} failed in {root}")
    return result.stdout


def _other_requirements(tree: Path) -> Iterator[str]:
    """What a tree pins and this process runs in another version, or not at all."""
    try:
        pinned = (tree / REQUIREMENTS).read_text(encoding="utf-8")
    except OSError:
        return
    for line in pinned.splitlines():
        if pin := _PIN.match(line.strip()):
            name, version = pin["name"], pin["version"]
            try:
                here = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                here = "none"
            if here != version:
                yield f"{name} {version} (here {here})"
