"""Where the programs of a control plane come from, in which order, and which are not taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.binaries import ASSETS, PACKAGES, BinariesError, available, kubernetes_version
from tests.programs.go_toolchain import find


@pytest.fixture(autouse=True)
def _nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv(ASSETS, raising=False)


def _programs(
    folder: Path, version: str = f"Kubernetes {kubernetes_version()}", names: tuple[str, ...] = tuple(PACKAGES)
) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    return folder


def test_without_any_it_is_said_what_is_missing_and_who_makes_it() -> None:
    with pytest.raises(BinariesError, match=r"etcd, kube-apiserver, kube-controller-manager.*make test-cluster"):
        available()


def test_those_of_the_folder_that_the_environment_names_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, on_path = _programs(tmp_path / "named"), _programs(tmp_path / "path")
    monkeypatch.setenv("PATH", str(on_path))
    assert available().etcd == on_path / "etcd"
    monkeypatch.setenv(ASSETS, str(named))
    assert available().etcd == named / "etcd"


def test_what_that_folder_lacks_is_taken_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = _programs(tmp_path / "named", names=("etcd", "kube-apiserver"))
    on_path = _programs(tmp_path / "path")
    monkeypatch.setenv("PATH", str(on_path))
    monkeypatch.setenv(ASSETS, str(named))
    found = available()
    assert found.kube_apiserver == named / "kube-apiserver"
    assert found.kube_controller_manager == on_path / "kube-controller-manager"


def test_another_kubernetes_in_that_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASSETS, str(_programs(tmp_path / "named", "Kubernetes v1.30.0")))
    with pytest.raises(BinariesError, match=r"kube-apiserver .*is not of Kubernetes v1\.36"):
        available()


def test_another_kubernetes_on_the_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = _programs(tmp_path / "old", "Kubernetes v1.30.0")
    monkeypatch.setenv("PATH", str(old))
    with pytest.raises(BinariesError, match="no kube-apiserver, kube-controller-manager here"):
        available()


def test_a_go_that_is_new_enough_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "go.mod").write_text("module m\n\ngo 1.26.0\n")
    path = _programs(tmp_path / "path", "go version go1.26.3 linux/amd64", names=("go",))
    monkeypatch.setenv("PATH", str(path))
    assert find(tmp_path) == path / "go"


def test_a_go_that_is_too_old_gives_way_to_one_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "go.mod").write_text("module m\n\ngo 1.26.0\n")
    path = _programs(tmp_path / "path", "go version go1.9.7 linux/amd64", names=("go",))
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setattr("tests.programs.go_toolchain.install", lambda *_: tmp_path / "installed")
    (tmp_path / "installed" / "go" / "bin").mkdir(parents=True)
    own = _programs(tmp_path / "installed" / "go" / "bin", names=("go",)) / "go"
    own.chmod(0o644)
    assert find(tmp_path) == own
    assert own.stat().st_mode & 0o111
