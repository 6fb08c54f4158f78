"""A trace's jobs, as rows of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capacity.declared import Platform, Pool, Queue
from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.replay.runtime import Phase, phases_of
from capacity.replay.sizes import Jobs, Loaded, in_order, on
from capacity.replay.world import DRIVER_POOL, JOB_ROW, PHASE, Floats, rows
from capacity.traces.files import runs
from capacity.traces.schema import Stage
from sizing.quantities import format_cpu

_SHOWN: Final = 5


def load(table: pa.Table, platform: Platform, behaviour: Behaviour, boots: Sequence[float]) -> Loaded:
    """A trace of a platform's queues, on their sizes: `read_jobs`, then `on`.

    Raises:
        CapacityError: jobs can never run as the queues are declared, all named.
    """
    return on(read_jobs(table, platform), platform, behaviour, boots)


def read_jobs(table: pa.Table, platform: Platform) -> Jobs:
    """The jobs of a platform's queues.

    Args:
        table: the trace, as `capacity.traces.files.read` gives it; runs of other queues must have been left out.
        platform: whose queues they are.

    Raises:
        CapacityError: jobs can never run as the queues are declared, all named.
    """
    jobs: list[dict[str, Any]] = list(runs(table))
    places = _Places.of(platform)
    if problems := list(_problems(jobs, platform)):
        raise CapacityError(problems)
    begin = min(_asked(job) for job in jobs).replace(minute=0, second=0, microsecond=0)
    end = max(job["ended"] for job in jobs)
    phases, spans = _phases(jobs)
    job_rows = _jobs(jobs, platform, places, begin)
    job_rows["phase"], job_rows["phases"] = spans[:-1], spans[1:]

    def seconds(name: str) -> Floats:
        """A time of each job."""
        return np.array([(job[name] - begin).total_seconds() if job[name] else np.nan for job in jobs], np.float64)

    started, ended = seconds("started"), seconds("ended")
    return Jobs(
        begin=begin,
        end=end,
        rows=job_rows,
        phases=rows(
            PHASE,
            len(phases),
            tasks=[phase.tasks for phase in phases],
            task_seconds=[phase.task_seconds for phase in phases],
            longest=[phase.longest_task_seconds for phase in phases],
            spread=[phase.spread for phase in phases],
            driver=[phase.driver_seconds for phase in phases],
        ),
        wanted=np.array(
            [
                job["maximum_executors"] or _wanted(job, int(slots))
                for job, slots in zip(jobs, job_rows["slots"], strict=True)
            ],
            np.int64,
        ),
        least=np.array([job["minimum_executors"] or 0 for job in jobs], np.int64),
        peak=np.array([job["peak_executors"] or 0 for job in jobs], np.int64),
        started=started,
        ended=ended,
        jobs=tuple(job["job"] for job in jobs),
        names=tuple(job["name"] for job in jobs),
        asked=np.array([job["submitted"] is not None for job in jobs], np.bool_),
        deadline=seconds("deadline"),
    )


def holding_more(table: pa.Table, platform: Platform) -> list[str]:
    """Of each queue whose jobs hold more executors than it has room for at its maximum, a sentence.

    The replay gives them what there is, as Spark makes do with; the platform's admission refuses such a job.

    Args:
        table: the trace, of queues of this platform alone.
        platform: whose queues they are.
    """
    found: dict[str, list[str]] = {}
    for job in runs(table.filter(pc.greater(table["minimum_executors"], 0))):
        queue = platform.queues[job["queue"]]
        if job["pool"] and job["pool"] not in queue.pools:
            continue
        pool = _pool(job, queue)
        room = pool.maximum * pool.holds(*_sizes(job, queue)[2:])
        if job["minimum_executors"] > room:
            found.setdefault(queue.namespace, []).append(f"{job['job']} ({job['minimum_executors']}, room for {room})")
    return [
        f"{name}: jobs hold more executors than the queue's maximum has room for, and are replayed with what there is: "
        f"{_some(jobs)}; give it a higher maxNodes, or them fewer"
        for name, jobs in sorted(found.items())
    ]


@dataclass(frozen=True)
class _Places:
    """Positions of queues and pools among the rows."""

    queues: dict[str, int]
    pools: dict[str, Pool]

    @classmethod
    def of(cls, platform: Platform) -> _Places:
        declared = in_order(platform)
        return cls(
            {queue.namespace: position for position, queue in enumerate(declared)},
            {pool.identity: pool for queue in declared for _, pool in sorted(queue.pools.items())},
        )

    def pool(self, identity: str) -> int:
        return list(self.pools).index(identity) + DRIVER_POOL + 1


def _asked(job: Mapping[str, Any]) -> datetime:
    """When a run was asked for, as far as the trace knows."""
    asked: datetime = job["submitted"] or job["started"]
    return asked


def _pool(job: Mapping[str, Any], queue: Queue) -> Pool:
    return queue.pools[job["pool"] or queue.default_pool]


def _sizes(job: Mapping[str, Any], queue: Queue) -> tuple[int, int, int, int]:
    """CPU and memory of the driver and of an executor: the queue's own where the trace says none."""
    shape = _pool(job, queue).shape
    return (
        job["driver_cpu"] or queue.driver.cpu,
        job["driver_memory"] or queue.driver.memory,
        job["executor_cpu"] or shape.core_request,
        job["executor_memory"] or shape.memory + shape.memory_overhead,
    )


