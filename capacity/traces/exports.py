"""Results of queries, exported as CSV. Times without a zone in them are UTC."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, TextIO
from zoneinfo import ZoneInfo

from capacity.errors import CapacityError
from capacity.traces.times import moment

_UTC: Final = ZoneInfo("UTC")


def rows(file: TextIO, columns: Iterable[str], what: str) -> Iterator[dict[str, str]]:
    """The rows of a result, with these columns and no others.

    Args:
        file: text, opened with `newline=""`.
        columns: that must be there.
        what: it is the result of, for errors, in the plural.

    Raises:
        CapacityError: columns are missing.
    """
    reader = csv.DictReader(file)
    wanted = tuple(columns)
    if missing := [name for name in wanted if name not in (reader.fieldnames or ())]:
        raise CapacityError(
            [f"{what} have no column {', '.join(missing)}: export the result of the query in --queries"]
        )
    for row in reader:
        yield {name: (row[name] or "").strip() for name in wanted}


def time(row: Mapping[str, str], column: str) -> datetime:
    """A row's time.

    Raises:
        CapacityError: it is none.
    """
    try:
        return moment(row[column], _UTC)
    except ValueError as error:
        raise CapacityError([f"`{column}` of a line is no time: {error}"]) from error


def number(row: Mapping[str, str], column: str) -> float:
    """A row's number.

    Raises:
        CapacityError: it is none.
    """
    try:
        found = float(row[column])
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise CapacityError([f"`{column}` of a line is no number: {row[column]!r}"])
    return found
