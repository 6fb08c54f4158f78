"""What a replay says of each queue: waits, runtimes, nodes, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from capacity.declared import Platform, Queue
from capacity.replay.engine import Course, Life
from capacity.replay.scale_out import ScaleOut, scale_outs
from capacity.replay.sizes import Loaded
from capacity.replay.waste import Waste
from capacity.replay.world import Floats

_HOUR = 3600.0
SLOWER = (0.05, 0.20)
"""Shares of a job's recorded runtime that make it count as slower."""


@dataclass(frozen=True, kw_only=True)
class Quantiles:
    """Of some numbers: the median, the 95th and 99th of a hundred, and the largest; seconds or shares."""

    p50: float
    p95: float
    p99: float
    worst: float

    @classmethod
    def of(cls, numbers: Floats) -> Quantiles:
        """Of at least one number.

        Args:
            numbers: in any order.
        """
        p50, p95, p99, worst = np.quantile(numbers, [0.5, 0.95, 0.99, 1.0])
        return cls(p50=float(p50), p95=float(p95), p99=float(p99), worst=float(worst))


@dataclass(frozen=True, kw_only=True)
class PoolResult:
    """What became of a pool's nodes.

    Args:
        identity: of the pool.
        node_hours: paid for, from asking for a node to its end.
        used_hours: the same, weighted with the larger share of a node's CPU and memory that executors had.
        booting_hours: paid for before nodes were Ready.
        most: nodes at once.
        fixed_nodes: that would always be there for the trace's peak.
        usd: of `node_hours`; `None` where the price isn't known.
        fixed_usd: of `fixed_nodes` all the time.
        waste: hours that executors didn't use, by cause; with `used_hours` they are `node_hours`.
        scale_out: how long it took until everybody had a place, by how many got one.
    """

    identity: str
    node_hours: float
    used_hours: float
    booting_hours: float
    most: int
    fixed_nodes: int
    usd: float | None
    fixed_usd: float | None
    waste: Waste
    scale_out: tuple[ScaleOut, ...]


@dataclass(frozen=True, kw_only=True)
class QueueResult:
    """What a queue's jobs and nodes did.

    Args:
        namespace: of the queue.
        jobs: how many.
        wait: from a job's submission to its driver's start, in seconds.
        queue_wait: from a job's submission until its queue let it run.
        first_executor: from the driver's start to its first executor.
        all_executors: from the driver's start to the most executors it had.
        runtime: from the driver's start to the end, as a share of the trace's own, less 1; over jobs.
        slower: shares of jobs that took over 5 and over 20 % longer.
        lost: executors lost to interruptions.
        pools: by identity.
    """

    namespace: str
    jobs: int
    wait: Quantiles
    queue_wait: Quantiles
    first_executor: Quantiles
    all_executors: Quantiles
    runtime: Quantiles
    slower: tuple[float, float]
    lost: int
    pools: tuple[PoolResult, ...]

    @property
    def usd(self) -> float | None:
        """Of all pools together; `None` where a price isn't known."""
        return _sum([pool.usd for pool in self.pools])

    @property
    def fixed_usd(self) -> float | None:
        """The same for nodes that always are as many as the trace's peak needs."""
        return _sum([pool.fixed_usd for pool in self.pools])

    @property
    def saving(self) -> float | None:
        """The share of `fixed_usd` that isn't spent; `None` where a price isn't known, or nothing is spent."""
        return 1 - self.usd / self.fixed_usd if self.usd is not None and self.fixed_usd else None


@dataclass(frozen=True, kw_only=True)
class Result:
    """A replay's outcome.

    Args:
        hours: that it covers.
        queues: those that had jobs, by name.
        driver_node_hours: of the pool that all queues share.
        driver_usd: what they cost; `None` where the price isn't known.
    """

    hours: float
    queues: tuple[QueueResult, ...]
    driver_node_hours: float
    driver_usd: float | None


