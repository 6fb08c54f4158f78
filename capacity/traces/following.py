"""Which job follows which, where nobody says so: from starts that come right after ends, again and again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capacity.traces.schema import SCHEMA

WINDOW: Final = timedelta(minutes=5)
"""Between an end and what follows it: the time in which a scheduler notices, and the old cluster makes room."""
LEAST_RUNS: Final = 4
LEAST_SUPPORT: Final = 0.8
MOST_CHANCE: Final = 0.25
"""Share of all time that is right after some end of the other job: more, and it would come before anything."""


@dataclass(frozen=True)
class Followed:
    """A job that another one follows, by their names, and how often it does."""

    name: str
    support: float
    gap: float


def with_inferred_after(table: pa.Table) -> pa.Table:
    """A trace whose runs follow others where their jobs do so regularly, with `after_support`; what is given stays.

    A job follows another one of its queue if at least `LEAST_SUPPORT` of its runs, and `LEAST_RUNS`, start within
    `WINDOW` after a run of the other ended, and if that is no accident: the other job's ends are rare. Of several it is
    the one with the most support, then the one whose ends are nearest.
    """
    if not table.num_rows:
        return table
    began = _microseconds(table, "submitted", table["started"])
    ended = _microseconds(table, "ended")
    queues, names, jobs = (table[column].to_pylist() for column in ("queue", "name", "job"))
    given: list[str | None] = table["after"].to_pylist()
    support: list[float | None] = table["after_support"].to_pylist()
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, key in enumerate(zip(queues, names, strict=True)):
        rows[key].append(row)
    by_end = {key: np.array(sorted(of, key=lambda row: ended[row]), dtype=np.int64) for key, of in rows.items()}
    span = max(int(ended.max() - began.min()), 1)
    for (queue, name), of in rows.items():
        if len(of) < LEAST_RUNS or any(given[row] for row in of):
            continue
        starts = began[of]
        best: Followed | None = None
        before: np.ndarray[Any, Any] | None = None
        for (other_queue, other), ends_of in by_end.items():
            if other_queue != queue or other == name or len(ends_of) < LEAST_RUNS:
                continue
            found = _before(starts, ended[ends_of])
            gaps = starts - ended[ends_of][found]
            near = (found >= 0) & (gaps <= WINDOW // timedelta(microseconds=1))
            share = float(near.mean())
            if near.sum() < LEAST_RUNS or share < LEAST_SUPPORT or _chance(ended[ends_of], span) > MOST_CHANCE:
                continue
            one = Followed(other, share, float(np.median(gaps[near])))
            if best is None or (one.support, -one.gap) > (best.support, -best.gap):
                best, before = one, np.where(near, ends_of[found], -1)
        if best is None or before is None:
            continue
        for row, earlier in zip(of, before, strict=True):
            if earlier >= 0:
                given[row], support[row] = jobs[earlier], best.support
    columns = {"after": pa.array(given, pa.string()), "after_support": pa.array(support, pa.float64())}
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), SCHEMA.field(name), values)
    return table


def _before(starts: np.ndarray[Any, Any], ends: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Of each start the position of the last end before it; -1 where there is none."""
    return np.searchsorted(ends, starts, side="right") - 1


def _chance(ends: np.ndarray[Any, Any], span: int) -> float:
    """The share of the trace's time that is within the window after an end."""
    window = WINDOW // timedelta(microseconds=1)
    return float(np.minimum(np.diff(ends), window).sum() + window) / span


def _microseconds(table: pa.Table, column: str, otherwise: pa.ChunkedArray | None = None) -> np.ndarray[Any, Any]:
    values = table[column]
    if otherwise is not None:
        values = pc.coalesce(values, otherwise)
    return np.asarray(values.cast(pa.int64()), dtype=np.int64)
