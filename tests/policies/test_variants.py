"""Other ways of breaking a rule, with what it says of them, and what looks like a violation and is none."""

from __future__ import annotations

import json

import pytest

from tests.policies.drafts import Edit, add, draft, put
from tests.policies.tables import KEPT, WAYS_ROUND
from tests.policies.tokens import BUCKET_POLICY, JOB


@pytest.mark.parametrize(("rule", "stack", "edit", "said"), WAYS_ROUND)
def test_a_rule_finds_what_breaks_it(rule: str, stack: str, edit: Edit, said: str) -> None:
    messages = [f.message for f in draft(stack, edit).findings({rule: "mandatory"}) if f.rule == rule and f.stops]
    assert any(said in message for message in messages), messages


@pytest.mark.parametrize(("rule", "stack", "edit"), KEPT)
def test_a_rule_lets_pass_what_only_looks_like_a_violation(rule: str, stack: str, edit: Edit) -> None:
    assert [f for f in draft(stack, edit).findings({rule: "mandatory"}) if f.rule == rule] == []


@pytest.mark.parametrize(
    ("rule", "options", "stack", "edit"),
    [
        (
            "buckets-keep-versions",
            {"without": ["spark-dev-artifacts-111122223333-eu-central-1"]},
            "platform-dev",
            put("aws:s3/bucketVersioning:BucketVersioning", "versioningConfiguration/status", "Suspended"),
        ),
        (
            "images-come-from-listed-registries",
            {"registries": ["registry.k8s.io", "docker.io/apache", "docker.io/library"]},
            "ads-dev",
            put(JOB, "spec/template/spec/containers/0/image", "busybox:1.37.0"),
        ),
        ("tenant-stays-within-its-budget", {"sharePercent": 200}, "ads-prod", lambda _: None),
        ("resources-are-of-known-packages", {"others": ["example"]}, "ads-dev", add("example:index:Team")),
        (
            "data-is-shared-with-known-accounts",
            {"accounts": ["999988887777"]},
            "platform-dev",
            add(
                BUCKET_POLICY,
                bucket="x",
                policy=json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "999988887777"}}]}),
            ),
        ),
    ],
)
def test_an_option_of_the_configuration_moves_a_rules_limit(
    rule: str, options: dict[str, object], stack: str, edit: Edit
) -> None:
    assert [f for f in draft(stack, edit).findings({rule: options}) if f.rule == rule] == []


def test_a_share_of_the_budget_can_be_asked_for() -> None:
    found = draft("ads-dev").findings({"tenant-stays-within-its-budget": {"sharePercent": 50}})
    assert [f.message for f in found] == ["9511 USD a month at its maximum, 6000 allowed"]
