"""What a change deploys: which stacks, why, and in which order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner

from fleet.commands.affected import affected, matrix
from fleet.offline.changes.comparison import StackComparison
from fleet.offline.deployment import Deployment, DeploymentError, PlatformDeployment, deployment
from fleet.offline.registration import Registrations, has_unknown
from infra.settings.fleet_rules import FleetFinding
from sizing.values import Json
from tests.fleet.formats.comparisons import BASE, fleet_of, stack_of
from tests.fleet.offline.recorded import sample
from tests.samples import ROOT

NOTHING = PlatformDeployment("platform-dev", False, (), (), False)


def same(stack: str) -> StackComparison:
    return stack_of(stack, sample(stack), sample(stack))


def new(stack: str) -> StackComparison:
    return stack_of(stack, None, sample(stack))


def gone(stack: str) -> StackComparison:
    return stack_of(stack, sample(stack), None)


def changed(stack: str) -> StackComparison:
    registrations = sample(stack)
    first = next(one for one in registrations.values() if one.type.startswith("kubernetes:core"))
    return stack_of(
        stack, registrations, Registrations([*registrations.values(), replace(first, inputs={**first.inputs, "x": 1})])
    )


def with_another_vpc(stack: str) -> StackComparison:
    """Its network is made anew, so the subnets that tenants use are others."""
    registrations = sample(stack)
    vpc = registrations.one("aws:ec2/vpc:Vpc")
    return stack_of(
        stack,
        registrations,
        Registrations([*registrations.values(), replace(vpc, inputs={**vpc.inputs, "cidrBlock": "10.41.0.0/16"})]),
    )


def test_only_what_changes_is_deployed() -> None:
    found = deployment(fleet_of(same("platform-dev"), changed("ads-dev"), same("search-dev")))
    assert found.platforms == (replace(NOTHING, tenants=("ads-dev",)),)
    assert found.reasons == {"ads-dev": "its preview changes"}
    assert found.base == BASE.commit


def test_where_nothing_changes_nothing_is_deployed() -> None:
    assert deployment(fleet_of(same("platform-dev"), same("ads-dev"))).platforms == ()


def test_a_platform_comes_before_its_tenants_and_removed_tenants_before_a_removed_platform() -> None:
    found = deployment(
        fleet_of(new("platform-dev"), new("ads-dev"), gone("search-dev"), gone("platform-prod"), gone("ads-prod"))
    )
    dev, prod = found.platforms
    assert dev == PlatformDeployment("platform-dev", True, ("ads-dev",), ("search-dev",), False)
    assert prod == PlatformDeployment("platform-prod", False, (), ("ads-prod",), True)


def test_without_a_base_everything_is_deployed() -> None:
    stacks = [stack_of(name, None, sample(name), compare=False) for name in ("platform-dev", "ads-dev")]
    found = deployment(fleet_of(*stacks, base=None))
    assert found.base is None
    assert found.platforms == (replace(NOTHING, update_platform=True, tenants=("ads-dev",)),)


def test_other_packages_deploy_every_stack() -> None:
    base = replace(BASE, other_requirements=("pulumi-aws 7.50.0 (here 7.51.1)",))
    found = deployment(fleet_of(same("platform-dev"), same("ads-dev"), base=base))
    assert set(found.reasons.values()) == {"other versions of packages deploy it"}
    assert found.platforms == (replace(NOTHING, update_platform=True, tenants=("ads-dev",)),)


def test_a_stack_whose_former_registrations_are_not_known_is_deployed() -> None:
    found = deployment(fleet_of(stack_of("platform-dev", "it was broken", sample("platform-dev"))))
    assert found.platforms == (replace(NOTHING, update_platform=True),)


def test_tenants_follow_a_platform_whose_identifiers_will_be_others() -> None:
    """Offline, the tenants' registrations are the same: they only name what the platform exports."""
    found = deployment(fleet_of(with_another_vpc("platform-dev"), same("ads-dev"), same("ads-prod")))
    assert found.reasons == {
        "platform-dev": "its preview changes",
        "ads-dev": "its platform exports other identifiers",
    }


def test_what_a_platform_exports_unknown_is_of_the_types_that_tenants_follow() -> None:
    """Its subnets, and what EKS tells of the cluster; whoever exports more says whose it is in `IDENTIFYING`."""

    def unknown(path: str, value: Json) -> Iterator[str]:
        if isinstance(value, dict):
            for key, item in value.items():
                yield from unknown(f"{path}.{key}" if path else key, item)
        elif has_unknown(value):
            yield path

    exported = set(unknown("", sample("platform-dev").stack.outputs["contract"]))
    subnets = {path for path in exported if path.startswith("aws.subnetIds.")}
    assert subnets
    assert exported - subnets == {
        "aws.certificateAuthority",
        "aws.endpoint",
        "aws.logs.groupKeyArn",
        "aws.securityGroupIds",
        "cluster.kubeconfig",
    }


def test_tenants_do_not_follow_a_platform_that_changes_in_place() -> None:
    assert set(deployment(fleet_of(changed("platform-dev"), same("ads-dev"))).reasons) == {"platform-dev"}


def test_of_a_fleet_that_is_wrong_nothing_is_deployed() -> None:
    broken = stack_of("ads-dev", sample("ads-dev"), "1 error")
    with pytest.raises(DeploymentError, match="ads-dev"):
        deployment(fleet_of(new("platform-dev"), broken))
    finding = FleetFinding(("a", "b"), "too many drivers", "fewer")
    with pytest.raises(DeploymentError, match="a, b"):
        deployment(fleet_of(new("platform-dev"), findings=(finding,)))


def test_a_removed_stack_whose_platform_is_not_known_is_left_to_a_person() -> None:
    with pytest.raises(DeploymentError, match="pulumi destroy --stack ads-dev"):
        deployment(fleet_of(stack_of("ads-dev", "it was broken", None)))


FOUND = Deployment("0123", (replace(NOTHING, tenants=("ads-dev",)), replace(NOTHING, platform="platform-prod")), {})


def test_a_platform_that_nobody_names_is_not_in_the_matrix() -> None:
    entries = matrix(FOUND, {"platform-prod": ["self-hosted", "vpc"]})["platforms"]
    assert [(entry["platform"], entry["runner"]) for entry in entries] == [("platform-prod", ["self-hosted", "vpc"])]


def test_where_none_is_named_all_are_in_it_on_a_runner_of_githubs() -> None:
    assert [entry["runner"] for entry in matrix(FOUND, None)["platforms"]] == ["ubuntu-latest"] * 2


app = typer.Typer()
app.command()(affected)


@pytest.mark.parametrize("platforms", ["prod", "[]", '{"platform-prod": 1}', '{"platform-prod": []}'])
def test_platforms_that_are_no_object_of_runners_are_wrong_usage(platforms: str) -> None:
    result = CliRunner().invoke(app, ["--platforms", platforms, "--root", str(ROOT)])
    assert result.exit_code == 2
    assert "is not a JSON object" in " ".join(result.output.replace("│", " ").split())


def test_the_command_prints_one_line_of_json_for_a_matrix() -> None:
    result = CliRunner().invoke(
        app, ["--format", "json", "--stack", "demo-kind", "--root", str(ROOT)], env={"FLEET_PLATFORMS": ""}
    )
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.splitlines()
    (entry,) = json.loads(line)["platforms"]
    assert entry["platform"] == "platform-kind"
    assert entry["tenants"] == ["demo-kind"]
    assert not entry["updatePlatform"]
