"""The week as it repeats itself: how many nodes each hour of it takes, and the schedules that follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from capacity.declared import Schedule
from capacity.replay.world import Floats
from sizing.schedules import DAYS, Hours

_DAY: Final = 24
_MINUTES: Final = 60 * _DAY
WEEK: Final = 7 * _DAY
LEAD: Final = 5
"""Minutes by which a schedule begins before its hour, so that its nodes are Ready when the jobs come."""
WORTH: Final = 0.5
"""Hours are in a schedule whose nodes are at least this share of the day's highest hour above the minimum, unless said
otherwise."""

LIKE: Final = 0.75
"""Days share a schedule that take at least this share of the highest day's nodes."""
A_DAY: Final = 2
"""Stretches of a day, such as a night's and a day's."""


@dataclass(frozen=True, kw_only=True)
class Weeks:
    """Nodes hour by hour, and which hour of the week, by a zone's clock, each was.

    Args:
        nodes: on the average of each hour; not a number where nobody may look.
        hour: of each: 0 is Monday, midnight to one o'clock.
        week: which of the weeks each was in, from Monday to Sunday.
    """

    nodes: Floats
    hour: NDArray[np.int64]
    week: NDArray[np.int64]

    @classmethod
    def of(cls, nodes: Floats, begin: datetime, zone: ZoneInfo) -> Weeks:
        """Of nodes from a time on.

        Args:
            nodes: of each hour.
            begin: of the first.
            zone: whose clock it is; an hour that a change of the clock repeats is there twice, and one is missing.
        """
        local = [(begin + timedelta(hours=hour)).astimezone(zone) for hour in range(len(nodes))]
        monday = local[0].date() - timedelta(days=local[0].weekday()) if local else None
        return cls(
            nodes=nodes,
            hour=np.array([_DAY * time.weekday() + time.hour for time in local], np.int64),
            week=np.array([(time.date() - monday).days // 7 for time in local if monday], np.int64),
        )

    def only(self, weeks: Sequence[int]) -> Weeks:
        """The hours of some weeks."""
        kept = np.isin(self.week, np.asarray(weeks, np.int64))
        return Weeks(nodes=self.nodes[kept], hour=self.hour[kept], week=self.week[kept])

    def profile(self, level: float) -> Floats:
        """Of each hour of a week, the nodes that were enough in a share of the weeks.

        Args:
            level: that share, from 0 to 1.
        """
        known = ~np.isnan(self.nodes)
        of = [self.nodes[known & (self.hour == hour)] for hour in range(WEEK)]
        return np.array([float(np.quantile(nodes, level)) if len(nodes) else 0.0 for nodes in of])


def pinball(seen: Floats, said: Floats, level: float) -> float:
    """How wrong a forecast of a quantile is, in nodes; the smaller the better.

    Args:
        seen: what there was.
        said: what was forecast to be enough in a share of the cases.
        level: that share.

    Source: Koenker and Bassett, Regression Quantiles, 1978: the expected value is least for the true quantile
    """
    apart = seen - said
    return float(np.maximum(level * apart, (level - 1) * apart).mean()) if len(seen) else 0.0


def schedules(
    profile: Floats, minimum: int, maximum: int, step: int, zone: ZoneInfo, least: float = WORTH
) -> tuple[Schedule, ...]:
    """Schedules that hold a week's profile where it is well above the minimum, one for the days that are alike.

    A stretch is the hours around the highest of a day, each with the `least` share of it; a day has up to `A_DAY` of
    them. Days with the same stretch and nearly as many nodes share a schedule, so that people can read the file.

    Args:
        profile: nodes of each hour of a week.
        minimum: that is there anyway.
        maximum: that there may be.
        step: nodes that come at least with one more: one in each zone.
        zone: whose clock the profile follows.
        least: share of the highest hour's nodes above the minimum that an hour of its stretch takes at least.
    """
    found: dict[tuple[int, int], dict[str, int]] = {}
    for start, end, nodes in _apart(sorted(_stretches(_alike(profile), minimum, least))):
        held = min(maximum, -(-nodes // step) * step)
        if held > minimum:
            found.setdefault((start % _MINUTES, end % _MINUTES), {})[DAYS[start // _MINUTES % 7]] = held
    return tuple(
        Schedule(hours=Hours(days=days, start=start, end=end), zone=zone, minimum=held)
        for (start, end), nodes_of in found.items()
        for days, held in _near(nodes_of)
    )


def _near(nodes: dict[str, int]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Days with so like numbers of nodes that the highest may stand for all of them, and that number."""
    left = dict(nodes)
    while left:
        most = max(left.values())
        days = tuple(sorted((day for day, held in left.items() if held >= LIKE * most), key=DAYS.index))
        yield days, most
        left = {day: held for day, held in left.items() if day not in days}


def _alike(profile: Floats) -> Floats:
    """The profile with working days as one, and the weekend's two, each hour as its median day."""
    days = profile.reshape(7, _DAY).copy()
    for first, last in ((0, 5), (5, 7)):
        days[first:last] = np.median(days[first:last], axis=0)
    return days.reshape(WEEK)


def _apart(stretches: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Stretches of a week in order, each ending a minute before the next begins, as schedules of a pool must."""
    week = 60 * WEEK
    starts = [start for start, _, _ in stretches]
    for (start, end, nodes), following in zip(
        stretches, [*starts[1:], *(one + week for one in starts[:1])], strict=True
    ):
        last = start + (end - start) % week
        yield start, min(last, following - 1), nodes


def _stretches(profile: Floats, minimum: int, worth: float) -> Iterator[tuple[int, int, int]]:
    """Minutes of the week from which to which, and nodes. Days begin at the hour of the day that takes least, so that a
    night is in one piece."""
    quiet = int(np.argmin(profile.reshape(7, _DAY).sum(axis=0)))
    for day in range(7):
        hours = profile[np.arange(_DAY * day + quiet, _DAY * (day + 1) + quiet) % WEEK].copy()
        for _ in range(A_DAY):
            top = int(np.argmax(hours))
            if hours[top] < minimum + 1:
                break
            least = minimum + worth * (hours[top] - minimum)
            first = last = top
            while first > 0 and hours[first - 1] >= least:
                first -= 1
            while last + 1 < _DAY and last + 2 - first < _DAY and hours[last + 1] >= least:
                last += 1
            nodes = int(np.ceil(np.median(hours[first : last + 1]) - 1e-9))
            hours[first : last + 1] = -1.0
            begin = _DAY * day + quiet
            yield (60 * (begin + first) - LEAD) % (60 * WEEK), 60 * (begin + last + 1), nodes
