"""When the runs of generated traces are submitted, and which of them follow which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from capacity.traces.uses import DRIVER_START, Campaigns, Pipelines, Rounds, Sessions, Use

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_QUARTERS = 96
"""Quarters of an hour in a day."""


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """Runs in arrays of the same length; those of a chain in its order.

    Args:
        names: of jobs.
        users: of whom `user` has positions.
        job: position of a run's job in `names`.
        user: who submits it.
        asked: seconds since 1970, where it follows no other run.
        before: the run that it follows; -1 where there is none.
        handover: seconds from that one's end to its submission.
        depth: runs before it in its chain.
        size: how much more data than on other days.
        due: seconds since 1970; not a number where there is no deadline.
    """

    names: Sequence[str]
    users: Sequence[str]
    job: Ints
    user: Ints
    asked: Floats
    before: Ints
    handover: Floats
    depth: Ints
    size: Floats
    due: Floats


class Calendar:
    """The days of a trace, by one clock.

    Args:
        begin: the first day.
        weeks: so many.
        zone: whose clock it is, daylight saving included.
    """

    def __init__(self, begin: date, weeks: int, zone: ZoneInfo) -> None:
        self.weeks = weeks
        self.days = 7 * weeks
        dates = [begin + timedelta(days=day) for day in range(self.days + 2)]
        midnights = [datetime.combine(day, time(), zone) for day in dates]
        self._quarters = np.array(
            [(midnight + timedelta(minutes=15 * n)).timestamp() for midnight in midnights for n in range(_QUARTERS)]
        )
        self.weekday: Ints = np.array([day.weekday() for day in dates[: self.days]])
        self.month_end = np.array(
            [day.day == 1 or (day + timedelta(days=2)).month != day.month for day in dates[: self.days]]
        )

    def at(self, day: Ints, quarter: Ints) -> Floats:
        """Seconds since 1970 of a quarter of an hour after a day's midnight; it may be one of the next day."""
        found: Floats = self._quarters[day * _QUARTERS + quarter]
        return found

    def size(self, use: Use) -> Floats:
        """How much more there is to do on each day."""
        return np.where(self.month_end, use.month_end, 1.0)


def arrivals(
    use: Use, calendar: Calendar, at_once: int, rng: np.random.Generator, seconds: float | None = None
) -> Arrivals:
    """When runs of a queue are submitted.

    Args:
        use: of the queue.
        calendar: from when to when.
        at_once: drivers that the queue runs at once.
        rng: where chance comes from.
        seconds: that a run takes on the average, which says how many fill the calendar; `None` for the use's mean.
    """
    match use.arrivals:
        case Pipelines():
            return _pipelines(use, use.arrivals, calendar, at_once, rng)
        case Sessions():
            return _sessions(use, use.arrivals, calendar, at_once, rng)
        case Campaigns():
            return _campaigns(use, use.arrivals, calendar, at_once, rng)
        case Rounds():
            return _rounds(use, use.arrivals, calendar, at_once, rng, seconds or use.mean_seconds)


def _pipelines(use: Use, kind: Pipelines, calendar: Calendar, at_once: int, rng: np.random.Generator) -> Arrivals:
    count = max(1, round(at_once * use.concurrency * kind.hours * 3600 / (kind.chain * use.mean_seconds)))
    rhythm = rng.choice(3, count, p=[kind.daily, kind.workdays, kind.weekly])
    weekly_on = rng.integers(0, 7, count)
    quarter = rng.integers(0, 4 * kind.hours, count)
    shift = int(4 * kind.first)
    full = (quarter + shift) // 4 * 4
    full = np.where(full < shift, full + 4, full)
    quarter = np.where(rng.random(count) < kind.on_the_hour, full, quarter + shift)
    length = 1 + rng.poisson(kind.chain - 1, count)
    first_job = np.cumsum(length) - length
    position = _positions(length)
    earlier = np.where(
        rng.random(len(position)) < kind.branch, np.floor(rng.random(len(position)) * position), position - 1
    ).astype(np.int64)
    earlier[position == 0] = -1
    depth = np.zeros(len(position), np.int64)
    for step in range(1, int(length.max())):
        (here,) = np.nonzero(position == step)
        depth[here] = depth[here - step + earlier[here]] + 1

    workday = calendar.weekday < 5
    runs = (rhythm == 0) | ((rhythm == 1) & workday[:, None]) | (calendar.weekday[:, None] == weekly_on) & (rhythm == 2)
    day, pipeline = np.nonzero(runs)
    jobs = length[pipeline]
    of = np.repeat(np.arange(len(pipeline)), jobs)
    place = _positions(jobs)
    job = first_job[pipeline[of]] + place
    starts = calendar.at(day, quarter[pipeline])[of]
    numbers = np.repeat(np.arange(1, count + 1), length)
    return Arrivals(
        names=[f"pipeline-{n}-step-{k + 1}" for n, k in zip(numbers.tolist(), position.tolist(), strict=True)],
        users=["scheduler"],
        job=job,
        user=np.zeros(len(job), np.int64),
        asked=np.where(place == 0, starts, np.nan),
        before=np.where(place == 0, -1, np.arange(len(job)) - place + earlier[job]),
        handover=rng.exponential(kind.handover, len(job)),
        depth=depth[job],
        size=calendar.size(use)[day][of],
        due=starts + 3600 * kind.due,
    )


