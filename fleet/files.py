"""Files that a command writes: all of them, each whole, or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from fleet.errors import FleetError


class OutputError(FleetError):
    """A folder can't be written to; the message says why."""


def prepare(folder: Path) -> None:
    """See that files can be written into a folder, made when they are, before the work that is to go into them.

    Raises:
        OutputError: it can't be.
    """
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        raise OutputError(_message(folder, error)) from None


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Write texts by file name into a folder, made where it isn't there, over files of these names.

    Raises:
        OutputError: one can't be written; the files that were there before are as they were.
    """
    for name in texts:
        if (folder / name).is_dir():
            raise OutputError(f"{folder / name} can't be written: it is a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".preview-") as scratch:
            for name, text in texts.items():
                (Path(scratch) / name).write_text(text, encoding="utf-8")
            for name in texts:
                os.replace(Path(scratch) / name, folder / name)
    except OSError as error:
        raise OutputError(_message(folder, error)) from None


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write texts by file name into a folder that does not exist yet, or is empty: all of them or none.

    Raises:
        OutputError: the folder can't be written, or has something in it.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"{folder} is there already and not an empty folder; name another, or empty it")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
            made = Path(scratch) / folder.name
            made.mkdir()
            for name, text in texts.items():
                (made / name).write_text(text, encoding="utf-8")
            os.replace(made, folder)
    except OSError as error:
        raise OutputError(_message(folder, error)) from None


def write_file(path: Path, text: str) -> None:
    """Replace a file by a text, or leave it as it is: written beside it, flushed, then renamed over it.

    Raises:
        OutputError: it can't be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as temporary:
                temporary.write(text)
                temporary.flush()
                os.fsync(temporary.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(_message(path, error)) from None


def _message(folder: Path, error: OSError) -> str:
    return f"{folder} can't be written: {error.strerror or error}"
