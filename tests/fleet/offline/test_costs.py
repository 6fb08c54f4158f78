"""What stacks cost, line by line, by owner, and beside a budget."""

from __future__ import annotations

from decimal import Decimal

import pytest

from fleet.formats.report import preview_form
from fleet.offline.changes.comparison import comparison
from fleet.offline.costs import budget_comparison, stack_cost
from fleet.offline.pools import pool_rows
from fleet.offline.registration import Registrations
from sizing.pricing.costs import PLATFORM, SPOT_SHARE, CostLine, Unpriced, Usd
from sizing.pricing.prices import HOURS_PER_MONTH, hourly_unit_price, on_demand_hourly, unit_price
from tests import samples
from tests.fleet.formats.comparisons import fleet_of, side
from tests.fleet.offline.recorded import PLATFORMS, REGION, platform_with, sample, tenant_with


def lines(registrations: Registrations) -> dict[tuple[str, str], CostLine]:
    return {(line.owner, line.what): line for line in stack_cost(registrations).lines}


@pytest.mark.parametrize(
    ("what", "count", "usd"),
    [
        ("EKS control plane", 1, unit_price("eks-cluster-hour", REGION)),
        ("KMS keys", 4, hourly_unit_price("kms-key-month", REGION)),
        ("NAT gateways", 3, unit_price("nat-gateway-hour", REGION)),
        ("public IPv4 addresses", 3, unit_price("public-ipv4-hour", REGION)),
        ("interface endpoints", 10 * 3, unit_price("interface-endpoint-hour", REGION)),
        ("on-demand m7i.4xlarge nodes of pool system", 2 * 3, on_demand_hourly("m7i.4xlarge", REGION)),
        ("gp3 root volumes of pool system", 2 * 3 * 100, hourly_unit_price("gp3-gb-month", REGION)),
    ],
)
def test_a_platform_pays_for_what_always_runs(what: str, count: int, usd: Decimal) -> None:
    line = lines(sample("platform-prod"))[PLATFORM, what]
    assert (line.minimum, line.maximum, line.usd_per_unit_hour) == (count, count, usd)


def test_the_driver_pool_is_the_platforms_from_its_minimum_to_its_maximum() -> None:
    nodes = lines(sample("platform-prod"))[PLATFORM, "on-demand m7i.4xlarge nodes of pool driver"]
    assert (nodes.minimum, nodes.maximum) == (3 * 1, 3 * 20)


def test_a_gateway_more_costs_exactly_its_price_and_its_address() -> None:
    before, after = stack_cost(platform_with()), stack_cost(platform_with(("network.vpc.nat", "perZone")))
    more = unit_price("nat-gateway-hour", REGION) + unit_price("public-ipv4-hour", REGION)
    assert after.per_hour == before.per_hour + Usd(more, more)


def test_a_tenants_lines_belong_to_its_queues() -> None:
    cost = stack_cost(sample("search-dev"))
    assert cost.owners == ("search-adhoc", "search-scheduled")
    adhoc = cost.of("search-adhoc").per_hour
    assert adhoc.minimum == 0
    assert adhoc.maximum == 8 * (
        on_demand_hourly("m7i.2xlarge", REGION) + 100 * hourly_unit_price("gp3-gb-month", REGION)
    )


def test_a_node_more_in_a_tenants_file_adds_exactly_its_price() -> None:
    path = "queues.batch.pools.main"
    before = stack_cost(tenant_with())
    after = stack_cost(tenant_with((f"{path}.zones.eu-central-1a", 3), (f"{path}.maxNodes", 21)))
    node = on_demand_hourly("r7i.2xlarge", REGION) + 100 * hourly_unit_price("gp3-gb-month", REGION)
    assert after.per_hour == before.per_hour + Usd(node, node)


def test_schedules_do_not_count_towards_the_minimum() -> None:
    path = "queues.scheduled.pools.main.schedules"
    assert stack_cost(tenant_with(stack="search-dev")) == stack_cost(tenant_with((path, {}), stack="search-dev"))


def test_any_zone_may_grow_to_a_pools_maximum_and_is_counted_once() -> None:
    line = lines(sample("ads-prod"))["ads-reports", "on-demand m7i.4xlarge nodes of pool ads-reports-main"]
    assert (line.minimum, line.maximum) == (3, 30)


