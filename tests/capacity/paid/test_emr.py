"""What EMR's clusters cost, from answers that botocore takes for AWS's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from capacity.errors import CapacityError
from capacity.paid import emr
from capacity.paid.emr import LEAST, SURCHARGE, Surcharge
from capacity.paid.parts import Part
from capacity.paid.prices import Ec2Prices
from capacity.traces.emr_clusters import LISTED, MOST_LISTED, Cluster, clusters_of
from sizing.pricing.prices import on_demand_hourly
from tests.capacity.traces.aws_answers import Skipped, cluster, fleets, groups, instance, instances, minutes

GROUPS = {"ig_m": "MASTER", "ig_c": "CORE", "ig_t": "TASK"}
USD = float(on_demand_hourly("m5.2xlarge", "eu-central-1"))
ASKED = minutes(24 * 60)


def read(*answers: dict[str, Any], asked: datetime = ASKED, name: str = "j-2AX") -> tuple[list[Cluster], Skipped]:
    skipped = Skipped()
    return list(clusters_of([(name, asked, answer) for answer in answers], skipped).values()), skipped


def charged(
    *answers: dict[str, Any],
    asked: datetime = ASKED,
    prices: Ec2Prices | None = None,
    surcharge: Surcharge | None = None,
    region: str | None = None,
) -> tuple[list[Part], Skipped]:
    found, skipped = read(*answers, asked=asked)
    parts = emr.parts_of(
        found, prices=prices or Ec2Prices(), surcharge=surcharge or Surcharge(), skip=skipped, region=region
    )
    return list(parts), skipped


def test_each_instance_is_charged_for_its_hours_with_emrs_own_price_on_top() -> None:
    nodes = instance("m", 0, 600, group="ig-m"), instance("t", 60, 150, group="ig-t", market="SPOT")
    (master, task), skipped = charged(cluster(), groups(**GROUPS), instances(*nodes))
    assert (master.charge.begin, master.charge.end, master.hours) == (minutes(0), minutes(600), 10)
    assert master.charge.what == "EMR j-2AX m5.2xlarge on demand master m"
    assert master.ec2_usd == pytest.approx(10 * USD)
    assert master.service_usd == pytest.approx(10 * USD * 0.25)
    assert master.charge.usd == master.ec2_usd + master.service_usd
    assert task.charge.what == "EMR j-2AX m5.2xlarge Spot task t"
    assert task.ec2_usd == pytest.approx(1.5 * USD * 0.4)
    assert task.service_usd == pytest.approx(1.5 * USD * 0.25)  # of on demand, of Spot too
    assert skipped == {}


def test_emrs_share_is_that_of_its_price_list() -> None:
    for ec2, own in ((0.192, 0.048), (0.252, 0.063)):
        assert ec2 * SURCHARGE == pytest.approx(own)


def test_an_instance_that_still_runs_is_charged_until_aws_was_asked() -> None:
    (one,), _ = charged(cluster(), instances(instance("c", 60)))
    assert (one.charge.end, one.hours) == (ASKED, 23)
    assert emr.running(read(instances(instance("c", 60), instance("d", 0, 60)))[0]) == 1


def test_an_instance_costs_a_minute_at_least_and_one_that_was_never_there_nothing() -> None:
    nodes = instance("c", 60, 60.5), instance("x", 60, 70, launched=False)
    (one,), skipped = charged(cluster(), instances(*nodes))
    assert one.charge.end - one.charge.begin == LEAST
    assert skipped == {"j-2AX x": "never there: EC2 had no such instance"}


def test_own_prices_count_more_than_the_lists() -> None:
    nodes = instance("a", 0, 60), instance("b", 0, 60, kind="m4.xlarge"), instance("c", 0, 60, kind="m5.4xlarge")
    prices, surcharge = Ec2Prices({"m5.2xlarge": 0.3, "m4.xlarge": 0.2}, 0.3), Surcharge(0.1, {"m5.4xlarge": 0.27})
    (first, second, third), _ = charged(cluster(), instances(*nodes), prices=prices, surcharge=surcharge)
    assert (first.ec2_usd, first.service_usd) == pytest.approx((0.3, 0.03))
    assert (second.ec2_usd, second.service_usd) == pytest.approx((0.2, 0.02))
    assert (third.ec2_usd, third.service_usd) == pytest.approx((2 * USD, 0.27), rel=0.01)
    prices.check()


def test_types_without_a_price_are_named_with_their_hours() -> None:
    prices = Ec2Prices()
    nodes = instance("a", 0, 60, kind="m4.xlarge"), instance("b", 0, 90, kind="m4.xlarge", market="SPOT")
    charged(cluster(), instances(*nodes), prices=prices)
    with pytest.raises(CapacityError) as error:
        prices.check()
    (finding,) = error.value.findings
    assert finding == (
        "no price of m4.xlarge in eu-central-1 (2.5 hours): add what it costs an hour on demand, --price m4.xlarge=USD"
    )


def test_a_cluster_whose_region_nobody_says_is_an_error() -> None:
    with pytest.raises(CapacityError, match=r"j-2AX doesn't say its region: add `aws emr describe-cluster`, or --reg"):
        charged(instances(instance("c", 0, 60)))
    assert charged(instances(instance("c", 0, 60)), region="eu-central-1")[0][0].ec2_usd == pytest.approx(USD)


def test_a_zone_says_the_region_where_there_is_no_arn() -> None:
    said = cluster()
    del said["Cluster"]["ClusterArn"]
    assert read(said)[0][0].region == "eu-central-1"


def test_a_file_that_is_older_than_what_is_in_it_is_an_error() -> None:
    with pytest.raises(CapacityError, match="after its file was written: say when AWS was asked, --asked"):
        charged(cluster(), instances(instance("c", 60)), asked=minutes(30))


def test_a_cluster_without_instances_is_told() -> None:
    assert charged(cluster(), groups(**GROUPS)) == (
        [],
        {"j-2AX": "no instances: add `aws emr list-instances` to its file"},
    )


def test_of_times_of_which_not_all_instances_are_listed_nothing_is_charged() -> None:
    (one,), skipped = charged(cluster(), instances(instance("c", 0)), asked=minutes(0) + LISTED + timedelta(days=5))
    assert (one.charge.begin, one.charge.end - one.charge.begin) == (minutes(0) + timedelta(days=5), LISTED)
    assert skipped["j-2AX"].startswith("120 instance hours: of that time not all instances are known")


def test_who_asks_every_month_knows_all_of_it_and_nothing_twice() -> None:
    first, second = ASKED + timedelta(days=20), ASKED + timedelta(days=45)
    found = clusters_of(
        [
            ("j-2AX", second, instances(instance("long", 0), instance("late", 50 * 1440 - 10 * 1440, 41 * 1440))),
            ("j-2AX", first, instances(instance("long", 0), instance("early", 0, 60))),
            ("j-2AX", first, cluster()),
        ],
        Skipped(),
    )
    parts = list(emr.parts_of(found.values(), prices=Ec2Prices(), surcharge=Surcharge(), skip=Skipped()))
    hours = {one.charge.what.rpartition(" ")[2]: one.hours for one in parts}
    assert hours == {"long": 46 * 24, "early": 1, "late": 24}


def test_what_was_asked_later_counts_in_whatever_order_it_is_read() -> None:
    answers = [
        ("j-2AX", ASKED, instances(instance("c", 0))),
        ("j-2AX", ASKED + timedelta(days=2), instances(instance("c", 0, 120))),
    ]
    for order in (answers, answers[::-1]):
        assert clusters_of(order, Skipped())["j-2AX"].instances["c"].ended == minutes(120)


def test_more_instances_than_emr_lists_are_told() -> None:
    one = instance("c", 0, 60)
    _, skipped = read({"Instances": [{**one, "Id": f"c{number}"} for number in range(MOST_LISTED)]})
    assert skipped == {"j-2AX": "instances beyond 2,000: EMR lists no more at a time; ask more often"}


def test_a_place_is_a_cluster_or_its_tag() -> None:
    (tagged,), _ = read(cluster(team="etl"))
    (other,), _ = read(cluster(), name="j-3")
    by_tag = emr.placing("tag:team")
    assert (by_tag(tagged), by_tag(other), emr.placing("cluster")(tagged)) == ("etl", "j-3", "j-2AX")
    for wrong in ("tag:", "team"):
        with pytest.raises(CapacityError, match="is no place: it is cluster or tag:NAME"):
            emr.placing(wrong)


def test_fleets_say_what_an_instance_is_for() -> None:
    one = {**instance("c", 0, 60), "InstanceFleetId": "if-1"}
    del one["InstanceGroupId"]
    (part,), _ = charged(cluster(), fleets(if_1="TASK"), instances(one))
    assert part.charge.what == "EMR j-2AX m5.2xlarge on demand task c"


def test_all_of_a_time_is_only_known_where_emr_still_lists_it() -> None:
    found, _ = read(cluster(), instances(instance("c", 0)))
    emr.check_all_known(found, ASKED - LISTED)
    with pytest.raises(CapacityError, match=r"--all-since can be 2026-10-31T03:00Z or later"):
        emr.check_all_known(found, ASKED - LISTED - timedelta(minutes=1))
    later, _ = read(cluster(), instances(instance("d", 0, 10)), asked=ASKED + timedelta(days=9), name="j-3")
    with pytest.raises(CapacityError, match="j-2AX ran at 2026-11-30T03:00Z, and wasn't asked for when others were"):
        emr.check_all_known([*found, *later], ASKED)
