"""Demand beside what queues are promised, in the same four lines wherever it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from components.observability import series
from components.observability.dashboards.panels import Query

Of = Callable[[series.Series], str]
"""Gives the selector of a series for the queues that are looked at."""


def cpu_demand(of: Of) -> tuple[Query, ...]:
    """Cores that queues use and wait for, and what their settings guarantee and allow."""
    return (
        Query(f"sum({of(series.QUEUE_ALLOCATED_CPU)})", "allocated"),
        Query(f"sum({of(series.QUEUE_PENDING_CPU)})", "waiting"),
        Query(f"sum({of(series.QUEUE_GUARANTEED_CPU)}) / 1000", "guaranteed", limit=True),
        Query(f"sum({of(series.QUEUE_MAXIMUM_CPU)}) / 1000", "maximum", limit=True),
    )


def memory_demand(of: Of) -> tuple[Query, ...]:
    """The same in bytes of memory."""
    return (
        Query(f"sum({of(series.QUEUE_ALLOCATED_MEMORY)})", "allocated"),
        Query(f"sum({of(series.QUEUE_PENDING_MEMORY)})", "waiting"),
        Query(f"sum({of(series.QUEUE_GUARANTEED_MEMORY)})", "guaranteed", limit=True),
        Query(f"sum({of(series.QUEUE_MAXIMUM_MEMORY)})", "maximum", limit=True),
    )
