"""The cost report for programs; docs/costs.md names the fields."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from fleet.formats.cost.as_csv import lines
from fleet.live.cost.amounts import Source, Stretch
from fleet.live.cost.period import Span
from fleet.live.cost.report import CostReport, Kind, Line


class _Form(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class SpanForm(_Form):
    """From `since` up to `until`, in UTC."""

    since: datetime
    until: datetime


class LineForm(_Form):
    """One line; null where the source doesn't know."""

    kind: Kind
    tenant: str
    queue: str
    part: str
    cost_usd: float
    at_peak_usd: float | None
    saving_usd: float | None
    saving_ratio: float | None
    node_hours: float | None
    idle_node_hours: float | None
    idle_ratio: float | None
    budget_usd: float | None
    budget_ratio: float | None
    hours: float
    monthly_budget_usd: float | None
    tenant_ratio: float | None
    before_usd: float | None
    forecast_usd: float | None
    forecast_ratio: float | None
    jobs: float | None
    expected_usd: float | None
    expected_made_up: bool | None


class BarForm(_Form):
    """A day, or an hour of short periods: USD by queue, and by `platform`; `partial` where hours of it are missing."""

    since: datetime
    until: datetime
    cost_usd: dict[str, float]
    at_peak_usd: float | None
    hours: float
    partial: bool


class StretchForm(_Form):
    """A time that the period stands beside, and how many hours of it are known."""

    since: datetime
    until: datetime
    covered_hours: float


class CostReportForm(_Form):
    """A cost report."""

    format_version: Literal[1] = 1
    source: Source
    period: SpanForm
    hours: float
    covered_hours: float
    gaps: tuple[SpanForm, ...]
    before: StretchForm | None
    forecast_month: SpanForm
    notes: tuple[str, ...]
    trace: str
    lines: tuple[LineForm, ...]
    over_time: tuple[BarForm, ...]


def to_json(report: CostReport) -> str:
    """JSON with camelCase keys."""
    measured = report.measured
    form = CostReportForm(
        source=measured.source,
        period=_span(report.period),
        hours=report.period.hours,
        covered_hours=measured.covered,
        gaps=tuple(map(_span, measured.gaps)),
        before=_stretch(measured.before) if measured.before else None,
        forecast_month=_span(report.month),
        notes=tuple(measured.notes),
        trace=report.trace,
        lines=tuple(map(_line, lines(report))),
        over_time=tuple(
            BarForm(
                since=bar.span.start,
                until=bar.span.end,
                cost_usd=dict(bar.costs),
                at_peak_usd=bar.at_peak,
                hours=bar.hours,
                partial=bar.partial,
            )
            for bar in report.bars
        ),
    )
    return form.model_dump_json(by_alias=True, indent=2) + "\n"


def _span(span: Span) -> SpanForm:
    return SpanForm(since=span.start, until=span.end)


def _stretch(stretch: Stretch) -> StretchForm:
    return StretchForm(since=stretch.span.start, until=stretch.span.end, covered_hours=stretch.covered)


def _line(line: Line) -> LineForm:
    return LineForm(
        kind=line.kind,
        tenant=line.owner.tenant,
        queue=line.owner.queue,
        part=line.owner.part,
        cost_usd=line.cost,
        at_peak_usd=line.at_peak,
        saving_usd=line.saving,
        saving_ratio=line.saving_ratio,
        node_hours=line.node_hours,
        idle_node_hours=line.idle_node_hours,
        idle_ratio=line.idle_ratio,
        budget_usd=line.budget,
        budget_ratio=line.budget_ratio,
        hours=line.hours,
        monthly_budget_usd=line.monthly_budget,
        tenant_ratio=line.of_tenant,
        before_usd=line.before,
        forecast_usd=line.forecast,
        forecast_ratio=line.forecast_ratio,
        jobs=line.jobs,
        expected_usd=line.expected,
        expected_made_up=None if line.expected is None else line.made_up,
    )
