"""Files of this machine that an application names."""

from __future__ import annotations

import asyncio
import zipfile
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
from skate.errors import InputError
from skate.local_files import is_local, local_files, program_name, with_files

from tests.client.cards import ARTIFACTS, card, card_json, pool


def application(**deps: list[str]) -> dict[str, Any]:
    """An application with these dependencies."""
    return {"spec": {"mainApplicationFile": "local:///job.py", "deps": dict(deps), "driver": {}, "executor": {}}}


class Store:
    """Takes files, and keeps the names that are in them if they are zips."""

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = {}

    async def upload(self, files: list[Path], _progress: object = None) -> dict[Path, str]:
        """See `skate.artifacts.ArtifactStore`."""
        for file in files:
            self.sent[file.name] = zipfile.ZipFile(file).namelist() if file.suffix == ".zip" else []
        return {file: f"s3a://b/{file.name}" for file in files}


def brought(job: dict[str, Any], folder: Path) -> Store:
    """Bring the files of an application."""
    store = Store()
    asyncio.run(with_files(card(artifacts=ARTIFACTS), job, folder, store=store))  # type: ignore[arg-type]
    return store


@pytest.mark.parametrize(
    "text", ["job.py", "lib/", "../x/job.py", "/home/ana/job.py", "file:///home/ana/job.py", "~/j.py"]
)
def test_paths_are_of_this_machine(text: str) -> None:
    assert is_local(text)


@pytest.mark.parametrize("path", [PureWindowsPath("C:/jobs/job.py"), PureWindowsPath("jobs") / "job.py"])
def test_so_are_paths_of_windows(path: PureWindowsPath) -> None:
    assert is_local(str(path))
    assert program_name(str(path)) == "job"


@pytest.mark.parametrize("text", ["s3a://b/job.py", "local:///opt/job.py", "https://h/job.py", "hdfs://n/job.py"])
def test_addresses_are_not(text: str) -> None:
    assert not is_local(text)


def test_paths_are_meant_from_the_job_file_and_become_addresses(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text("")
    (tmp_path / "a.csv").write_text("1")
    job = application(files=["a.csv", "s3a://other/b.csv"])
    job["spec"]["mainApplicationFile"] = "job.py"
    assert local_files(job, tmp_path) == [tmp_path / "job.py", tmp_path / "a.csv"]
    brought(job, tmp_path)
    assert job["spec"]["mainApplicationFile"] == "s3a://b/job.py"
    assert job["spec"]["deps"]["files"] == ["s3a://b/a.csv", "s3a://other/b.csv"]


def test_a_folder_of_modules_becomes_a_zip_with_them_and_a_package_keeps_its_name(tmp_path: Path) -> None:
    for name in ("lib", "own"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text("")
    (tmp_path / "own" / "__init__.py").write_text("")
    job = application(pyFiles=["lib/", "own"])
    store = brought(job, tmp_path)
    assert store.sent == {"lib.zip": ["module.py"], "own.zip": ["own/__init__.py", "own/module.py"]}
    assert job["spec"]["deps"]["pyFiles"] == ["s3a://b/lib.zip", "s3a://b/own.zip"]


def test_what_an_archive_is_unpacked_as_stays_with_its_address(tmp_path: Path) -> None:
    (tmp_path / "env.tar.gz").write_bytes(b"x")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x").write_text("")
    job = application(archives=["env.tar.gz#environment", "data#here"])
    brought(job, tmp_path)
    assert job["spec"]["deps"]["archives"] == ["s3a://b/env.tar.gz#environment", "s3a://b/data.tar.gz#here"]


@pytest.mark.parametrize(
    ("deps", "says"), [({"jars": ["no.jar"]}, "There is no"), ({"files": ["folder"]}, "is no file")]
)
def test_what_can_not_be_brought_is_said(tmp_path: Path, deps: dict[str, list[str]], says: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=says):
        brought(application(**deps), tmp_path)


@pytest.mark.parametrize(
    ("driver", "executors", "python", "wanted"),
    [
        ("arm64", "arm64", None, ("3.12", ["arm64"])),
        ("amd64", "arm64", None, ("3.12", ["amd64", "arm64"])),
        (None, None, "3.11", ("3.11", ["amd64"])),
    ],
)
def test_requirements_are_for_the_image_s_python_and_the_nodes_of_driver_and_executors(
    driver: str | None,
    executors: str | None,
    python: str | None,
    wanted: tuple[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    asked = []

    def packed(_: Path, target: Path, *, python: str, architectures: list[str]) -> Path:
        asked.append((python, architectures))
        target.touch()
        return target

    monkeypatch.setattr("skate.packing.packed_requirements", packed)
    plain = card_json()
    queue = card(
        artifacts=ARTIFACTS,
        spark=plain["spark"] | {"python": "3.12"},
        driver=plain["driver"] | {"architecture": driver},
        pools=[pool("main", architecture=executors)],
    )
    job = application()
    asyncio.run(with_files(queue, job, tmp_path, requirements=tmp_path / "r.txt", python=python, store=None))
    assert asked == [wanted]
