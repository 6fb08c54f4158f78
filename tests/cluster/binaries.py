"""The programs of a Kubernetes control plane: found on this machine, or built once from pinned Go modules."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cluster import go_toolchain
from tests.cluster.cache import cache_folder, to_be_filled
from tests.cluster.progress import show_lines

MODULE: Final = Path(__file__).parent / "kubernetes"
PACKAGES: Final = {
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
}
ASSETS: Final = "KUBEBUILDER_ASSETS"
"""A folder with such programs, by the convention of Kubernetes' envtest, whose archives lack the controller manager."""
RECIPE: Final = "1"
"""Changes when a build of the same modules would give something else."""


class BinariesError(Exception):
    """A program is neither there nor can be built; the message says why."""


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
    found = re.search(r"^\s*(?:require )?k8s\.io/kubernetes (v[0-9.]+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise BinariesError("tests/cluster/kubernetes/go.mod does not require k8s.io/kubernetes")
    return found[1]


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
        BinariesError: a build failed.
        CacheError: there is no Go to build with.
    """
    for name in PACKAGES:
        if _find(name) is None:
            _build(name)
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
    built = _folder(name) / name
    return built if built.is_file() else None


def _fits(name: str, path: Path) -> bool:
    """Whether a program is of the pinned minor version; any etcd will do."""
    if name == "etcd":
        return True
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.startswith(f"Kubernetes {_minor()}.")


def _minor() -> str:
    return kubernetes_version().rpartition(".")[0]


def _folder(name: str) -> Path:
    """Where a build is kept: another folder whenever the modules, the recipe or the kind of machine change."""
    digest = hashlib.sha256(RECIPE.encode())
    for file in sorted(MODULE.glob("*.*")):
        digest.update(file.read_bytes())
    machine = f"{platform.system()}-{platform.machine()}".lower()
    return cache_folder() / f"{name}-{kubernetes_version()}-{machine}-{digest.hexdigest()[:12]}"


def _build(name: str) -> None:
    with to_be_filled(_folder(name)) as content:
        if content:
            _compile(go_toolchain.find(MODULE), name, content / name)


def _compile(go: Path, name: str, target: Path) -> None:
    version = kubernetes_version()
    major, minor = version.removeprefix("v").split(".")[:2]
    stamp = "k8s.io/component-base/version"
    flags = f"-s -w -X {stamp}.gitVersion={version} -X {stamp}.gitMajor={major} -X {stamp}.gitMinor={minor}"
    environment = _environment()
    sys.stderr.write(f"Fetching the Go modules of {name} ...\n")
    listed = subprocess.run(
        [go, "list", "-mod=readonly", "-deps", PACKAGES[name]],
        cwd=MODULE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        raise BinariesError(f"the Go modules of {name} can't be had:\n{listed.stderr}")
    command = [go, "build", "-mod=readonly", "-v", f"-ldflags={flags}", "-o", target, PACKAGES[name]]
    title = f"Building {name} for Kubernetes {version}, once"
    failed, output = show_lines(title, len(listed.stdout.split()), [*map(str, command)], MODULE, environment)
    if failed:
        raise BinariesError(f"{name} can't be built:\n{output}")


def _environment() -> Mapping[str, str]:
    """This process's environment, without what would build something else."""
    unwanted = ("GOFLAGS", "GOOS", "GOARCH", "GOWORK")
    return {**{k: v for k, v in os.environ.items() if k not in unwanted}, "CGO_ENABLED": "0", "GOWORK": "off"}
