"""The time that a report is of: whole minutes of UTC, in hours that do not cross a day's end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
LONGEST: Final = timedelta(days=400)
"""Of a report. Prometheus answers with at most 11,000 values a series, which at one an hour are 458 days."""
UNITS: Final = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


class PeriodError(ValueError):
    """No period; the message says what is allowed."""


@dataclass(frozen=True, order=True)
class Span:
    """From `start` up to `end`, which is no longer in it; both in UTC."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """Its length."""
        return (self.end - self.start) / HOUR

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC"

    def slots(self) -> Iterator[Span]:
        """The hours of the clock in it, in order; the first and the last may be cut."""
        yield from _cut(self, HOUR)

    def days(self) -> Iterator[Span]:
        """The days of UTC in it, in order; the first and the last may be cut."""
        yield from _cut(self, DAY)

    def whole_days(self) -> Span:
        """The days of which any part is in it."""
        last = _floor(self.end, DAY)
        return Span(_floor(self.start, DAY), last if last == self.end else last + DAY)


def month_of(span: Span) -> Span:
    """The calendar month of UTC in which a span ends."""
    last = (span.end - MINUTE).replace(day=1, hour=0, minute=0)
    return Span(last, (last + 32 * DAY).replace(day=1))


def before(span: Span) -> Span:
    """As long a time, right before it."""
    return Span(span.start - (span.end - span.start), span.start)


def period(since: str, until: str | None, now: datetime) -> Span:
    """The period between two moments.

    Args:
        since: its start: so long before its end (`7d`, `24h`, `90m`, `2w`), a day (its start in UTC), or a time with
            or without its offset from UTC (`2026-11-01T08:00`, `2026-11-01T08:00+01:00`).
        until: its end, likewise, with a length counted from now; None for now.
        now: this moment.

    Raises:
        PeriodError: either can't be read, or they make no period of a minute to 400 days in the past.
    """
    now = _floor(now, MINUTE)
    end = now if until is None else _moment(until, now, "--until")
    if end > now:
        raise PeriodError(
            f"--until {until} is not past yet: leave it out, or choose a time before {now:%Y-%m-%dT%H:%MZ}"
        )
    start = _moment(since, end, "--since")
    if start >= end:
        raise PeriodError(f"--since {since} is not before the end, {end:%Y-%m-%dT%H:%MZ}")
    if end - start > LONGEST:
        raise PeriodError(
            f"--since {since} makes {(end - start) / DAY:,.0f} days; at most {LONGEST // DAY} are allowed"
        )
    return Span(start, end)


def duration(hours: float) -> str:
    """`6 d 4 h`, `45 min`: a length for people, to the minute."""
    minutes = round(hours * 60)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def _moment(text: str, end: datetime, option: str) -> datetime:
    if found := re.fullmatch(r"(\d{1,5})([mhdw])", text, re.ASCII):
        return end - int(found[1]) * UNITS[found[2]]
    try:
        moment = datetime.fromisoformat(text)
        return _floor(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC), MINUTE)
    except (ValueError, OverflowError):
        raise PeriodError(
            f"{option} {text!r}: a length such as 7d, 24h or 90m, a day such as 2026-11-01, or a time such as "
            "2026-11-01T08:00Z is allowed"
        ) from None


def _floor(moment: datetime, unit: timedelta) -> datetime:
    return moment - (moment - datetime.min.replace(tzinfo=UTC)) % unit


def _cut(span: Span, unit: timedelta) -> Iterator[Span]:
    cuts = [span.start]
    at = _floor(span.start, unit) + unit
    while at < span.end:
        cuts.append(at)
        at += unit
    yield from (Span(*pair) for pair in pairwise([*cuts, span.end]))
