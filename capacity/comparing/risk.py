"""The jobs that suffer most from elastic nodes: why, what would help, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from capacity.declared import Platform, Pool
from capacity.recommending.policy import zone_of
from capacity.replay.fleet import Replayed
from capacity.replay.outcomes import Outcomes
from capacity.replay.world import Ints
from sizing.pricing.prices import HOURS_PER_MONTH
from sizing.schedules import DAYS

Cause = Literal["boot", "refused", "queue", "waves"]
MOST: Final = 20
REGULAR: Final = 0.6
"""Share of a job's runs that begin in one hour of the day, from which on a schedule helps it."""
LEAD: Final = 5 / 60
"""Hours by which a schedule begins before the jobs."""
_MATTERS: Final = 1.0
"""Seconds that a job takes longer, from which on it is at risk."""


@dataclass(frozen=True, kw_only=True)
class Risk:
    """A job that takes longer on elastic nodes than on nodes fixed at the peak.

    Args:
        queue: its namespace.
        name: of the job, which its runs have in common.
        runs: in the trace.
        late: of these, that missed a deadline they would have kept on fixed nodes.
        longer: seconds from submission to end more than on fixed nodes, for 95 of 100 runs.
        share: the same, as a share of the time on fixed nodes.
        cause: what most of it is: `boot`, waiting for nodes to be Ready; `refused`, for AWS to have some; `queue`, for
            a turn or at the maximum; `waves`, fewer executors than on fixed nodes, so that tasks came in more waves.
        remedy: what would help, in the words of the stack file or of Spark.
        usd: of a month, at most; `None` where a price isn't known.
    """

    queue: str
    name: str
    runs: int
    late: int
    longer: float
    share: float
    cause: Cause
    remedy: str
    usd: float | None


def at_risk(elastic: Replayed, fixed: Replayed, most: int = MOST) -> list[Risk]:
    """The jobs at most risk: those that miss deadlines first, then those that take most longer.

    Args:
        elastic: a replay.
        fixed: the same jobs on nodes fixed at the peak.
        most: how many.
    """
    jobs = elastic.outcomes
    names, group = np.unique(
        np.array([f"{q}\0{n}" for q, n in zip(jobs.queue, jobs.name, strict=True)]), return_inverse=True
    )
    order = np.argsort(group, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(group))[:-1])
    found = [one for name, of in zip(names, rows, strict=True) for one in _risk(name, of, elastic, fixed)]
    return sorted(found, key=lambda one: (-one.late, -one.longer, one.queue, one.name))[:most]


def _risk(name: str, runs: Ints, elastic: Replayed, fixed: Replayed) -> Iterator[Risk]:
    one, other = elastic.outcomes, fixed.outcomes
    took = one.wait[runs] + one.runtime[runs]
    took_fixed = other.wait[runs] + other.runtime[runs]
    more = took - took_fixed
    longer = float(np.quantile(more, 0.95))
    late = int((_late(one, runs) & ~_late(other, runs)).sum())
    if longer < _MATTERS and not late:
        return
    queue, _, job = name.partition("\0")
    refused = _more(one, other, runs, "refused_wait", "driver_refused")
    boot = _more(one, other, runs, "boot_wait", "driver_wait") - _more(one, other, runs, "driver_refused")
    turn = _more(one, other, runs, "queue_wait", "room_wait")
    waves = float(more.mean()) - refused - boot - turn
    parts: list[tuple[float, Cause]] = [(boot, "boot"), (refused, "refused"), (turn, "queue"), (waves, "waves")]
    cause = max(parts)[1]
    remedy, usd = _remedy(cause, runs, elastic, fixed)
    yield Risk(
        queue=queue,
        name=job,
        runs=len(runs),
        late=late,
        longer=longer,
        share=float(np.quantile(more / np.maximum(1.0, took_fixed), 0.95)),
        cause=cause,
        remedy=remedy,
        usd=usd,
    )


def _late(jobs: Outcomes, runs: Ints) -> NDArray[np.bool_]:
    return jobs.ended[runs] > jobs.deadline[runs]


def _more(one: Outcomes, other: Outcomes, runs: Ints, *parts: str) -> float:
    """Seconds that parts of the waiting took longer, on the average run."""
    return float(sum((getattr(one, part)[runs] - getattr(other, part)[runs]).mean() for part in parts))


def _remedy(cause: Cause, runs: Ints, elastic: Replayed, fixed: Replayed) -> tuple[str, float | None]:
    """What would help a job, and USD a month of it at most."""
    jobs = elastic.outcomes
    platform, hours = elastic.platform, elastic.result.hours
    pool = _pool(platform, str(jobs.queue[runs[0]]), str(jobs.pool[runs[0]]))
    position = elastic.loaded.pools.index(pool.identity)
    row = elastic.loaded.world.jobs[int(runs[0])]
    executors = max(1, int(np.quantile(fixed.outcomes.executors[runs], 0.95)))
    per_node = max(1, pool.holds(int(row["cpu"]), int(row["memory"])))
    nodes = math.ceil(executors / per_node)
    a_month = len(runs) * HOURS_PER_MONTH / hours
    price = pool.usd_per_hour
    if cause == "waves":
        held = executors / per_node * float(jobs.runtime[runs].mean()) / 3600 * a_month
        return f"spark.dynamicAllocation.minExecutors={executors}", _times(price, held)
    if cause == "refused":
        of_drivers = jobs.driver_refused[runs].sum() > jobs.refused_wait[runs].sum()
        return f"{'driver' if of_drivers else pool.name}: more kinds in instanceTypes", None
    if cause == "queue":
        if _more(jobs, fixed.outcomes, runs, "queue_wait") >= _more(jobs, fixed.outcomes, runs, "room_wait"):
            at_once = platform.queues[str(jobs.queue[runs[0]])].jobs
            return f"drivers.atOnce: more than {at_once}", 0.0
        used = nodes * float(jobs.room_wait[runs].mean()) / 3600 * a_month
        return f"{pool.name}: maxNodes {pool.maximum + nodes}", _times(price, used)
    zone = zone_of(platform.queues[str(jobs.queue[runs[0]])])
    begins = [
        (elastic.loaded.begin + timedelta(seconds=float(second))).astimezone(zone)
        for second in elastic.course.state.jobs["submitted"][runs]
    ]
    of_day = np.bincount([time.hour for time in begins], minlength=24)
    if of_day.max() >= REGULAR * len(runs):
        hour = int(of_day.argmax())
        days = sorted({DAYS[time.weekday()] for time in begins if time.hour == hour}, key=DAYS.index)
        held = nodes * (1 + LEAD) * len(days) * HOURS_PER_MONTH / (7 * 24)
        return f"{pool.name}: schedule from {(hour - 1) % 24:02}:55 for {nodes} nodes", _times(price, held)
    minimum = float(elastic.loaded.world.pools["minimum"][position])
    more = max(1.0, nodes - minimum)
    return f"{pool.name}: minimum of {nodes} nodes", _times(price, more * HOURS_PER_MONTH)


def _pool(platform: Platform, queue: str, identity: str) -> Pool:
    return next(pool for pool in platform.queues[queue].pools.values() if pool.identity == identity)


def _times(price: float | None, node_hours: float) -> float | None:
    return None if price is None else price * node_hours
