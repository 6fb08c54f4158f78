"""What a queue's figures show, as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from capacity.comparing.comparison import Comparison, QueueComparison, Side
from capacity.comparing.variants import DECLARED, FIXED
from capacity.declared import Queue
from capacity.recommending.forecast import Weeks
from capacity.recommending.policy import zone_of
from capacity.recommending.recommendation import Recommendation
from capacity.replay.fleet import Replayed
from capacity.replay.sampling import PERCENTILES
from capacity.replay.world import Floats
from capacity.reporting.thinning import Numbers, numbers, thinned
from sizing.pricing.prices import HOURS_PER_MONTH

GRID: Final = (*(float(percent) for percent in range(100)), 99.5, 99.9, 100.0)
"""Percent of jobs at which distributions are said."""
DAY: Final = 86_400.0
_MOMENT: Final = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Nodes of all pools of a queue, over time.

    Args:
        times: UTC; the beginning of what a point stands for.
        demand: nodes that executors fill and those without a place would, on average.
        nodes: paid for as declared, on average.
        fixed: the same of nodes fixed at the peak.
    """

    times: list[str]
    demand: Numbers
    nodes: Numbers
    fixed: Numbers


@dataclass(frozen=True, kw_only=True)
class Day:
    """The nodes of a day, one row each of `Days`' lists."""

    date: str
    demand: float
    nodes: float
    most: float
    fixed: float


@dataclass(frozen=True, kw_only=True)
class WorstDay:
    """The day of UTC on which jobs lost most time to elastic nodes.

    Args:
        date: which.
        jobs: submitted on it.
        lost: seconds, of all these jobs, that they took longer than on nodes fixed at the peak.
        times: UTC, every five minutes; the lists have an entry for each.
        demand, ready, booting, fixed: nodes.
        pending: executors without a place.
    """

    date: str
    jobs: int
    lost: float
    times: list[str]
    demand: Numbers
    ready: Numbers
    booting: Numbers
    fixed: Numbers
    pending: Numbers


@dataclass(frozen=True, kw_only=True)
class Use:
    """Shares of single Ready nodes that executors hold, in a pool; lists by percentile of nodes (`PERCENTILES`).

    Args:
        pool: its name.
        times: UTC; of each point the median of what its samples say.
        cpu, memory: from 0 to 1; `None` while there is no Ready node.
        cpu_all, memory_all: the same over all of the time.
    """

    pool: str
    times: list[str]
    cpu: list[Numbers]
    memory: list[Numbers]
    cpu_all: Numbers
    memory_all: Numbers


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """Of jobs, what so many percent of them took at most (`GRID`); seconds.

    Args:
        wait: from submission to the driver's start.
        runtime: from the driver's start to the end.
    """

    wait: Numbers
    runtime: Numbers


@dataclass(frozen=True, kw_only=True)
class Point:
    """What some sizes cost and do.

    Args:
        what: the way, or `recommended`, or `tried` of the recommendation's curve.
        usd: of a month, for executor nodes; `None` where a price isn't known.
        wait: p95, in seconds.
        longer: p95, a share.
    """

    what: str
    usd: float | None
    wait: float
    longer: float


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """What the figures of a queue show.

    Args:
        queue: its namespace.
        zone: whose clock the week's hours are of.
        nodes, days: over time, and by days.
        worst_day: see there.
        use: of its pools.
        distributions: by way: as declared, and fixed.
        week: nodes of demand in the median week: seven days from Monday, 24 hours each.
        curve: cost against wait and runtime.
    """

    queue: str
    zone: str
    nodes: Nodes
    days: list[Day]
    worst_day: WorstDay
    use: list[Use]
    distributions: Mapping[str, Distribution]
    week: list[Numbers]
    curve: list[Point]


