"""What a job took: in USD by list price, core-hours, and memory of what it had asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from skate.applications import pool_of
from skate.card import QueueCard
from skate.history import Usage
from skate.quantities import spark_bytes
from skate.states import Object


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a job took so far, or in all.

    Attributes:
        core_hours: of its executors.
        usd: of its executors' and driver's shares of their nodes, by list price; None where no prices are known.
        peak_heap: the largest heap that an executor used, in bytes; None where Spark didn't write it down.
        heap: what each executor had asked for, in bytes; None where that isn't known any more.
        executors: how many it had in all.
        failed_tasks: of all of them.
    """

    core_hours: float
    usd: Decimal | None
    peak_heap: int | None
    heap: int | None
    executors: int
    failed_tasks: int


def spent(
    card: QueueCard,
    usage: Usage,
    *,
    started: datetime | None,
    ended: datetime | None,
    application: Object | None = None,
) -> Spent:
    """What a job took.

    Args:
        card: of its queue.
        usage: as Spark tells it.
        started, ended: of its driver.
        application: as it was submitted; without it, executors count as the usual ones of the usual pool.
    """
    spec = (application or {}).get("spec") or {}
    executor = spec.get("executor") or {}
    driver = ((ended or datetime.now(UTC)) - started) / timedelta(hours=1) if started else 0.0
    return Spent(
        core_hours=usage.core_hours,
        usd=_usd(card, executor, usage.core_hours, driver),
        peak_heap=usage.peak_heap,
        heap=_bytes(executor.get("memory")),
        executors=usage.executors,
        failed_tasks=usage.failed_tasks,
    )


def _usd(card: QueueCard, executor: Object, core_hours: float, driver_hours: float) -> Decimal | None:
    pool = pool_of(card, executor)
    if pool.hourly_usd is None or card.driver.hourly_usd is None:
        return None
    shape = next((shape for shape in pool.shapes if shape.cores == executor.get("cores")), pool.shapes[0])
    a_core = pool.hourly_usd / (shape.per_node * shape.cores)
    return a_core * Decimal(str(core_hours)) + card.driver.hourly_usd * Decimal(str(driver_hours))


def _bytes(memory: object) -> int | None:
    try:
        return spark_bytes(str(memory)) if memory else None
    except ValueError:
        return None
