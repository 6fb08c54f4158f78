"""What Databricks costs: DBUs by its list prices, and EC2's instances below them.

The queries are what Databricks' SQL editor takes; it exports their results as CSV, as for traces
(`capacity.traces.databricks`, whose `NODES_QUERY` gives the instances). Times in these tables are UTC.

Source: https://docs.databricks.com/aws/en/admin/system-tables/billing (usage),
https://docs.databricks.com/aws/en/admin/system-tables/pricing (list_prices) and
https://docs.databricks.com/aws/en/admin/system-tables/compute (node_timeline)
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Final, TextIO

from capacity.errors import CapacityError
from capacity.paid.parts import Part, part
from capacity.paid.prices import Ec2Prices
from capacity.traces.databricks import TYPED_NODE_COLUMNS
from capacity.traces.exports import number, rows, time
from capacity.traces.skipped import Skip

USAGE_QUERY: Final = """\
SELECT usage.workspace_id, coalesce(usage.usage_metadata.job_id, '') AS job_id,
  coalesce(usage.usage_metadata.cluster_id, '') AS cluster_id, usage.sku_name,
  usage.usage_start_time, usage.usage_end_time, coalesce(to_json(usage.custom_tags), '') AS custom_tags,
  sum(usage.usage_quantity) AS usage_quantity
FROM system.billing.usage AS usage
WHERE usage.usage_date >= current_date() - INTERVAL 90 DAYS AND usage.usage_unit = 'DBU'
  AND (usage.usage_metadata.job_id IS NOT NULL OR usage.usage_metadata.cluster_id IS NOT NULL)
GROUP BY ALL
"""
"""Corrections are in it: a retraction has the times of its original, and a quantity below 0."""
PRICES_QUERY: Final = """\
SELECT prices.sku_name, prices.price_start_time, prices.price_end_time,
  coalesce(prices.pricing.effective_list.default, prices.pricing.default) AS usd
