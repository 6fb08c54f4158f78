"""Tables of a stack in a comment on a pull request: each number beside what it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fleet.formats.expected import COLUMNS, mark, title
from fleet.formats.html_tables import (
    POOL_COLUMNS,
    TEXT_COLUMNS,
    Cell,
    Row,
    cost_table,
    expected_table,
    pool_table,
    queue_table,
)
from fleet.formats.markdown_parts import plain, table_row
from fleet.formats.phrases import ARROW
from fleet.formats.reach import reach_lines, reach_summary
from fleet.formats.sides import Mark
from fleet.offline.changes.comparison import StackComparison
from fleet.offline.pools import queue_rows

_QUEUE_COLUMNS = ("guaranteed CPU", "GiB", "maximum CPU", "GiB", "jobs at once", "nodes", "order")


def queues_table(stack: StackComparison) -> Iterator[str]:
    """Queues, with how much of what their jobs reach."""
    now = stack.registrations
    reaches = {row.queue: reach_summary(reach_lines(row.reached)) for row in (queue_rows(now) if now else ())}
    rows = queue_table(stack.earlier.queues, now, compared=stack.difference is not None)
    cells = [[*map(_cell, row.cells), reaches.get(row.name, "")] for row in rows]
    yield from _table("queue", (*_QUEUE_COLUMNS, "reaches"), rows, cells)


def pools_table(stack: StackComparison) -> Iterator[str]:
    """Pools, from minimum to maximum."""
    rows = pool_table(stack.earlier.pools, stack.registrations, compared=stack.difference is not None)
    yield from _table("pool", POOL_COLUMNS, rows, [[*map(_cell, row.cells)] for row in rows])


def costs_table(stack: StackComparison) -> Iterator[str]:
    """The sums of each owner and what changes below them, in USD a month."""
    rows = list(cost_table(stack.cost_before, stack.cost_after, compared=stack.cost_compared, expected=stack.expected))
    if not rows:
        return
    compared = any(row.deltas for row in rows)
    more = ["more"] if compared else []
    between = [title(stack.expected)] if stack.expected else []
    columns = ["USD a month", "at minimum", *more, *between, "at maximum", *more]
    yield table_row(columns)
    yield f"|---|{'--:|' * (len(columns) - 1)}"
    for row in rows:
        if not row.total and row.mark is Mark.SAME:
            continue
        deltas = row.deltas or ("", "")
        what = plain(row.what) if row.total else f"&nbsp; {plain(row.what)}"
        minimum, maximum = (
            [_cell(cell), *([delta] if compared else [])]
            for cell, delta in zip((row.minimum, row.maximum), deltas, strict=True)
        )
        yield table_row([what, *minimum, *([_cell(row.expected)] if between else []), *maximum])
    yield ""


def expected_months(stack: StackComparison) -> Iterator[str]:
    """Expected months of queues, and recorded jobs that can't run."""
    rows = expected_table(stack.expected)
    if rows:
        yield f"Expected months of executor nodes{mark(stack.expected)}:"
        yield ""
        yield from _table("queue", COLUMNS, rows, [[*map(_cell, row.cells)] for row in rows])


def _table(name: str, columns: Sequence[str], rows: Sequence[Row], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield table_row([name, *columns])
        yield f"|---|{''.join('---|' if column in {*TEXT_COLUMNS, 'reaches'} else '--:|' for column in columns)}"
        for row, texts in zip(rows, cells, strict=True):
            yield table_row([_marked(row), *texts])
        yield ""


def _marked(row: Row) -> str:
    return plain(row.name) + (f" *{row.mark}*" if row.mark in (Mark.ADDED, Mark.REMOVED) else "")


def _cell(cell: Cell) -> str:
    now = plain(cell.now)
    return f"{plain(cell.then or '')} {ARROW} **{now}**" if cell.changed else now
