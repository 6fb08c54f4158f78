"""The cost report for spreadsheets and programs, as RFC 4180 has it; docs/costs.md names the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from fleet.live.cost.report import CostReport, Line


def _number(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"


_CELLS: Final[Mapping[str, Callable[[CostReport, Line], str]]] = {
    "kind": lambda _report, line: line.kind,
    "tenant": lambda _report, line: line.owner.tenant,
    "queue": lambda _report, line: line.owner.queue,
    "part": lambda _report, line: line.owner.part,
    "cost_usd": lambda _report, line: _number(line.cost, 4),
    "at_peak_usd": lambda _report, line: _number(line.at_peak, 4),
    "saving_usd": lambda _report, line: _number(line.saving, 4),
    "saving_ratio": lambda _report, line: _number(line.saving_ratio, 6),
    "node_hours": lambda _report, line: _number(line.node_hours, 4),
    "idle_node_hours": lambda _report, line: _number(line.idle_node_hours, 4),
    "idle_ratio": lambda _report, line: _number(line.idle_ratio, 6),
    "budget_usd": lambda _report, line: _number(line.budget, 4),
    "budget_ratio": lambda _report, line: _number(line.budget_ratio, 6),
    "hours": lambda _report, line: _number(line.hours, 4),
    "since": lambda report, _line: f"{report.period.start:%Y-%m-%dT%H:%MZ}",
    "until": lambda report, _line: f"{report.period.end:%Y-%m-%dT%H:%MZ}",
    "source": lambda report, _line: report.measured.source,
    "monthly_budget_usd": lambda _report, line: _number(line.monthly_budget, 2),
    "tenant_ratio": lambda _report, line: _number(line.of_tenant, 6),
    "before_usd": lambda _report, line: _number(line.before, 4),
    "forecast_usd": lambda _report, line: _number(line.forecast, 4),
    "forecast_ratio": lambda _report, line: _number(line.forecast_ratio, 6),
    "jobs": lambda _report, line: _number(line.jobs, 0),
    "expected_usd": lambda _report, line: _number(line.expected, 4),
    "expected_made_up": lambda _report, line: "" if line.expected is None else str(line.made_up).lower(),
}
"""By column."""
COLUMNS: Final = tuple(_CELLS)
"""Stable: new ones come at the end."""


def to_csv(report: CostReport) -> str:
    """A line for each queue, tenant, submitter and part of the platform, and for the sums; unknown values are empty."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows([cell(report, line) for cell in _CELLS.values()] for line in lines(report))
    return written.getvalue()


def lines(report: CostReport) -> Iterator[Line]:
    """All lines of a report, sums behind what they are of."""
    yield from report.queues
    yield from report.tenants
    yield from report.submitters
    yield from report.platform
    yield report.queues_total
    if report.platform_total:
        yield report.platform_total
    yield report.total