def results(platform: Platform, loaded: Loaded, course: Course) -> Result:
    """What a replay says.

    Args:
        platform: that was replayed on.
        loaded: what was replayed.
        course: how the replay went.
    """
    hours = float(course.state.now[0]) / _HOUR
    nodes = _nodes(course.lives, len(loaded.pools))
    queue_of = loaded.world.jobs["queue"]
    drivers = float(nodes[0][0])
    price = platform.drivers.usd_per_hour
    return Result(
        hours=hours,
        queues=tuple(
            _queue(platform.queues[name], loaded, course, np.flatnonzero(queue_of == position), nodes, hours)
            for position, name in enumerate(loaded.queues)
            if (queue_of == position).any()
        ),
        driver_node_hours=drivers,
        driver_usd=None if price is None else drivers * price,
    )


def _queue(
    queue: Queue,
    loaded: Loaded,
    course: Course,
    jobs: np.ndarray[tuple[int], np.dtype[np.int64]],
    nodes: tuple[Floats, Floats, Floats],
    hours: float,
) -> QueueResult:
    rows = course.state.jobs[jobs]
    ran = rows["first"] >= 0
    slower = (rows["ended"] - rows["driver"]) / np.maximum(1.0, loaded.recorded[jobs]) - 1
    first = np.where(ran, rows["first"] - rows["driver"], 0.0)
    every = np.where(ran, rows["all"] - rows["driver"], 0.0)
    return QueueResult(
        namespace=queue.namespace,
        jobs=len(jobs),
        wait=Quantiles.of(rows["driver"] - rows["submitted"]),
        queue_wait=Quantiles.of(rows["admitted"] - rows["submitted"]),
        first_executor=Quantiles.of(first),
        all_executors=Quantiles.of(every),
        runtime=Quantiles.of(slower),
        slower=(float((slower > SLOWER[0]).mean()), float((slower > SLOWER[1]).mean())),
        lost=int(rows["lost"].sum()),
        pools=tuple(_pool(queue, name, loaded, course, nodes, hours) for name in sorted(queue.pools)),
    )


def _pool(
    queue: Queue, name: str, loaded: Loaded, course: Course, nodes: tuple[Floats, Floats, Floats], hours: float
) -> PoolResult:
    pool = queue.pools[name]
    position = loaded.pools.index(pool.identity)
    paid, fixed = float(nodes[0][position]), loaded.demand[position] * hours
    return PoolResult(
        identity=pool.identity,
        node_hours=paid,
        used_hours=max(0.0, float(course.state.pools[position]["used_seconds"])) / _HOUR,
        booting_hours=float(nodes[1][position]),
        most=int(nodes[2][position]),
        fixed_nodes=loaded.demand[position],
        usd=None if pool.usd_per_hour is None else paid * pool.usd_per_hour,
        fixed_usd=None if pool.usd_per_hour is None else fixed * pool.usd_per_hour,
        waste=Waste.of(course.state, position, float(nodes[1][position])),
        scale_out=scale_outs(course.bursts, position),
    )


def _nodes(lives: Sequence[Life], pools: int) -> tuple[Floats, Floats, Floats]:
    """By pool: hours paid for, hours before Ready, and the most nodes at once."""
    table = np.array(lives, np.float64).reshape(-1, 4)
    which = table[:, 0].astype(np.int64)
    asked, ready, gone = table[:, 1], table[:, 2], table[:, 3]
    up = np.where(ready < 0, gone, ready)
    most = np.zeros(pools)
    for pool in range(pools):
        mine = which == pool
        times = np.concatenate([asked[mine], gone[mine]])
        steps = np.concatenate([np.ones(mine.sum()), -np.ones(mine.sum())])
        # of what happens at one time, nodes that go are gone first
        order = np.lexsort((steps, times))
        most[pool] = np.cumsum(steps[order]).max(initial=0)
    return (
        np.bincount(which, np.maximum(0, gone - asked) / _HOUR, pools).astype(np.float64),
        np.bincount(which, np.maximum(0, up - asked) / _HOUR, pools).astype(np.float64),
        most,
    )


def _sum(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
