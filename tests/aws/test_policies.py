"""Every statement of every policy against AWS's own tables: its actions, what they are limited to, by which keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.aws import iam_tables as tables
from tests.aws.recorded import documents, registered

GLOBAL = {
    # as of 2026-11-28, of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html:
    # those that only policies of resources and roles compare, and AWS manages none of these
    "aws:sourceaccount",
    "aws:sourcearn",
}

NOT_IN_THE_TABLES = {
    # as of 2026-11-28 access entries and associations of pods are what eks:TagResource takes, and not this
    "eks:ListTagsForResource": ("access-entry/", "podidentityassociation/"),
}
"""What an action takes by our knowledge and not by AWS's table."""


def many(value: Any) -> list[str]:  # noqa: ANN401
    return [value] if isinstance(value, str) else list(value)


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for where, document in documents():
        for index, statement in enumerate(document["Statement"]):
            yield f"{where}: {statement.get('Sid', index)}", statement


def actions(statement: dict[str, Any]) -> list[str]:
    """The actions of a statement as AWS spells them; none for all that there are."""
    return [action for pattern in many(statement["Action"]) if pattern != "*" for action in tables.actions_of(pattern)]


def unknown_actions(statement: dict[str, Any]) -> list[str]:
    return [pattern for pattern in many(statement["Action"]) if pattern != "*" and not tables.actions_of(pattern)]


def misplaced(statement: dict[str, Any]) -> list[str]:
    """Resources that no action of the statement takes, and actions that take none of the resources."""
    resources = [resource for resource in many(statement.get("Resource", "*")) if resource != "*"]
    if not resources or statement.get("NotResource"):
        return []
    patterns = {pattern: tables.actions_of(pattern) for pattern in many(statement["Action"])}
    taken = {
        (pattern, resource)
        for pattern, meant in patterns.items()
        for resource in resources
        if any(tables.meet(resource, arn) for action in meant for arn in tables.resource_arns(action))
        or any(kind in resource for kind in NOT_IN_THE_TABLES.get(pattern, ()))
    }
    idle = [resource for resource in resources if not any((pattern, resource) in taken for pattern in patterns)]
    return idle + [pattern for pattern in patterns if not any((pattern, resource) in taken for resource in resources)]


def unusable_keys(statement: dict[str, Any]) -> list[str]:
    """Condition keys that a request for an action of the statement never has: it would never, or always, fit."""
    found = []
    for keys in statement.get("Condition", {}).values():
        for key in keys:
            if key.lower() in tables.global_keys() | GLOBAL:
                continue
            for pattern in many(statement["Action"]):
                meant = tables.actions_of(pattern) if pattern != "*" else ()
                if not any(tables.key_fits(key, known) for action in meant for known in tables.condition_keys(action)):
                    found.append(f"{key} for {pattern}")
    return found


@pytest.mark.parametrize("check", [unknown_actions, misplaced, unusable_keys])
def test_every_statement_is_one_that_aws_knows(check: Any) -> None:  # noqa: ANN401
    found = {where: wrong for where, statement in statements() if (wrong := check(statement))}
    assert not found


def test_there_are_statements_to_look_at() -> None:
    assert len(list(statements())) > 150


@pytest.mark.parametrize(
    ("check", "statement", "wrong"),
    [
        (unknown_actions, {"Action": ["s3:GetObjekt"]}, ["s3:GetObjekt"]),
        (unknown_actions, {"Action": ["sss:*"]}, ["sss:*"]),
        (
            misplaced,
            {"Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::b/*"]},
            ["arn:aws:s3:::b/*", "s3:ListBucket"],
        ),
        (
            misplaced,
            {"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b/*"]},
            ["s3:ListBucket"],
        ),
        (
            misplaced,
            {"Action": ["kms:Decrypt"], "Resource": ["arn:aws:kms:eu-central-1:111122223333:alias/x"]},
            ["arn:aws:kms:eu-central-1:111122223333:alias/x", "kms:Decrypt"],
        ),
        (
            misplaced,
            {"Action": ["logs:PutLogEvents"], "Resource": ["arn:aws:logs:eu-central-1:1:log-group:/a"]},
            ["arn:aws:logs:eu-central-1:1:log-group:/a", "logs:PutLogEvents"],
        ),
        (
            unusable_keys,
            {"Action": ["ec2:DescribeVolumes"], "Condition": {"StringEquals": {"ec2:ResourceTag/a": "b"}}},
            ["ec2:ResourceTag/a for ec2:DescribeVolumes"],
        ),
        (
            unusable_keys,
            {"Action": ["s3:PutObject"], "Condition": {"StringEquals": {"s3:prefix": "b"}}},
            ["s3:prefix for s3:PutObject"],
        ),
        (unusable_keys, {"Action": ["*"], "Condition": {"Bool": {"aws:Secure": "b"}}}, ["aws:Secure for *"]),
    ],
)
def test_a_statement_of_another_make_is_found(check: Any, statement: dict[str, Any], wrong: list[str]) -> None:  # noqa: ANN401
    assert check(statement) == wrong


def test_exceptions_are_in_no_table_yet() -> None:
    assert not GLOBAL & tables.global_keys()
    for action, kinds in NOT_IN_THE_TABLES.items():
        assert not [arn for arn in tables.resource_arns(action) for kind in kinds if kind in arn]


def test_every_service_that_a_policy_trusts_is_one_that_aws_hands_roles_to() -> None:
    services = {
        service
        for _, statement in statements()
        if isinstance(statement.get("Principal"), dict)
        for service in many(statement["Principal"].get("Service", []))
    }
    # `logs.<region>.amazonaws.com` is `logs.amazonaws.com` of one region.
    plain = {re.sub(r"^logs\.[a-z0-9-]+\.", "logs.", service) for service in services}
    named = {text for text in aws_managed_policies_data.split('"') if text.endswith(".amazonaws.com")}
    assert plain <= named
    assert "pods.eks.amazonaws.com" in plain


def test_managed_policies_are_ones_that_aws_manages_under_that_path() -> None:
    managed = {f"policy{p['Path']}{name}" for name, p in json.loads(aws_managed_policies_data).items()}
    used = {
        resource.inputs["policyArn"].split(":")[-1]
        for _, resource in registered()
        if resource.type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
        and resource.inputs["policyArn"].split(":")[4] == "aws"
    }
    assert used <= managed
    assert {"policy/AmazonSSMManagedInstanceCore", "policy/AmazonEKSClusterPolicy"} <= used
