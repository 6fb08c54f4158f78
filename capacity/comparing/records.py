"""A comparison as rows: what tables, JSON and CSV hold of each queue and way."""

from __future__ import annotations

from collections.abc import Iterator

from capacity.comparing.comparison import Comparison, QueueComparison, Side
from sizing.pricing.prices import HOURS_PER_MONTH

Row = dict[str, str | float | int | None]


def records(comparison: Comparison) -> Iterator[Row]:
    """A row for each queue and way. USD are of a month of 730 hours, waits in seconds, shares from 0 to 1."""
    for queue in comparison.queues:
        for way, side in queue.sides.items():
            yield _row(comparison, queue, way, side)


def _row(comparison: Comparison, queue: QueueComparison, way: str, side: Side) -> Row:
    month = HOURS_PER_MONTH / comparison.hours
    nodes = sum(pool.node_hours for pool in side.result.pools)

    def monthly(usd: float | None) -> float | None:
        return None if usd is None else usd * month

    return {
        "platform": comparison.stack,
        "queue": queue.namespace,
        "way": way,
        "usd": monthly(side.usd),
        "executors_usd": monthly(side.executors_usd),
        "drivers_usd": monthly(side.drivers_usd),
        "shared_usd": monthly(side.shared_usd),
        "today_usd": monthly(queue.today_usd),
        "before_usd": monthly(queue.before_usd),
        "saving": queue.saving(way),
        "node_hours": nodes * month,
        "used": sum(pool.used_hours for pool in side.result.pools) / nodes if nodes else None,
        "most_nodes": sum(pool.most for pool in side.result.pools),
        "jobs": side.result.jobs,
        "wait_p50": side.result.wait.p50,
        "wait_p95": side.result.wait.p95,
        "wait_p99": side.result.wait.p99,
        "first_executor_p95": side.result.first_executor.p95,
        "all_executors_p95": side.result.all_executors.p95,
        "longer_p50": side.longer.p50,
        "longer_p95": side.longer.p95,
        "longer_worst": side.longer.worst,
        "longer_over_5_percent": side.slower[0],
        "longer_over_20_percent": side.slower[1],
        "longer_than_trace_p95": side.result.runtime.p95,
        "executors_lost": side.result.lost,
    }