FROM system.billing.list_prices AS prices
WHERE prices.cloud = 'AWS' AND prices.currency_code = 'USD' AND prices.usage_unit = 'DBU'
"""
USAGE_COLUMNS: Final = (
    *("workspace_id", "job_id", "cluster_id", "sku_name"),
    *("usage_start_time", "usage_end_time", "custom_tags", "usage_quantity"),
)
PRICE_COLUMNS: Final = ("sku_name", "price_start_time", "price_end_time", "usd")
_ROUNDING: Final = 1e-6
"""USD below 0 that are taken for nothing."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """DBUs that somebody used.

    Args:
        workspace, job, cluster: whose; a job or a cluster may be empty.
        sku: what of.
        begin, end: from when to when; an hour, as a rule.
        tags: of the cluster, the job or the budget policy.
        dbus: how many; below 0 where it takes back others.
    """

    workspace: str
    job: str
    cluster: str
    sku: str
    begin: datetime
    end: datetime
    tags: Mapping[str, str]
    dbus: float


@dataclass
class DbuPrices:
    """Prices of DBUs in USD.

    Args:
        own: by SKU, which may have `*` and `?` in it; the first that fits counts, and more than the list's.
        listed: of each SKU from when to when what; an open end is `None`.
        unpriced: DBUs by SKU that have no price.
    """

    own: Mapping[str, float] = field(default_factory=dict)
    listed: Mapping[str, Sequence[tuple[datetime, datetime | None, float]]] = field(default_factory=dict)
    unpriced: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def usd(self, usage: Usage) -> float:
        """USD of some usage, by the price of when it began; 0 where there is none, which `unpriced` then says."""
        for pattern, usd in self.own.items():
            if fnmatchcase(usage.sku, pattern):
                return usage.dbus * usd
        for begin, end, usd in self.listed.get(usage.sku, ()):
            if begin <= usage.begin and (end is None or usage.begin < end):
                return usage.dbus * usd
        self.unpriced[usage.sku] += usage.dbus
        return 0.0

    def check(self) -> None:
        """Says what had no price.

        Raises:
            CapacityError: some SKU had none, so that sums are too low.
        """
        if self.unpriced:
            raise CapacityError(
                f"no price of {sku} ({dbus:,.1f} DBU): add --list-prices with the second query's result, or what you "
                f"pay, --dbu {sku}=USD"
                for sku, dbus in sorted(self.unpriced.items())
            )


def usages(file: TextIO) -> list[Usage]:
    """The result of `USAGE_QUERY`.

    Raises:
        CapacityError: columns are missing, or a line has another form.
    """
    found = []
    for row in rows(file, USAGE_COLUMNS, "the usage's lines"):
        begin, end = time(row, "usage_start_time"), time(row, "usage_end_time")
        if end <= begin:
            raise CapacityError([f"the usage has a line that ends at {end}, when it began or earlier"])
        found.append(
            Usage(
                workspace=row["workspace_id"],
                job=row["job_id"],
                cluster=row["cluster_id"],
                sku=row["sku_name"],
                begin=begin,
                end=end,
                tags=_tags(row["custom_tags"]),
                dbus=number(row, "usage_quantity"),
            )
        )
    return found


def list_prices(file: TextIO) -> dict[str, list[tuple[datetime, datetime | None, float]]]:
    """The result of `PRICES_QUERY`, as `DbuPrices` takes it.

    Raises:
        CapacityError: columns are missing, or a line has another form.
    """
    found: dict[str, list[tuple[datetime, datetime | None, float]]] = defaultdict(list)
    for row in rows(file, PRICE_COLUMNS, "the list prices"):
        end = time(row, "price_end_time") if row["price_end_time"] not in ("", "null") else None
        found[row["sku_name"]].append((time(row, "price_start_time"), end, number(row, "usd")))
    return found


def placing(how: str) -> Callable[[Usage], str]:
    """What the place of some usage is.

    Args:
        how: `workspace`, `job`, `cluster` or `tag:NAME`; where the usage has no job, tag or cluster, the next that it
            has of these: its job, its cluster, its workspace.

    Raises:
        CapacityError: it is something else.
    """
    if how.startswith("tag:") and (tag := how.removeprefix("tag:")):
        return lambda usage: usage.tags.get(tag) or usage.job or usage.cluster or usage.workspace
    ways: dict[str, Callable[[Usage], str]] = {
        "workspace": lambda usage: usage.workspace,
        "job": lambda usage: usage.job or usage.cluster or usage.workspace,
        "cluster": lambda usage: usage.cluster or usage.workspace,
    }
    if how not in ways:
        raise CapacityError([f"{how!r} is no place: it is workspace, job, cluster or tag:NAME"])
    return ways[how]


def dbu_parts(found: Iterable[Usage], prices: DbuPrices, place: Callable[[Usage], str]) -> Iterator[Part]:
    """A charge for each hour, SKU and user of DBUs, with what was taken back taken off.

    Raises:
        CapacityError: more was taken back than there was.
    """
    sums: dict[tuple[str, datetime, datetime, str], float] = defaultdict(float)
    for usage in found:
        whose = " ".join(word for word in (usage.job and f"job {usage.job}", usage.cluster) if word)
        sums[place(usage), usage.begin, usage.end, f"{usage.sku} {whose}".strip()] += prices.usd(usage)
    for (where, begin, end, what), usd in sums.items():
        if usd < -_ROUNDING:
            raise CapacityError(
                [
                    f"{what} of {begin:%Y-%m-%dT%H:%MZ} is {usd:,.2f} USD: what it takes back is not in the usage; "
                    "export the result of the query in --queries"
                ]
            )
        yield part(where, begin, end, what, service=max(usd, 0.0))


def node_parts(
    file: TextIO,
    found: Iterable[Usage],
    *,
    prices: Ec2Prices,
    region: str,
    spot_workers: bool,
    place: Callable[[Usage], str],
    skip: Skip,
) -> Iterator[Part]:
    """A charge for each instance while it was in a cluster.

    It is where the cluster's usage is; one of which there is no usage is left out, as whoever exported the usage left
    its cluster out.

    Args:
        file: the result of `capacity.traces.databricks.NODES_QUERY`.
        found: usage.
        prices: of EC2.
        region: of the workspaces.
        spot_workers: whether nodes other than drivers were bought as Spot: no table says so.
        place: see `placing`.
        skip: is told of instances without usage.

    Raises:
        CapacityError: columns are missing, or a line has another form.
    """
    places = {usage.cluster: place(usage) for usage in found if usage.cluster}
    for row in rows(file, TYPED_NODE_COLUMNS, "the nodes"):
        begin, end = time(row, "started"), time(row, "ended")
        where = places.get(row["cluster_id"])
        if where is None:
            skip(f"{row['cluster_id']} {row['instance_id']}", "a node of a cluster that isn't in the usage")
        elif end > begin:
            hours = (end - begin) / timedelta(hours=1)
            driver = row["driver"].lower() == "true"
            spot = spot_workers and not driver
            words = ("EC2", row["node_type"], "Spot" if spot else "on demand", "driver" if driver else "worker")
            yield part(
                where,
                begin,
                end,
                " ".join((*words, row["cluster_id"], row["instance_id"])),
                hours=hours,
                ec2=prices.usd(row["node_type"], region, spot=spot, hours=hours),
            )


def _tags(text: str) -> dict[str, str]:
    if text in ("", "null"):
        return {}
    try:
        found: Any = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CapacityError(
            [f"`custom_tags` of the usage is no JSON, but {text!r}: export the result of the query in --queries"]
        )
    return {str(name): str(value) for name, value in found.items()}