def figures_of(
    comparison: Comparison, queue: QueueComparison, step: int, advice: Recommendation | None
) -> QueueFigures:
    """The numbers of a queue's figures.

    Args:
        comparison: of its platform.
        queue: of it.
        step: hours of a point.
        advice: what is recommended for the queue, if somebody asked.
    """
    elastic, fixed = comparison.replays[DECLARED], comparison.replays[FIXED]
    declared = elastic.platform.queues[queue.namespace]
    every = elastic.series.every
    demand = _of_pools(elastic, declared, elastic.series.demand)
    paid, control = _paid(elastic, declared), _like(_paid(fixed, declared), len(demand))
    begin = elastic.loaded.begin
    return QueueFigures(
        queue=queue.namespace,
        zone=zone_of(declared).key,
        nodes=Nodes(
            times=_times(begin, step * 3600, -(-len(demand) * int(every) // (step * 3600))),
            **{
                name: numbers(thinned(of, every, step), 2)
                for name, of in (("demand", demand), ("nodes", paid), ("fixed", control))
            },
        ),
        days=_days(begin, every, demand, paid, control),
        worst_day=_worst_day(elastic, fixed, declared),
        use=[use for name in sorted(declared.pools) if (use := _use(elastic, declared, name, step))],
        distributions={way: _distribution(comparison.replays[way], queue.namespace) for way in (DECLARED, FIXED)},
        week=_week(demand, every, begin, declared),
        curve=_curve(comparison, queue, advice),
    )


def _of_pools(done: Replayed, queue: Queue, values: Floats) -> Floats:
    """Of all pools of a queue together, over time."""
    columns = [done.series.pools.index(pool.identity) for pool in queue.pools.values()]
    return np.asarray(values[:, columns].sum(axis=1), np.float64)


def _paid(done: Replayed, queue: Queue) -> Floats:
    return _of_pools(done, queue, done.series.ready + done.series.booting + done.series.leaving)


def _like(values: Floats, length: int) -> Floats:
    """As long as another series: cut, or with numbers that nobody knows."""
    found = np.full(length, np.nan)
    found[: min(length, len(values))] = values[:length]
    return found


def _times(begin: datetime, seconds: float, count: int) -> list[str]:
    return [(begin + timedelta(seconds=seconds * each)).astimezone(UTC).strftime(_MOMENT) for each in range(count)]


def _days(begin: datetime, every: float, demand: Floats, paid: Floats, fixed: Floats) -> list[Day]:
    offset = _offset(begin)
    day = ((offset + np.arange(len(demand)) * every) // DAY).astype(np.int64)
    return [
        Day(
            date=_date(begin, each),
            demand=round(float(demand[day == each].mean()), 2),
            nodes=round(float(paid[day == each].mean()), 2),
            most=float(paid[day == each].max()),
            fixed=round(float(np.nanmax(fixed[day == each], initial=0)), 2),
        )
        for each in np.unique(day)
    ]


def _offset(begin: datetime) -> float:
    """Seconds from the midnight of UTC before."""
    utc = begin.astimezone(UTC)
    return utc.hour * 3600.0 + utc.minute * 60 + utc.second


def _date(begin: datetime, day: int) -> str:
    return (begin.astimezone(UTC) + timedelta(days=int(day))).strftime("%Y-%m-%d")


def _worst_day(elastic: Replayed, fixed: Replayed, queue: Queue) -> WorstDay:
    begin, series = elastic.loaded.begin, elastic.series
    mine = elastic.outcomes.queue == queue.namespace
    one, other = elastic.outcomes, fixed.outcomes
    lost = (one.wait + one.runtime - other.wait - other.runtime)[mine]
    submitted = elastic.course.state.jobs["submitted"][mine]
    day = ((_offset(begin) + submitted) // DAY).astype(np.int64)
    worst = int(np.argmax(np.bincount(day, lost)))
    seconds = _offset(begin) + series.times
    rows = (seconds >= worst * DAY) & (seconds < (worst + 1) * DAY)
    control = _like(_paid(fixed, queue), len(series.times))
    return WorstDay(
        date=_date(begin, worst),
        jobs=int((day == worst).sum()),
        lost=round(float(lost[day == worst].sum()), 1),
        times=[(begin + timedelta(seconds=float(at))).astimezone(UTC).strftime(_MOMENT) for at in series.times[rows]],
        demand=numbers(_of_pools(elastic, queue, series.demand)[rows], 2),
        ready=numbers(_of_pools(elastic, queue, series.ready)[rows], 2),
        booting=numbers(_of_pools(elastic, queue, series.booting)[rows], 2),
        fixed=numbers(control[rows], 2),
        pending=numbers(_of_pools(elastic, queue, series.pending)[rows], 2),
    )


def _use(done: Replayed, queue: Queue, name: str, step: int) -> Use | None:
    """Of a pool; `None` of one that never had a Ready node."""
    series = done.series
    column = series.pools.index(queue.pools[name].identity)
    there = series.ready[:, column] > 0
    if not there.any():
        return None

    def bands(shares: Floats) -> tuple[list[Numbers], Numbers]:
        seen = np.where(there[:, None], shares[:, column], np.nan)
        points = thinned(seen, series.every, step, np.nanmedian)
        return [numbers(points[:, band], 3) for band in range(len(PERCENTILES))], numbers(np.nanmean(seen, axis=0), 3)

    (cpu, cpu_all), (memory, memory_all) = bands(series.cpu_percentiles), bands(series.memory_percentiles)
    return Use(
        pool=name,
        times=_times(done.loaded.begin, step * 3600, len(cpu[0])),
        cpu=cpu,
        memory=memory,
        cpu_all=cpu_all,
        memory_all=memory_all,
    )


def _distribution(done: Replayed, queue: str) -> Distribution:
    mine = done.outcomes.queue == queue
    return Distribution(
        wait=numbers(np.percentile(done.outcomes.wait[mine], GRID), 1),
        runtime=numbers(np.percentile(done.outcomes.runtime[mine], GRID), 1),
    )


def _week(demand: Floats, every: float, begin: datetime, queue: Queue) -> list[Numbers]:
    hourly = thinned(demand, every, 1)
    profile = Weeks.of(hourly, begin, zone_of(queue)).profile(0.5)
    return [numbers(day, 2) for day in profile.reshape(7, 24)]


def _curve(comparison: Comparison, queue: QueueComparison, advice: Recommendation | None) -> list[Point]:
    month = HOURS_PER_MONTH / comparison.hours

    def point(way: str, side: Side) -> Point:
        usd = side.executors_usd
        return Point(
            what=way, usd=None if usd is None else usd * month, wait=side.result.wait.p95, longer=side.longer.p95
        )

    ways = [point(way, side) for way, side in queue.sides.items()]
    if advice is None:
        return ways
    then = advice.then
    return [
        *ways,
        Point(what="recommended", usd=then.usd, wait=then.wait, longer=then.longer),
        *(
            Point(what="tried", usd=tried.figures.usd, wait=tried.figures.wait, longer=tried.figures.longer)
            for tried in advice.curve
        ),
    ]
