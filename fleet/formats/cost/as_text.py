"""The cost report for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fleet.formats.cost.words import (
    BUDGET_COLUMNS,
    EXPECTED,
    QUEUE_COLUMNS,
    SUBMITTER_COLUMNS,
    SUBMITTERS,
    UNKNOWN,
    budgets,
    cells,
    change,
    label,
    money,
    month,
    over_budget,
    remarks,
    source,
    submitters,
)
from fleet.formats.tables import print_table
from fleet.live.cost.report import CostReport, Line

_TOGETHER: Final = (
    ("cost", "of its tenant"),
    ("period before", "month's forecast"),
    ("fixed at peak", "saving"),
    ("saved", "idle"),
    ("node hours", EXPECTED),
)
"""Of `QUEUE_COLUMNS`, what stands below each other where there is little room."""
_SHORT: Final = {
    "of its tenant": "of tenant",
    "period before": "before",
    "month's forecast": "forecast",
    EXPECTED: "expected",
    "fixed at peak": "at peak",
}
"""What these are called there."""
_NAME_WIDTH: Final = 16
"""Characters of a name in a line there; it breaks behind hyphens."""


def print_report(console: Console, report: CostReport) -> None:
    """Print tables of queues, tenants and the platform, and what to know of them."""
    console.print(f"[bold]Cost in USD[/] from {report.period}, {source(report)}", highlight=False)
    for sentence, style in _first(report):
        console.print(sentence, style=style, highlight=False, markup=False)
    if report.queues:
        _print_lines(console, "queue", report.queues, report.queues_total)
    if len(report.queues) > len(report.tenants):
        _print_lines(console, "tenant", report.tenants)
    if budgets(report):
        print_table(console, _budgets(report), _narrow_budgets(report))
    if report.submitters:
        rows = submitters(report)
        folded = [(*map(_folded, row[:2]), *row[2:]) for row in rows]
        print_table(console, *(_submitters(report, each) for each in (rows, folded)))
    if report.platform_total:
        _print_lines(console, "platform", report.platform, report.platform_total, report.total)
    for sentence in remarks(report):
        console.print(sentence, style="dim", highlight=False, markup=False)


def _first(report: CostReport) -> Iterator[tuple[str, str]]:
    """What is to be read first, each with its style: all together, its forecast, and who is over their budget."""
    total = report.total
    than = f", {said}" if (said := change(report, total)) else ""
    yield f"Together {money(total.cost)}{than}.", ""
    if total.forecast is not None:
        yield f"Forecast of {month(report)}: {money(total.forecast)}.", ""
    if said := over_budget(report):
        yield f"Budgets: {said}.", "bold red" if any(line.over_budget for line in report.tenants) else ""


def _budgets(report: CostReport) -> Table:
    table = _empty()
    for number, column in enumerate(BUDGET_COLUMNS):
        last = number in (0, len(BUDGET_COLUMNS) - 1)
        table.add_column(column, justify="left" if last else "right", no_wrap=True)
    for line, row in budgets(report):
        table.add_row(*map(escape, row), style="red" if line.over_budget else None)
    return table


def _narrow_budgets(report: CostReport) -> Table:
    """Likewise, for 80 columns: this time and the month below each other."""
    table = _empty()
    table.add_column("tenant")
    table.add_column("of", no_wrap=True)
    for column in ("cost", "budget", "of it"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    for line, (tenant, *row, said) in budgets(report):
        amounts = (f"{now}\n{of_month}" for now, of_month in zip(row[:3], row[3:], strict=True))
        style = "red" if line.over_budget else None
        table.add_row(escape(_folded(tenant)), "this time\nmonth's forecast", *amounts, said, style=style)
    return table


def _submitters(report: CostReport, rows: Iterable[Sequence[str]]) -> Table:
    table = _empty()
    for number, column in enumerate(SUBMITTER_COLUMNS):
        table.add_column(column, justify="right" if number > 1 else "left", no_wrap=number > 0)
    for row in rows:
        table.add_row(*map(escape, row))
    if len(report.submitters) > SUBMITTERS:
        table.add_section()
        table.add_row(f"and {len(report.submitters) - SUBMITTERS} more: --format csv")
    return table


def _print_lines(console: Console, heading: str, lines: Sequence[Line], *totals: Line) -> None:
    """Print lines and sums of them, without the columns in which nothing is known."""
    rows = {line: dict(zip(QUEUE_COLUMNS, cells(line), strict=False)) for line in (*lines, *totals)}
    known = {column for row in rows.values() for column, cell in row.items() if cell != UNKNOWN}
    wide = [(column,) for column in QUEUE_COLUMNS if column in known]
    narrow = [found for group in _TOGETHER if (found := tuple(column for column in group if column in known))]
    print_table(console, *(_table(heading, groups, rows, len(lines)) for groups in (wide, narrow)))


def _table(heading: str, groups: Sequence[Sequence[str]], rows: Mapping[Line, Mapping[str, str]], lines: int) -> Table:
    """A table with what is in one group below each other.

    Args:
        heading: of the first column.
        groups: names of columns.
        rows: the cells of each line by their columns.
        lines: how many of the rows aren't sums.
    """
    narrow = any(len(group) > 1 for group in groups)
    table = _empty()
    table.add_column(heading, no_wrap=not narrow)
    for group in groups:
        column_name = ",\n".join(_SHORT.get(column, column) if narrow else column for column in group)
        table.add_column(column_name, justify="right", no_wrap=True)
    for number, (line, row) in enumerate(rows.items()):
        if number == lines:
            table.add_section()
        found = ("\n".join(row.get(column, "") for column in group) for group in groups)
        name = label(line)
        table.add_row(escape(_folded(name) if narrow else name), *found, style=None if number < lines else "bold")
    return table


def _folded(name: str) -> str:
    return textwrap.fill(name, _NAME_WIDTH)


def _empty() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False)
