"""Tables for a terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Table

WIDEST: Final = 1000
"""Characters, more than any table of ours has in a line."""


def print_table(console: Console, table: Table, narrow: Table | None = None) -> None:
    """Print a table whole: on a narrow terminal words fold, and lines wrap rather than lose figures.

    Args:
        console: where to.
        table: as it is where there is room for it.
        narrow: the same for where there is less.
    """
    options, width = console.options.update(max_width=WIDEST), console.width
    shown = table if narrow is None or console.measure(table, options=options).maximum <= width else narrow
    for column in shown.columns:
        if column.no_wrap:
            column.min_width = max(
                console.measure(cell, options=options).maximum for cell in (column.header, *column.cells)
            )
    console.width = max(width, console.measure(shown, options=options).minimum)
    try:
        console.print(shown)
    finally:
        console.width = width
