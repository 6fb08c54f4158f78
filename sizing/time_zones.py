"""Names of time zones, the same on every machine."""

from __future__ import annotations

import functools
import importlib.resources


@functools.cache
def time_zones() -> frozenset[str]:
    """IANA's, as the pinned tzdata package has them, whatever the machine has."""
    return frozenset(importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
