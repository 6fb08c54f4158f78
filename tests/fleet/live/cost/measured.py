"""Measurements to make reports of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fleet.live.cost.amounts import Amount, Measurements, Owner, Source
from fleet.live.cost.period import Span

START = datetime(2026, 11, 17, tzinfo=UTC)
NIGHTLY = Owner(tenant="ads", queue="ads-nightly")
REPORTS = Owner(tenant="ads", queue="ads-reports")
INDEX = Owner(tenant="search", queue="search-index")
SYSTEM = Owner(part="system nodes")


def week(days: int = 7) -> Span:
    return Span(START, START.replace(day=START.day + days))


def amounts(
    owner: Owner,
    span: Span,
    *,
    usd: float,
    peak: float | None = None,
    nodes: float | None = None,
    idle: float | None = None,
    budget: float | None = None,
) -> list[Amount]:
    """The same numbers in each hour of a span."""
    return [
        Amount(
            owner=owner,
            span=slot,
            cost=usd,
            at_peak=peak,
            node_hours=nodes,
            idle_node_hours=idle,
            budget=budget,
            monthly_budget=None if budget is None else budget * 730,
            hours=slot.hours,
        )
        for slot in span.slots()
    ]


def measurements(
    found: Sequence[Amount], span: Span | None = None, source: Source = "prometheus", notes: Sequence[str] = ()
) -> Measurements:
    """All of a span is covered."""
    span = span or week()
    return Measurements(source=source, period=span, amounts=found, covered=span.hours, notes=notes)


def fleet_of_three(span: Span | None = None) -> Measurements:
    """Two tenants with three queues, a budget of 6 USD an hour, and the platform's nodes."""
    span = span or week()
    return measurements(
        [
            *amounts(REPORTS, span, usd=1, peak=2, nodes=2, idle=1, budget=6),
            *amounts(NIGHTLY, span, usd=8, peak=20, nodes=10, idle=1, budget=6),
            *amounts(INDEX, span, usd=3, peak=3, nodes=3, idle=0),
            *amounts(SYSTEM, span, usd=2, nodes=4),
        ],
        span,
    )