def test_a_spot_pool_with_a_fall_back_is_one_pool_at_the_price_of_on_demand() -> None:
    found = lines(sample("research-dev"))
    (nodes,) = [line for line in found.values() if line.unit == "node"]
    assert nodes.what == "Spot or on-demand r6id.4xlarge nodes of pool research-explore-nvme"
    assert (nodes.minimum, nodes.maximum) == (0, 12)
    assert nodes.usd_per_unit_hour == on_demand_hourly("r6id.4xlarge", REGION)
    assert "40% of on-demand, an assumption" in nodes.note


def test_a_pool_of_spot_alone_costs_a_share_or_what_history_says() -> None:
    registrations = tenant_with(("queues.explore.pools.nvme.fallback", False), stack="research-dev")
    share = on_demand_hourly("r6id.4xlarge", REGION) * SPOT_SHARE
    history = {("r5d.4xlarge", "eu-central-1b"): Decimal("0.5")}
    for prices, usd in ((None, share), (history, Decimal("0.5"))):
        (nodes,) = [line for line in stack_cost(registrations, prices).lines if line.unit == "node"]
        assert nodes.usd_per_unit_hour == usd
        (row,) = pool_rows(registrations, prices)
        assert row.max_usd_per_hour == float(stack_cost(registrations, prices).per_hour.maximum)
        (stack,) = preview_form(
            fleet_of(comparison("research-dev", None, side("x", registrations), False, prices))
        ).stacks
        assert [pool.max_usd_per_hour for pool in stack.pools] == [row.max_usd_per_hour]


@pytest.mark.parametrize("stack", ["platform-prod", *samples.AWS_TENANTS])
def test_the_table_of_pools_shows_the_same_prices(stack: str) -> None:
    registrations = sample(stack)
    for row in pool_rows(registrations):
        of_pool = [line for line in stack_cost(registrations).priced if line.what.endswith(f"of pool {row.identity}")]
        hourly = [line.per_hour for line in of_pool if line.per_hour]
        assert len(hourly) == 2
        assert row.min_usd_per_hour == float(sum(usd.minimum for usd in hourly))
        assert row.max_usd_per_hour == float(sum(usd.maximum for usd in hourly))


@pytest.mark.parametrize(
    ("stack", "expected"),
    [("platform-kind", {(PLATFORM, "driver"), (PLATFORM, "system")}), ("demo-kind", {("demo-try", "demo-try-main")})],
)
def test_nodes_of_an_existing_cluster_are_listed_and_not_priced(stack: str, expected: set[tuple[str, str]]) -> None:
    cost = stack_cost(sample(stack))
    assert {(line.owner, line.what) for line in cost.lines} == {(o, f"nodes of pool {pool}") for o, pool in expected}
    assert {line.unpriced for line in cost.lines} == {Unpriced.ELSEWHERE}
    assert cost.per_hour == Usd(Decimal(0), Decimal(0))


def test_a_budget_is_exported_and_compared() -> None:
    registrations = sample("ads-dev")
    assert registrations.stack.outputs["budget"] == {"monthlyUsd": 12000}
    cost = stack_cost(registrations)
    found = budget_comparison(registrations, cost)
    assert found is not None
    assert (found.tenant, found.monthly_usd, found.complete) == ("ads", Decimal(12000), True)
    assert (found.minimum, found.maximum) == (Decimal("951.10"), Decimal("9511.04"))
    assert abs(found.maximum - cost.per_hour.maximum * HOURS_PER_MONTH) < Decimal("0.01")
    assert not found.over_at_minimum
    assert not found.over_at_maximum


@pytest.mark.parametrize(("usd", "over"), [(951, (True, True)), (952, (False, True)), (9512, (False, False))])
def test_a_budget_may_be_exceeded_at_the_minimum_or_the_maximum(usd: int, over: tuple[bool, bool]) -> None:
    registrations = tenant_with(("budget", {"monthlyUsd": usd}))
    found = budget_comparison(registrations, stack_cost(registrations))
    assert found is not None
    assert (found.over_at_minimum, found.over_at_maximum) == over


def test_a_budget_beside_a_price_that_is_not_known_is_no_promise() -> None:
    registrations = tenant_with(("queues.batch.pools.main.instanceTypes", ["r8i.2xlarge"]))
    found = budget_comparison(registrations, stack_cost(registrations))
    assert found is not None
    assert not found.complete


@pytest.mark.parametrize("stack", [*PLATFORMS, "demo-kind", "search-dev"])
def test_without_a_budget_there_is_nothing_to_compare(stack: str) -> None:
    registrations = sample(stack)
    assert "budget" not in registrations.stack.outputs
    assert budget_comparison(registrations, stack_cost(registrations)) is None
