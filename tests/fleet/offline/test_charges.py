"""What each type of resource that stacks register costs: nothing is free by being forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fleet.offline.charges import CHARGED, FREE
from fleet.offline.costs import GROUP_TYPE, stack_cost
from fleet.offline.programs import run_program
from fleet.offline.registration import Registrations, Unknown
from sizing.pricing.costs import PLATFORM, Unpriced, Usd
from sizing.pricing.prices import unit_price
from tests import samples
from tests.fleet.offline.recorded import PLATFORMS, existing_network, platform_with, sample, with_resource
from tests.strategies import fleets

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def recorded() -> Iterator[Any]:
    yield from (pytest.param(lambda stack=stack: sample(stack), id=stack) for stack in (*PLATFORMS, *samples.TENANTS))
    yield pytest.param(existing_network, id="a platform in an existing network")
    yield pytest.param(lambda: platform_with(("network.vpc.flowLogs", True)), id="a platform with flow logs")


@pytest.mark.parametrize("make", [*recorded()])
def test_every_type_that_stacks_register_is_priced_or_by_use_or_free(make: Callable[[], Registrations]) -> None:
    registrations = make()
    bought = {r.type for r in registrations.values() if r.type.startswith(("aws:", "eks:"))}
    assert bought <= FREE | CHARGED.keys() | {GROUP_TYPE}
    cost = stack_cost(registrations)
    assert not cost.unknown
    assert len({(line.owner, line.what) for line in cost.lines}) == len(cost.lines)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(fleets())
def test_any_valid_fleet_is_costed_whole(fleet: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    platform, tenants = fleet
    on = run_program("platform", samples.config_of(platform), {})
    exports = {"platform": samples.exports(on, "platform")}
    chosen = tenants[0]
    registrations = run_program(chosen["name"], samples.tenant_config(chosen), exports)
    queues = {f"{chosen['name']}-{queue}" for queue in chosen["queues"]}
    for cost, owners in ((stack_cost(on), {PLATFORM}), (stack_cost(registrations), queues)):
        assert set(cost.owners) == owners
        assert {line.unit for line in cost.unknown} <= {"node", "gateway", "endpoint in a zone"}
        by_owner = [cost.of(owner).per_hour for owner in cost.owners]
        assert sum(by_owner, Usd(Decimal(0), Decimal(0))) == cost.per_hour
        assert cost.per_hour.minimum <= cost.per_hour.maximum


def test_no_type_is_both_free_and_charged() -> None:
    assert not FREE & (CHARGED.keys() | {GROUP_TYPE})


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        (
            "platform-dev",
            {"KMS requests", "S3 storage and requests", "data through NAT gateways", "logs in CloudWatch"},
        ),
        ("platform-prod", {"VPC flow logs", "data through interface endpoints", "data between zones and out of AWS"}),
        ("ads-dev", {"objects in S3"}),
    ],
)
def test_what_is_charged_by_use_is_listed_without_a_price(stack: str, expected: set[str]) -> None:
    by_use = {line.what for line in stack_cost(sample(stack)).lines if line.unpriced is Unpriced.BY_USE}
    assert expected <= by_use


def test_a_type_that_the_table_does_not_have_is_listed_as_not_known() -> None:
    registrations = with_resource(sample("platform-dev"), "aws:rds/instance:Instance")
    (line,) = stack_cost(registrations).unknown
    assert (line.owner, line.what, line.minimum, line.maximum) == (PLATFORM, "aws:rds/instance:Instance", 1, 1)


def test_what_is_added_inside_a_queues_component_is_that_queues_and_else_the_tenants() -> None:
    registrations = sample("ads-dev")
    (folder,) = registrations.of_type("elastic-spark:queue_folder:QueueFolder")
    inside = with_resource(registrations, "aws:rds/instance:Instance", folder.urn)
    outside = with_resource(registrations, "aws:rds/instance:Instance", registrations.stack.urn)
    assert [line.owner for line in stack_cost(inside).unknown] == ["ads-batch"]
    assert [line.owner for line in stack_cost(outside).unknown] == ["ads"]


def test_a_group_that_no_pool_has_is_not_free() -> None:
    (line,) = stack_cost(with_resource(sample("ads-dev"), GROUP_TYPE)).unknown
    assert line.what == "Auto Scaling groups outside of pools"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"read_id": "db-1"}, id="read, not made"),
        pytest.param({"custom": False}, id="a component"),
    ],
)
def test_what_a_stack_does_not_buy_has_no_line(changes: dict[str, Any]) -> None:
    registrations = sample("platform-dev")
    assert stack_cost(with_resource(registrations, "aws:rds/instance:Instance", **changes)) == stack_cost(registrations)
    assert stack_cost(with_resource(registrations, "kubernetes:core/v1:Service")) == stack_cost(registrations)


@pytest.mark.parametrize(
    "inputs",
    [
        {"vpcEndpointType": "Interface", "subnetIds": Unknown()},
        {"vpcEndpointType": "GatewayLoadBalancer", "subnetIds": ["subnet-12345678"]},
    ],
    ids=["zones not known", "another kind"],
)
def test_an_endpoint_that_cannot_be_counted_is_not_free(inputs: dict[str, Any]) -> None:
    registrations = with_resource(sample("platform-dev"), ENDPOINT, inputs=inputs)
    assert len(stack_cost(registrations).unknown) == 1


def test_a_gateway_endpoint_is_free() -> None:
    registrations = sample("platform-dev")
    assert stack_cost(with_resource(registrations, ENDPOINT, inputs={"vpcEndpointType": "Gateway"})) == stack_cost(
        registrations
    )


def test_a_resource_in_another_region_has_that_regions_price() -> None:
    registrations = with_resource(
        sample("platform-dev"), "aws:ec2/natGateway:NatGateway", inputs={"region": "us-east-1"}
    )
    before, after = stack_cost(sample("platform-dev")).per_hour, stack_cost(registrations).per_hour
    assert after.minimum - before.minimum == unit_price("nat-gateway-hour", "us-east-1")


def test_a_region_without_prices_leaves_lines_that_say_so() -> None:
    cost = stack_cost(platform_with(region="eu-west-3"))
    assert not cost.priced
    notes = {line.what: line.note for line in cost.unknown}
    assert notes["EKS control plane"].startswith("no price of eks-cluster-hour in eu-west-3; `fleet refresh-instances")
    assert "on-demand m7i.xlarge nodes of pool system" in notes
