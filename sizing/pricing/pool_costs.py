"""What the nodes of a pool cost, by list prices or the Spot market's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sizing import names
from sizing.pricing.costs import PLATFORM, SPOT_DAYS, SPOT_SHARE, CostLine, Price, SpotPrices, priced_line
from sizing.pricing.prices import UnknownPrice, hourly_unit_price, on_demand_hourly, plain, rounded

Capacity = Literal["on-demand", "spot", "spot or on-demand"]


@dataclass(frozen=True, kw_only=True)
class PoolNodes:
    """The nodes of a pool over all its zones, as far as their price depends on it.

    Attributes:
        owner: see `sizing.pricing.costs.CostLine`.
        identity: the pool's.
        region: where it runs.
        zones: the zones it may use.
        instance_types: in order of preference.
        capacity: how nodes are bought; `spot or on-demand` falls back while AWS has no Spot capacity.
        disk_gib: size of a node's root volume.
        minimum: nodes at any time, hours with a raised minimum aside.
        maximum: nodes at most.
        retiring: earlier generations, which may still have nodes and get no new ones.
    """

    owner: str
    identity: str
    region: str
    zones: tuple[str, ...]
    instance_types: tuple[str, ...]
    capacity: Capacity
    disk_gib: int
    minimum: int
    maximum: int
    retiring: tuple[str, ...] = ()


def nodes_of_pools(pools: Iterable[Mapping[str, Any]], region: str) -> list[PoolNodes]:
    """The nodes of pools by what their components declare, sorted by identity.

    The groups of a Spot pool and of its on-demand fall-back are declared apart and are one pool.

    Args:
        pools: `identity`, `capacity`, `diskGib`, `instanceTypes`, `labels`, `retiring`, `zones` and `maximum` of each,
            as `components.nodes.pool.Pool` has them.
        region: where they run.
    """
    by_identity: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for pool in pools:
        by_identity[pool["identity"]].append(pool)
    return [_nodes(sets, region) for _, sets in sorted(by_identity.items())]


def _nodes(sets: Sequence[Mapping[str, Any]], region: str) -> PoolNodes:
    pool = sets[0]
    zones = pool["zones"]
    capacities = {one["capacity"] for one in sets}
    return PoolNodes(
        owner=pool["labels"].get(names.QUEUE_LABEL, PLATFORM),
        identity=pool["identity"],
        region=region,
        zones=tuple(sorted(zones)),
        instance_types=tuple(pool["instanceTypes"]),
        capacity="spot or on-demand" if len(capacities) > 1 else pool["capacity"],
        disk_gib=pool["diskGib"],
        minimum=sum(zone["minimum"] for zone in zones.values()),
        maximum=pool["maximum"],
        retiring=tuple(pool["retiring"]),
    )


def pool_lines(pool: PoolNodes, spot_prices: SpotPrices | None = None) -> tuple[CostLine, CostLine]:
    """The lines of a pool: its instances, and their root volumes.

    An on-demand node has the price of the first type, which its group asks for first. A Spot node costs what history
    says, else `SPOT_SHARE` of that. With a fall-back the price is on-demand's: what the pool may cost.

    Args:
        pool: its nodes.
        spot_prices: of its types and zones; None for the share.

    Raises:
        UnknownInstanceType: it has a type that the data file doesn't know.
    """
    bought = {"on-demand": "on-demand", "spot": "Spot", "spot or on-demand": "Spot or on-demand"}[pool.capacity]
    nodes = priced_line(
        owner=pool.owner,
        what=f"{bought} {pool.instance_types[0]} nodes of pool {pool.identity}",
        unit="node",
        minimum=pool.minimum,
        maximum=pool.maximum,
        price=lambda: _node(pool, spot_prices),
    )
    volumes = priced_line(
        owner=pool.owner,
        what=f"gp3 root volumes of pool {pool.identity}",
        unit="GiB",
        minimum=pool.minimum * pool.disk_gib,
        maximum=pool.maximum * pool.disk_gib,
        price=lambda: Price(hourly_unit_price("gp3-gb-month", pool.region)),
    )
    return nodes, volumes


def _node(pool: PoolNodes, spot_prices: SpotPrices | None) -> Price:
    match pool.capacity:
        case "on-demand":
            price = _on_demand(pool)
        case "spot":
            price = _spot(pool, spot_prices)
        case "spot or on-demand":
            usd, spot = on_demand_hourly(pool.instance_types[0], pool.region), _spot(pool, spot_prices)
            price = Price(usd, f"as on-demand, its fall-back; Spot is {plain(spot.usd)} an hour: {spot.note}")
    if pool.retiring:
        left = f"nodes left of generation {', '.join(pool.retiring)} come on top"
        return Price(price.usd, f"{price.note}; {left}" if price.note else left)
    return price


def _on_demand(pool: PoolNodes) -> Price:
    first, *others = pool.instance_types
    usd = on_demand_hourly(first, pool.region)
    known, unknown = {}, []
    for name in others:
        try:
            known[name] = on_demand_hourly(name, pool.region)
        except UnknownPrice:
            unknown.append(name)
    notes = []
    dearest = max(known, key=lambda name: known[name], default=first)
    if known.get(dearest, usd) > usd:
        notes.append(f"up to {plain(known[dearest])} an hour as {dearest}, where AWS has no {first}")
    if unknown:
        notes.append(f"no price of its other types {', '.join(unknown)}")
    return Price(usd, "; ".join(notes))


def _spot(pool: PoolNodes, spot_prices: SpotPrices | None) -> Price:
    places = [(name, zone) for name in pool.instance_types for zone in pool.zones]
    found = [spot_prices[place] for place in places if place in spot_prices] if spot_prices else []
    if found:
        span = f"{plain(min(found))} to {plain(max(found))}"
        note = f"the average of {SPOT_DAYS} days over its types and zones, {span}"
        return Price(rounded(sum(found, Decimal(0)) / len(found)), note)
    asked = "" if spot_prices is None else "no Spot price history; "
    usd = on_demand_hourly(pool.instance_types[0], pool.region) * SPOT_SHARE
    return Price(usd, f"{asked}{SPOT_SHARE:.0%} of on-demand, an assumption")
