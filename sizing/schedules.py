"""Hours at which a pool's minimum is higher: what they mean over a week, and the cron expressions that AWS wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CRON_DAYS: Final = {day: str((index + 1) % 7) for index, day in enumerate(DAYS)}
"""Cron counts from Sunday, 0."""
_DAY: Final = 24 * 60
_WEEK: Final = 7 * _DAY


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Times of a week.

    Args:
        days: the days on which they start, of `DAYS`.
        start: minutes after midnight.
        end: minutes after midnight; on the next day where it is not after the start.
    """

    days: tuple[str, ...]
    start: int
    end: int

    @property
    def length(self) -> int:
        """Minutes from start to end."""
        return (self.end - self.start - 1) % _DAY + 1


def parse_time(text: str) -> int:
    """Minutes after midnight of `07:30`.

    Raises:
        ValueError: it is no time of day of two digits, a colon and two digits.
    """
    hour, colon, minute = text.partition(":")
    if not (colon and len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit()):
        raise ValueError(f"{text!r} is not a time of day, such as 07:30")
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{text!r} is not a time of day, such as 07:30")
    return int(hour) * 60 + int(minute)


def start_cron(hours: Hours) -> str:
    """The recurrence at which hours start, as AWS Auto Scaling takes it: minute, hour, day, month, weekday.

    Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
    """
    return _cron(hours.start, hours.days)


def end_cron(hours: Hours) -> str:
    """The recurrence at which hours end; on the following days where they go past midnight."""
    days = hours.days if hours.end > hours.start else tuple(_next(day) for day in hours.days)
    return _cron(hours.end, days)


def overlapping(hours: Mapping[str, Hours]) -> list[tuple[str, str]]:
    """The pairs of names whose hours overlap or touch, sorted; a name with itself where its own days do.

    Hours that touch end and start at one moment, and AWS gives no order to actions of one moment.
    """
    pairs = [
        (name, name) for name in sorted(hours) if any(_share(*pair) for pair in combinations(_spans(hours[name]), 2))
    ]
    for one, other in combinations(sorted(hours), 2):
        if any(_share(a, b) for a in _spans(hours[one]) for b in _spans(hours[other])):
            pairs.append((one, other))
    return pairs


def _spans(hours: Hours) -> list[tuple[int, int]]:
    starts = [DAYS.index(day) * _DAY + hours.start for day in hours.days]
    return [(start, start + hours.length) for start in starts]


def _share(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return any(one[0] + week <= other[1] and other[0] <= one[1] + week for week in (-_WEEK, 0, _WEEK))


def _next(day: str) -> str:
    return DAYS[(DAYS.index(day) + 1) % 7]


def _cron(minutes: int, days: Sequence[str]) -> str:
    weekdays = sorted(_CRON_DAYS[day] for day in days)
    return f"{minutes % 60} {minutes // 60} * * {','.join(weekdays)}"
