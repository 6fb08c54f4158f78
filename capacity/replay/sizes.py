"""Jobs of a trace on a platform's sizes, as the rows of numbers that the replay takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from capacity.declared import Platform, Pool, Queue
from capacity.replay.behaviour import Behaviour
from capacity.replay.world import CHANGE, POOL, QUEUE, Floats, Ints, Rows, World, rows
from sizing.sharing import executors_of_a_job

_NOTHING: Final = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Jobs:
    """What a trace says of the jobs of a platform's queues, in order; times are seconds from `begin`.

    Args:
        begin: the time that is 0.
        end: when the last one ended.
        rows: of `JOB_ROW`, without what pools' sizes decide: how many executors a job may have.
        phases: rows of `PHASE`.
        wanted: executors that each may ask for.
        least: executors that each holds.
        peak: executors that each had at once; 0 where nobody knows.
        started, ended: of each.
        jobs: identifiers of the runs.
        names: what they have in common with other runs.
        asked: of each, whether the trace says when it was submitted.
        deadline: when each must have ended; not a number for none.
    """

    begin: datetime
    end: datetime
    rows: Rows
    phases: Rows
    wanted: Ints
    least: Ints
    peak: Ints
    started: Floats
    ended: Floats
    jobs: tuple[str, ...]
    names: tuple[str, ...]
    asked: NDArray[np.bool_]
    deadline: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Loaded:
    """What is replayed, and what its rows mean.

    Args:
        world: the rows.
        read: what the trace says of the jobs.
        pools: identities of pools, in order; the first is the driver pool.
        queues: namespaces of queues, in order.
        demand: the most executor nodes that the trace used at once, by pool; at most its maximum.
    """

    world: World
    read: Jobs
    pools: tuple[str, ...]
    queues: tuple[str, ...]
    demand: tuple[int, ...]

    @property
    def begin(self) -> datetime:
        """The time that is 0."""
        return self.read.begin

    @property
    def recorded(self) -> Floats:
        """Seconds that each job took in the trace."""
        return self.read.ended - self.read.started


def on(read: Jobs, platform: Platform, behaviour: Behaviour, boots: Sequence[float]) -> Loaded:
    """Jobs on a platform's sizes. The same jobs can be put on other sizes of the same queues, pools and kinds of nodes.

    Args:
        read: the jobs.
        platform: whose queues they are.
        behaviour: how fast the systems are.
        boots: seconds from asking for a node to its being Ready, one of which is picked for each.
    """
    queues = in_order(platform)
    pools = [platform.drivers, *(pool for queue in queues for _, pool in sorted(queue.pools.items()))]
    jobs = read.rows.copy()
    jobs["maximum"] = np.clip(read.wanted, 1, np.maximum(1, _held(jobs, pools, queues)))
    jobs["minimum"] = np.minimum(jobs["maximum"], read.least)
    jobs["seat"] = np.cumsum(jobs["maximum"]) - jobs["maximum"]
    headroom, driver = platform.headroom
    world = World(
        pools=rows(
            POOL,
            len(pools),
            minimum=[pool.minimum for pool in pools],
            maximum=[pool.maximum for pool in pools],
            cpu=[pool.usable.cpu for pool in pools],
            memory=[pool.usable.memory for pool in pools],
            pods=[pool.pods for pool in pools],
            unneeded=[platform.unneeded if pool.unneeded is None else pool.unneeded for pool in pools],
            rank=[0 if pool.spot else 1 for pool in pools],
            interruptions=[behaviour.interruptions / 3600 if pool.spot else 0 for pool in pools],
            spreads=behaviour.spreads,
        ),
        queues=rows(
            QUEUE,
            len(queues),
            jobs=[queue.jobs for queue in queues],
            fair=[queue.sharing.order == "fair" for queue in queues],
        ),
        jobs=jobs,
        phases=read.phases,
        changes=_changes(pools, read.begin, read.end),
        boots=np.asarray(boots, np.float64),
        until=np.array([(read.end - read.begin).total_seconds()]),
        pace=replace(behaviour, delay_after_scale_out=platform.delay_after_scale_out).pace(
            headroom, driver.cpu, driver.memory
        ),
    )
    return Loaded(
        world=world,
        read=read,
        pools=tuple(pool.identity for pool in pools),
        queues=tuple(queue.namespace for queue in queues),
        demand=(0, *(_demand(read, jobs, position, pool) for position, pool in enumerate(pools) if position)),
    )


def in_order(platform: Platform) -> list[Queue]:
    """A platform's queues as replays number them; their pools follow each other, sorted by name."""
    return [queue for _, queue in sorted(platform.queues.items())]


def _held(jobs: Rows, pools: Sequence[Pool], queues: Sequence[Queue]) -> Ints:
    """Executors that each job may have at most: what its pool holds of its size, and what its queue lets one have."""
    held = np.zeros(len(jobs), np.int64)
    for position, pool in enumerate(pools):
        mine = np.flatnonzero(jobs["pool"] == position)
        if not position or not len(mine):
            continue
        a_node = np.minimum(pool.usable.cpu // jobs["cpu"][mine], pool.usable.memory // jobs["memory"][mine])
        held[mine] = pool.maximum * (np.minimum(a_node, pool.pods) if pool.pods else a_node)
    most = np.array([executors_of_a_job(2**62, queue.sharing) for queue in queues], np.int64)
    allowed: Ints = np.minimum(held, most[jobs["queue"]])
    return allowed


def _changes(pools: Sequence[Pool], begin: datetime, end: datetime) -> Rows:
    """How schedules change minima, by time."""
    found = sorted(
        ((change.time - begin) / timedelta(seconds=1), position, change.minimum)
        for position, pool in enumerate(pools)
        if pool.schedules
        for change in pool.changes(begin, end)
    )
    times, which, minima = zip(*found, strict=True) if found else ((), (), ())
    return rows(CHANGE, len(found), time=times, pool=which, minimum=minima)


def _demand(read: Jobs, jobs: Rows, position: int, pool: Pool) -> int:
    """The most nodes of a pool that the trace's runs filled at once, at most its maximum."""
    mine = np.flatnonzero(jobs["pool"] == position)
    share = np.maximum(jobs["cpu"][mine] / pool.usable.cpu, jobs["memory"][mine] / pool.usable.memory)
    most = jobs["maximum"][mine]
    nodes = np.minimum(np.where(read.peak[mine] > 0, read.peak[mine], most), most) * share
    changes = np.concatenate([nodes, -nodes])
    order = np.lexsort((changes, np.concatenate([read.started[mine], read.ended[mine]])))
    held = float(np.cumsum(changes[order]).max(initial=0.0))
    return min(pool.maximum, max(pool.minimum, int(np.ceil(held - _NOTHING))))
