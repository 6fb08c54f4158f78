"""Tables: within a terminal's width for people, whole and without frames in a pipe; and JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from skate.command.shown.terminal import console, put


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Print a table.

    Args:
        columns: their heads.
        rows: a text for each column.
        right: heads of the columns with numbers.
    """
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in columns:
        shown.add_column(head, justify="right" if head in right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*map(Text, row))
    console(sys.stdout).print(shown)


def facts(rows: Sequence[tuple[str, str]]) -> None:
    """Print what is known of one thing, a fact a line; what nobody knows is left out."""
    from rich.table import Table
    from rich.text import Text

    shown = Table.grid(padding=(0, 2, 0, 0))
    for name, value in rows:
        if value:
            shown.add_row(Text(name, style="bold"), Text(value, overflow="fold"))
    console(sys.stdout).print(shown)


def as_json(value: object) -> None:
    """Print something as JSON."""
    put(json.dumps(value, indent=2, default=_plain, ensure_ascii=False))


def plain(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """A dataclass as JSON has it: names as in a card."""
    return {_camel(each.name): getattr(value, each.name) for each in fields(value)}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _plain(value: object) -> Any:  # noqa: ANN401
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (Decimal, Path)):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no JSON")


def span(length: timedelta) -> str:
    """How long something took, in its two largest units."""
    seconds = max(0, int(length.total_seconds()))
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


def ago(moment: datetime | None) -> str:
    """How long ago something was."""
    return "" if moment is None else f"{span(datetime.now(UTC) - moment)} ago"


def clock(moment: datetime | None) -> str:
    """A moment in the person's own time zone."""
    return "" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def usd(amount: Decimal) -> str:
    """An amount of money."""
    return f"{amount:.2f} USD"