def _sessions(use: Use, kind: Sessions, calendar: Calendar, at_once: int, rng: np.random.Generator) -> Arrivals:
    busiest = at_once * use.concurrency * 3600 / use.mean_seconds / kind.jobs
    of_day = np.where(calendar.weekday < 5, 1.0, kind.weekend) * calendar.size(use)
    counts = rng.poisson(busiest * of_day[:, None] * np.array(kind.profile))
    day, hour = (np.repeat(places, counts[np.nonzero(counts)]) for places in np.nonzero(counts))
    begin = calendar.at(day, 4 * hour) + 3600 * rng.random(len(day))
    users = max(1, round(kind.users * at_once))
    names = users * kind.names
    rank = 1 / np.arange(1, names + 1)
    job = rng.choice(names, len(day), p=rank / rank.sum())
    user = rng.integers(0, users, len(day))
    jobs = rng.geometric(1 / kind.jobs, len(day))
    of, place = np.repeat(np.arange(len(day)), jobs), _positions(jobs)
    pauses = np.where(place == 0, 0.0, kind.pause * np.exp(kind.pause_sigma * rng.standard_normal(len(of))))
    since = np.cumsum(pauses)
    since -= since[(np.cumsum(jobs) - jobs)[of]] if len(of) else 0.0
    return Arrivals(
        names=[f"query-{n + 1}" for n in range(names)],
        users=[f"analyst-{n + 1}" for n in range(users)],
        job=job[of],
        user=user[of],
        asked=begin[of] + since,
        before=np.full(len(of), -1),
        handover=np.zeros(len(of)),
        depth=np.zeros(len(of), np.int64),
        size=np.ones(len(of)),
        due=np.full(len(of), np.nan),
    )


def _campaigns(use: Use, kind: Campaigns, calendar: Calendar, at_once: int, rng: np.random.Generator) -> Arrivals:
    count = max(1, int(rng.poisson(kind.a_week * calendar.weeks)))
    day = np.sort(rng.choice(np.flatnonzero(calendar.weekday < 5), count))
    begin = calendar.at(day, int(4 * kind.first) + rng.integers(0, 4 * kind.hours, count))
    partitions = np.maximum(1, np.rint(kind.days * np.exp(kind.days_sigma * rng.standard_normal(count))))
    return _in_lanes(use, kind, begin, partitions.astype(np.int64), at_once, rng)


def _rounds(
    use: Use, kind: Rounds, calendar: Calendar, at_once: int, rng: np.random.Generator, seconds: float
) -> Arrivals:
    """So many runs as fill the calendar on the average."""
    begin = calendar.at(np.zeros(1, np.int64), np.zeros(1, np.int64))
    a_run = seconds + DRIVER_START + kind.handover
    runs = _lanes(use, kind, at_once) * max(1, round(calendar.days * 86400 / a_run))
    return _in_lanes(use, kind, begin, np.array([runs], np.int64), at_once, rng)


def _lanes(use: Use, kind: Campaigns | Rounds, at_once: int) -> int:
    """Runs at once."""
    return max(1, min(kind.at_once, round(at_once * use.concurrency)))


def _in_lanes(
    use: Use, kind: Campaigns | Rounds, begin: Floats, runs: Ints, at_once: int, rng: np.random.Generator
) -> Arrivals:
    """Jobs with so many runs each, from a time on, some at once; each other one when one has ended."""
    count, lanes = len(runs), _lanes(use, kind, at_once)
    of, place = np.repeat(np.arange(count), runs), _positions(runs)
    leads = place < lanes
    return Arrivals(
        names=[f"{use.name}-{n + 1}" for n in range(count)],
        users=[use.name],
        job=of,
        user=np.zeros(len(of), np.int64),
        asked=np.where(leads, begin[of] + place, np.nan),
        before=np.where(leads, -1, np.arange(len(of)) - lanes),
        handover=rng.exponential(kind.handover, len(of)),
        depth=place // lanes,
        size=np.ones(len(of)),
        due=np.full(len(of), np.nan),
    )


def _positions(lengths: Ints) -> Ints:
    """0, 1, 2 ... of each of several groups, one after the other."""
    found: Ints = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return found
