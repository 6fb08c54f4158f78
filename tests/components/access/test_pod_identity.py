import json
from typing import Any

import pytest

from components.access.iam import Statement
from components.access.pod_identity import PodIdentity, PodIdentityArgs
from fleet.offline.registration import Registrations
from sizing.arns import Arns
from tests.recording import registrations_of

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"


def registrations(**changes: Any) -> Registrations:  # noqa: ANN401
    given: dict[str, Any] = {
        "platform": "demo",
        "cluster_name": "demo",
        "arns": Arns("111122223333", "eu-central-1"),
        "role_name": "demo-autoscaler",
        "namespace": "spark-system",
        "service_account": "autoscaler",
        "statements": (Statement(actions=("ec2:DescribeImages",), resources=("*",)),),
        "managed_policies": (),
        "more_service_accounts": (),
    }
    args = PodIdentityArgs(**(given | changes))
    return registrations_of(lambda: PodIdentity("x", args))


def test_the_role_is_for_this_service_account_of_this_cluster_only() -> None:
    role = registrations().one(ROLE)
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert role.inputs["name"] == "demo-autoscaler"
    assert trust["Condition"] == {
        "ArnEquals": {"aws:SourceArn": "arn:aws:eks:eu-central-1:111122223333:cluster/demo"},
        "StringEquals": {
            "aws:SourceAccount": "111122223333",
            "aws:RequestTag/kubernetes-namespace": "spark-system",
            "aws:RequestTag/kubernetes-service-account": "autoscaler",
        },
    }


def test_rights_are_readable_at_preview() -> None:
    (statement,) = json.loads(registrations().one(POLICY).inputs["policy"])["Statement"]
    assert statement == {"Effect": "Allow", "Action": ["ec2:DescribeImages"], "Resource": ["*"]}


def test_the_association_names_the_computed_arn_and_waits_for_role_and_rights() -> None:
    registered = registrations(managed_policies=("service-role/Some",))
    association = registered.one(ASSOCIATION)
    assert association.inputs == {
        "clusterName": "demo",
        "namespace": "spark-system",
        "serviceAccount": "autoscaler",
        "roleArn": "arn:aws:iam::111122223333:role/demo-autoscaler",
    }
    assert {registered.one(t).urn for t in (ROLE, POLICY, ATTACHMENT)} <= set(association.dependencies)


def test_a_managed_policy_is_attached_with_its_path() -> None:
    attachment = registrations(managed_policies=("service-role/Some",)).one(ATTACHMENT, "x-Some")
    assert attachment.inputs["policyArn"] == "arn:aws:iam::aws:policy/service-role/Some"


def test_without_statements_there_is_no_policy_of_its_own() -> None:
    assert not registrations(statements=()).of_type(POLICY)


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_partitions_are_respected(region: str, partition: str) -> None:
    registered = registrations(arns=Arns("111122223333", region), managed_policies=("Some",))
    assert registered.one(ATTACHMENT).inputs["policyArn"].startswith(f"arn:{partition}:iam")
    assert registered.one(ASSOCIATION).inputs["roleArn"].startswith(f"arn:{partition}:iam")
