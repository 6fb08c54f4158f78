"""How many of several things there were at once, and which of them met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise


def levels(lives: Iterable[tuple[datetime, datetime, int]]) -> list[tuple[datetime, datetime, int]]:
    """From when to when there were how many, in order; one that ends when another begins isn't there with it.

    Args:
        lives: from when to when each of them, or so many, were there.
    """
    changes = sorted([change for begin, end, count in lives for change in ((begin, count), (end, -count))])
    found = []
    alive = 0
    for (time, change), (until, _) in pairwise(changes):
        alive += change
        if until > time:
            found.append((time, until, alive))
    return found


def most_at_once(lives: Iterable[tuple[datetime, datetime, int]]) -> int:
    """The most that there was at any time; see `levels`."""
    return max((count for _, _, count in levels(lives)), default=0)


def overlapping(positions: Iterable[int], times: Sequence[tuple[datetime, datetime]]) -> set[int]:
    """Those that there were at the same time as another one.

    Args:
        positions: of those to look at.
        times: from when to when each was, by position.
    """
    found: set[int] = set()
    last: int | None = None
    for position in sorted(positions, key=lambda position: times[position][0]):
        if last is not None and times[position][0] < times[last][1]:
            found |= {last, position}
        if last is None or times[position][1] > times[last][1]:
            last = position
    return found
