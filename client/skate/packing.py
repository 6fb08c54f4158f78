"""Folders and requirements as files that a job can take along; the same content gives the same bytes."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from skate.errors import InputError

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file: the first that a zip can hold."""
LEFT_OUT: Final = frozenset({"__pycache__", ".git", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"})
REQUIREMENTS_FOLDER: Final = "requirements"
"""What the unpacked requirements are called in the working folder of driver and executors."""
PLATFORMS: Final = {
    "amd64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "arm64": ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
}
"""Of wheels that run on the official image (Ubuntu 22.04, glibc 2.35), by the node's architecture."""
_NO_WHEEL: Final = re.compile(
    r"No matching distribution found for (\S+)|Could not find a version that satisfies the requirement (\S+)"
)


def zipped(folder: Path, target: Path) -> Path:
    """A folder of Python modules as a zip that Python imports from: a package under its own name, else what is in it.

    Args:
        folder: with an `__init__.py` it is a package.
        target: where the zip goes.

    Raises:
        InputError: it holds no module.
    """
    top = folder.resolve().parent if (folder / "__init__.py").is_file() else folder.resolve()
    files = list(_files(folder.resolve()))
    if not any(file.suffix == ".py" for file in files):
        raise InputError(
            f"{folder} holds no Python module.", "Give the folder that holds the modules or is the package."
        )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(top).as_posix(), EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return target


def packed(folder: Path, target: Path) -> Path:
    """A folder's content as a `.tar.gz`, with who may run what.

    Raises:
        InputError: it is empty.
    """
    files = list(_files(folder.resolve(), everything=True))
    if not files:
        raise InputError(f"{folder} is empty.", "Give a folder that holds something.")
    with (
        target.open("wb") as written,
        gzip.GzipFile(filename="", mode="wb", fileobj=written, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for file in files:
            entry = archive.gettarinfo(file, file.relative_to(folder.resolve()).as_posix())
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, 0, "", ""
            if entry.isfile():
                with file.open("rb") as read:
                    archive.addfile(entry, read)
            else:
                archive.addfile(entry)
    return target


def packed_requirements(
    requirements: Path, target: Path, *, python: str, architectures: Sequence[str], index_args: Sequence[str] = ()
) -> Path:
    """What a requirements file names, as wheels for the image's platform, in a `.tar.gz`.

    Args:
        requirements: the file, as pip reads it.
        target: where the archive goes.
        python: version of the image's Python, such as `3.10`.
        architectures: of the nodes that run driver and executors: `amd64`, `arm64`, or both.
        index_args: for pip, such as `--index-url`.

    Raises:
        InputError: one of them has no wheel for that platform, or those of two architectures differ.
    """
    if not requirements.is_file():
        raise InputError(f"There is no {requirements}.", "Give a file as `pip freeze` writes it.")
    with tempfile.TemporaryDirectory() as name:
        made = []
        for architecture in dict.fromkeys(architectures):
            folder = Path(name) / architecture
            _install(requirements, folder, python, architecture, index_args)
            made.append(packed(folder, Path(name) / f"{architecture}.tar.gz"))
        if len({file.read_bytes() for file in made}) > 1:
            raise InputError(
                f"{requirements} names compiled packages, and the queue has nodes of {' and '.join(architectures)}.",
                "Put them into an image of both architectures, or choose a pool like the driver's.",
            )
        shutil.copyfile(made[0], target)
    return target


def _install(requirements: Path, folder: Path, python: str, architecture: str, index_args: Sequence[str]) -> None:
    platforms = [argument for platform in PLATFORMS[architecture] for argument in ("--platform", platform)]
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
        *("--target", str(folder), "--implementation", "cp", "--python-version", python, "--only-binary", ":all:"),
        *(*platforms, *index_args, "--requirement", str(requirements)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the person's own pip
    if done.returncode == 0:
        return
    missing = dict.fromkeys(found[1] or found[2] for found in _NO_WHEEL.finditer(done.stderr))
    if missing:
        raise InputError(
            f"{', '.join(missing)} of {requirements} has no wheel for Python {python} on Linux, {architecture}.",
            "Choose a version that has one, or put it into the image, where it can be compiled.",
        )
    last = done.stderr.strip().splitlines()[-1:] or ["pip says nothing"]
    raise InputError(f"pip can't have what {requirements} names: {last[0]}", "Mend it, and try `pip download` by hand.")


def _files(folder: Path, *, everything: bool = False) -> Iterator[Path]:
    """The files below a folder, in an order that is always the same."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if not everything and (LEFT_OUT.intersection(inside) or path.suffix == ".pyc"):
            continue
        if path.is_file() or (everything and path.is_symlink()):
            yield path
