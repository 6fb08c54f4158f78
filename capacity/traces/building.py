"""A trace from what an importer found: written whole, joined onto an earlier one, with `after` inferred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from capacity.errors import CapacityError
from capacity.traces import files
from capacity.traces.following import with_inferred_after
from capacity.traces.placing import Queues, placed
from capacity.traces.run import Run
from capacity.traces.schema import SCHEMA

_KEPT: Final = ("queue", "job", "name", "started", "ended")
"""Columns of which an earlier trace is not corrected."""


_ROWS: Final = 1000
"""Held as Python's values at a time."""


@dataclass(frozen=True)
class Built:
    """What was written: runs in all, those that an earlier trace had, and those whose `after` was inferred."""

    runs: int
    joined: int
    following: int


def build(runs: Iterable[Run], queues: Queues, out: Path, *, onto: Path | None = None, after: bool = True) -> Built:
    """Writes a trace.

    Args:
        runs: in their source's own places.
        queues: that these stand for.
        out: where to; what is there is replaced once all went well.
        onto: a trace that they are joined onto: runs of the same `job` fill what it doesn't say, others are added.
        after: whether to infer which job follows which.

    Raises:
        CapacityError: there is no run, some have no queue, or the trace has something wrong in it.
    """
    there = files.read(onto) if onto else None
    found = placed(runs, queues)
    first = next(found, None)
    if first is None:
        raise CapacityError(
            ["no run of a job was found, so no trace is written; docs/traces.md says what each source is exported as"]
        )
    table = files.table_of_all(chain([first], found))
    joined = 0
    if there is not None:
        table, joined = _joined(there, table)
    inferred = 0
    if after:
        given = table["after"].null_count
        table = with_inferred_after(table)
        inferred = given - table["after"].null_count
    if wrong := files.problems(table):
        raise CapacityError(wrong)
    files.write_table(table, out)
    return Built(table.num_rows, joined, inferred)


def _joined(there: pa.Table, new: pa.Table) -> tuple[pa.Table, int]:
    """Both as one table, and how many runs are in both."""
    added = {row["job"]: row for row in files.runs(new)}
    count = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal count
        for row in files.runs(there):
            more = added.pop(str(row["job"]), None)
            count += more is not None
            yield _filled(row, more) if more else row
        yield from added.values()

    remaining = rows()
    parts = []
    while some := list(islice(remaining, _ROWS)):
        parts.append(pa.Table.from_pylist(some, schema=SCHEMA))
    return pa.concat_tables(parts), count


def _filled(row: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """A run with what another source says of it beside."""
    filled = {name: value if value not in (None, []) or name in _KEPT else more[name] for name, value in row.items()}
    sources = row["source"].split(" + ")
    return {**filled, "source": " + ".join([*sources, *({more["source"]} - {*sources})])}
