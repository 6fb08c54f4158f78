"""Nobody is let in whom a stack makes: every role of every sample, named as a person's or a deployer's."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from fleet.offline.principals import made_principals
from fleet.offline.programs import run_program
from fleet.offline.registration import Registrations
from infra.settings.findings import SettingsError
from infra.settings.validation import PLATFORM_KEY, TENANT_KEY, stack_settings
from tests.samples import (
    AWS_TENANTS,
    changed,
    config_of,
    exports,
    platform,
    platform_registrations,
    sample_registrations,
    tenant,
    tenant_config,
)

PLATFORMS = ("platform-dev", "platform-prod")
DEV, PROD = "111122223333", "444455556666"


@functools.cache
def recorded() -> dict[str, Registrations]:
    return {**{s: platform_registrations(s) for s in PLATFORMS}, **{s: sample_registrations(s) for s in AWS_TENANTS}}


def roles() -> list[tuple[str, str]]:
    """Platform and name of every role that a sample makes."""
    return sorted(
        (stack if stack in PLATFORMS else tenant(stack)["platform"], role.inputs["name"])
        for stack, registrations in recorded().items()
        for role in registrations.of_type("aws:iam/role:Role")
    )


def arn(on: str, name: str) -> str:
    return f"arn:aws:iam::{platform(on)['allowedAccountIds'][0]}:role/{name}"


def a_principal(stack: str) -> str:
    """Who of a sample tenant's people is a principal; others are groups alone."""
    people: dict[str, dict[str, Any]] = tenant(stack)["people"]
    return min(name for name, person in people.items() if "principalArn" in person)


def named_by(stack: str, principal: str) -> dict[str, Any]:
    """A sample tenant one of whose people is this principal."""
    who = a_principal(stack)
    return changed(tenant(stack), f"people.{who}.principalArn", principal)


def refusal(stack: str, principal: str) -> list[tuple[str, str]]:
    on = tenant(stack)["platform"]
    with pytest.raises(SettingsError) as error:
        run_program(stack, tenant_config(named_by(stack, principal)), {on: exports(platform_registrations(on), on)})
    return [(f.path, f.allowed) for f in error.value.findings if f.found == principal]


def test_every_role_that_a_sample_makes_is_refused_as_a_person_of_a_tenant() -> None:
    found = roles()
    assert len(found) > 25
    tenants = {tenant(stack)["platform"]: stack for stack in AWS_TENANTS}
    for on, name in found:
        stack = tenants[on]
        who = a_principal(stack)
        ((path, allowed),) = refusal(stack, arn(on, name))
        assert path == f"{TENANT_KEY}.people.{who}.principalArn"
        assert "no stack makes" in allowed


@pytest.mark.parametrize("section", ["deployers.tenant-pipeline", "people.someone"])
def test_every_role_that_a_sample_makes_is_refused_by_its_platform(section: str) -> None:
    for on, name in roles():
        access = platform(on)["access"]
        settings = changed(platform(on), "access.people", {"someone": {"principalArn": "", "access": "viewer"}})
        settings["access"]["people"] |= access.get("people", {})
        settings["access"]["people"]["someone"]["principalArn"] = arn(on, "somebody")
        settings = changed(settings, f"access.{section}.principalArn", arn(on, name))
        with pytest.raises(SettingsError) as error:
            stack_settings(on, config_of(settings))
        (finding,) = error.value.findings
        assert finding.path == f"{PLATFORM_KEY}.access.{section}.principalArn"
        assert finding.found == arn(on, name)


@pytest.mark.parametrize(
    "principal",
    [
        f"arn:aws:iam::{PROD}:role/spark-dev-node",  # the platform of that name is in the other account
        f"arn:aws:iam::{DEV}:role/spark-devices",
        f"arn:aws:iam::{DEV}:role/spark-dev",
        f"arn:aws:iam::{DEV}:user/spark-dev-node",
    ],
)
def test_principals_of_like_names_that_no_stack_makes_may_be_people(principal: str) -> None:
    on = "platform-dev"
    settings = named_by("ads-dev", principal)
    registrations = run_program("ads-dev", tenant_config(settings), {on: exports(platform_registrations(on), on)})
    assert made_principals({**recorded(), "ads-dev": registrations}) == []


def test_a_path_hides_no_role() -> None:
    assert refusal("ads-dev", f"arn:aws:iam::{DEV}:role/some/where/spark-dev-node")


def test_nothing_is_made_and_let_in_by_the_samples() -> None:
    assert made_principals(recorded()) == []


def test_a_role_of_another_platform_in_the_account_is_found_between_stacks() -> None:
    """A stack knows the names of its own platform alone; the fleet knows what every stack registers."""
    other = changed(platform(), "name", "batch")
    made = run_program("platform-batch", config_of(other), {})
    on = "platform-dev"
    node = f"arn:aws:iam::{DEV}:role/path/batch-node"
    registrations = run_program(
        "ads-dev", tenant_config(named_by("ads-dev", node)), {on: exports(platform_registrations(on), on)}
    )
    (finding,) = made_principals({**recorded(), "ads-dev": registrations, "platform-batch": made})
    assert finding.stacks == ("ads-dev", "platform-batch")
    assert finding.found == f"ads-dev lets in {node}, which platform-batch makes"


def test_every_way_to_let_somebody_in_is_seen() -> None:
    """Of `ads-dev` its people by access entries and its log readers' trust; of a platform its creator's policy."""
    on = "platform-dev"
    creator = changed(platform(), "access.deployers.platform-team.principalArn", f"arn:aws:iam::{DEV}:role/batch-node")
    made = run_program("platform-batch", config_of(changed(platform(), "name", "batch")), {})
    registrations = run_program(on, config_of(creator), {})
    assert {f.stacks for f in made_principals({on: registrations, "platform-batch": made})} == {("platform-batch", on)}
