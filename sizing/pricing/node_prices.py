"""What one node of a pool costs by the hour, for each instance type and way of buying it that the pool may use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sizing.pricing.costs import SPOT_SHARE
from sizing.pricing.prices import UnknownPrice, hourly_unit_price, on_demand_hourly, plain, rounded

NodeCapacity = Literal["on-demand", "spot"]
"""The value of a node's label `elastic-spark/capacity`."""


@dataclass(frozen=True)
class NodePrice:
    """USD an hour of one node with its root volume."""

    instance_type: str
    capacity: NodeCapacity
    usd_per_hour: Decimal


def node_prices(
    region: str, instance_types: Iterable[str], capacities: Iterable[NodeCapacity], disk_gib: int
) -> tuple[NodePrice, ...]:
    """The prices of a pool's nodes: list prices on demand, `sizing.pricing.costs.SPOT_SHARE` of them for Spot.

    A type without a price in that region is left out; where the volume's is not known, the node is priced without it.

    Args:
        region: where the pool runs.
        instance_types: that the pool may use.
        capacities: how its nodes may be bought; both for Spot with a fall-back.
        disk_gib: size of the root volume.

    Raises:
        UnknownInstanceType: the data file doesn't know a type.
    """
    try:
        disk = hourly_unit_price("gp3-gb-month", region) * disk_gib
    except UnknownPrice:
        disk = Decimal(0)
    return tuple(
        NodePrice(name, capacity, rounded(usd * (SPOT_SHARE if capacity == "spot" else 1) + disk))
        for name, usd in sorted(_on_demand(region, instance_types).items())
        for capacity in sorted(set(capacities))
    )


def node_usd(region: str, instance_type: str, capacity: NodeCapacity, disk_gib: int) -> str | None:
    """The price of one node as a decimal number in a text, for what is read by programs; None where it is not known.

    The arguments are those of `node_prices`, with one type and one way of buying it.

    Raises:
        UnknownInstanceType: the data file doesn't know the type.
    """
    found = node_prices(region, (instance_type,), (capacity,), disk_gib)
    return plain(found[0].usd_per_hour) if found else None


def _on_demand(region: str, instance_types: Iterable[str]) -> dict[str, Decimal]:
    prices = {}
    for name in instance_types:
        try:
            prices[name] = on_demand_hourly(name, region)
        except UnknownPrice:
            continue
    return prices
