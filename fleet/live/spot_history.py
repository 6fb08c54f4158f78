"""What Spot instances have cost: asked of EC2 when somebody wants that instead of a share of on-demand.

The answer is of a moment, and zone names are the asking account's own, so a preview asks only where it is told to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from fleet.live.nodes import aws_errors
from fleet.offline.pools import pool_nodes
from fleet.offline.registration import Registrations
from sizing.pricing.costs import SPOT_DAYS, SpotPrices
from sizing.pricing.prices import rounded
from sizing.values import Json

SYSTEM: Final = "Linux/UNIX"
"""Of EC2's product descriptions, the one of Linux instances in a VPC."""
CONNECT_SECONDS: Final = 10


def spot_prices(recorded: Iterable[Registrations], now: datetime | None = None) -> SpotPrices:
    """The average Spot prices of the last `SPOT_DAYS`, for the types and zones of all pools that may take Spot nodes.

    Needs boto3 (the extra "aws") and credentials that allow ec2:DescribeSpotPriceHistory.

    Args:
        recorded: whose pools; one request series for each of their regions.
        now: the end of the days; None for this moment.

    Raises:
        LiveError: boto3 or credentials are missing, or EC2 could not be asked.
    """
    until = now or datetime.now(UTC)
    since = until - timedelta(days=SPOT_DAYS)
    pools = [
        nodes for registrations in recorded for nodes in pool_nodes(registrations) if nodes.capacity != "on-demand"
    ]
    prices: dict[tuple[str, str], Decimal] = {}
    for region in sorted({nodes.region for nodes in pools}):
        here = [nodes for nodes in pools if nodes.region == region]
        types = sorted({name for nodes in here for name in nodes.instance_types})
        zones = sorted({zone for nodes in here for zone in nodes.zones})
        prices |= averages(_history(region, types, zones, since, until), since, until)
    return prices


def averages(history: Iterable[Mapping[str, Json]], since: datetime, until: datetime) -> SpotPrices:
    """The averages of prices by time, from the entries of DescribeSpotPriceHistory in any order.

    Each entry is a change: its price holds until the next one. The last one before `since` holds at `since`; a time
    before the first entry doesn't count.
    """
    changes: defaultdict[tuple[str, str], list[tuple[datetime, Decimal]]] = defaultdict(list)
    for entry in history:
        changes[entry["InstanceType"], entry["AvailabilityZone"]].append(
            (entry["Timestamp"], Decimal(entry["SpotPrice"]))
        )
    return {place: average for place in sorted(changes) if (average := _average(changes[place], since, until))}


def _average(changes: list[tuple[datetime, Decimal]], since: datetime, until: datetime) -> Decimal | None:
    ordered = sorted(changes)
    ends = [*(moment for moment, _ in ordered[1:]), until]
    total, weighted = Decimal(0), Decimal(0)
    for (start, price), end in zip(ordered, ends, strict=True):
        seconds = Decimal(max(0, (min(end, until) - max(start, since)).total_seconds()))
        total += seconds
        weighted += seconds * price
    return rounded(weighted / total) if total else None


def _history(
    region: str, types: list[str], zones: list[str], since: datetime, until: datetime
) -> Iterable[Mapping[str, Json]]:
    with aws_errors():
        import boto3  # type: ignore[import-untyped]
        from botocore.config import Config  # type: ignore[import-untyped]

        # Somebody waits for it: without a network it says so soon.
        config = Config(connect_timeout=CONNECT_SECONDS, retries={"total_max_attempts": 2})
        ec2 = boto3.Session().client("ec2", region_name=region, config=config)
        pages = ec2.get_paginator("describe_spot_price_history").paginate(
            InstanceTypes=types,
            ProductDescriptions=[SYSTEM],
            Filters=[{"Name": "availability-zone", "Values": zones}],
            StartTime=since,
            EndTime=until,
        )
        return [entry for page in pages for entry in page["SpotPriceHistory"]]
