"""What Databricks costs, from results of the queries that it is asked with."""

from __future__ import annotations

import io
import re

import pytest

from capacity.errors import CapacityError
from capacity.paid.databricks import (
    PRICE_COLUMNS,
    PRICES_QUERY,
    USAGE_COLUMNS,
    USAGE_QUERY,
    DbuPrices,
    dbu_parts,
    list_prices,
    node_parts,
    placing,
    usages,
)
from capacity.paid.parts import Part
from capacity.paid.prices import Ec2Prices
from sizing.pricing.prices import on_demand_hourly
from tests.capacity.traces.aws_answers import Skipped

USAGE = "workspace_id,job_id,cluster_id,sku_name,usage_start_time,usage_end_time,custom_tags,usage_quantity\n"
PRICES = "sku_name,price_start_time,price_end_time,usd\n"
NODES = "cluster_id,instance_id,driver,started,ended,cpu_percent,cores,memory_mb,node_type\n"
SKU = "PREMIUM_JOBS_COMPUTE"
LISTED = PRICES + (
    f"{SKU},2024-01-01T00:00:00.000Z,2026-11-23T11:00:00.000Z,0.15\n"
    f"{SKU},2026-11-23T11:00:00.000Z,,0.20\n"
    "PREMIUM_ALL_PURPOSE_COMPUTE,2024-01-01T00:00:00.000Z,null,0.55\n"
)
USD = float(on_demand_hourly("m6i.2xlarge", "eu-central-1"))


def hour(number: int, dbus: float, *, job: str = "5", cluster: str = "c1", sku: str = SKU, tags: str = "") -> str:
    quoted = '"' + tags.replace('"', '""') + '"'
    day = "2026-11-23 "
    return f"ws1,{job},{cluster},{sku},{day}{number}:00:00+00:00,{day}{number + 1}:00:00+00:00,{quoted},{dbus}\n"


def node(cluster: str, identity: str, begin: str, end: str, *, driver: bool = False, kind: str = "m6i.2xlarge") -> str:
    return f"{cluster},{identity},{str(driver).lower()},2026-11-23T{begin},2026-11-23T{end},50,8,32768,{kind}\n"


def dbus(*lines: str, how: str = "workspace", prices: DbuPrices | None = None) -> list[Part]:
    found = usages(io.StringIO(USAGE + "".join(lines)))
    return list(dbu_parts(found, prices or DbuPrices(listed=list_prices(io.StringIO(LISTED))), placing(how)))


def test_dbus_cost_what_the_list_says_for_when_they_were_used() -> None:
    first, second = dbus(hour(10, 2), hour(11, 2))
    assert (first.charge.usd, second.charge.usd) == pytest.approx((0.30, 0.40))
    assert (first.charge.queue, first.charge.what) == ("ws1", f"{SKU} job 5 c1")
    assert (first.charge.end, first.hours, first.service_usd) == (second.charge.begin, 0, first.charge.usd)


def test_own_prices_count_more_than_the_lists_and_the_first_that_fits() -> None:
    own = DbuPrices({"*_JOBS_*": 0.1, "*": 9}, list_prices(io.StringIO(LISTED)))
    (first,) = dbus(hour(10, 2), prices=own)
    assert first.charge.usd == pytest.approx(0.2)


def test_skus_without_a_price_are_named_with_their_dbus() -> None:
    prices = DbuPrices(listed=list_prices(io.StringIO(LISTED)))
    dbus(hour(10, 2, sku="NEW"), hour(11, 3.5, sku="NEW"), prices=prices)
    with pytest.raises(CapacityError) as error:
        prices.check()
    assert error.value.findings == (
        "no price of NEW (5.5 DBU): add --list-prices with the second query's result, or what you pay, --dbu NEW=USD",
    )


