"""What a tenant's stack tells Prometheus and Alertmanager: what its queues are, and who hears of its alerts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pulumi

from components.observability.constants import PoolConstants, budget_constant, pool_constants
from components.observability.groups import Group
from components.observability.prometheus_rule import PrometheusRules, PrometheusRulesArgs
from components.observability.queue_sizes import queue_constants
from components.observability.receivers import AlertReceivers, AlertReceiversArgs
from components.queue.queue import Queue
from infra.contract import PlatformContract
from infra.receivers import receivers_of
from infra.settings.tenant import AwsTenant, ExistingPoolSettings, ExistingTenant, PoolSettings, pool_sizes
from infra.settings.tenant_sizes import QueueNumbers
from sizing import names
from sizing.pricing.node_prices import NodeCapacity, node_prices


def tenant_monitoring(
    settings: AwsTenant | ExistingTenant,
    contract: PlatformContract,
    queues: Mapping[str, tuple[Queue, QueueNumbers]],
    opts: pulumi.ResourceOptions,
) -> None:
    """Register a tenant's constants and receivers, in the namespaces of its queues.

    Args:
        settings: of the tenant.
        contract: of its platform; one that measures nothing gets nothing.
        queues: by name, with their numbers.
        opts: the providers.
    """
    if not contract.monitoring:
        return
    for name, (queue, numbers) in sorted(queues.items()):
        PrometheusRules(
            f"{queue.namespace}-constants",
            PrometheusRulesArgs(namespace=queue.namespace, groups=queue_groups(settings, contract, name, numbers)),
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[queue])),
        )
    if settings.alerts:
        queue, _ = queues[settings.alerts.queue or min(queues)]
        region = contract.aws.region if contract.aws else None
        AlertReceivers(
            f"{settings.name}-alerts",
            AlertReceiversArgs(
                namespace=queue.namespace,
                receivers=receivers_of(settings.alerts.receivers, region),
                tenant=settings.name,
            ),
            pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[queue])),
        )


def queue_groups(
    settings: AwsTenant | ExistingTenant, contract: PlatformContract, name: str, numbers: QueueNumbers
) -> tuple[Group, ...]:
    """The constants of a queue, and with its first queue a tenant's budget."""
    namespace = names.namespace(settings.name, name)
    pools = [
        _pool(settings.name, name, pool_name, pool, contract) for pool_name, pool in pool_sizes(settings.queues[name])
    ]
    groups = (queue_constants(settings.name, namespace, numbers.size), pool_constants(namespace, pools))
    budget = settings.budget if isinstance(settings, AwsTenant) and name == min(settings.queues) else None
    return (*groups, budget_constant(settings.name, Decimal(budget.monthly_usd))) if budget else groups


def _pool(
    tenant: str, queue: str, name: str, pool: PoolSettings | ExistingPoolSettings, contract: PlatformContract
) -> PoolConstants:
    namespace = names.namespace(tenant, queue)
    identity = names.pool_identity(tenant, queue, name)
    if isinstance(pool, ExistingPoolSettings) or contract.aws is None:
        nodes = pool.nodes if isinstance(pool, ExistingPoolSettings) else pool.max_nodes
        return PoolConstants(identity=identity, minimum=nodes, maximum=nodes, queue=namespace, tenant=tenant)
    return PoolConstants(
        identity=identity,
        minimum=sum(pool.zones.values()),
        maximum=pool.max_nodes,
        prices=node_prices(contract.aws.region, pool.instance_types, _capacities(pool), pool.disk_gib),
        queue=namespace,
        tenant=tenant,
    )


def _capacities(pool: PoolSettings) -> tuple[NodeCapacity, ...]:
    if pool.capacity == "on-demand":
        return ("on-demand",)
    return ("on-demand", "spot") if pool.fallback else ("spot",)
