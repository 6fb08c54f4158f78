"""The numbers of a report as JSON, and as CSV: a number a row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

from capacity.replay.sampling import PERCENTILES
from capacity.reporting.queue_figures import GRID, QueueFigures
from capacity.reporting.report import Cell, PlatformReport, Report
from sizing.schedules import DAYS

COLUMNS: Final = ("platform", "queue", "figure", "way", "measure", "at", "value")
_Line = tuple[str, str, str, Cell, Cell]
"""Figure, way, measure, where, number."""


def as_json(report: Report) -> str:
    """All of a report. USD are of a month of 730 hours, times are UTC, waits in seconds, shares from 0 to 1.

    Args:
        report: to write down.
    """
    said = asdict(report) | {"grid": GRID, "percentiles": PERCENTILES}
    return json.dumps(said, indent=1, allow_nan=False, default=dict) + "\n"


def as_csv(report: Report) -> str:
    """The same numbers, one a row: whose it is, of what figure, of which way, what it says, and of when or of what.

    Args:
        report: to write down.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for platform in report.platforms:
        for queue, line in _lines(platform):
            writer.writerow((platform.platform, queue, *(_harmless(cell) for cell in line)))
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would not reckon with: names are of tenants."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _lines(platform: PlatformReport) -> Iterator[tuple[str, _Line]]:
    for row in platform.rows:
        for name, value in row.items():
            if name not in ("platform", "queue", "way"):
                yield str(row["queue"]), ("ways", str(row["way"]), name, "", value)
    for risk in platform.risks:
        for name in ("runs", "late", "longer", "share", "usd"):
            yield risk.queue, ("risk", risk.cause, name, risk.name, getattr(risk, name))
    for advice in platform.advice:
        for name in ("usd", "now_usd", "all_usd", "wait", "longer"):
            yield advice.queue, ("recommended", "", name, "", getattr(advice, name))
    for figures in platform.figures:
        for line in _of_queue(figures):
            yield figures.queue, line


def _of_queue(of: QueueFigures) -> Iterator[_Line]:
    for name in ("demand", "nodes", "fixed"):
        yield from _over("nodes", "", name, of.nodes.times, getattr(of.nodes, name))
    for day in of.days:
        for name in ("demand", "nodes", "most", "fixed"):
            yield "days", "", name, day.date, getattr(day, name)
    for name in ("demand", "ready", "booting", "fixed", "pending"):
        yield from _over("worst day", "", name, of.worst_day.times, getattr(of.worst_day, name))
    yield "worst day", "", "jobs", of.worst_day.date, of.worst_day.jobs
    yield "worst day", "", "lost", of.worst_day.date, of.worst_day.lost
    for use in of.use:
        for name in ("cpu", "memory"):
            for percent, series in zip(PERCENTILES, getattr(use, name), strict=True):
                yield from _over("use", use.pool, f"{name}_p{percent}", use.times, series)
            yield from _over("use of all time", use.pool, name, PERCENTILES, getattr(use, f"{name}_all"))
    for way, found in of.distributions.items():
        for name in ("wait", "runtime"):
            yield from _over("distribution", way, name, GRID, getattr(found, name))
    for weekday, hours in zip(DAYS, of.week, strict=True):
        yield from _over("week", "", "demand", [f"{weekday} {hour:02}:00" for hour in range(24)], hours)
    for number, point in enumerate(of.curve):
        for name in ("usd", "wait", "longer"):
            yield "curve", point.what, name, number, getattr(point, name)


def _over(figure: str, way: str, name: str, at: Sequence[Cell], values: Sequence[float | None]) -> Iterator[_Line]:
    for where, value in zip(at, values, strict=True):
        yield figure, way, name, where, value
