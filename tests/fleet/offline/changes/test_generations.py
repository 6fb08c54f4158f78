"""A pool's nodes become others with a new generation, and an old one goes when it is empty."""

from __future__ import annotations

import pytest

from fleet.offline.changes.generations import generation_findings
from infra.settings.fleet_rules import FleetFinding
from sizing.values import Json
from tests.fleet.offline.recorded import platform_with, tenant_with

TYPES = "queues.batch.pools.main.instanceTypes"
GENERATION = "queues.batch.pools.main.generation"
RETIRING = "queues.batch.pools.main.retiring"
DRIVERS = "pools.driver.instanceTypes"


def of_tenant(before: tuple[tuple[str, Json], ...], after: tuple[tuple[str, Json], ...]) -> list[FleetFinding]:
    return [*generation_findings("ads-dev", tenant_with(*before), tenant_with(*after))]


@pytest.mark.parametrize(
    ("types", "becomes"),
    [
        (["r7g.4xlarge", "r6g.4xlarge"], "16 vCPU, 128 GiB, arm64"),
        (["r7g.2xlarge"], "8 vCPU, 64 GiB, arm64"),
        (["m7i.2xlarge"], "8 vCPU, 32 GiB, amd64"),
        (["m7i.4xlarge"], "16 vCPU, 64 GiB, amd64"),
    ],
    ids=["all", "the architecture", "memory", "vCPU"],
)
def test_other_nodes_within_a_generation_are_told_with_the_two_lines_to_write(types: Json, becomes: str) -> None:
    (found,) = of_tenant((), ((TYPES, types),))
    assert found.stacks == ("ads-dev",)
    assert found.found == (
        f"nodes of pool ads-batch-main of 8 vCPU, 64 GiB, amd64 become {becomes} within generation a"
    )
    assert "elastic-spark:tenant.queues.batch.pools.main in stacks/Pulumi.ads-dev.yaml" in found.allowed
    assert found.allowed.splitlines()[1:] == ["generation: b", "retiring: [a]"]


def test_drivers_nodes_are_the_platforms() -> None:
    after = platform_with((DRIVERS, ["m7i.4xlarge", "m6i.4xlarge"]))
    (found,) = generation_findings("platform-dev", platform_with(), after)
    assert "elastic-spark:platform.pools.driver in stacks/Pulumi.platform-dev.yaml" in found.allowed
    assert found.allowed.splitlines()[1:] == ["generation: b", "retiring: [a]"]


def test_the_lines_that_are_told_are_right() -> None:
    new = ((TYPES, ["r7g.4xlarge", "r6g.4xlarge"]), (GENERATION, "b"), (RETIRING, ["a"]))
    assert of_tenant((), new) == []


def test_what_retires_already_goes_on_retiring() -> None:
    there = ((GENERATION, "b"), (RETIRING, ["a"]))
    (found,) = of_tenant(there, (*there, (TYPES, ["m7i.2xlarge"])))
    assert found.allowed.splitlines()[1:] == ["generation: c", "retiring: [a, b]"]


@pytest.mark.parametrize(
    "types", [["r6i.2xlarge", "r7i.2xlarge"], ["r7i.2xlarge"], ["r6a.2xlarge"]], ids=["order", "fewer", "others alike"]
)
def test_types_of_the_same_size_need_no_generation(types: Json) -> None:
    assert of_tenant((), ((TYPES, types),)) == []


def test_more_nodes_need_none() -> None:
    assert of_tenant((), (("queues.batch.pools.main.maxNodes", 24),)) == []


def test_a_generation_that_goes_at_once_is_told_with_the_line_that_keeps_it() -> None:
    (found,) = of_tenant((), ((GENERATION, "b"),))
    assert "generation a of pool ads-batch-main goes at once" in found.found
    assert found.allowed.splitlines()[1:] == ["generation: b", "retiring: [a]"]


def test_a_generation_that_has_retired_may_go() -> None:
    there = ((GENERATION, "b"), (RETIRING, ["a"]))
    assert of_tenant(there, ((GENERATION, "b"),)) == []