def test_what_was_taken_back_is_taken_off() -> None:
    (one,) = dbus(hour(10, 2), hour(10, -2), hour(10, 1))
    assert one.charge.usd == pytest.approx(0.15)
    (nothing,) = dbus(hour(10, 2), hour(10, -2))
    assert nothing.charge.usd == 0
    with pytest.raises(CapacityError, match="what it takes back is not in the usage"):
        dbus(hour(10, 2), hour(11, -1))


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("workspace", ["ws1", "ws1", "ws1"]),
        ("job", ["5", "c2", "6"]),
        ("cluster", ["c1", "c2", "ws1"]),
        ("tag:team", ["etl", "c2", "6"]),
    ],
)
def test_a_place_is_what_was_asked_for_or_the_next_that_there_is(how: str, expected: list[str]) -> None:
    found = dbus(
        hour(10, 1, tags='{"team":"etl"}'), hour(10, 1, job="", cluster="c2"), hour(10, 1, job="6", cluster=""), how=how
    )
    assert [part.charge.queue for part in found] == expected


def test_another_place_is_an_error() -> None:
    for wrong in ("tag:", "team"):
        with pytest.raises(CapacityError, match="is no place: it is workspace, job, cluster or tag:NAME"):
            placing(wrong)


def nodes(*lines: str, spot: bool = False, prices: Ec2Prices | None = None) -> tuple[list[Part], Skipped]:
    found, skipped = usages(io.StringIO(USAGE + hour(10, 1, tags='{"team":"etl"}'))), Skipped()
    parts = node_parts(
        io.StringIO(NODES + "".join(lines)),
        found,
        prices=prices or Ec2Prices(),
        region="eu-central-1",
        spot_workers=spot,
        place=placing("tag:team"),
        skip=skipped,
    )
    return list(parts), skipped


def test_instances_are_charged_where_their_clusters_usage_is() -> None:
    (driver, worker), skipped = nodes(
        node("c1", "i-1", "10:00:00", "12:00:00", driver=True),
        node("c1", "i-2", "10:00:00Z", "10:30:00Z"),
        node("c9", "i-3", "10:00:00", "10:30:00"),
    )
    assert (driver.charge.queue, driver.hours) == ("etl", 2)
    assert driver.ec2_usd == pytest.approx(2 * USD)
    assert driver.charge.what == "EC2 m6i.2xlarge on demand driver c1 i-1"
    assert worker.ec2_usd == pytest.approx(USD / 2)
    assert skipped == {"c9 i-3": "a node of a cluster that isn't in the usage"}


def test_workers_may_be_spot_and_drivers_are_not() -> None:
    lines = node("c1", "i-1", "10:00:00", "11:00:00", driver=True), node("c1", "i-2", "10:00:00", "11:00:00")
    (driver, worker), _ = nodes(*lines, spot=True)
    assert (driver.ec2_usd, worker.ec2_usd) == pytest.approx((USD, 0.4 * USD))
    assert worker.charge.what == "EC2 m6i.2xlarge Spot worker c1 i-2"


def test_fleets_and_other_types_without_a_price_are_named() -> None:
    prices = Ec2Prices()
    nodes(node("c1", "i-1", "10:00:00", "12:00:00", kind="md-fleet.xlarge"), prices=prices)
    with pytest.raises(CapacityError, match=r"no price of md-fleet.xlarge in eu-central-1 \(2.0 hours\): add what it"):
        prices.check()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "the usage's lines have no column workspace_id"),
        (USAGE + hour(10, 1, tags="team=etl"), "`custom_tags` of the usage is no JSON, but 'team=etl'"),
        (USAGE + hour(10, 1, tags="[1]"), "`custom_tags` of the usage is no JSON"),
        (USAGE + hour(10, 1).replace("10:00:00", "ten"), "`usage_start_time` of a line is no time"),
        (USAGE + hour(10, 1).replace("11:00:00", "10:00:00"), "the usage has a line that ends at"),
        (USAGE + hour(10, 1).replace(",1\n", ",much\n"), "`usage_quantity` of a line is no number: 'much'"),
    ],
)
def test_another_file_is_refused(text: str, said: str) -> None:
    with pytest.raises(CapacityError, match=re.escape(said)):
        usages(io.StringIO(text))


def test_the_queries_give_the_columns_that_are_read() -> None:
    for query, columns in ((USAGE_QUERY, USAGE_COLUMNS), (PRICES_QUERY, PRICE_COLUMNS)):
        selected = query.partition("SELECT ")[2].partition("FROM")[0]
        bare = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "", selected)
        assert tuple(re.findall(r"(?:AS |\w\.)(\w+),?(?=\s|$)", bare)) == columns
