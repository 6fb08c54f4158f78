"""What one stack costs at its minimum and at its maximum, line by line, and beside a tenant's budget.

Every resource that costs money has a line, priced or not; what costs nothing is named here. A type that is not named is
listed as not known, so that nothing is free by being forgotten. docs/costs.md explains it to users.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from fleet.offline.charges import CHARGED, FREE, NOT_CHARGED_PACKAGES, not_known
from fleet.offline.pools import LABELLED_POOL_TYPE, POOL_TYPE, QUEUE_TYPE, pool_nodes, region_of
from fleet.offline.registration import Registration, Registrations
from infra.settings.tenant import BUDGET_OUTPUT
from sizing import names
from sizing.pricing.budget import BudgetComparison
from sizing.pricing.costs import (
    PLATFORM,
    Cost,
    CostLine,
    Price,
    SpotPrices,
    Unpriced,
    cost_of,
    priced_line,
)
from sizing.pricing.pool_costs import pool_lines
from sizing.pricing.prices import hourly_unit_price

GROUP_TYPE = "aws:autoscaling/group:Group"
MONITORING_TYPE = "elastic-spark:monitoring:Monitoring"


def stack_cost(registrations: Registrations, spot_prices: SpotPrices | None = None) -> Cost:
    """What a stack costs.

    Args:
        registrations: of a platform or a tenant.
        spot_prices: Spot's market prices of its pools (`fleet.live.spot_history`); None for a share of on-demand.
    """
    return cost_of(
        (
            *_pools(registrations, spot_prices),
            *_labelled(registrations),
            *_volumes(registrations),
            *_resources(registrations),
        )
    )


def budget_comparison(registrations: Registrations, cost: Cost) -> BudgetComparison | None:
    """The cost of a tenant's registrations beside the budget that its stack exports; None where it exports none."""
    budget = registrations.stack.outputs.get(BUDGET_OUTPUT)
    tenant = _tenant(registrations)
    if budget is None or tenant is None:
        return None
    return BudgetComparison.of(tenant, Decimal(budget["monthlyUsd"]), cost)


def _pools(registrations: Registrations, spot_prices: SpotPrices | None) -> Iterator[CostLine]:
    for nodes in pool_nodes(registrations):
        yield from pool_lines(nodes, spot_prices)


def _labelled(registrations: Registrations) -> Iterator[CostLine]:
    for pool in registrations.of_type(LABELLED_POOL_TYPE):
        yield CostLine(
            owner=pool.inputs.get("queue") or PLATFORM,
            what=f"nodes of pool {pool.inputs['identity']}",
            unit="node",
            minimum=pool.inputs["nodes"],
            maximum=pool.inputs["nodes"],
            note="nodes of a cluster that is there already",
            unpriced=Unpriced.ELSEWHERE,
        )


def _volumes(registrations: Registrations) -> Iterator[CostLine]:
    """What monitoring keeps its samples on, which the storage driver makes: no resource of the stack."""
    region = region_of(registrations)
    for monitoring in registrations.of_type(MONITORING_TYPE):
        if region:
            yield priced_line(
                owner=PLATFORM,
                what="gp3 volumes of monitoring",
                unit="GiB",
                minimum=monitoring.inputs["volumesGib"],
                maximum=monitoring.inputs["volumesGib"],
                price=lambda: Price(hourly_unit_price("gp3-gb-month", region)),
            )


def _resources(registrations: Registrations) -> Iterator[CostLine]:
    for resource in registrations.values():
        bought = (resource.custom or resource.remote) and not resource.read_id
        if not bought or resource.type in FREE or resource.type.partition(":")[0] in NOT_CHARGED_PACKAGES:
            continue
        owner = _owner(registrations, resource)
        if resource.type in CHARGED:
            yield from CHARGED[resource.type](
                owner, resource, resource.inputs.get("region") or region_of(registrations)
            )
        elif resource.type != GROUP_TYPE:
            yield not_known(owner, resource.type, "a type that fleet/offline/charges.py doesn't have")
        elif not _in_pool(registrations, resource):
            yield not_known(owner, "Auto Scaling groups outside of pools", "their nodes are not known")


def _in_pool(registrations: Registrations, resource: Registration) -> bool:
    parent = registrations.get(resource.parent)
    return parent is not None and parent.type == POOL_TYPE


def _owner(registrations: Registrations, resource: Registration) -> str:
    """The queue that a resource is made for, as the components around it say; else the tenant, or the platform."""
    at: Registration | None = resource
    while at is not None:
        tenant, queue = at.inputs.get("tenant"), at.inputs.get("queue")
        if isinstance(tenant, str) and isinstance(queue, str):
            return names.namespace(tenant, queue)
        at = registrations.get(at.parent)
    return _tenant(registrations) or PLATFORM


def _tenant(registrations: Registrations) -> str | None:
    """The tenant whose registrations they are; None for a platform's."""
    return next((str(queue.inputs["tenant"]) for queue in registrations.of_type(QUEUE_TYPE)), None)
