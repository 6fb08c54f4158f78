"""List prices in USD, from the packaged data file: no discount, no Savings Plan, no Spot, no tax."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

from sizing.instances import CATALOG, InstanceType, UnknownInstanceType

HOURS_PER_MONTH: Final = 730
"""Hours of a month in AWS price estimates, by convention (8760 / 12)."""

UnitPrice = Literal[
    "alarm-month",
    "eks-cluster-hour",
    "gp3-gb-month",
    "interface-endpoint-hour",
    "kms-key-month",
    "load-balancer-hour",
    "load-balancer-unit-hour",
    "nat-gateway-gb",
    "nat-gateway-hour",
    "public-ipv4-hour",
]
"""Unit prices in the data file: an alarm of CloudWatch on one metric, a month; an EKS control plane in standard
support, an hour; gp3 storage, a GB-month; an interface endpoint in one zone, an hour; a KMS key, a month; a network
load balancer, an hour, and one of its capacity units, an hour; a NAT gateway, an hour and a GB processed; a public IPv4
address, an hour."""
PLACES: Final = Decimal("1e-12")
"""To what computed prices are rounded: AWS lists ten places, and sums of so few digits are exact."""


class UnknownPrice(LookupError):
    """The data file has no such price for that region; `remedy` says how it gets one."""

    def __init__(self, what: str, region: str, regions: Mapping[str, object]) -> None:
        known = ", ".join(sorted(regions)) or "no region"
        self.what = what
        self.region = region
        self.remedy = f"`fleet refresh-instances --region {region}` asks AWS (docs/sizing.md)"
        super().__init__(f"no price of {what} in {region!r}: known for {known}; {self.remedy}")


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


def rounded(usd: Decimal) -> Decimal:
    """A computed price, rounded to `PLACES`."""
    return usd.quantize(PLACES)


def hourly_unit_price(what: UnitPrice, region: str) -> Decimal:
    """`unit_price` by the hour: one by the month is divided by its hours and rounded to `PLACES`."""
    price = unit_price(what, region)
    return rounded(price / HOURS_PER_MONTH) if what.endswith("-month") else price


def plain(usd: Decimal) -> str:
    """A price for people: four digits after the point at most."""
    return f"{usd.quantize(Decimal('1e-4')).normalize():f}"
