"""What deployers and previews may do: all that their own stack takes, by their policies alone, and no more."""

from __future__ import annotations

import pytest

from tests.access.calls.table import Call
from tests.access.stacks import (
    PLATFORMS,
    STACKS,
    allows,
    calls,
    deployer,
    deployer_of_all,
    neighbours_calls,
    platform_of,
    reader,
    refused,
    settings_of,
)
from tests.samples import AWS_TENANTS

DEV_TENANTS = tuple(stack for stack in AWS_TENANTS if platform_of(stack) == "platform-dev")


@pytest.mark.parametrize("stack", STACKS)
def test_a_deployers_policies_alone_are_enough(stack: str) -> None:
    assert len(calls(stack)) > 50
    assert refused(deployer(stack), calls(stack)) == []


@pytest.mark.parametrize("stack", AWS_TENANTS)
def test_a_deployer_of_all_tenants_deploys_each(stack: str) -> None:
    assert refused(deployer_of_all(platform_of(stack)), calls(stack)) == []


def reads(stack: str) -> list[tuple[str, Call]]:
    return [(name, call) for name, call in calls(stack) if call.when == "read"]


def changes(found: tuple[tuple[str, Call], ...]) -> list[tuple[str, Call]]:
    return [(name, call) for name, call in found if call.when != "read"]


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_reads_all_and_changes_nothing(stack: str) -> None:
    assert refused(reader(stack), reads(stack)) == []
    let_through = {call.api for _, call in changes(calls(stack)) if allows(reader(stack), call)}
    # On the way to a change, the provider reads.
    assert {api for api in let_through if not api.split(".")[1].startswith(("Describe", "Get", "List"))} == set()


NOT_TOLD_APART = {
    "autoscaling.DescribeAutoScalingGroups",
    "autoscaling.DescribeScalingActivities",
    "autoscaling.DescribeScheduledActions",
    "elbv2.DescribeCapacityReservation",
    "elbv2.DescribeListenerAttributes",
    "elbv2.DescribeListeners",
    "elbv2.DescribeLoadBalancerAttributes",
    "elbv2.DescribeLoadBalancers",
    "elbv2.DescribeTags",
    "elbv2.DescribeTargetGroupAttributes",
    "elbv2.DescribeTargetGroups",
    "elbv2.DescribeTargetHealth",
    "ec2.DescribeAddresses",
    "ec2.DescribeAddressesAttribute",
    "ec2.DescribeFlowLogs",
    "ec2.DescribeInternetGateways",
    "ec2.DescribeLaunchTemplateVersions",
    "ec2.DescribeLaunchTemplates",
    "ec2.DescribeNatGateways",
    "ec2.DescribeNetworkAcls",
    "ec2.DescribeNetworkInterfaces",
    "ec2.DescribePrefixLists",
    "ec2.DescribeRouteTables",
    "ec2.DescribeSecurityGroupRules",
    "ec2.DescribeSecurityGroups",
    "ec2.DescribeSubnets",
    "ec2.DescribeVpcAttribute",
    "ec2.DescribeVpcEndpoints",
    "ec2.DescribeVpcs",
    "ec2.GetSubnetCidrReservations",
    "kms.ListAliases",
    "logs.DescribeLogGroups",
    "sts.GetCallerIdentity",
}
"""Reads of which AWS knows no resource, or one of identifiers alone that what is read doesn't tell."""
NETWORK_NOT_TOLD_APART = {
    "ec2.DeleteSubnetCidrReservation",  # knows no resource
    "ec2.RevokeSecurityGroupEgress",  # of a VPC's default group, which is there without tags
    "ec2.RevokeSecurityGroupIngress",  # as before
    "ec2.CreateTags",  # as before
    "ec2.CreateFlowLogs",  # the deliveries of a flow log, not the log
    "ec2.DeleteFlowLogs",  # as before
}
"""Changes that a platform's deployer could also make to what isn't its platform's: docs/guides/access.md says so."""


def let_through(policies: tuple[str, ...], theirs: tuple[tuple[str, Call], ...]) -> set[str]:
    return {call.api for _, call in theirs if allows(policies, call)} - NOT_TOLD_APART


@pytest.mark.parametrize("own", DEV_TENANTS)
@pytest.mark.parametrize("other", [*DEV_TENANTS, "platform-dev"])
def test_nothing_of_another_tenant_or_of_the_platform_is_a_tenants_deployers(own: str, other: str) -> None:
    if own != other:
        assert let_through(deployer(own), calls(other)) == set()


@pytest.mark.parametrize("own", DEV_TENANTS)
@pytest.mark.parametrize("name", ["ads2", "ad", "searchx"])
def test_names_that_begin_alike_are_other_tenants(own: str, name: str) -> None:
    assert let_through(deployer(own), neighbours_calls("ads-dev", "spark-dev", name)) == set()


@pytest.mark.parametrize("own", AWS_TENANTS)
@pytest.mark.parametrize("suffix", ["2", "x"])
def test_a_tenant_of_the_same_name_on_another_platform_of_the_account_is_another(own: str, suffix: str) -> None:
    other = f"{settings_of(platform_of(own))[0].name}{suffix}"
    assert let_through(deployer(own), neighbours_calls(own, other)) == set()
    assert let_through(deployer_of_all(platform_of(own)), neighbours_calls(own, other)) == set()


@pytest.mark.parametrize("own", PLATFORMS)
@pytest.mark.parametrize("other", STACKS)
def test_a_platforms_deployer_changes_nothing_of_another_platform(own: str, other: str) -> None:
    name = f"{settings_of(platform_of(other))[0].name}2"
    if platform_of(own) == platform_of(other):
        found = let_through(deployer(own), tuple(changes(neighbours_calls(other, name))))
        assert found <= NETWORK_NOT_TOLD_APART
    else:
        assert let_through(deployer(own), tuple(changes(calls(other)))) <= NETWORK_NOT_TOLD_APART


@pytest.mark.parametrize("stack", DEV_TENANTS)
def test_a_platforms_deployer_changes_nothing_of_its_tenants_but_people_and_log_groups(stack: str) -> None:
    """These stand in the platform's cluster and below its name; roles, nodes and prefixes are the tenant's."""
    found = {call.api for _, call in changes(calls(stack)) if allows(deployer("platform-dev"), call)}
    found = {api for api in found if not api.startswith(("eks.", "logs."))} - NOT_TOLD_APART
    assert found <= {"iam.ListInstanceProfilesForRole"}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_deployer_of_all_tenants_changes_nothing_of_the_platform(platform: str) -> None:
    assert let_through(deployer_of_all(platform), tuple(changes(calls(platform)))) == set()


def test_every_exception_is_called_by_some_stack() -> None:
    called = {call.api for stack in STACKS for _, call in calls(stack)}
    assert called >= (NOT_TOLD_APART | NETWORK_NOT_TOLD_APART)
