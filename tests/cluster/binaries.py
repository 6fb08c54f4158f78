"""The programs of a Kubernetes control plane: found on this machine, or built once from pinned Go modules."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.programs.go_build import GoProgram, pinned_version

MODULE: Final = Path(__file__).parent / "kubernetes"
PACKAGES: Final = {
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
}
ASSETS: Final = "KUBEBUILDER_ASSETS"
"""A folder with such programs, by the convention of Kubernetes' envtest, whose archives lack the controller manager."""


class BinariesError(Exception):
    """A program isn't there, or of another version; the message says which."""


@dataclass(frozen=True)
class Binaries:
    """The programs, all of one Kubernetes version."""

    kube_apiserver: Path
    etcd: Path
    kube_controller_manager: Path


def kubernetes_version() -> str:
    """The version that is pinned, such as `v1.36.3`.

    Source: tests/cluster/kubernetes/go.mod
    """
    return pinned_version(MODULE, "k8s.io/kubernetes")


def available() -> Binaries:
    """The programs, if all are there: in the folder that KUBEBUILDER_ASSETS names, on PATH, or built before.

    Raises:
        BinariesError: one isn't there, or the one in KUBEBUILDER_ASSETS is of another minor version.
    """
    found = {name: _find(name) for name in PACKAGES}
    missing = sorted(name for name, path in found.items() if path is None)
    if missing:
        raise BinariesError(f"no {', '.join(missing)} here: `make test-cluster` builds what is missing")
    return Binaries(**{name.replace("-", "_"): path for name, path in found.items() if path is not None})


def ensure() -> Binaries:
    """The programs; what is missing is built, with its progress on standard error.

    Raises:
        BuildError: a build failed.
        CacheError: there is no Go to build with.
    """
    for name in PACKAGES:
        if _find(name) is None:
            _program(name).build()
    return available()


def _find(name: str) -> Path | None:
    if assets := os.environ.get(ASSETS):
        path = Path(assets) / name
        if path.is_file():
            if not _fits(name, path):
                raise BinariesError(f"{path} ({ASSETS}) is not of Kubernetes {_minor()}")
            return path
    if (on_path := shutil.which(name)) and _fits(name, Path(on_path)):
        return Path(on_path)
    built = _program(name).path
    return built if built.is_file() else None


def _fits(name: str, path: Path) -> bool:
    """Whether a program is of the pinned minor version; any etcd will do."""
    if name == "etcd":
        return True
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.startswith(f"Kubernetes {_minor()}.")


def _minor() -> str:
    return kubernetes_version().rpartition(".")[0]


def _program(name: str) -> GoProgram:
    version = kubernetes_version()
    major, minor = version.removeprefix("v").split(".")[:2]
    stamp = "k8s.io/component-base/version"
    return GoProgram(
        name=name,
        module=MODULE,
        package=PACKAGES[name],
        version=version,
        stamps={f"{stamp}.gitVersion": version, f"{stamp}.gitMajor": major, f"{stamp}.gitMinor": minor},
    )
