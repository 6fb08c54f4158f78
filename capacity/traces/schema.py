"""The trace: a Parquet file with a row for each run of a job. docs/traces.md says it for people."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from capacity.traces.run import Run, Stage

__all__ = ["SCHEMA", "VERSION", "Run", "Stage"]

VERSION: Final = "1"
"""Of the columns' meaning; a reader refuses others."""


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
        pa.field("backfill", pa.bool_()),
        pa.field("gang", pa.bool_()),
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
LATER: Final = ("backfill", "gang")
"""Columns that came after the first traces of this version; one without them is read as if nothing were known."""
