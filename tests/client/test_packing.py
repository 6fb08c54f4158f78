"""Folders and requirements that a job takes along."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from skate.errors import InputError
from skate.packing import packed, packed_requirements, zipped


def package(folder: Path, *, init: bool) -> Path:
    """A folder with a module, and with what has no place in an archive."""
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "thing.cpython-311.pyc").write_bytes(b"x")
    (folder / "thing.py").write_text("VALUE = 42\n")
    (folder / "data.txt").write_text("text")
    if init:
        (folder / "__init__.py").touch()
    return folder


def imported(archive: Path, statement: str) -> str:
    """What Python prints that has the archive on its path."""
    environment = {**os.environ, "PYTHONPATH": str(archive), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", statement], env=environment, capture_output=True, text=True, check=True, cwd="/"
    )
    return done.stdout.strip()


def test_a_package_is_imported_by_its_name_and_a_folder_of_modules_by_theirs(tmp_path: Path) -> None:
    one = zipped(package(tmp_path / "lib", init=True), tmp_path / "one.zip")
    other = zipped(package(tmp_path / "src", init=False), tmp_path / "other.zip")
    assert imported(one, "from lib.thing import VALUE; print(VALUE)") == "42"
    assert imported(other, "import thing; print(thing.VALUE)") == "42"
    assert sorted(zipfile.ZipFile(other).namelist()) == ["data.txt", "thing.py"]


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = package(tmp_path / "a" / "lib", init=True), package(tmp_path / "b" / "lib", init=True)
    os.utime(second / "thing.py", (0, 0))
    (second / "thing.py").chmod(0o600)
    for pack in (zipped, packed):
        name = "lib.zip" if pack is zipped else "lib.tar.gz"
        if pack is packed:
            (second / "thing.py").chmod((first / "thing.py").stat().st_mode)
        assert pack(first, tmp_path / "a" / name).read_bytes() == pack(second, tmp_path / "b" / name).read_bytes()


def test_a_packed_folder_keeps_links_and_who_may_run_what(tmp_path: Path) -> None:
    folder = tmp_path / "environment"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "run").write_text("#!/bin/sh\n")
    (folder / "bin" / "run").chmod(0o755)
    (folder / "bin" / "link").symlink_to("run")
    with tarfile.open(packed(folder, tmp_path / "environment.tar.gz")) as archive:
        assert archive.getmember("bin/run").mode & 0o111
        assert archive.getmember("bin/link").linkname == "run"


@pytest.mark.parametrize("pack", [zipped, packed])
def test_a_folder_with_nothing_in_it_is_refused(tmp_path: Path, pack: object) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty"):
        pack(tmp_path / "empty", tmp_path / "out")  # type: ignore[operator]


def wheel(folder: Path, name: str, tag: str) -> None:
    """A wheel of a version 1.0 with one module."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"TAG = {tag!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")


def requirements(folder: Path, *names: str) -> Path:
    """A requirements file."""
    file = folder / "requirements.txt"
    file.write_text("".join(f"{name}==1.0\n" for name in names))
    return file


def test_requirements_come_as_wheels_for_the_image_s_platform(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheel(wheels, "pure", "py3-none-any")
    for machine in ("x86_64", "aarch64"):
        wheel(wheels, "compiled", f"cp310-cp310-manylinux2014_{machine}")
    index = ("--no-index", "--find-links", str(wheels))
    archive = packed_requirements(
        requirements(tmp_path, "pure", "compiled"),
        tmp_path / "r.tar.gz",
        python="3.10",
        architectures=["arm64"],
        index_args=index,
    )
    with tarfile.open(archive) as content:
        found = content.extractfile("compiled.py")
        assert found is not None
        assert b"aarch64" in found.read()
    both = packed_requirements(
        requirements(tmp_path, "pure"),
        tmp_path / "p.tar.gz",
        python="3.10",
        architectures=["amd64", "arm64"],
        index_args=index,
    )
    assert both.is_file()
    with pytest.raises(InputError, match="nodes of amd64 and arm64"):
        packed_requirements(
            requirements(tmp_path, "compiled"),
            tmp_path / "c.tar.gz",
            python="3.10",
            architectures=["amd64", "arm64"],
            index_args=index,
        )


def test_a_requirement_without_a_wheel_for_the_image_is_named(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheel(wheels, "compiled", "cp310-cp310-win_amd64")
    with pytest.raises(InputError, match=r"compiled==1.0 of .* has no wheel for Python 3.10 on Linux, amd64"):
        packed_requirements(
            requirements(tmp_path, "compiled"),
            tmp_path / "c.tar.gz",
            python="3.10",
            architectures=["amd64"],
            index_args=("--no-index", "--find-links", str(wheels)),
        )
    assert not (tmp_path / "c.tar.gz").exists()
