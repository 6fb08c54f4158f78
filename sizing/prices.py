"""List prices in USD, from the packaged data file: no discount, no Savings Plan, no Spot, no tax."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from sizing.instances import CATALOG, InstanceType, UnknownInstanceType

HOURS_PER_MONTH: Final = 730
"""Hours of a month in AWS price estimates, by convention (8760 / 12)."""

UnitPrice = Literal["eks-cluster-hour", "gp3-gb-month", "interface-endpoint-hour", "nat-gateway-gb", "nat-gateway-hour"]
"""Unit prices in the data file: an EKS control plane in standard support, an hour; gp3 storage, a GB-month; an
interface endpoint in one zone, an hour; a NAT gateway, an hour and a GB processed."""


class UnknownPrice(LookupError):
    """The data file has no such price for that region."""

    def __init__(self, what: str, region: str, regions: Mapping[str, object]) -> None:
        known = ", ".join(sorted(regions)) or "no region"
        super().__init__(
            f"no price of {what} in {region!r}: known for {known}; "
            f"`--region {region}` of the refresh adds a region (docs/sizing.md)"
        )
        self.what = what
        self.region = region


def on_demand_hourly(instance: InstanceType | str, region: str) -> Decimal:
    """USD an hour of one Linux instance with shared tenancy, on demand.

    Raises UnknownPrice when the type has no price in that region, UnknownInstanceType when no such type is known.
    """
    name = instance if isinstance(instance, str) else instance.name
    if name not in CATALOG.instances:
        raise UnknownInstanceType(name)
    try:
        return CATALOG.on_demand[region][name]
    except KeyError:
        sold = {key: prices for key, prices in CATALOG.on_demand.items() if name in prices}
        raise UnknownPrice(name, region, sold) from None


def unit_price(what: UnitPrice, region: str) -> Decimal:
    """USD of one unit of something else that a platform uses. Raises UnknownPrice when that region's is not known."""
    prices = CATALOG.unit_prices.get(what, {})
    try:
        return prices[region]
    except KeyError:
        raise UnknownPrice(what, region, prices) from None


def price_dates() -> Mapping[str, date]:
    """The regions with on-demand prices, each with the day of its prices."""
    return CATALOG.price_dates
