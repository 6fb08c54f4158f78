"""Numbers of the capacity report as people read them on its page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "boot": "nodes boot",
        "refused": "AWS has no nodes",
        "queue": "a turn, or room in the pool",
        "waves": "fewer executors",
    }
)
DAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS: Final = [f"{hour}" for hour in range(24)]


def whole(number: float) -> str:
    """Without a fraction."""
    return f"{number:,.0f}"


def tenth(number: float) -> str:
    """With one digit behind the point."""
    return f"{number:,.1f}"


def seconds(number: float) -> str:
    """Seconds, or minutes or hours where there are many."""
    if number < 120:
        return f"{number:.0f} s"
    return f"{number / 60:,.0f} min" if number < 7200 else f"{number / 3600:,.1f} h"


def percent(share: float) -> str:
    """A share in percent."""
    return f"{share:.0%}"


share = percent


def more(share: float) -> str:
    """A share by which something is more or less."""
    return f"{share:+.0%}"


def less(share: float) -> str:
    """A saving."""
    return f"{share:.0%} less" if share >= 0 else f"{-share:.0%} more"
