"""The cost report for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fleet.formats.cost.words import (
    BUDGET_COLUMNS,
    COLUMNS,
    QUEUE_COLUMNS,
    SUBMITTER_COLUMNS,
    SUBMITTERS,
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


def print_report(console: Console, report: CostReport) -> None:
    """Print tables of queues, tenants and the platform, and what to know of them."""
    console.print(f"[bold]Cost in USD[/] from {report.period}, {source(report)}", highlight=False)
    for sentence, style in _first(report):
        console.print(sentence, style=style, highlight=False, markup=False)
    if report.queues:
        print_table(console, _table("queue", QUEUE_COLUMNS, report.queues, report.queues_total))
    if len(report.queues) > len(report.tenants):
        print_table(console, _table("tenant", COLUMNS, report.tenants, None))
    if budgets(report):
        print_table(console, _budgets(report))
    if report.submitters:
        print_table(console, _submitters(report))
    if report.platform_total:
        print_table(console, _table("platform", COLUMNS, report.platform, report.platform_total, report.total))
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
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(BUDGET_COLUMNS):
        last = number in (0, len(BUDGET_COLUMNS) - 1)
        table.add_column(column, justify="left" if last else "right", no_wrap=True)
    for line, row in budgets(report):
        table.add_row(*map(escape, row), style="red" if line.over_budget else None)
    return table


def _submitters(report: CostReport) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(SUBMITTER_COLUMNS):
        table.add_column(column, justify="right" if number > 1 else "left", no_wrap=number > 0)
    for row in submitters(report):
        table.add_row(*map(escape, row))
    if len(report.submitters) > SUBMITTERS:
        table.add_section()
        table.add_row(f"and {len(report.submitters) - SUBMITTERS} more: --format csv")
    return table


def _table(heading: str, columns: Sequence[str], lines: Sequence[Line], *totals: Line | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(heading, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(escape(label(line)), *cells(line))
    table.add_section()
    for total in totals:
        if total:
            table.add_row(label(total), *cells(total), style="bold")
    return table
