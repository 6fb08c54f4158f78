"""The bill: what was paid for each queue's work, from when to when. docs/paid-today.md says it for people."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from capacity.errors import CapacityError
from capacity.traces.placing import Queues

COLUMNS: Final = ("queue", "begin", "end", "usd", "what")
REQUIRED: Final = ("queue", "begin", "end", "usd")
_SHOWN: Final = 10
"""Lines that can't be read, of which the rest is only counted."""
_NO_QUEUES: Final = Queues()


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What was paid for a queue's work over a time, taken to be the same at any moment of it.

    Args:
        queue: its namespace, `<tenant>-<queue>`.
        begin: from when, with a zone.
        end: until when; after `begin`.
        usd: US dollars for all of that time, 0 or more. 0 says that nothing was paid then, which isn't the same as no
            charge: nobody knows what was paid at a time that no charge covers.
        what: for what, in words.
    """

    queue: str
    begin: datetime
    end: datetime
    usd: float
    what: str = ""


@dataclass(frozen=True)
class Covered:
    """What was paid for a queue in a time.

    Args:
        usd: US dollars, of the charges' parts within that time.
        share: of that time for which there is a charge, 0 to 1.
    """

    usd: float
    share: float


def read(path: Path) -> list[Charge]:
    """The charges of a bill, in the file's order.

    Charges of one queue may overlap, as those of nodes that stood side by side do: they add up. Two lines that are
    alike in every column are refused, as a line that came in twice.

    Args:
        path: CSV in UTF-8 with a header: `queue`, `begin`, `end`, `usd`, and `what`, which may be missing.

    Raises:
        CapacityError: it can't be read, or lines are wrong: all of these at once.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _charges(csv.DictReader(file, strict=True), path)
    except OSError as error:
        raise CapacityError([f"{path} can't be read: {error.strerror or error}"]) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise CapacityError([f"{path} can't be read: {error}; a bill is CSV in UTF-8"]) from error


def text_of(charges: Iterable[Charge]) -> str:
    """A bill as `read` takes it, sorted by queue and time; USD with 6 places at most."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in sorted(charges, key=lambda charge: (charge.queue, charge.begin, charge.end, charge.what)):
        times = (time.astimezone(UTC).isoformat().replace("+00:00", "Z") for time in (one.begin, one.end))
        rows.writerow([one.queue, *times, f"{one.usd:.6f}".rstrip("0").rstrip("."), one.what])
    return text.getvalue()


def of_queues(charges: Iterable[Charge], begin: datetime, end: datetime) -> dict[str, Covered]:
    """What was paid for each queue in a time.

    A charge is shared evenly over its own time; what of it lies outside isn't counted.

    Args:
        charges: of any queues and times.
        begin: from when, with a zone.
        end: until when.

    Returns:
        by queue, sorted; every queue of the charges is there, also with nothing in that time.

    Raises:
        ValueError: `end` isn't after `begin`, or one of them has no zone.
    """
    if begin.tzinfo is None or end.tzinfo is None:
        raise ValueError("begin and end need a time zone")
    if end <= begin:
        raise ValueError(f"{end} is not after {begin}")
    parts: dict[str, list[float]] = defaultdict(list)
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for charge in charges:
        start, stop = max(charge.begin, begin), min(charge.end, end)
        found = parts[charge.queue]
        if stop > start:
            found.append(charge.usd * ((stop - start) / (charge.end - charge.begin)))
            spans[charge.queue].append((start, stop))
    return {
        queue: Covered(usd=math.fsum(parts[queue]), share=_length(spans[queue]) / (end - begin))
        for queue in sorted(parts)
    }


def span(charges: Iterable[Charge]) -> tuple[datetime, datetime] | None:
    """From the first charge's begin to the last one's end; `None` where there is none."""
    there = list(charges)
    return (min(charge.begin for charge in there), max(charge.end for charge in there)) if there else None


def _length(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """How long at least one of these is."""
    length, until = timedelta(), None
    for start, stop in sorted(spans):
        if until is None or stop > until:
            length += stop - (start if until is None else max(start, until))
            until = stop
    return length


def _charges(rows: csv.DictReader[str], path: Path) -> list[Charge]:
    if wrong := _wrong_columns(rows.fieldnames or ()):
        raise CapacityError(f"{path}: {finding}" for finding in wrong)
    found: list[Charge] = []
    findings: list[str] = []
    seen: dict[Charge, int] = {}
    for row in rows:
        charge, bad = _charge(row)
        if charge is not None and (first := seen.setdefault(charge, rows.line_num)) != rows.line_num:
            bad = [f"is line {first} once more; take it out, or say in `what` what tells the two apart"]
        if charge is None or bad:
            findings.append(f"{path}, line {rows.line_num}: {'; '.join(bad)}")
        else:
            found.append(charge)
    if len(findings) > _SHOWN:
        findings[_SHOWN:] = [f"and {len(findings) - _SHOWN} more lines"]
    if not found and not findings:
        findings = [f"{path}: there is no charge in it"]
    if findings:
        raise CapacityError(findings)
    return found


def _wrong_columns(there: Sequence[str]) -> list[str]:
    missing = [name for name in REQUIRED if name not in there]
    unknown = [name for name in there if name not in COLUMNS]
    twice = sorted({name for name in there if there.count(name) > 1 and name in COLUMNS})
    found = []
    if missing:
        found.append(f"the bill has no column {', '.join(missing)}; its columns are {','.join(COLUMNS)}")
    if unknown:
        found.append(f"a bill has no column {', '.join(repr(name) for name in unknown)}; it has {','.join(COLUMNS)}")
    if twice:
        found.append(f"the column {', '.join(twice)} is there twice")
    return found


def _charge(row: Mapping[str | None, str | list[str] | None]) -> tuple[Charge | None, list[str]]:
    """A line's charge, or what is wrong with the line."""
    if None in row:
        return None, ["has more than the header's columns; put text with a comma into quotes"]
    values = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    bad = [f"`{name}` is empty" for name in REQUIRED if not values[name]]
    begin, end, usd = None, None, None
    queue = values["queue"]
    if queue and _NO_QUEUES.queue(queue) is None:
        bad.append(f"`queue`: {queue!r} is no queue; name its namespace, <tenant>-<queue>, such as ads-batch")
    try:
        begin = _time(values, "begin")
        end = _time(values, "end")
        if begin and end and end <= begin:
            raise ValueError(f"`end`: {values['end']} is not after `begin`, {values['begin']}")
    except ValueError as error:
        bad.append(str(error))
    try:
        usd = _usd(values["usd"]) if values["usd"] else None
    except ValueError as error:
        bad.append(f"`usd`: {error}")
    if bad or begin is None or end is None or usd is None:
        return None, bad
    return Charge(queue=queue, begin=begin, end=end, usd=usd, what=values["what"]), []


def _time(values: Mapping[str, str], column: str) -> datetime | None:
    text = values[column]
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{column}`: {text!r} is no time, such as 2026-11-01T00:00Z") from None
    if found.tzinfo is None:
        raise ValueError(
            f"`{column}`: {text} has no time zone; write it as 2026-11-01T00:00Z or 2026-11-01T00:00+01:00"
        )
    return found.astimezone(UTC)


def _usd(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number of US dollars, such as 1234.50") from None
    if not math.isfinite(found):
        raise ValueError(f"{text!r} is no amount of US dollars")
    if found < 0:
        raise ValueError(f"{text} is negative; take credits and refunds off the charges that they are for")
    return found
