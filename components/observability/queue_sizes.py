"""What a queue may use, as series: an idle queue is not among YuniKorn's own."""

from __future__ import annotations

from decimal import Decimal

from components.observability import series
from components.observability.constants import INTERVAL, constant
from components.observability.groups import Group
from components.observability.series import Label
from sizing.queues import QueueSize


def queue_constants(tenant: str, queue: str, size: QueueSize, history_usd_per_hour: Decimal | None = None) -> Group:
    """The constants of a queue, the numbers that its namespace's annotations tell YuniKorn.

    kube-state-metrics can't read them there: its custom resource state knows custom resources only, and makes labels of
    annotations, not values (v2.20.0, internal/discovery/discovery.go: "group is required").

    Args:
        tenant: whose queue it is.
        queue: the queue's namespace.
        size: the queue's numbers.
        history_usd_per_hour: what its history server's requests cost; None without one.
    """
    labels: dict[Label, str] = {"tenant": tenant, "queue": queue}
    amounts: dict[series.Series, int | Decimal] = {
        series.QUEUE_GUARANTEED_CPU: size.guaranteed.cpu,
        series.QUEUE_GUARANTEED_MEMORY: size.guaranteed.memory,
        series.QUEUE_MAXIMUM_CPU: size.maximum.cpu,
        series.QUEUE_MAXIMUM_MEMORY: size.maximum.memory,
        series.QUEUE_MAX_APPS: size.max_apps,
    }
    if history_usd_per_hour is not None:
        amounts[series.QUEUE_HISTORY_COST] = history_usd_per_hour
    return Group(
        name=f"elastic-spark-queue-{queue}",
        interval=INTERVAL,
        rules=tuple(constant(of, amount, labels) for of, amount in amounts.items()),
    )
