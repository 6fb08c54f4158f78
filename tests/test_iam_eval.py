from __future__ import annotations

import json
from typing import Any

import pytest

from components.access.iam import Statement, pod_identity_trust, policy_document
from tests.iam_eval import NotUnderstood, Request, allowed, arn_like, decision, like, permitted

OBJECT = "arn:aws:s3:::bucket/ads/batch/x"


def document(**changes: Any) -> str:  # noqa: ANN401
    return policy_document(Statement(**({"actions": ("s3:GetObject",), "resources": (OBJECT,)} | changes)))


def get(resource: str = OBJECT, action: str = "s3:GetObject", **context: str | tuple[str, ...]) -> Request:
    return Request(action=action, resource=resource, context={k.replace("__", ":"): v for k, v in context.items()})


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("a*", "a", True),
        ("a*", "a/b/c", True),
        ("a*", "ba", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a.c", "abc", False),
        ("a[b]", "ab", False),
        ("a*c", "ab\nc", True),
        ("A", "a", False),
    ],
)
def test_wildcards(pattern: str, value: str, matches: bool) -> None:
    assert like(pattern, value) is matches


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("arn:aws:logs:*:1:*", "arn:aws:logs:eu:1:a:b", True),
        ("arn:aws:*:1:x", "arn:aws:s3:eu:1:x", False),
        ("arn:aws:s3:eu:1:x", "arn:aws:s3:eu:1:x", True),
        ("arn:aws:s3:eu:1:x", "no arn", False),
    ],
)
def test_wildcards_in_arns_stay_within_a_part(pattern: str, value: str, matches: bool) -> None:
    assert arn_like(pattern, value) is matches


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    assert allowed(document(), get())
    assert not allowed(document(), get(OBJECT + "y"))
    assert not allowed(document(), get(action="s3:PutObject"))
    assert decision(document(), get(action="s3:PutObject")) == "None"


def test_actions_are_compared_without_case_and_resources_with_it() -> None:
    assert allowed(document(), get(action="S3:getobject"))
    assert not allowed(document(), get(OBJECT.upper()))


def test_a_denial_wins() -> None:
    allow = Statement(actions=("s3:*",), resources=("*",))
    deny = Statement(actions=("s3:Get*",), resources=("*",), effect="Deny")
    assert decision(policy_document(deny, allow), get()) == "Deny"
    assert decision(policy_document(allow, deny), get()) == "Deny"
    assert decision(policy_document(allow, deny), get(action="s3:PutObject")) == "Allow"


@pytest.mark.parametrize(
    ("conditions", "context", "fits"),
    [
        ({"StringEquals": {"s3:prefix": "a"}}, {"s3__prefix": "a"}, True),
        ({"StringEquals": {"s3:prefix": "a*"}}, {"s3__prefix": "ab"}, False),
        ({"StringEquals": {"s3:prefix": "a"}}, {}, False),
        ({"StringEquals": {"S3:Prefix": "a"}}, {"s3__prefix": "a"}, True),
        ({"StringLike": {"s3:prefix": ["b/*", "a/*"]}}, {"s3__prefix": "a/"}, True),
        ({"StringLike": {"s3:prefix": "a/*"}}, {"s3__prefix": "a"}, False),
        ({"StringLike": {"x": "1"}, "StringEquals": {"y": "2"}}, {"x": "1"}, False),
        ({"StringLike": {"x": "1"}, "StringEquals": {"y": "2"}}, {"x": "1", "y": "2"}, True),
        ({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "a"}}, {"kms__ResourceAliases": ("b", "a")}, True),
        ({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "a"}}, {"kms__ResourceAliases": ()}, False),
        ({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "a"}}, {}, False),
        ({"ForAllValues:StringEquals": {"g": ["a", "b"]}}, {"g": ("b", "a")}, True),
        ({"ForAllValues:StringEquals": {"g": ["a", "b"]}}, {"g": ("b", "c")}, False),
        ({"ForAllValues:StringEquals": {"g": "a"}}, {"g": ()}, True),
        ({"ForAllValues:StringEquals": {"g": "a"}}, {}, True),
        ({"ForAllValues:StringLike": {"g": "a*"}}, {"g": ("ab", "b")}, False),
        ({"StringEqualsIfExists": {"x": "1"}}, {}, True),
        ({"StringEqualsIfExists": {"x": "1"}}, {"x": "2"}, False),
        ({"StringLikeIfExists": {"x": "1*"}}, {"x": "12"}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws__SecureTransport": "False"}, True),
        ({"Null": {"x": "true"}}, {}, True),
        ({"Null": {"x": "false"}}, {}, False),
        ({"Null": {"x": "false"}}, {"x": "1"}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b*"}}, {"aws__SourceArn": "arn:aws:s3:::bc"}, True),
    ],
)
def test_conditions(conditions: dict[str, Any], context: dict[str, Any], fits: bool) -> None:
    assert allowed(document(conditions=conditions), get(**context)) is fits


def test_policies_of_one_principal_are_joined_and_any_denial_wins() -> None:
    read = document()
    write = document(actions=("s3:PutObject",))
    never = document(actions=("s3:PutObject",), effect="Deny")
    assert permitted([read, write], get())
    assert permitted([read, write], get(action="s3:PutObject"))
    assert not permitted([read, write, never], get(action="s3:PutObject"))
    assert not permitted([never], get())
    assert not permitted([], get())


def test_principals_are_compared_where_a_policy_has_them() -> None:
    trust = pod_identity_trust("1", "arn:aws:eks:eu:1:cluster/c", namespace="n", service_account=("a", "b"))
    context = {
        "aws:SourceAccount": "1",
        "aws:SourceArn": "arn:aws:eks:eu:1:cluster/c",
        "aws:RequestTag/kubernetes-namespace": "n",
        "aws:RequestTag/kubernetes-service-account": "b",
    }
    pods = ("Service", "pods.eks.amazonaws.com")
    assert allowed(trust, Request(action="sts:AssumeRole", context=context, principal=pods))
    assert not allowed(trust, Request(action="sts:AssumeRole", context=context, principal=("Service", "ec2")))
    assert not allowed(trust, Request(action="sts:AssumeRole", context=context))
    assert not allowed(document(), Request(action="s3:GetObject", resource=OBJECT, principal=pods))


@pytest.mark.parametrize(
    "statement",
    [
        {"NotAction": ["s3:*"]},
        {"Action": ["s3:Put*"], "Condition": {"StringNotEquals": {"x": "1"}}},
        {"Action": ["s3:Put*"], "Condition": {"ForAllValues:StringNotEquals": {"x": "1"}}},
        {"Action": ["s3:Put*"], "Condition": {"NullIfExists": {"x": "true"}}},
        {"Action": ["s3:Put*"], "Resource": ["arn:aws:s3:::b/${aws:PrincipalTag/x}/*"]},
    ],
)
def test_what_is_unknown_is_refused_even_where_it_would_not_matter(statement: dict[str, Any]) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": ["*"]} | statement]})
    with pytest.raises(NotUnderstood):
        allowed(text, get())


def test_one_value_is_not_compared_with_several() -> None:
    with pytest.raises(NotUnderstood):
        allowed(document(conditions={"StringEquals": {"x": "1"}}), get(x=("1", "2")))
