"""Reads and writes traces, and says what is wrong with one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from capacity.errors import CapacityError
from capacity.traces.schema import LATER, SCHEMA, VERSION, Run

_ROWS: Final = 10_000
"""Of a row group, which is what writing and reading hold in memory."""
_WRITING: Final[Mapping[str, Any]] = MappingProxyType({"compression": "zstd", "write_page_checksum": True})
"""With checksums, so that what a disk or a network changed isn't read as something else."""
_SHOWN: Final = 5
"""Rows named in one finding."""
MOST_YEARS: Final = 11
"""That a trace may last: a replay looks at each hour of it."""
_YEAR: Final = 365.25 * 86400
_OF_STAGES: Final = ("tasks", "task_seconds", "longest_task_seconds", "spread", "driver_seconds")
_COUNTS: Final = tuple(
    field.name for field in SCHEMA if pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
)


def table_of(runs: Iterable[Run]) -> pa.Table:
    """Runs as a table of the trace's columns.

    Raises:
        CapacityError: a run has a number that a column can't hold.
    """
    rows = [{**vars(run), "stages": [vars(stage) for stage in run.stages]} for run in runs]
    try:
        return pa.Table.from_pylist(rows, schema=SCHEMA)
    except (pa.ArrowInvalid, OverflowError):
        wrong = [row["job"] for row in rows if not _holds(row)]
        raise CapacityError([f"a number is too large for a trace in {_some(wrong)}; look at its sizes"]) from None


def _holds(row: dict[str, Any]) -> bool:
    try:
        pa.Table.from_pylist([row], schema=SCHEMA)
    except (pa.ArrowInvalid, OverflowError):
        return False
    return True


def table_of_all(runs: Iterable[Run]) -> pa.Table:
    """The same of many: only the table of them is held in memory, not the runs."""
    remaining = iter(runs)
    parts = []
    while rows := list(islice(remaining, _ROWS)):
        parts.append(table_of(rows))
    return pa.concat_tables(parts) if parts else SCHEMA.empty_table()


def write(runs: Iterable[Run], path: Path) -> int:
    """Writes a trace, wholly or not at all.

    Args:
        runs: taken one by one: memory doesn't grow with them.
        path: a Parquet file, which is replaced.

    Returns:
        how many runs were written.
    """
    remaining, count = iter(runs), 0
    with _replaced(path) as part, pq.ParquetWriter(part, SCHEMA, **_WRITING) as file:
        while rows := list(islice(remaining, _ROWS)):
            file.write_table(table_of(rows))
            count += len(rows)
    return count


def write_table(table: pa.Table, path: Path) -> None:
    """Writes a table of the trace's columns, wholly or not at all."""
    with _replaced(path) as part:
        pq.write_table(table.cast(SCHEMA), part, row_group_size=_ROWS, **_WRITING)


def read(path: Path) -> pa.Table:
    """A trace's rows, in order of their start.

    Raises:
        CapacityError: it can't be read, has other columns, or `problems` has something to say.
    """
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        version = (file.schema_arrow.metadata or {}).get(b"elastic-spark-trace", b"").decode()
        found = file.schema_arrow
        known = pa.schema([field for field in SCHEMA if field.name in found.names or field.name not in LATER])
        if version != VERSION or found.names != known.names or found.types != known.types:
            raise CapacityError([_other_columns(path, found, version)])
        table = _with_all_columns(file.read())
        table.validate(full=True)
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise CapacityError([f"{path} is no trace that can be read: {error}"]) from error
    if found := problems(table):
        raise CapacityError(f"{path}: {problem}" for problem in found)
    return table.sort_by([("started", "ascending"), ("job", "ascending")])


def _with_all_columns(table: pa.Table) -> pa.Table:
    """A trace with the columns that it was written without, empty."""
    columns = [
        table[field.name] if field.name in table.column_names else pa.nulls(table.num_rows, field.type)
        for field in SCHEMA
    ]
    return pa.table(columns, schema=SCHEMA)


def runs(table: pa.Table) -> Iterator[dict[str, Any]]:
    """A trace's rows one by one, with the columns' names."""
    for batch in table.to_batches(max_chunksize=_ROWS):
        yield from batch.to_pylist()


