"""What roles of pods allow, however their policies are written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fleet.formats.connections import Connection, Kind, connections
from fleet.offline.registration import Registrations, Unknown
from sizing.values import Json
from tests.fleet.offline.recorded import sample

POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"
GROUP = "aws:autoscaling/group:Group"
QUEUE = "ads-batch"
PREFIX = "Auto Scaling group "


def document(*statements: dict[str, Json]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def of_role(registrations: Registrations, role: str, policy: Json, *, inline: bool = False) -> Registrations:
    """Registrations in which a role has this policy alone, as a resource or written in the role."""
    made = []
    for one in registrations.values():
        if one.type == POLICY and one.inputs["role"] == role:
            if inline:
                continue
            made.append(replace(one, inputs={**one.inputs, "policy": policy}))
        elif one.type == ROLE and one.inputs["name"] == role and inline:
            made.append(replace(one, inputs={**one.inputs, "inlinePolicies": [{"name": "own", "policy": policy}]}))
        else:
            made.append(one)
    return Registrations(made)


def storage(policy: Json, *, inline: bool = False) -> dict[str, str]:
    """What the jobs of a queue do with objects where, by a policy of their role."""
    changed = of_role(sample("ads-dev"), "spark-dev-queue-ads-batch", policy, inline=inline)
    found = of_kind(Kind.STORAGE, sample("platform-dev"), changed)
    return {one.target: one.how for one in found if one.because == "role spark-dev-queue-ads-batch"}


def scaling(*statements: dict[str, Json]) -> set[str]:
    """The groups whose sizes the autoscaler may set, by a policy of its role."""
    changed = of_role(sample("platform-dev"), "spark-dev-cluster-autoscaler", document(*statements))
    return {one.target.removeprefix(PREFIX) for one in of_kind(Kind.SCALING, changed, sample("ads-dev"))}


def of_kind(kind: Kind, *recorded: Registrations) -> list[Connection]:
    return [one for one in connections(recorded) if one.kind is kind]


def objects(bucket: str, **others: Json) -> dict[str, Json]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*", **others}


@pytest.mark.parametrize("inline", [False, True])
def test_a_role_has_its_policies_beside_it_and_in_it(inline: bool) -> None:
    assert storage(document(objects("mine")), inline=inline) == {"s3://mine": "reads"}


@pytest.mark.parametrize("action", ["S3:getobject", ["kms:*", "s3:Get*"]])
def test_actions_are_named_in_any_case_and_by_wildcards(action: Json) -> None:
    assert storage(document(objects("mine", Action=action))) == {"s3://mine": "reads"}


def test_not_action_allows_all_else() -> None:
    statement = {"Effect": "Allow", "NotAction": "s3:put*", "Resource": "arn:aws:s3:::mine/*"}
    assert storage(document(statement)) == {"s3://mine": "reads"}
    assert storage(document({**statement, "NotAction": "iam:*"})) == {"s3://mine": "reads and writes"}


def test_not_resource_allows_all_but_what_it_names() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": ["arn:aws:s3:::theirs/*"]}
    assert storage(document(statement)) == {"s3://* but theirs": "reads"}


def test_a_deny_wins() -> None:
    both = (objects("mine", Action="s3:*"), objects("theirs"))
    denial = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::mine/*"}
    assert storage(document(*both)) == {"s3://mine": "reads and writes", "s3://theirs": "reads"}
    assert storage(document(*both, denial)) == {"s3://mine": "reads and writes"}


def test_what_is_no_object_is_not_storage() -> None:
    policy = document(objects("mine", Action="*", Resource=["arn:aws:kms:*:*:key/*", "arn:*:s3:*:*:mine/*"]))
    assert storage(policy) == {"s3://mine": "reads and writes"}


def test_a_policy_may_be_json_and_an_unknown_one_allows_nothing_for_certain() -> None:
    assert storage({"Statement": objects("mine")}) == {"s3://mine": "reads"}
    assert storage(Unknown()) == {}
    assert storage({"Statement": objects("mine", Resource=Unknown())}) == {}


def test_people_upload_and_read_logs_by_roles_that_they_take() -> None:
    found = of_kind(Kind.STORAGE, sample("platform-dev"), sample("ads-dev"))
    airflow = {(one.target, one.how, one.because, one.queues) for one in found if one.source == "role/airflow"}
    bucket = "s3://spark-dev-{}-111122223333-eu-central-1/ads/batch"
    artifacts, logs = bucket.format("artifacts"), bucket.format("logs")
    assert airflow == {
        (f"{artifacts}/uploads", "reads and writes", "role spark-dev-q-ads-batch.put", (QUEUE,)),
        (f"{artifacts}/skate", "reads and writes", "role spark-dev-q-ads-batch.put", (QUEUE,)),
        (logs, "reads", "role spark-dev-q-ads-batch.log", (QUEUE,)),
    }


def test_who_serves_several_queues_is_shown_in_each() -> None:
    found = of_kind(Kind.PEOPLE, sample("platform-dev"), sample("ads-dev"), sample("search-dev"))
    shown = {(one.how, one.queues) for one in found if one.source == "role/airflow"}
    assert shown == {
        ("as elastic-spark:submitter", ("ads-batch", "search-scheduled")),
        ("as elastic-spark:viewer", ("search-adhoc",)),
    }


SCALE: dict[str, Json] = {"Effect": "Allow", "Action": "autoscaling:*", "Resource": "*"}
TAG = "k8s.io/cluster-autoscaler/spark-dev"


def test_a_role_that_no_condition_binds_sets_the_size_of_every_group() -> None:
    groups = {str(one.inputs["name"]) for name in ("platform-dev", "ads-dev") for one in sample(name).of_type(GROUP)}
    assert scaling(SCALE) == groups
    assert any("system" in name for name in groups)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {f"aws:ResourceTag/{TAG}": "owned"}},
        {"StringLike": {f"AWS:resourcetag/{TAG}": ["x", "own*"]}},
        {"StringEqualsIgnoreCase": {f"aws:ResourceTag/{TAG}": "OWNED"}},
    ],
)
def test_a_condition_on_a_tag_binds_it_to_the_groups_that_have_it(condition: Json) -> None:
    found = scaling({**SCALE, "Condition": condition})
    assert "spark-dev-driver-eu-central-1a-a" in found
    assert not [name for name in found if "system" in name]


def test_the_name_of_a_group_binds_it_too() -> None:
    resource = "arn:aws:autoscaling:eu-central-1:111122223333:autoScalingGroup:*:autoScalingGroupName/spark-dev-ads-*"
    found = scaling({**SCALE, "Resource": resource})
    assert found
    assert all(name.startswith("spark-dev-ads-") for name in found)


def test_other_values_of_the_tag_and_a_deny_leave_no_group() -> None:
    assert scaling({**SCALE, "Condition": {"StringEquals": {f"aws:ResourceTag/{TAG}": "other"}}}) == set()
    assert scaling(SCALE, {**SCALE, "Effect": "Deny", "Action": "AutoScaling:Set*"}) == set()


def test_a_queue_reads_and_writes_the_tables_that_its_role_names() -> None:
    found = {one.target: one.how for one in of_kind(Kind.TABLES, sample("platform-dev"), sample("research-dev"))}
    assert found == {"AWS Glue: reference": "reads", "AWS Glue: research": "reads and writes"}


def test_a_queue_reads_the_secrets_that_its_role_names() -> None:
    arns = ("ssm:eu-central-1:111122223333:parameter/x/y", "secretsmanager:eu-central-1:111122223333:secret:x/z-a1B2c3")
    actions = ("ssm:Get*", "secretsmanager:GetSecretValue")
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": f"arn:aws:{arn}"}
        for action, arn in zip(actions, arns, strict=True)
    ]
    changed = of_role(sample("ads-dev"), "spark-dev-queue-ads-batch", document(*statements))
    found = of_kind(Kind.SECRETS, sample("platform-dev"), changed)
    assert {(one.target, one.how, one.queues) for one in found} == {
        (f"arn:aws:{arn}", "reads", (QUEUE,)) for arn in arns
    }
    assert not of_kind(Kind.SECRETS, sample("platform-dev"), sample("ads-dev"))
