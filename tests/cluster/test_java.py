"""Where Spark's Java comes from, and what set-up does where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cluster import java


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return folder


def _program(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def _java(file: Path, version: str) -> None:
    _program(file, f"""echo 'openjdk version "{version}"' >&2""")


def _apt_get(path: Path, package: str) -> Path:
    """An apt-get that has one package, a Java, and keeps a log of what it was asked for."""
    log, packed = path / "log", path.parent / "packed"
    _java(packed, "21.0.1")
    _program(
        path / "apt-get",
        f"""echo "$@" >> {log}
case "$1 $4" in
"update ") ;;
"install {package}") /bin/cp {packed} {path}/java ;;
*) echo "Unable to locate package $4" >&2; exit 100 ;;
esac""",
    )
    return log


def test_one_that_is_new_enough_is_taken_and_none_installed(path: Path) -> None:
    _java(path / "java", "17.0.15")
    log = _apt_get(path, "openjdk-17-jre-headless")
    java.ensure()
    assert java.find() == path.parent
    assert not log.exists()


def test_the_one_that_java_home_names_comes_first(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _java(path / "java", "17.0.15")
    (tmp_path / "home" / "bin").mkdir(parents=True)
    _java(tmp_path / "home" / "bin" / "java", "25")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert java.find() == tmp_path / "home"


@pytest.mark.parametrize("package", java.PACKAGES)
def test_one_that_is_too_old_gives_way_to_the_one_that_the_release_has(path: Path, package: str) -> None:
    _java(path / "java", "11.0.20")
    _apt_get(path, package)
    java.ensure()
    assert java.find() == path.parent


def test_where_none_can_be_installed_it_is_said_why_the_tests_skip(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _apt_get(path, "another")
    java.ensure()
    assert java.find() is None
    told = capsys.readouterr().err
    assert "will skip" in told
    assert "Unable to locate package openjdk-17-jre-headless" in told


def test_nobody_but_root_is_asked_to_install_one(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = _apt_get(path, "openjdk-17-jre-headless")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    java.ensure()
    assert not log.exists()
    assert "Install one" in capsys.readouterr().err
