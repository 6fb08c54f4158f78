"""What EC2 instances cost by the hour, in the terms of whoever pays for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from capacity.errors import CapacityError
from sizing.instances import UnknownInstanceType
from sizing.pricing.costs import SPOT_SHARE
from sizing.pricing.prices import UnknownPrice, on_demand_hourly


@dataclass
class Ec2Prices:
    """Prices of instances: list prices on demand, unless said otherwise, and a share of these for Spot.

    Args:
        own: USD an hour on demand by instance type, which count more than the list's.
        spot_share: what Spot costs, as a share of on demand.
        unpriced: hours by type and region of instances without a price, of which the sums know nothing.
    """

    own: Mapping[str, float] = field(default_factory=dict)
    spot_share: float = float(SPOT_SHARE)
    unpriced: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))

    def on_demand(self, instance_type: str, region: str, hours: float) -> float:
        """USD of so many hours on demand; 0 where there is no price, which `unpriced` then says."""
        if instance_type in self.own:
            return self.own[instance_type] * hours
        try:
            return float(on_demand_hourly(instance_type, region)) * hours
        except (UnknownPrice, UnknownInstanceType):
            self.unpriced[instance_type, region] += hours
            return 0.0

    def usd(self, instance_type: str, region: str, *, spot: bool, hours: float) -> float:
        """USD of so many hours, as the instance was bought."""
        return self.on_demand(instance_type, region, hours) * (self.spot_share if spot else 1.0)

    def check(self) -> None:
        """Says what had no price.

        Raises:
            CapacityError: something had none, so that sums are too low.
        """
        if self.unpriced:
            raise CapacityError(self._missing())

    def _missing(self) -> Iterator[str]:
        for (instance_type, region), hours in sorted(self.unpriced.items()):
            name = instance_type or "TYPE"
            what = f"no price of {instance_type or 'an instance without a type'} in {region} ({hours:,.1f} hours)"
            yield f"{what}: add what it costs an hour on demand, --price {name}=USD"
