"""The cost report for spreadsheets and programs, as RFC 4180 has it; docs/costs.md names the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from fleet.live.cost.report import CostReport, Line

COLUMNS: Final = (
    "kind",
    "tenant",
    "queue",
    "part",
    "cost_usd",
    "at_peak_usd",
    "saving_usd",
    "saving_ratio",
    "node_hours",
    "idle_node_hours",
    "idle_ratio",
    "budget_usd",
    "budget_ratio",
    "hours",
    "since",
    "until",
    "source",
    "monthly_budget_usd",
    "tenant_ratio",
    "before_usd",
    "forecast_usd",
    "forecast_ratio",
    "jobs",
)
"""Stable: new ones come at the end."""


def to_csv(report: CostReport) -> str:
    """A line for each queue, tenant, submitter and part of the platform, and for the sums; unknown values are empty."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows(_row(report, line) for line in lines(report))
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


def _row(report: CostReport, line: Line) -> tuple[str, ...]:
    owner, period = line.owner, report.period
    return (
        line.kind,
        owner.tenant,
        owner.queue,
        owner.part,
        _number(line.cost, 4),
        _number(line.at_peak, 4),
        _number(line.saving, 4),
        _number(line.saving_ratio, 6),
        _number(line.node_hours, 4),
        _number(line.idle_node_hours, 4),
        _number(line.idle_ratio, 6),
        _number(line.budget, 4),
        _number(line.budget_ratio, 6),
        _number(line.hours, 4),
        f"{period.start:%Y-%m-%dT%H:%MZ}",
        f"{period.end:%Y-%m-%dT%H:%MZ}",
        report.measured.source,
        _number(line.monthly_budget, 2),
        _number(line.of_tenant, 6),
        _number(line.before, 4),
        _number(line.forecast, 4),
        _number(line.forecast_ratio, 6),
        _number(line.jobs, 0),
    )


def _number(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"
