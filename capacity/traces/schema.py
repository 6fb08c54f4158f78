"""The trace: a Parquet file with a row for each run of a job. docs/traces.md says it for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import pyarrow as pa

VERSION: Final = "1"
"""Of the columns' meaning; a reader refuses others."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Tasks that may run side by side.

    Args:
        tasks: how many.
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
        source: of which importer.
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


_TIME: Final = pa.timestamp("us", tz="UTC")
_STAGE: Final = pa.struct(
    [
        pa.field("tasks", pa.int32(), nullable=False),
        pa.field("task_seconds", pa.float64(), nullable=False),
        pa.field("longest_task_seconds", pa.float64(), nullable=False),
        pa.field("spread", pa.float64(), nullable=False),
        pa.field("driver_seconds", pa.float64(), nullable=False),
        pa.field("after", pa.list_(pa.int32()), nullable=False),
    ]
)
SCHEMA: Final = pa.schema(
    [
        pa.field("queue", pa.string(), nullable=False),
        pa.field("pool", pa.string()),
        pa.field("job", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("user", pa.string()),
        pa.field("submitted", _TIME),
        pa.field("after", pa.string()),
        pa.field("after_support", pa.float64()),
        pa.field("deadline", _TIME),
        pa.field("started", _TIME, nullable=False),
        pa.field("ended", _TIME, nullable=False),
        pa.field("driver_cpu", pa.int32()),
        pa.field("driver_memory", pa.int64()),
        pa.field("executor_cpu", pa.int32()),
        pa.field("executor_memory", pa.int64()),
        pa.field("task_slots", pa.int32()),
        pa.field("requested_executors", pa.int32()),
        pa.field("peak_executors", pa.int32()),
        pa.field("minimum_executors", pa.int32()),
        pa.field("maximum_executors", pa.int32()),
        pa.field("executor_seconds", pa.float64()),
        pa.field("busy_seconds", pa.float64()),
        pa.field("stages", pa.list_(_STAGE), nullable=False),
        pa.field("source", pa.string(), nullable=False),
    ],
    metadata={"elastic-spark-trace": VERSION},
)
"""The columns are the fields of `Run`, in their order (a test holds both together)."""