def _problems(jobs: Sequence[Mapping[str, Any]], platform: Platform) -> Iterator[str]:
    """What no replay could run, by kind."""
    elsewhere = sorted({job["queue"] for job in jobs} - set(platform.queues))
    if elsewhere:
        there = ", ".join(sorted(platform.queues)) or "none"
        yield f"no stack declares the queue {_some(elsewhere)}; {platform.stack} has {there}"
    known = [job for job in jobs if job["queue"] in platform.queues]
    strange = sorted(
        {f"{j['queue']}/{j['pool']}" for j in known if j["pool"] and j["pool"] not in platform.queues[j["queue"]].pools}
    )
    if strange:
        yield f"no stack declares the pool {_some(strange)}"
        return
    large, greedy = [], []
    for job in known:
        queue = platform.queues[job["queue"]]
        driver_cpu, driver_memory, cpu, memory = _sizes(job, queue)
        usable = _pool(job, queue).usable
        if cpu > usable.cpu or memory > usable.memory:
            large.append(
                f"{job['job']} ({_size(cpu, memory)}; {queue.namespace} has {_size(usable.cpu, usable.memory)})"
            )
        drivers = platform.drivers.usable
        if driver_cpu > drivers.cpu or driver_memory > drivers.memory:
            greedy.append(f"{job['job']} ({_size(driver_cpu, driver_memory)})")
    if large:
        yield f"executors fit no node of their pool: {_some(large)}; give the pool larger nodes"
    if greedy:
        yield f"drivers fit no node of the driver pool: {_some(greedy)}"


def _size(cpu: int, memory: int) -> str:
    return f"{format_cpu(cpu)} CPU, {memory >> 20} MiB"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _stages(job: Mapping[str, Any]) -> list[Stage]:
    return [Stage(**{**stage, "after": tuple(stage["after"])}) for stage in job["stages"]]


def _coarse(job: Mapping[str, Any]) -> list[Phase]:
    """Of a run without stages: as much work as its executors were busy, in tasks that fill them once."""
    seconds = (job["ended"] - job["started"]).total_seconds()
    executors = job["peak_executors"] or job["requested_executors"] or 1
    slots = job["task_slots"] or 1
    work = job["busy_seconds"] or job["executor_seconds"] or executors * seconds
    tasks = executors * slots
    return [
        Phase(
            tasks=tasks,
            task_seconds=min(work * slots, tasks * seconds),
            longest_task_seconds=seconds,
            spread=1.0,
            driver_seconds=0.0,
        )
    ]


def _phases(jobs: Sequence[Mapping[str, Any]]) -> tuple[list[Phase], list[int]]:
    """All jobs' phases, and where each job's begin."""
    phases: list[Phase] = []
    spans = [0]
    for job in jobs:
        phases.extend(phases_of(_stages(job)) if job["stages"] else _coarse(job))
        spans.append(len(phases))
    return phases, spans


def _jobs(jobs: Sequence[Mapping[str, Any]], platform: Platform, places: _Places, begin: datetime) -> Any:  # noqa: ANN401
    position = {job["job"]: index for index, job in enumerate(jobs)}
    found = rows(JOB_ROW, len(jobs), first_follower=-1, next_follower=-1)
    for index, job in enumerate(jobs):
        queue = platform.queues[job["queue"]]
        pool = _pool(job, queue)
        driver_cpu, driver_memory, cpu, memory = _sizes(job, queue)
        row = found[index]
        row["queue"], row["pool"] = places.queues[queue.namespace], places.pool(pool.identity)
        row["backfill"] = bool(job["backfill"]) and queue.sharing.backfill
        row["gang"] = bool(job["gang"]) and queue.sharing.order == "fifo"
        row["driver_cpu"], row["driver_memory"], row["cpu"], row["memory"] = driver_cpu, driver_memory, cpu, memory
        row["slots"] = job["task_slots"] or max(1, cpu // 1000)
        before = position.get(job["after"]) if job["after"] else None
        if before is None:
            row["submitted"] = (_asked(job) - begin).total_seconds()
        else:
            row["submitted"] = -1.0
            row["gap"] = max(0.0, (_asked(job) - jobs[before]["ended"]).total_seconds())
            row["next_follower"] = found[before]["first_follower"]
            found[before]["first_follower"] = index
    return found


def _wanted(job: Mapping[str, Any], slots: int) -> int:
    """Executors that a run could use at once."""
    widest = max((-(-phase.tasks // slots) for phase in phases_of(_stages(job))), default=0)
    return int(job["requested_executors"] or widest or job["peak_executors"] or 1)
