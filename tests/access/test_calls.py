"""The tables of calls and the policies against what AWS itself says of its operations, actions and condition keys."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import botocore.session  # type: ignore[import-untyped]
import pytest
from botocore.validate import ParamValidator  # type: ignore[import-untyped]
from policy_sentry.querying.actions import get_action_data, get_actions_for_service

from components.access.aws_rights.owner_boundary import owner_boundary
from components.access.iam import MAXIMUM_MANAGED_POLICY, policy_document, policy_length
from tests.access.calls.table import CALLS, OF_A_ROLE, calls_of
from tests.access.stacks import (
    PLATFORMS,
    STACKS,
    calls,
    deployer,
    deployer_of_all,
    reader,
    registrations_of,
    scope,
    settings_of,
)
from tests.iam_eval import like
from tests.samples import platform_registrations

GLOBAL = re.compile(r"aws:(RequestTag|ResourceTag)/.+|aws:TagKeys|aws:RequestedRegion")
POLICIES = {
    **{f"{stack}-deployer": (deployer, stack) for stack in STACKS},
    **{f"{stack}-all": (deployer_of_all, stack) for stack in PLATFORMS},
    **{f"{stack}-preview": (reader, stack) for stack in STACKS},
}


@functools.cache
def shape(api: str) -> Any:  # noqa: ANN401
    service, operation = api.split(".")
    return botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape


@functools.cache
def rows(action: str) -> tuple[Any, ...]:
    """What AWS says of an action: a row for each kind of resource."""
    service, name = action.split(":")
    return tuple((get_action_data(service, name) or {}).get(service, ()))


@functools.cache
def actions_like(pattern: str) -> tuple[str, ...]:
    if "*" not in pattern:
        return (pattern,)
    return tuple(a for a in get_actions_for_service(pattern.split(":")[0]) if like(pattern.lower(), a.lower()))


def all_asks() -> set[tuple[str, str, tuple[str, ...]]]:
    return {(a.action, a.resource, tuple(sorted(a.context))) for s in STACKS for _, c in calls(s) for a in c.asks}


@pytest.mark.parametrize("stack", STACKS)
def test_every_call_is_one_that_botocore_would_make(stack: str) -> None:
    wrong = {}
    for _, call in calls(stack):
        taken = shape(call.api)
        if taken is not None:
            report = ParamValidator().validate(call.params, taken)
            if report.has_errors():
                wrong[call.api] = report.generate_report()
    assert wrong == {}


def test_every_action_that_is_asked_about_is_one_of_awss() -> None:
    assert {action for action, _, _ in all_asks() if not rows(action)} == set()


def resource_pattern(arn_format: str) -> str:
    return re.sub(r"\$\{\w+\}", "*", arn_format)


def test_every_action_is_asked_about_a_kind_of_resource_that_it_knows() -> None:
    unknown = {
        (action, resource)
        for action, resource, _ in all_asks()
        if resource != "*"
        and action not in {"eks:CreateCluster", "logs:CreateLogDelivery", "logs:DeleteLogDelivery"}  # know none
        and not any(
            like(resource_pattern(r["resource_arn_format"]), resource)
            for r in rows(action)
            if r["resource_arn_format"] != "*"
        )
    }
    assert unknown == set()


def known_keys(action: str) -> set[str]:
    return {re.sub(r"\$\{TagKey\}", "*", key).lower() for row in rows(action) for key in row["condition_keys"]}


def knows(action: str, key: str) -> bool:
    return bool(GLOBAL.fullmatch(key)) or any(like(known, key.lower()) for known in known_keys(action))


def test_every_condition_key_that_is_asked_about_is_one_that_the_action_knows() -> None:
    assert {(action, key) for action, _, keys in all_asks() for key in keys if not knows(action, key)} == set()


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_names_actions_and_condition_keys_that_there_are(name: str) -> None:
    made, stack = POLICIES[name]
    for document in made(stack):
        for statement in json.loads(document)["Statement"]:
            for pattern in statement["Action"]:
                found = actions_like(pattern)
                assert found, pattern
                for action in found:
                    assert rows(action), action
                    for keys in statement.get("Condition", {}).values():
                        assert [key for key in keys if not knows(action, key)] == [], (statement["Sid"], action)


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_fits_and_is_made_the_same_again(name: str) -> None:
    made, stack = POLICIES[name]
    documents = made(stack)
    assert all(policy_length(document) <= MAXIMUM_MANAGED_POLICY for document in documents)
    assert len(documents) <= 10
    made.cache_clear()
    assert made(stack) == documents


@pytest.mark.parametrize("stack", PLATFORMS)
def test_a_boundary_of_the_platforms_roles_covers_what_they_have_and_nothing_of_iam(stack: str) -> None:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    managed = json.loads(aws_managed_policies_data)
    (document,) = [policy_document(*owner_boundary(scope(stack), session_manager=False))]
    bounds = [action for statement in json.loads(document)["Statement"] for action in statement["Action"]]
    registrations = registrations_of(stack)
    texts = [json.loads(policy.inputs["policy"]) for policy in registrations.of_type("aws:iam/rolePolicy:RolePolicy")]
    for attachment in registrations.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        texts.append(managed[attachment.inputs["policyArn"].rpartition("/")[2]]["Document"])  # noqa: PERF401
    for text in texts:
        statements = text["Statement"] if isinstance(text["Statement"], list) else [text["Statement"]]
        for statement in statements:
            actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            assert [one for one in actions if not any(like(bound, one) for bound in bounds)] == []
    assert [bound for bound in bounds if bound.startswith(("iam:", "sts:", "secretsmanager:"))] == [
        "iam:CreateServiceLinkedRole"
    ]


def test_a_type_without_a_row_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(CALLS, "aws:kms/key:Key")
    settings, arns = settings_of("platform-dev")
    with pytest.raises(AssertionError, match=r"aws:kms/key:Key has no row in tests/access/calls/table\.py"):
        list(calls_of(platform_registrations("platform-dev"), arns, settings.name))


def test_no_row_is_left_over() -> None:
    """But Managed Grafana's, which a setting brings that no sample has."""
    registered = {r.type for stack in STACKS for r in registrations_of(stack).values()}
    assert (CALLS.keys() | OF_A_ROLE.keys()) - registered == {"aws:grafana/workspace:Workspace"}
