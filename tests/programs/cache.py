"""What test runs keep between them, outside the work tree."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CacheError(Exception):
    """Something can't be installed; the message has what pip said."""


def cache_folder() -> Path:
    """The folder of this project in the user's cache.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "elastic-spark"


@contextmanager
def to_be_filled(folder: Path) -> Iterator[Path | None]:
    """A scratch folder that becomes `folder` if all goes well; `None` if that is there already.

    Others who want the same wait, here and in other processes; nobody ever sees half of it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            yield None
            return
        for left in folder.parent.glob(f".{folder.name}.part-*"):  # of a run that was interrupted
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.part-") as scratch:
            content = Path(scratch) / "content"
            content.mkdir()
            yield content
            content.rename(folder)


def installed(name: str, requirements: Path) -> Path | None:
    """The folder that `install` made of these requirements, if it did."""
    folder = _folder_of(name, requirements)
    return folder if folder.is_dir() else None


def install(name: str, requirements: Path) -> Path:
    """A folder into which pip installed the pinned requirements of a file, once.

    Raises:
        CacheError: pip can't.
    """
    folder = _folder_of(name, requirements)
    with to_be_filled(folder) as content:
        if content:
            sys.stderr.write(f"Installing {name} into {folder}, once ...\n")
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            done = subprocess.run(
                [*pip, "--target", content, "--requirement", requirements], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise CacheError(f"{name} can't be installed:\n{done.stderr}")
    return folder


def _folder_of(name: str, requirements: Path) -> Path:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return cache_folder() / f"{name}-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}-python{python}"
