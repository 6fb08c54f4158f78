"""Roles that AWS makes for its own services: who may have each made, as docs/guides/first-deployment.md says."""

from __future__ import annotations

import json

import pytest

from components.storage.encryption import AUTO_SCALING_ROLE
from fleet.offline.registration import Registrations
from sizing.arns import Arns
from tests.access.stacks import PLATFORMS, deployer, settings_of
from tests.iam_eval import Request, allowed, permitted
from tests.samples import AWS_TENANTS, ROOT, platform_registrations

GUIDE = (ROOT / "docs/guides/first-deployment.md").read_text()


def creation(arns: Arns, service: str, role: str) -> Request:
    return Request(
        action="iam:CreateServiceLinkedRole",
        resource=arns.service_linked_role(service, role),
        context={"iam:AWSServiceName": service},
    )


@pytest.mark.parametrize("stack", PLATFORMS)
@pytest.mark.parametrize(
    ("service", "role"),
    [
        ("autoscaling.amazonaws.com", AUTO_SCALING_ROLE),
        ("eks.amazonaws.com", "AWSServiceRoleForAmazonEKS"),
        ("grafana.amazonaws.com", "AWSServiceRoleForAmazonGrafana"),
        ("spot.amazonaws.com", "AWSServiceRoleForEC2Spot"),
    ],
)
def test_a_platforms_deployer_may_have_the_roles_made_that_its_platform_needs(
    stack: str, service: str, role: str
) -> None:
    _, arns = settings_of(stack)
    assert permitted(deployer(stack), creation(arns, service, role))
    assert f"| `{role}` |" in GUIDE


@pytest.mark.parametrize("stack", AWS_TENANTS)
def test_a_tenants_deployer_may_not_and_auto_scalings_own_role_makes_that_of_spot(stack: str) -> None:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    _, arns = settings_of("platform-dev")
    spot = creation(arns, "spot.amazonaws.com", "AWSServiceRoleForEC2Spot")
    assert not permitted(deployer(stack), spot)
    own = json.loads(aws_managed_policies_data)["AutoScalingServiceRolePolicy"]["Document"]
    (statement,) = [each for each in own["Statement"] if "iam:CreateServiceLinkedRole" in each["Action"]]
    assert allowed(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), spot)


def test_the_key_of_volumes_names_the_role_and_is_made_before_any_group() -> None:
    registrations = platform_registrations("platform-prod")
    (key,) = [each for each in registrations.of_type("aws:kms/key:Key") if each.name == "spark-prod-volumes-key"]
    assert f"/{AUTO_SCALING_ROLE}" in key.inputs["policy"]
    groups = registrations.of_type("aws:autoscaling/group:Group")
    assert groups
    assert all(key.urn in needed(registrations, group.urn) for group in groups)
    assert "aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com" in GUIDE


def needed(registrations: Registrations, urn: str) -> set[str]:
    """All that must be there before a resource."""
    found: set[str] = set()
    left = [urn]
    while left:
        more = set(registrations[left.pop()].dependencies) - found
        found |= more
        left += more
    return found
