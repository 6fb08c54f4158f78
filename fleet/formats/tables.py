"""Tables for a terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Table

WIDEST: Final = 1000
"""Characters, more than any table of ours has in a line."""
FOLDED: Final = 24
"""Characters in a line of a column with words, where there is little room."""


def print_table(console: Console, table: Table) -> None:
    """Print a table whole: on a narrow terminal words fold, and lines wrap rather than lose figures."""
    options, width = console.options.update(max_width=WIDEST), console.width
    if console.measure(table, options=options).maximum > width:
        for column in table.columns:
            if not column.no_wrap:
                column.max_width = FOLDED
    console.width = max(width, console.measure(table, options=options).maximum)
    try:
        console.print(table)
    finally:
        console.width = width
