"""What a tenant's stack tells Prometheus and Alertmanager: what its queues are, and who hears of its alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pulumi

from components.observability.constants import PoolConstants, budget_constant, pool_constants
from components.observability.groups import DEFAULT_RUNBOOKS, Group
from components.observability.prometheus_rule import PrometheusRules, PrometheusRulesArgs
from components.observability.queue_sizes import queue_constants
from components.observability.receivers import AlertReceivers, AlertReceiversArgs
from components.queue.queue import Queue
from infra.receivers import receivers_of
from infra.settings.tenancy import AwsTenancy, Tenancy
from infra.settings.tenant import PoolSettings
from infra.settings.tenant_sizes import QueueNumbers
from sizing import names
from sizing.durations import parse_duration
from sizing.pricing.node_prices import NodeCapacity, node_prices


def tenant_monitoring(
    tenancy: Tenancy, queues: Mapping[str, tuple[Queue, QueueNumbers]], opts: pulumi.ResourceOptions
) -> None:
    """Register a tenant's constants and receivers, in the namespaces of its queues.

    Args:
        tenancy: on a platform that measures nothing it gets nothing.
        queues: by name, with their numbers.
        opts: the providers.
    """
    settings, contract = tenancy.settings, tenancy.contract
    if not contract.monitoring:
        return
    for name, (queue, numbers) in sorted(queues.items()):
        PrometheusRules(
            f"{queue.namespace}-constants",
            PrometheusRulesArgs(
                namespace=queue.namespace, groups=queue_groups(tenancy, name, numbers), runbooks=DEFAULT_RUNBOOKS
            ),
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[queue])),
        )
    if settings.alerts:
        queue, _ = queues[settings.alerts.queue or min(queues)]
        region = tenancy.contract.aws.region if isinstance(tenancy, AwsTenancy) else None
        AlertReceivers(
            f"{settings.name}-alerts",
            AlertReceiversArgs(
                namespace=queue.namespace,
                receivers=receivers_of(settings.alerts.receivers, region),
                tenant=settings.name,
            ),
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[queue])),
        )


def queue_groups(tenancy: Tenancy, name: str, numbers: QueueNumbers) -> tuple[Group, ...]:
    """The constants of a queue, and with its first queue a tenant's budget."""
    settings = tenancy.settings
    namespace = names.namespace(settings.name, name)
    pools = [
        PoolConstants(
            identity=names.pool_identity(settings.name, name, pool),
            minimum=share.min_nodes,
            maximum=share.max_nodes,
            queue=namespace,
            tenant=settings.name,
        )
        for pool, share in numbers.shares.items()
    ]
    budget = None
    if isinstance(tenancy, AwsTenancy):
        pools = [
            _bought(constants, pool, tenancy.contract.aws.region)
            for constants, (_, pool) in zip(pools, sorted(tenancy.settings.queues[name].pools.items()), strict=True)
        ]
        budget = tenancy.settings.budget if name == min(tenancy.settings.queues) else None
    history = numbers.history.usd_per_hour if numbers.history else None
    groups = (queue_constants(settings.name, namespace, numbers.size, history), pool_constants(namespace, pools))
    return (*groups, budget_constant(settings.name, Decimal(budget.monthly_usd))) if budget else groups


def _bought(constants: PoolConstants, pool: PoolSettings, region: str) -> PoolConstants:
    """Also what a pool's nodes cost, and how long they stay empty."""
    return replace(
        constants,
        prices=node_prices(region, pool.instance_types, _capacities(pool), pool.disk_gib),
        unneeded=parse_duration(pool.unneeded_time) if pool.unneeded_time else None,
    )


def _capacities(pool: PoolSettings) -> tuple[NodeCapacity, ...]:
    if pool.capacity == "on-demand":
        return ("on-demand",)
    return ("on-demand", "spot") if pool.fallback else ("spot",)
