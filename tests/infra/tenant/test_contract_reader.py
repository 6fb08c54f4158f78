"""The contract as tenants read it: what arrives over a StackReference, and what is refused with which remedy."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from infra.contract import CONTRACT_OUTPUT, CONTRACT_VERSION
from infra.tenant.contract_reader import parse_contract, platform_reference, read_contract
from tests.recording import registrations_of
from tests.samples import changed, contract, exports, platform_registrations


def exported(stack: str = "platform-dev") -> dict[str, Any]:
    value: dict[str, Any] = json.loads(json.dumps(exports(platform_registrations(stack), stack)[CONTRACT_OUTPUT]))
    return value


def floats(value: Any) -> Any:  # noqa: ANN401
    """As the engine gives numbers."""
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case dict():
            return {key: floats(item) for key, item in value.items()}
        case list():
            return [floats(item) for item in value]
        case _:
            return value


@pytest.mark.parametrize("stack", ["platform-dev", "platform-prod", "platform-kind"])
def test_numbers_arrive_as_floats_and_are_whole_again(stack: str) -> None:
    read = parse_contract(stack, floats(exported(stack)))
    assert read == contract(stack)
    assert type(read.driver.max_nodes) is int
    assert type(read.version) is int


def test_only_a_platform_in_aws_has_a_part_for_aws() -> None:
    assert contract("platform-prod").aws is not None
    assert contract("platform-kind").aws is None


@pytest.mark.parametrize("value", [None, "text", 1.0, []])
def test_a_platform_without_a_contract_is_to_be_deployed_first(value: Any) -> None:  # noqa: ANN401
    with pytest.raises(pulumi.RunError, match=r"platform-dev exports no contract: .* pulumi up --stack platform-dev"):
        parse_contract("platform-dev", value)


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        (CONTRACT_VERSION - 1.0, "update the platform first, with pulumi up --stack platform-dev"),
        (CONTRACT_VERSION + 1.0, "update this program first"),
        (CONTRACT_VERSION + 0.5, "update this program first"),
        ("1", "update this program first"),
        (..., "update this program first"),
    ],
)
def test_another_version_is_refused_and_says_what_to_update(version: Any, remedy: str) -> None:  # noqa: ANN401
    with pytest.raises(pulumi.RunError) as error:
        parse_contract("platform-dev", changed(exported(), "version", version))
    assert "platform-dev has a contract of version" in str(error.value)
    assert f"needs {CONTRACT_VERSION}" in str(error.value)
    assert remedy in str(error.value)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("platform", ..., "platform"),
        ("driver.usable.cpu", 1.5, "driver.usable.cpu"),
        ("driver.usable.cpu", "7 cores", "driver.usable.cpu"),
        ("aws.subnetIds", "subnet-1", "aws.subnetIds"),
        ("aws.buckets", {"photos": "b"}, "aws.buckets.photos"),
        ("aws.colour", "red", "aws.colour"),
        ("driver.maxNodes", float("nan"), "contract"),
    ],
)
def test_garbage_is_refused_with_its_place(path: str, value: Any, named: str) -> None:  # noqa: ANN401
    with pytest.raises(pulumi.RunError, match="contract of the platform stack platform-dev can't be read") as error:
        parse_contract("platform-dev", changed(exported(), path, value))
    assert named in str(error.value)


def test_the_reference_names_organization_and_project_as_every_backend_takes_it() -> None:
    asked: list[str] = []
    read: list[str] = []

    def outputs(name: str) -> dict[str, Any]:
        asked.append(name)
        return {CONTRACT_OUTPUT: exported()}

    def program() -> None:
        reference = platform_reference("platform-dev")

        async def get() -> None:
            read.append((await read_contract("platform-dev", reference)).platform)

        pulumi.run(get)

    registrations = registrations_of(program, stack_outputs=outputs)
    assert asked == ["organization/elastic-spark/platform-dev"]
    assert read == ["spark-dev"]
    assert registrations.one("pulumi:pulumi:StackReference").inputs["name"] == "organization/elastic-spark/platform-dev"
