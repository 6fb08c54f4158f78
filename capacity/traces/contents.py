"""What a trace holds, and how fine an answer it can give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from capacity.traces.emr_nodes import NODES
from capacity.traces.event_logs.extraction import PARTIAL
from capacity.traces.files import filled

_AT_ONCE: Final = ("requested_executors", "peak_executors")


@dataclass(frozen=True)
class OfQueue:
    """A queue's share of a trace; `executor_hours` is `None` where no run says."""

    queue: str
    runs: int
    jobs: int
    executor_hours: float | None


@dataclass(frozen=True)
class Contents:
    """A trace in short.

    Args:
        runs: how many.
        jobs: names in queues.
        first, last: its first start and last end.
        queues: by name.
        filled: of each column that is said of some runs, the share of these.
        empty: columns that nothing is said of.
        coarseness: what can't be answered well, a sentence each.
    """

    runs: int
    jobs: int
    first: datetime
    last: datetime
    queues: tuple[OfQueue, ...]
    filled: Mapping[str, float]
    empty: tuple[str, ...]
    coarseness: tuple[str, ...]

    @property
    def weeks(self) -> float:
        """Between its first start and its last end."""
        return (self.last - self.first).total_seconds() / (7 * 86400)


def contents(table: pa.Table) -> Contents:
    """What a trace that can be replayed holds (`files.read`)."""
    said = filled(table)
    shares = {name: _share(table[name]) for name in table.column_names}
    grouped = table.select(["queue", "name", "executor_seconds"]).group_by("queue")
    rows = grouped.aggregate([("name", "count"), ("name", "count_distinct"), ("executor_seconds", "sum")]).to_pylist()
    queues = tuple(
        OfQueue(
            row["queue"],
            row["name_count"],
            row["name_count_distinct"],
            None if row["executor_seconds_sum"] is None else row["executor_seconds_sum"] / 3600,
        )
        for row in sorted(rows, key=lambda row: row["queue"])
    )
    return Contents(
        runs=table.num_rows,
        jobs=sum(row.jobs for row in queues),
        first=pc.min(table["started"]).as_py(),
        last=pc.max(table["ended"]).as_py(),
        queues=queues,
        filled={name: shares[name] for name in said},
        empty=tuple(name for name in table.column_names if name not in said),
        coarseness=tuple(_coarseness(table, shares)),
    )


def _share(column: pa.ChunkedArray) -> float:
    if pa.types.is_list(column.type):
        return float(pc.mean(pc.greater(pc.list_value_length(column), 0).cast(pa.float64())).as_py())
    return 1 - int(column.null_count) / len(column)


def _part(rows: pa.ChunkedArray) -> float:
    """The share of rows of which it is true."""
    return float(pc.mean(rows.cast(pa.float64())).as_py())


def _coarseness(table: pa.Table, shares: Mapping[str, float]) -> list[str]:
    said = []
    if shares["stages"] < 1:
        said.append(
            f"{1 - shares['stages']:.0%} of the runs have no stages: how much longer they take with fewer executors "
            "can only be guessed from their executor-seconds. Event logs have them."
        )
    if shares["submitted"] < 1:
        said.append(
            f"{1 - shares['submitted']:.0%} of the runs don't say when they were submitted: the old cluster's queueing "
            "is in their start. YuniKorn, YARN and Airflow know it (--onto)."
        )
    most = pc.fill_null(pc.or_kleene(*(pc.is_valid(table[name]) for name in _AT_ONCE)), False)
    narrow = pc.and_(pc.invert(most), pc.equal(pc.list_value_length(table["stages"]), 0))
    nothing = pc.and_(narrow, pc.is_null(table["executor_seconds"]))
    if shares["executor_seconds"] < 1:
        said.append(f"{1 - shares['executor_seconds']:.0%} of the runs don't say what they used.")
    if (alone := _part(nothing)) > 0:
        said.append(
            f"{alone:.0%} of the runs say nothing of executors: replays give each one executor, which is too little to "
            "size a queue by. Of YARN's runs, --executor-memory makes the import know more."
        )
    if (averaged := _part(pc.and_not(narrow, nothing))) > 0:
        said.append(
            f"{averaged:.0%} of the runs don't say how many executors they had at once: replays take their average, so "
            "peaks were higher."
        )
    if count := pc.sum(pc.match_substring(table["source"], PARTIAL).cast(pa.int64())).as_py():
        said.append(f"{count} runs were recorded from somewhere in their middle: they were longer than they seem.")
    if count := pc.sum(pc.match_substring(table["source"], NODES).cast(pa.int64())).as_py():
        said.append(
            f"Of {count / table.num_rows:.0%} of the runs it is only known for how many executors their cluster's "
            "nodes had room: they may have used less. Event logs know it."
        )
    return said