def problems(table: pa.Table) -> list[str]:
    """What is wrong with a trace, a sentence each; nothing where it can be replayed.

    Jobs that follow one that the trace doesn't hold are fine: every trace begins somewhere.
    """
    if not table.num_rows:
        return ["there is no job in it; import some first (`fleet capacity import --help`)"]
    if nothing := [field.name for field in SCHEMA if not field.nullable and table[field.name].null_count]:
        return [f"`{name}` is empty in a row; each has one" for name in nothing]
    found = []
    jobs = table["job"].combine_chunks()
    counted = pc.value_counts(jobs)
    if twice := pc.filter(counted.field(0), pc.greater(counted.field(1), 1)).to_pylist():
        found.append(f"several runs have the same `job`: {_some(twice)}; it identifies one run")
    for earlier, later in (("started", "ended"), ("submitted", "started")):
        backwards = pc.fill_null(pc.less(table[later], table[earlier]), False)
        if names := jobs.filter(backwards.combine_chunks()).to_pylist():
            found.append(f"time goes backwards: `{later}` is before `{earlier}` of {_some(names)}")
    for column in _COUNTS:
        negative = pc.fill_null(pc.less(table[column], 0), False)
        if names := jobs.filter(negative.combine_chunks()).to_pylist():
            found.append(f"`{column}` is negative of {_some(names)}")
        if pa.types.is_floating(table[column].type):
            infinite = pc.invert(pc.fill_null(pc.is_finite(table[column]), True))
            if names := jobs.filter(infinite.combine_chunks()).to_pylist():
                found.append(f"`{column}` is no number of {_some(names)}")
    if names := _with_strange_stages(table, jobs.to_pylist()):
        found.append(f"a stage has a negative number, or what is none, in {_some(names)}")
    if long := _too_long(table):
        found.append(long)
    if names := _with_stages_in_disorder(table, jobs.to_pylist()):
        found.append(f"a stage waits for itself or for a later one in {_some(names)}; list stages as they began")
    if circle := _circle(jobs.to_pylist(), table["after"].to_pylist()):
        found.append(f"jobs follow each other in a circle (`after`): {' -> '.join(circle)}")
    return found


def filled(table: pa.Table) -> list[str]:
    """The columns that say something of at least one run."""
    return [name for name in table.column_names if _says_something(table[name])]


def _says_something(column: pa.ChunkedArray) -> bool:
    if pa.types.is_list(column.type):
        return bool(pc.any(pc.greater(pc.list_value_length(column), 0)).as_py())
    return bool(column.null_count < len(column))


def _with_strange_stages(table: pa.Table, jobs: Sequence[str]) -> list[str]:
    """Runs with a stage whose numbers are negative, infinite or not a number."""
    stages = table["stages"].combine_chunks()
    rows = np.repeat(np.arange(len(jobs)), np.asarray(pc.list_value_length(stages), dtype=np.int64))
    values, wrong = stages.flatten(), np.zeros(len(rows), np.bool_)
    for name in _OF_STAGES:
        numbers = values.field(name).to_numpy(zero_copy_only=False)
        wrong |= ~(np.isfinite(numbers) & (numbers >= 0))
    return [jobs[row] for row in np.unique(rows[wrong])]


def _too_long(table: pa.Table) -> str:
    """What is to be said of a trace over so many years that a time in it must be wrong; else nothing."""
    asked, ended = pc.coalesce(table["submitted"], table["started"]), table["ended"]
    ends = pc.min(asked).cast(pa.int64()).as_py(), pc.max(ended).cast(pa.int64()).as_py()
    years = (ends[1] - ends[0]) / 1e6 / _YEAR
    if years <= MOST_YEARS:
        return ""
    first, last = (
        table["job"][pc.index(times, end(times)).as_py()] for times, end in ((asked, pc.min), (ended, pc.max))
    )
    return f"it lasts {years:,.0f} years, from {first} to {last}, and {MOST_YEARS} are the most: look at their times"


def _with_stages_in_disorder(table: pa.Table, jobs: Sequence[str]) -> list[str]:
    """Runs with a stage that waits for itself, for a later one, or for one that isn't there."""
    stages = table["stages"].combine_chunks()
    counts = np.asarray(pc.list_value_length(stages), dtype=np.int64)
    after = stages.flatten().field("after")
    positions = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    waits = np.asarray(pc.list_value_length(after), dtype=np.int64)
    targets = np.asarray(after.flatten(), dtype=np.int64)
    wrong = (targets >= np.repeat(positions, waits)) | (targets < 0)
    rows = np.repeat(np.repeat(np.arange(len(jobs)), counts), waits)
    return [jobs[row] for row in np.unique(rows[wrong])]


def _circle(jobs: Sequence[str], after: Sequence[str | None]) -> list[str]:
    """One circle of jobs that follow each other, first and last alike; empty where there is none."""
    follows = {job: before for job, before in zip(jobs, after, strict=True) if before is not None}
    done: set[str] = set()
    for start in follows:
        chain: list[str] = []
        seen: set[str] = set()
        job: str | None = start
        while job is not None and job not in done and job not in seen:
            chain.append(job)
            seen.add(job)
            job = follows.get(job)
        if job in seen:
            return [*chain[chain.index(job) :], job] if job is not None else []
        done.update(chain)
    return []


def _other_columns(path: Path, found: pa.Schema, version: str) -> str:
    missing = [name for name in SCHEMA.names if name not in found.names]
    if not version:
        what = f"it has no column {_some(missing)}" if missing else "its metadata don't say that it is one"
        return f"{path} is no trace: {what}; `fleet capacity import csv` reads tables of your own"
    if version != VERSION:
        return f"{path} is a trace of version {version}, and this program reads {VERSION}: import it again"
    other = [f.name for f in SCHEMA if f.name in found.names and found.field(f.name).type != f.type]
    return f"{path} is no trace as docs/traces.md describes it: look at {_some([*missing, *other]) or 'its order'}"


def _some(names: Sequence[str]) -> str:
    """The first names of several."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """A path beside another one, which it replaces when all went well; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
