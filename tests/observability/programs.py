"""Prometheus and promtool: found on this machine, or taken once from Debian's package without installing it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.programs.cache import cache_folder, to_be_filled

PACKAGE: Final = "prometheus"
_FOLDER: Final = "usr/bin"


class ProgramsError(Exception):
    """The programs are neither there nor can be had; the message says why."""


@dataclass(frozen=True)
class Programs:
    """Both programs, of one version."""

    prometheus: Path
    promtool: Path

    def holds(self, given: Mapping[str, str], expression: str, seconds: int, value: float) -> None:
        """Assert, by promtool, what an expression gives that has no labels.

        Args:
            given: series and their values in promtool's notation, one every 30 seconds.
            expression: of PromQL.
            seconds: after the first of the values.
            value: which it must give.
        """
        asked = {
            "expr": expression,
            "eval_time": f"{seconds}s",
            "exp_samples": [{"labels": "{}", "value": value}],
        }
        inputs = [{"series": series, "values": values} for series, values in given.items()]
        one = {"interval": "30s", "input_series": inputs, "promql_expr_test": [asked]}
        test = {"rule_files": [], "evaluation_interval": "30s", "tests": [one]}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "test.json"
            file.write_text(json.dumps(test), encoding="utf-8")
            done = subprocess.run([self.promtool, "test", "rules", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def available() -> Programs:
    """The programs, if they are there: on PATH, or unpacked before.

    Raises:
        ProgramsError: they are not.
    """
    on_path = [shutil.which(name) for name in ("prometheus", "promtool")]
    if all(on_path):
        prometheus, promtool = (Path(path) for path in on_path if path)
        return Programs(prometheus, promtool)
    folder = _unpacked() / _FOLDER
    if folder.is_dir():
        return Programs(folder / "prometheus", folder / "promtool")
    raise ProgramsError(
        "no prometheus and promtool on PATH, and none of Debian's package in the cache: `make test` fetches it where"
        " apt-get is; elsewhere install Prometheus (https://prometheus.io/docs/prometheus/latest/installation/)"
    )


def ensure() -> Programs:
    """The programs; Debian's package is fetched and unpacked where they are missing, which needs no rights.

    The package is not installed, since that would start a Prometheus on this machine.

    Raises:
        ProgramsError: there is no apt-get here, or it can't fetch the package.
    """
    try:
        return available()
    except ProgramsError:
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise
    with to_be_filled(_unpacked()) as content:
        if content:
            sys.stderr.write(f"Fetching Debian's package {PACKAGE} into {_unpacked()}, once ...\n")
            package = _fetch(content)
            _run(["dpkg-deb", "--extract", package, content], content)
            package.unlink()
    return available()


def _unpacked() -> Path:
    return cache_folder() / f"{PACKAGE}-debian"


def _fetch(folder: Path) -> Path:
    download = ["apt-get", "download", "--quiet", PACKAGE]
    try:
        _run(download, folder)
    except ProgramsError:
        if os.geteuid() != 0:
            raise
        # An image of a container has no lists of packages, or old ones.
        _run(["apt-get", "update", "--quiet"], folder)
        _run(download, folder)
    (package,) = folder.glob("*.deb")
    return package


def _run(command: Sequence[str | Path], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProgramsError(f"`{' '.join(map(str, command))}` failed:\n{done.stderr}")
