"""What stacks register: rules as objects, and constants as rules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from components.nodes.autoscaler import FLAGS
from components.observability import series
from components.observability.alerts import alert_groups
from components.observability.constants import PoolConstants, budget_constant, pool_constants
from components.observability.crds import MONITOR_LABELS
from components.observability.groups import DEFAULT_RUNBOOKS, Group, Record, rule_file
from components.observability.objectives import Objectives
from components.observability.prometheus_rule import PrometheusRules, PrometheusRulesArgs
from components.observability.promql import duration
from components.observability.queue_sizes import queue_constants
from components.observability.recording import recording_groups
from sizing.nodes import Resources
from sizing.pricing.costs import SPOT_SHARE
from sizing.pricing.node_prices import NodePrice, node_prices
from sizing.pricing.prices import on_demand_hourly, unit_price
from sizing.quantities import GIB
from sizing.queues import DriverAllowance, PoolShare, queue_size
from tests.fleet.offline.recorded import sample
from tests.observability.alerts import alerts_of
from tests.recording import registrations_of

RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
PRICE = NodePrice("m7i.4xlarge", "on-demand", Decimal("0.966"))
POOL = PoolConstants(identity="ads-batch-main", queue="ads-batch", tenant="ads", minimum=2, maximum=40, prices=(PRICE,))


def records(group: Group) -> dict[str, tuple[str, dict[str, str]]]:
    """Expressions and labels by the series' name."""
    return {
        rule.series.name: (rule.expression, {str(key): value for key, value in rule.labels.items()})
        for rule in group.rules
        if isinstance(rule, Record)
    }


def test_each_group_is_an_object_that_the_platforms_prometheus_takes() -> None:
    groups = (*recording_groups("spark-dev"), *alert_groups("spark-dev"))
    registrations = registrations_of(
        lambda: PrometheusRules(
            "rules", PrometheusRulesArgs(namespace="spark-system", groups=groups, runbooks=DEFAULT_RUNBOOKS)
        )
    )
    objects = registrations.of_type(RULE)
    assert {rule.inputs["metadata"]["name"] for rule in objects} == {group.name for group in groups}
    assert all(rule.inputs["metadata"]["labels"] == MONITOR_LABELS for rule in objects)
    assert all(rule.inputs["metadata"]["namespace"] == "spark-system" for rule in objects)
    specs = [group for rule in objects for group in rule.inputs["spec"]["groups"]]
    assert sorted(specs, key=lambda group: group["name"]) == rule_file(groups)["groups"]


def test_a_pools_constants_say_whose_it_is() -> None:
    owner = {"pool": "ads-batch-main", "queue": "ads-batch", "tenant": "ads"}
    assert records(pool_constants("ads-batch", [POOL])) == {
        series.POOL_MINIMUM.name: ("vector(2)", owner),
        series.POOL_MAXIMUM.name: ("vector(40)", owner),
        series.NODE_PRICE.name: (
            "vector(0.966)",
            {**owner, "instance_type": "m7i.4xlarge", "capacity": "on-demand"},
        ),
    }


def test_a_pool_that_all_queues_share_has_neither_queue_nor_tenant() -> None:
    found = records(pool_constants("spark-dev", [PoolConstants(identity="driver", minimum=1, maximum=10)]))
    assert found[series.POOL_MAXIMUM.name] == ("vector(10)", {"pool": "driver"})


def test_constants_do_not_depend_on_the_order_of_pools() -> None:
    driver, system = (PoolConstants(identity=name, minimum=1, maximum=10) for name in ("driver", "system"))
    assert pool_constants("p", [driver, system]) == pool_constants("p", [system, driver])


@pytest.mark.parametrize(("usd", "expression"), [("250000", "vector(250000)"), ("99.50", "vector(99.5)")])
def test_a_budget_is_written_in_full(usd: str, expression: str) -> None:
    found = records(budget_constant("ads", Decimal(usd)))
    assert found == {series.TENANT_BUDGET.name: (expression, {"tenant": "ads"})}


def test_a_queues_history_server_costs_what_it_asks_of_s3_and_none_costs_nothing() -> None:
    share = PoolShare(min_nodes=0, max_nodes=4, usable=Resources(cpu=15_000, memory=58 * GIB))
    size = queue_size([share], DriverAllowance(at_once=4, driver=Resources(cpu=1000, memory=GIB)))
    name = series.QUEUE_HISTORY_COST.name
    assert name not in records(queue_constants("ads", "ads-batch", size))
    found = records(queue_constants("ads", "ads-batch", size, Decimal("0.05")))
    assert found[name] == ("vector(0.05)", {"tenant": "ads", "queue": "ads-batch"})


@pytest.mark.parametrize("stack", ["ads-dev", "ads-prod", "search-dev", "demo-kind"])
def test_every_queue_with_a_history_server_says_what_it_costs(stack: str) -> None:
    registrations = sample(stack)
    told = {
        rule["labels"]["queue"]: float(rule["expr"].removeprefix("vector(").removesuffix(")"))
        for one in registrations.values()
        if one.type.endswith(":PrometheusRule")
        for group in one.inputs["spec"]["groups"]
        for rule in group["rules"]
        if rule.get("record") == series.QUEUE_HISTORY_COST.name
    }
    servers = {
        one.inputs["metadata"]["namespace"] for one in registrations.values() if one.name.endswith("history-server")
    }
    assert set(told) == servers
    # 36.50 USD a month by default.
    assert all(0 < usd <= 0.05 for usd in told.values())


def test_a_node_costs_its_instance_and_its_volume() -> None:
    (price,) = node_prices("eu-central-1", ["m7i.4xlarge"], ["on-demand"], 100)
    volume = unit_price("gp3-gb-month", "eu-central-1") * 100 / 730
    assert float(price.usd_per_hour) == pytest.approx(float(on_demand_hourly("m7i.4xlarge", "eu-central-1") + volume))


def test_spot_with_a_fall_back_has_both_prices() -> None:
    on_demand, spot = node_prices("eu-central-1", ["m7i.4xlarge"], ["spot", "on-demand"], 0)
    assert (on_demand.capacity, spot.capacity) == ("on-demand", "spot")
    assert spot.usd_per_hour == on_demand.usd_per_hour * SPOT_SHARE


def test_a_region_without_prices_gives_none() -> None:
    assert node_prices("xx-nowhere-1", ["m7i.4xlarge"], ["on-demand"], 100) == ()


def test_platforms_without_an_autoscaler_have_no_alerts_that_it_is_missing() -> None:
    names = {alert.name for alert in alerts_of(alert_groups("spark-kind", autoscaled=False))}
    assert names
    assert not {name for name in names if "Autoscaler" in name or "ScaleOut" in name or "Empty" in name}


def test_the_limit_for_empty_nodes_follows_the_platforms_settings() -> None:
    assert FLAGS["scan-interval"].value == "10s"
    assert Objectives(unneeded=120, delay_after_scale_out=60).empty == 120 + 60 + 2 * 10 + 120


def test_limits_are_arguments() -> None:
    alerts = {alert.name: alert for alert in alerts_of(alert_groups("p", Objectives(pool_full=0.5, backoff=42)))}
    assert alerts["ElasticSparkDriverPoolNearlyFull"].expression.endswith("> 0.5")
    assert alerts["ElasticSparkGroupInBackoff"].lasting == 42


@pytest.mark.parametrize(
    ("seconds", "text"), [(30, "30s"), (90, "90s"), (300, "5m"), (3600, "1h"), (259200, "3d"), (380, "380s")]
)
def test_durations_of_prometheus(seconds: int, text: str) -> None:
    assert duration(seconds) == text
