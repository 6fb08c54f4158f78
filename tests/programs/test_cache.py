"""The cache outside the work tree: all of a thing or nothing of it."""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.programs.cache import CacheError, cache_folder, install, installed, to_be_filled

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.programs.cache import to_be_filled
with to_be_filled(Path(sys.argv[1])) as content:
    (content / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
SLOW = """
import sys, time
from pathlib import Path
from tests.programs.cache import to_be_filled
with to_be_filled(Path(sys.argv[1])) as content:
    print("filling", flush=True)
    time.sleep(1)
    (content / "whole").write_text("theirs")
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_it_is_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == tmp_path / "elastic-spark"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "elastic-spark"


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "thing"

    def fail() -> None:
        with to_be_filled(folder) as content:
            assert content
            (content / "half").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == [".thing.lock"]


def test_what_was_killed_leaves_nothing_that_counts_and_is_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "thing"
    subprocess.run([sys.executable, "-c", KILLED, folder], check=False)
    assert not folder.exists()
    with to_be_filled(folder) as content:
        assert content
        (content / "whole").write_text("whole")
    assert [path.name for path in folder.iterdir()] == ["whole"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".thing.lock", "thing"]


def test_whoever_comes_second_waits_and_takes_what_the_first_made(tmp_path: Path) -> None:
    folder = tmp_path / "thing"
    with subprocess.Popen([sys.executable, "-c", SLOW, folder], stdout=subprocess.PIPE) as first:
        assert first.stdout
        assert first.stdout.readline() == b"filling\n"
        began = time.monotonic()
        with to_be_filled(folder) as content:
            assert content is None
            assert (folder / "whole").read_text() == "theirs"
            assert time.monotonic() - began > 0.5


def test_changed_requirements_are_installed_anew(tmp_path: Path) -> None:
    wheel = tmp_path / "thing-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as content:
        content.writestr("thing.py", "")
        content.writestr("thing-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1\n")
        content.writestr("thing-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        content.writestr("thing-1.dist-info/RECORD", "")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"{wheel}\n")
    assert installed("thing", requirements) is None
    folder = install("thing", requirements)
    assert installed("thing", requirements) == folder
    assert (folder / "thing.py").exists()
    requirements.write_text(f"# another\n{wheel}\n")
    assert installed("thing", requirements) is None


def test_what_pip_can_not_install_is_said(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"{tmp_path / 'nowhere'}\n")
    with pytest.raises(CacheError, match="nowhere"):
        install("thing", requirements)
    assert installed("thing", requirements) is None
