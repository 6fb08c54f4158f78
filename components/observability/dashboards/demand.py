"""Demand beside what queues are promised, in the same four lines wherever it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from components.observability import series
from components.observability.dashboards.panels import Query

Of = Callable[[series.Series], str]
"""Gives the selector of a series for the queues that are looked at."""


def cpu_demand(of: Of) -> tuple[Query, ...]:
    """Cores that queues use and wait for, and what their settings guarantee and allow."""
    used = of(series.QUEUE_ALLOCATED_CPU), of(series.QUEUE_PENDING_CPU)
    return _demand(*used, of(series.QUEUE_GUARANTEED_CPU), of(series.QUEUE_MAXIMUM_CPU), " / 1000")


def memory_demand(of: Of) -> tuple[Query, ...]:
    """The same in bytes of memory."""
    used = of(series.QUEUE_ALLOCATED_MEMORY), of(series.QUEUE_PENDING_MEMORY)
    return _demand(*used, of(series.QUEUE_GUARANTEED_MEMORY), of(series.QUEUE_MAXIMUM_MEMORY))


def _demand(allocated: str, waiting: str, guaranteed: str, maximum: str, scale: str = "") -> tuple[Query, ...]:
    return (
        Query(f"sum({allocated})", "allocated"),
        Query(f"sum({waiting})", "waiting"),
        Query(f"sum({guaranteed}){scale}", "guaranteed", limit=True),
        Query(f"sum({maximum}){scale}", "maximum", limit=True),
    )
