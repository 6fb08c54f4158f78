"""What was measured of queues in a time: by a Prometheus, or in a table of one's own (docs/capacity.md)."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from capacity.errors import CapacityError

COLUMNS: Final = ("queue", "pool", "node_hours", "wait_p50", "wait_p95", "begin", "end")
"""Of a table. `node_hours` and the two waits may be empty."""
_SHOWN: Final = 10
"""Lines that can't be read, of which the rest is only counted."""


@dataclass(frozen=True, kw_only=True)
class Waits:
    """From the submission of a queue's jobs to their drivers' start, in seconds.

    Args:
        p50: half of the jobs waited no longer.
        p95: of 100 jobs, 95 waited no longer.
        jobs: how many were seen; `None` where nobody says.
    """

    p50: float
    p95: float
    jobs: int | None = None


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A stretch of time.

    Args:
        begin: its start.
        end: after `begin`.
        share: for how much of it there are measurements, evenly spread; 0 to 1.
    """

    begin: datetime
    end: datetime
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured.

    Args:
        slots: the time, without gaps, in order.
        node_hours: hours that nodes were in the cluster, by the queue's namespace and the pool's name in it.
        waits: by the queue's namespace.
        source: who says so, in words.
    """

    slots: tuple[Slot, ...]
    node_hours: Mapping[tuple[str, str], float] = field(default_factory=dict)
    waits: Mapping[str, Waits] = field(default_factory=dict)
    source: str

    @property
    def begin(self) -> datetime:
        """Of the first slot."""
        return self.slots[0].begin

    @property
    def end(self) -> datetime:
        """Of the last slot."""
        return self.slots[-1].end

    @property
    def covered(self) -> float:
        """The share of the time for which there are measurements."""
        return sum((slot.end - slot.begin) * slot.share / (self.end - self.begin) for slot in self.slots)


def read(path: Path) -> Measured:
    """A table of measurements, a line for each pool.

    All lines are of one time. Waits are a queue's: they stand on one line of it, or are the same on several.

    Args:
        path: CSV in UTF-8 with the header `COLUMNS`, in any order.

    Raises:
        CapacityError: it can't be read, or lines are wrong: all of these at once.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if sorted(rows.fieldnames or ()) != sorted(COLUMNS):
                raise CapacityError([f"{path}: its columns are to be {','.join(COLUMNS)}, each once; {_found(rows)}"])
            return _measured(path, [(rows.line_num, row) for row in rows])
    except OSError as error:
        raise CapacityError([f"{path} can't be read: {error.strerror or error}"]) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise CapacityError([f"{path} can't be read: {error}; measurements are CSV in UTF-8"]) from error


def _found(rows: csv.DictReader[str]) -> str:
    return f"found {','.join(rows.fieldnames)}" if rows.fieldnames else "found none"


@dataclass(frozen=True)
class _Line:
    """A line of the table that can be read."""

    pool: tuple[str, str]
    node_hours: float | None
    waits: Waits | None
    time: tuple[datetime, datetime]


def _measured(path: Path, rows: Iterable[tuple[int, Mapping[str, str]]]) -> Measured:
    findings: list[str] = []
    lines: list[_Line] = []
    node_hours: dict[tuple[str, str], float] = {}
    waits: dict[str, Waits] = {}
    for number, row in rows:
        try:
            line = _line(row)
            if line.pool in {one.pool for one in lines}:
                raise ValueError(f"the pool {line.pool[1]} of {line.pool[0]} is on an earlier line too; add both up")
            if lines and line.time != lines[0].time:
                raise ValueError("`begin` and `end` are not those of the first line; all lines are of one time")
            if line.waits and waits.setdefault(line.pool[0], line.waits) != line.waits:
                raise ValueError(
                    f"{line.pool[0]} has other waits on an earlier line; they are the queue's, not a pool's"
                )
        except ValueError as error:
            findings.append(f"{path}, line {number}: {error}")
            continue
        lines.append(line)
        if line.node_hours is not None:
            node_hours[line.pool] = line.node_hours
    if len(findings) > _SHOWN:
        findings[_SHOWN:] = [f"and {len(findings) - _SHOWN} more lines"]
    if not lines and not findings:
        findings = [f"{path}: there is no line in it"]
    if findings:
        raise CapacityError(findings)
    begin, end = lines[0].time
    return Measured(slots=(Slot(begin=begin, end=end),), node_hours=node_hours, waits=waits, source=str(path.name))


def _line(row: Mapping[str, str]) -> _Line:
    """A line.

    Raises:
        ValueError: what is wrong with it.
    """
    if None in row or None in row.values():
        raise ValueError("has more or fewer values than the header")
    values = {name: row[name].strip() for name in COLUMNS}
    if empty := [f"`{name}`" for name in ("queue", "pool", "begin", "end") if not values[name]]:
        raise ValueError(f"{', '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty")
    begin, end = (_time(name, values[name]) for name in ("begin", "end"))
    if end <= begin:
        raise ValueError(f"`end`: {values['end']} is not after `begin`, {values['begin']}")
    p50, p95 = (_amount(name, values[name]) for name in ("wait_p50", "wait_p95"))
    if (p50 is None) != (p95 is None):
        raise ValueError("`wait_p50` and `wait_p95` are both there or both empty")
    if p50 is not None and p95 is not None and p95 < p50:
        raise ValueError(f"`wait_p95`: {values['wait_p95']} is less than `wait_p50`, {values['wait_p50']}")
    return _Line(
        pool=(values["queue"], values["pool"]),
        node_hours=_amount("node_hours", values["node_hours"]),
        waits=None if p50 is None or p95 is None else Waits(p50=p50, p95=p95),
        time=(begin, end),
    )


def _time(column: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{column}`: {text!r} is no time, such as 2026-11-01T00:00Z") from None
    if found.tzinfo is None:
        raise ValueError(f"`{column}`: {text} has no time zone; write it as 2026-11-01T00:00Z")
    return found.astimezone(UTC)


def _amount(column: str, text: str) -> float | None:
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        raise ValueError(f"`{column}`: {text!r} is no number") from None
    if not (math.isfinite(found) and found >= 0):
        raise ValueError(f"`{column}`: {text} is no amount; 0 or more is allowed")
    return found
