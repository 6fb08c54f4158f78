"""What a stack knows and no software measures, as series: sizes and prices of pools, and a tenant's budget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.series import Label, Series
from sizing.pricing.node_prices import NodePrice

INTERVAL: Final = 60
"""Seconds between evaluations; Prometheus takes a series for gone after five minutes."""


@dataclass(frozen=True, kw_only=True)
class PoolConstants:
    """A pool as far as rules can't see it.

    Args:
        identity: of the pool, the value of its nodes' label.
        minimum: nodes at any time, over all zones, raised hours aside.
        maximum: nodes at most, over all zones.
        unneeded: seconds for which its nodes stay empty; None for as long as the autoscaler's flag says.
        prices: of one node; empty where nothing is known, so that the pool costs nothing.
        queue: the namespace of its queue; empty for pools that all queues share.
        tenant: whose queue that is; empty too.
    """

    identity: str
    minimum: int
    maximum: int
    unneeded: int | None = None
    prices: tuple[NodePrice, ...] = ()
    queue: str = ""
    tenant: str = ""


def pool_constants(name: str, pools: Iterable[PoolConstants]) -> Group:
    """The constants of pools: of a queue, in its namespace, or of the platform.

    Args:
        name: of the group, unique in the cluster, such as the queue's namespace.
        pools: in any order.
    """
    rules: list[Record] = []
    for pool in sorted(pools, key=lambda pool: pool.identity):
        owner: dict[Label, str] = {"pool": pool.identity}
        if pool.queue:
            owner |= {"queue": pool.queue, "tenant": pool.tenant}
        rules += [
            constant(series.POOL_MINIMUM, pool.minimum, owner),
            constant(series.POOL_MAXIMUM, pool.maximum, owner),
        ]
        if pool.unneeded is not None:
            rules.append(constant(series.POOL_UNNEEDED, pool.unneeded, owner))
        rules += [
            constant(
                series.NODE_PRICE,
                price.usd_per_hour,
                {**owner, "instance_type": price.instance_type, "capacity": price.capacity},
            )
            for price in pool.prices
        ]
    return Group(name=f"elastic-spark-constants-{name}", interval=INTERVAL, rules=tuple(rules))


def budget_constant(tenant: str, monthly_usd: Decimal) -> Group:
    """A tenant's budget; once a tenant, in the namespace of any of its queues."""
    return Group(
        name=f"elastic-spark-budget-{tenant}",
        interval=INTERVAL,
        rules=(constant(series.TENANT_BUDGET, monthly_usd, {"tenant": tenant}),),
    )


def constant(of: Series, value: int | Decimal, labels: dict[Label, str]) -> Record:
    """A series that always has this value, with these labels."""
    plain = f"{Decimal(value):f}"
    return Record(of, f"vector({plain.rstrip('0').rstrip('.') if '.' in plain else plain})", labels)
