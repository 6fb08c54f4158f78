"""What a pool costs at its minimum and at its maximum, by list prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sizing.prices import HOURS_PER_MONTH, UnknownPrice, on_demand_hourly, unit_price

SPOT_SHARE: Final = Decimal("0.4")
"""What Spot is taken to cost, as a share of on-demand. It changes by the hour and zone: an assumption, not a price."""


@dataclass(frozen=True, kw_only=True)
class NodePrice:
    """USD an hour of one node: the instance, and its root volume.

    Attributes:
        instance: by list price, or the stated share of it for Spot.
        volume: of gp3.
    """

    instance: Decimal
    volume: Decimal

    @property
    def hourly(self) -> Decimal:
        """Both together."""
        return self.instance + self.volume


@dataclass(frozen=True, kw_only=True)
class PoolPrice:
    """USD an hour of a pool at its minimum and at its maximum."""

    minimum: Decimal
    maximum: Decimal

    def __add__(self, other: PoolPrice) -> PoolPrice:
        return PoolPrice(minimum=self.minimum + other.minimum, maximum=self.maximum + other.maximum)


def node_price(instance_type: str, region: str, disk_gib: int, *, spot: bool) -> NodePrice:
    """The price of one node of a pool.

    Args:
        instance_type: the pool's first type; which of the alike ones AWS gives is not known beforehand.
        region: where it runs.
        disk_gib: size of the root volume.
        spot: whether it is a Spot node.

    Raises:
        UnknownPrice: the data file has no price of the type, or of gp3, in that region.
        UnknownInstanceType: there is no such type.
    """
    share = SPOT_SHARE if spot else Decimal(1)
    volume = unit_price("gp3-gb-month", region) * disk_gib / HOURS_PER_MONTH
    return NodePrice(instance=on_demand_hourly(instance_type, region) * share, volume=volume)


def pool_price(node: NodePrice, least: int, most: int) -> PoolPrice:
    """The price of a pool of so many nodes at its minimum and maximum."""
    return PoolPrice(minimum=node.hourly * least, maximum=node.hourly * most)


def known_pool_price(
    instance_type: str, region: str, disk_gib: int, least: int, most: int, *, spot: bool
) -> PoolPrice | None:
    """`pool_price` of `node_price`, or None where the data file has no price."""
    try:
        return pool_price(node_price(instance_type, region, disk_gib, spot=spot), least, most)
    except UnknownPrice:
        return None
