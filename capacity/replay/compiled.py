"""The one typed door to numba, which has no types of its own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec, TypeVar, cast

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _cache() -> str:
    """A folder for what these sources were compiled to. numba looks at the one file that a function is in, and would
    keep what another file's change has made wrong."""
    here = Path(__file__).parent
    sources = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return str(base / "elastic-spark" / f"replay-{sources}")


CACHE: Final = _cache()
"""Where machine code is kept from process to process."""
numba.config.CACHE_DIR = CACHE


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The function as machine code, with the same types to its callers."""
    return cast("Callable[_P, _R]", numba.njit(cache=True, nogil=True)(function))
