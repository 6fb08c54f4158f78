"""The pack as Pulumi's policy server runs it, with the values that the engine sends."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy
from ruamel.yaml import YAML

from policies.catalogue import RULES
from policies.model import Rule
from policies.pack import policies_of
from tests import samples

POLICIES = {policy.name: policy for policy in policies_of(RULES)}
KEY = "aws:kms/key:Key"
OPTIONS = PolicyResourceOptions(
    protect=False,
    ignore_changes=[],
    delete_before_replace=None,
    aliases=[],
    custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
    additional_secret_outputs=[],
)


def _said(policy: str, token: str, props: dict[str, object], config: dict[str, object] | None = None) -> list[str]:
    validated = POLICIES[policy]
    assert isinstance(validated, ResourceValidationPolicy)
    said: list[str] = []
    args = ResourceValidationArgs(token, unknown_checking_proxy(props), "urn", "name", OPTIONS, None, config)

    def report(message: str, urn: str | None = None) -> None:
        said.append(message)

    validated.validate(args, report)
    return said


def _said_of_stack(policy: str, *resources: tuple[str, str, dict[str, object]]) -> list[tuple[str, str | None]]:
    validated = POLICIES[policy]
    assert isinstance(validated, StackValidationPolicy)
    said: list[tuple[str, str | None]] = []

    def report(message: str, urn: str | None = None) -> None:
        said.append((message, urn))

    seen = [
        PolicyResource(token, unknown_checking_proxy(props), f"urn:{name}", name, OPTIONS, None, None, [], {})
        for token, name, props in resources
    ]
    validated.validate(StackValidationArgs(seen), report)
    return said


def test_a_policy_reports_what_its_rule_says() -> None:
    assert _said("keys-rotate", KEY, {"enableKeyRotation": False}) == ["enableKeyRotation is not true"]


def test_a_policy_looks_at_the_types_of_its_rule_alone() -> None:
    assert _said("keys-rotate", "aws:s3/bucket:Bucket", {}) == []


def test_an_unknown_value_makes_the_error_that_the_server_turns_into_advice() -> None:
    with pytest.raises(UnknownValueError):
        _said("keys-rotate", KEY, {"enableKeyRotation": UNKNOWN_STRING_VALUE})


def test_a_value_that_must_not_be_there_is_found_though_it_is_unknown() -> None:
    template = "aws:ec2/launchTemplate:LaunchTemplate"
    assert _said("nodes-have-no-ssh-key", template, {"keyName": UNKNOWN_STRING_VALUE}) == ["keyName is set"]


def test_items_can_be_counted_though_they_are_unknown() -> None:
    group, subnets = "aws:autoscaling/group:Group", [UNKNOWN_STRING_VALUE, UNKNOWN_STRING_VALUE]
    said = _said("group-is-in-one-zone", group, {"vpcZoneIdentifiers": subnets})
    assert said == ["vpcZoneIdentifiers names 2"]


def test_what_a_rule_cant_read_is_a_violation() -> None:
    assert _said("group-has-one-identity", "aws:autoscaling/group:Group", {"tags": 1}) == [
        "the rule can't read it: TypeError: 'int' object is not iterable"
    ]


def test_options_come_from_the_configuration() -> None:
    tags: dict[str, object] = {"defaultTags": '{"tags": {"a": "b"}}'}
    policy, provider = "default-tags-allocate-cost", "pulumi:providers:aws"
    assert _said(policy, provider, tags) == ["no tag elastic-spark:platform"]
    assert _said(policy, provider, tags, {"tags": ["a"]}) == []


def test_a_stack_policy_says_which_resource_is_wrong() -> None:
    assert _said_of_stack("buckets-keep-versions", ("aws:s3/bucket:Bucket", "b", {"bucket": "b"})) == [
        ("b keeps none", "urn:b")
    ]


CONTRACT: dict[str, object] = {"contract": {"aws": {"accountId": "111122223333"}}}
FOREIGN = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "999988887777"}}}'


def test_what_aws_computes_of_a_new_resource_keeps_no_stack_policy_from_deciding() -> None:
    assert _said_of_stack(
        "data-is-shared-with-known-accounts",
        ("pulumi:pulumi:Stack", "stack", CONTRACT),
        ("aws:s3/bucket:Bucket", "a", {"bucket": "a", "policy": UNKNOWN_STRING_VALUE}),
        ("aws:s3/bucketPolicy:BucketPolicy", "b", {"bucket": "a", "policy": FOREIGN}),
    ) == [("a statement lets 999988887777 in", "urn:b")]


def test_an_unknown_that_a_program_gives_is_one_to_a_stack_policy() -> None:
    with pytest.raises(UnknownValueError):
        _said_of_stack(
            "data-is-shared-with-known-accounts",
            ("pulumi:pulumi:Stack", "stack", CONTRACT),
            ("aws:s3/bucketPolicy:BucketPolicy", "b", {"bucket": "a", "policy": UNKNOWN_STRING_VALUE}),
        )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_policy_has_its_rules_level_words_and_options(rule: Rule) -> None:
    policy = POLICIES[rule.name]
    assert policy.enforcement_level is EnforcementLevel(rule.enforcement.value)
    assert policy.description.startswith(rule.statement)
    assert policy.remediation_steps == rule.remedy
    assert isinstance(policy.config_schema, PolicyConfigSchema) == bool(rule.options)


def test_the_pack_runs_in_the_programs_virtual_environment() -> None:
    pack = YAML(typ="safe").load(Path(samples.ROOT / "policies" / "PulumiPolicy.yaml"))
    program = YAML(typ="safe").load(samples.ROOT / "Pulumi.yaml")
    assert pack["runtime"]["options"]["virtualenv"] == f"../{program['runtime']['options']['virtualenv']}"
