"""The cost report for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fleet.formats.cost.words import (
    COLUMNS,
    SUBMITTER_COLUMNS,
    SUBMITTERS,
    cells,
    label,
    remarks,
    source,
    submitters,
)
from fleet.formats.tables import print_table
from fleet.live.cost.report import CostReport, Line


def print_report(console: Console, report: CostReport) -> None:
    """Print tables of queues, tenants and the platform, and what to know of them."""
    console.print(f"[bold]Cost in USD[/] from {report.period}, {source(report)}", highlight=False)
    if report.queues:
        print_table(console, _table("queue", report.queues, report.queues_total))
    if len(report.queues) > len(report.tenants):
        print_table(console, _table("tenant", report.tenants, None))
    if report.submitters:
        print_table(console, _submitters(report))
    if report.platform_total:
        print_table(console, _table("platform", report.platform, report.platform_total, report.total))
    for sentence in remarks(report):
        console.print(sentence, style="dim", highlight=False, markup=False)


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


def _table(heading: str, lines: Sequence[Line], *totals: Line | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(heading, no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(escape(label(line)), *cells(line))
    table.add_section()
    for total in totals:
        if total:
            table.add_row(label(total), *cells(total), style="bold")
    return table
