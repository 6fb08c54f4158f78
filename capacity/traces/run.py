"""One run of a job, as all importers give it. Needs the standard library alone: extraction also runs inside Spark."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Tasks that may run side by side.

    Args:
        tasks: how many; 0 of a last entry that stands for what the driver did after its last task.
        task_seconds: of all of them together, on one slot.
        longest_task_seconds: of the longest, which no number of executors makes shorter.
        spread: standard deviation of the tasks' seconds, as a share of their mean.
        driver_seconds: for which no task of the job ran before this stage began: the driver's own work.
        after: positions, in the job's list, of the stages that it waits for.
    """

    tasks: int
    task_seconds: float
    longest_task_seconds: float
    spread: float = 0.0
    driver_seconds: float = 0.0
    after: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a job. `None`: the source doesn't say. Times have a zone; memory is in bytes, CPU in millicores.

    Args:
        queue: the queue's namespace, `<tenant>-<queue>`.
        pool: the queue's pool its executors run on; `None` for the queue's default.
        job: identifies the run in the trace.
        name: what the job's runs have in common.
        user: who ran it.
        submitted: when it was asked for. Event logs don't hold it, and `started` has the old cluster's queueing in it.
        after: the run, by `job`, that this one followed: it starts when that one ends.
        after_support: where `after` was inferred: the share of the job's runs that came right after the other job's.
        deadline: by when it must have ended.
        backfill: whether it waited for all others of its queue.
        gang: whether its driver started only once its first executors had places too.
        started: when its driver started.
        ended: when it ended, well or not.
        driver_cpu, driver_memory: what its driver requests, overhead included.
        executor_cpu, executor_memory: what each executor requests, overhead included.
        task_slots: tasks that an executor runs at once.
        requested_executors: the most it wanted at once.
        peak_executors: the most it had at once.
        minimum_executors: that it holds while it runs; with as many as the maximum it is not dynamic.
        maximum_executors: that it may ask for.
        executor_seconds: sum of its executors' lives.
        busy_seconds: the same, weighted with the share of an executor's slots that had a task.
        stages: in the order in which they began; empty where the source knows none.
        source: of which importer; `(partial)` after it where the recording begins in the middle of the run.
    """

    queue: str
    pool: str | None = None
    job: str
    name: str
    user: str | None = None
    submitted: datetime | None = None
    after: str | None = None
    after_support: float | None = None
    deadline: datetime | None = None
    backfill: bool | None = None
    gang: bool | None = None
    started: datetime
    ended: datetime
    driver_cpu: int | None = None
    driver_memory: int | None = None
    executor_cpu: int | None = None
    executor_memory: int | None = None
    task_slots: int | None = None
    requested_executors: int | None = None
    peak_executors: int | None = None
    minimum_executors: int | None = None
    maximum_executors: int | None = None
    executor_seconds: float | None = None
    busy_seconds: float | None = None
    stages: tuple[Stage, ...] = field(default=())
    source: str
