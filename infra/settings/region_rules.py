"""Whether it is the region that is wrong, and not all zones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sizing.regions import REGIONS

_ZONE: Final = re.compile(r"(?P<region>[a-z0-9-]+-[0-9])[a-z]")


def another_region(data: Mapping[str, Any], region: str) -> str | None:
    """What is allowed in place of a region, where all zones that settings name are in one other.

    Args:
        data: the settings, unchecked.
        region: that the stack's configuration names.

    Returns:
        None where a zone is the region's, where zones are of several, or of none that there is.
    """
    zones = [*_zones(data)]
    regions = {found["region"] if (found := _ZONE.fullmatch(zone)) else "" for zone in zones}
    if len(regions) != 1 or region in regions or not regions <= REGIONS:
        return None
    (other,) = regions
    return f"{other}, where the zones are ({', '.join(sorted(set(zones)))}); or zones of {region} instead of these"


def _zones(data: Mapping[str, Any]) -> Iterator[str]:
    """The names of the zones of a platform's network, or of a tenant's pools."""
    network = _mapping(data.get("network"))
    holders = [_mapping(network.get(key)) for key in ("vpc", "existing")]
    for queue in _mapping(data.get("queues")).values():
        holders += [_mapping(pool) for pool in _mapping(_mapping(queue).get("pools")).values()]
    for holder in holders:
        yield from map(str, _mapping(holder.get("zones")))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
