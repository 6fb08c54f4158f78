"""Runs from tables of one's own: CSV, a run a line, with the trace's column names."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TextIO
from zoneinfo import ZoneInfo

from capacity.errors import CapacityError
from capacity.traces.job_names import common_name
from capacity.traces.run import Run
from capacity.traces.schema import SCHEMA
from capacity.traces.spark_sizes import bytes_of
from capacity.traces.times import moment

SOURCE: Final = "csv"
COLUMNS: Final = tuple(name for name in SCHEMA.names if name not in ("stages", "source"))
REQUIRED: Final = ("name", "started", "ended")
_TIMES: Final = ("submitted", "deadline", "started", "ended")
_MEMORY: Final = ("driver_memory", "executor_memory")
_WHOLE: Final = (
    *("driver_cpu", "executor_cpu", "task_slots", "requested_executors", "peak_executors"),
    *("minimum_executors", "maximum_executors"),
)
_FRACTIONS: Final = ("after_support", "executor_seconds", "busy_seconds")
_SWITCHES: Final = ("backfill", "gang")
_SAID: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_SHOWN: Final = 10


def runs_of_table(
    file: TextIO, *, columns: Mapping[str, str], zone: ZoneInfo | None, source: str = SOURCE
) -> Iterator[Run]:
    """The runs of a table.

    A line without `job` is called after its name and start. Memory may have a unit, such as `8g`.

    Args:
        file: text, opened with `newline=""`.
        columns: the table's name of each of the trace's columns that it calls otherwise.
        zone: of times without one.
        source: as the trace shall say it.

    Raises:
        CapacityError: columns are missing, or lines can't be read: at the end, all of these at once.
    """
    reader = csv.DictReader(file)
    try:
        there = reader.fieldnames or ()
    except (csv.Error, UnicodeDecodeError) as error:
        raise CapacityError([f"its header can't be read: {error}; a table is CSV in UTF-8"]) from error
    named = {column: columns.get(column, column) for column in COLUMNS}
    if wrong := _wrong_columns(columns, there, named):
        raise CapacityError(wrong)
    findings: list[str] = []
    count = 0
    try:
        for line in reader:
            values = {column: (line.get(name) or "").strip() for column, name in named.items()}
            found, bad = _fields(values, zone)
            if bad:
                count += 1
                if len(findings) < _SHOWN:
                    findings.append(f"line {reader.line_num}: {'; '.join(bad)}")
            else:
                yield Run(source=source, **found)
    except (csv.Error, UnicodeDecodeError) as error:
        raise CapacityError([f"line {reader.line_num + 1} can't be read: {error}; a table is CSV in UTF-8"]) from error
    if count > len(findings):
        findings.append(f"and {count - len(findings)} more lines")
    if findings:
        raise CapacityError(findings)


def _wrong_columns(columns: Mapping[str, str], there: Iterable[str], named: Mapping[str, str]) -> list[str]:
    there = set(there)
    wrong = [
        f"there is no column {name!r} in a trace; there are: {', '.join(COLUMNS)}"
        for name in columns
        if name not in COLUMNS
    ]
    wrong += [f"the table has no column {name!r}" for name in columns.values() if name not in there]
    wrong += [
        f"the table has no column {named[name]!r}; if another one is the `{name}`, say --column {name}=ITS-NAME"
        for name in REQUIRED
        if named[name] not in there and name not in columns
    ]
    return wrong


def _fields(values: Mapping[str, str], zone: ZoneInfo | None) -> tuple[dict[str, Any], list[str]]:
    """A run's fields, and what is wrong with them."""
    found: dict[str, Any] = {}
    bad: list[str] = []
    for column, text in values.items():
        if not text:
            if column in REQUIRED:
                bad.append(f"`{column}` is empty")
            continue
        try:
            found[column] = _value(column, text, zone)
        except ValueError as error:
            bad.append(f"`{column}`: {error}")
    if not bad:
        started: datetime = found["started"]
        found.setdefault("job", f"{found['name']}@{started:%Y-%m-%dT%H:%M:%S}")
        found["name"] = common_name(found["name"])
        found.setdefault("queue", "")
    return found, bad


def _value(column: str, text: str, zone: ZoneInfo | None) -> object:
    if column in _TIMES:
        return moment(text, zone)
    if column in _MEMORY:
        size = bytes_of(text, 1)
        if size is None or size > _most(column):
            raise ValueError(f"{text!r} is no size, such as 8g or bytes")
        return size
    if column in _WHOLE:
        if not text.isdecimal() or int(text) > _most(column):
            raise ValueError(f"{text!r} is no whole number from 0 to {_most(column):,}")
        return int(text)
    if column in _FRACTIONS:
        return _fraction(text)
    if column in _SWITCHES:
        if text.lower() not in _SAID:
            raise ValueError(f"{text!r} is neither true nor false")
        return _SAID[text.lower()]
    return text


def _fraction(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found < math.inf:
        raise ValueError(f"{text!r} is no number of 0 or more")
    return found


def _most(column: str) -> int:
    """The largest number that a column holds."""
    return int(2 ** (SCHEMA.field(column).type.bit_width - 1) - 1)
