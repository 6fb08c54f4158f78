"""What EMR's clusters cost: each instance for as long as it was there, EC2's price and EMR's own on top.

Managed scaling needs nothing of its own: its instances come and go, and each of them is listed with its times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from capacity.errors import CapacityError
from capacity.paid.parts import Part, part
from capacity.paid.prices import Ec2Prices
from capacity.traces.emr_clusters import LISTED, Cluster, Instance
from capacity.traces.skipped import Skip

SURCHARGE: Final = 0.25
"""What EMR takes, as a share of the instance's on-demand price, also of Spot instances.

In us-east-1 it is 0.048 USD an hour for an m5.xlarge at 0.192, and 0.063 for an r5.xlarge at 0.252. Approximate: the
list has a price for each type and region, which for some large types is a smaller share.
Source: https://aws.amazon.com/emr/pricing
"""
LEAST: Final = timedelta(minutes=1)
"""What an instance is charged for at least. Source: the same."""
_HOUR: Final = timedelta(hours=1)
_ONE_ROUND: Final = timedelta(days=1)
"""Within which clusters are taken to have been asked for together."""


@dataclass(frozen=True)
class Surcharge:
    """EMR's own price.

    Args:
        share: of the on-demand price, for types that `usd` hasn't.
        usd: an hour, by instance type.
    """

    share: float = SURCHARGE
    usd: Mapping[str, float] = field(default_factory=dict)


def parts_of(
    clusters: Iterable[Cluster],
    *,
    prices: Ec2Prices,
    surcharge: Surcharge,
    skip: Skip,
    region: str | None = None,
    place: Callable[[Cluster], str] = lambda cluster: cluster.name,
) -> Iterator[Part]:
    """A charge for each instance, from when EMR asked for it to its end, or to when AWS was last asked.

    Of the time more than 30 days before AWS was asked nothing is charged: instances that ended then aren't listed.

    Args:
        clusters: with their instances.
        prices: of EC2.
        surcharge: of EMR.
        skip: is told of hours of which not all instances are known.
        region: of clusters whose answers don't say it.
        place: of a cluster.

    Raises:
        CapacityError: nobody says in which region a cluster was, or an instance began after AWS was asked; at the end,
            all of these at once.
    """
    findings = []
    for cluster in clusters:
        where = cluster.region or region
        if not cluster.listed:
            skip(cluster.name, "no instances: add `aws emr list-instances` to its file")
        elif where is None:
            findings.append(f"{cluster.name} doesn't say its region: add `aws emr describe-cluster`, or --region")
        elif late := [
            one for one in cluster.instances.values() if max(one.created, one.ended or one.created) > _asked(cluster)
        ]:
            findings.append(
                f"{cluster.name} has an instance of {late[0].created:%Y-%m-%dT%H:%MZ}, after its file was written: say "
                "when AWS was asked, --asked"
            )
        else:
            yield from _of_cluster(cluster, where, prices, surcharge, skip, place(cluster))
    if findings:
        raise CapacityError(findings)


def placing(how: str) -> Callable[[Cluster], str]:
    """What the place of a cluster is.

    Args:
        how: `cluster`, its name, or `tag:NAME`; of clusters without that tag it is their name.

    Raises:
        CapacityError: it is something else.
    """
    if how.startswith("tag:") and (tag := how.removeprefix("tag:")):
        return lambda cluster: cluster.tags.get(tag) or cluster.name
    if how != "cluster":
        raise CapacityError([f"{how!r} is no place: it is cluster or tag:NAME"])
    return lambda cluster: cluster.name


def known(clusters: Iterable[Cluster]) -> list[tuple[datetime, datetime]]:
    """The times of which all instances of these clusters are known, apart and in order."""
    return _merged((asked - LISTED, asked) for cluster in clusters for asked in cluster.listed)


def check_all_known(clusters: Sequence[Cluster], since: datetime) -> None:
    """Refuses to take that all instances since some time are known where they can't be.

    Raises:
        CapacityError: EMR didn't list all of that time any more, or a cluster that ran wasn't asked for again.
    """
    spans = known(clusters)
    if not spans:
        return
    findings = []
    if since < spans[-1][0]:
        findings.append(
            f"--all-since can be {spans[-1][0]:%Y-%m-%dT%H:%MZ} or later: what ended before, EMR didn't list any more "
            "when it was asked"
        )
    late = [one for one in clusters if running([one]) and _asked(one) < spans[-1][1] - _ONE_ROUND]
    findings += [
        f"{one.name} ran at {_asked(one):%Y-%m-%dT%H:%MZ}, and wasn't asked for when others were, at "
        f"{spans[-1][1]:%Y-%m-%dT%H:%MZ}: ask for it again, or leave --all-since out"
        for one in late
    ]
    if findings:
        raise CapacityError(findings)


def running(clusters: Iterable[Cluster]) -> int:
    """How many instances were still there when AWS was asked, which are charged for until then."""
    return sum(one.ended is None for cluster in clusters for one in cluster.instances.values())


def _asked(cluster: Cluster) -> datetime:
    return max(cluster.listed)


def _of_cluster(
    cluster: Cluster, region: str, prices: Ec2Prices, surcharge: Surcharge, skip: Skip, place: str
) -> Iterator[Part]:
    windows = known([cluster])
    unknown = timedelta()
    for one in cluster.instances.values():
        begin = one.created
        end = max(one.ended or _asked(cluster), begin + LEAST)
        pieces = [(max(begin, start), min(end, stop)) for start, stop in windows]
        pieces = [(start, stop) for start, stop in pieces if stop > start]
        unknown += (end - begin) - sum((stop - start for start, stop in pieces), timedelta())
        for start, stop in pieces:
            hours = (stop - start) / _HOUR
            yield part(
                place,
                start,
                stop,
                _what(cluster, one),
                hours=hours,
                ec2=prices.usd(one.instance_type, region, spot=one.spot, hours=hours),
                service=_surcharge(one, region, prices, surcharge, hours),
            )
    if unknown >= _HOUR:
        skip(
            cluster.name,
            f"{unknown / _HOUR:,.0f} instance hours: of that time not all instances are known, as EMR lists them for "
            "30 days; ask more often",
        )


def _surcharge(one: Instance, region: str, prices: Ec2Prices, surcharge: Surcharge, hours: float) -> float:
    if one.instance_type in surcharge.usd:
        return surcharge.usd[one.instance_type] * hours
    if one.instance_type not in prices.own and (one.instance_type, region) in prices.unpriced:
        return 0.0
    return surcharge.share * prices.on_demand(one.instance_type, region, hours)


def _what(cluster: Cluster, one: Instance) -> str:
    bought = "Spot" if one.spot else "on demand"
    return " ".join(word for word in ("EMR", cluster.name, one.instance_type, bought, one.role, one.identity) if word)


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found
