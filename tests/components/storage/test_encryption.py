import json
from dataclasses import replace
from typing import Any

from components.access.aws_rights.keys import use_key
from components.storage.encryption import EncryptionKey, EncryptionKeyArgs, key_policy
from fleet.offline.registration import Registrations, short_name
from tests.recording import registrations_of

ARGS = EncryptionKeyArgs(
    platform="prod",
    purpose="platform",
    account="111122223333",
    region="eu-central-1",
    log_groups=("arn:aws:logs:eu-central-1:111122223333:log-group:/aws/eks/prod/cluster",),
    flow_logs=True,
    volumes=False,
    protect=True,
)


def registrations(args: EncryptionKeyArgs = ARGS) -> Registrations:
    return registrations_of(lambda: EncryptionKey("prod-key", args))


def statements(args: EncryptionKeyArgs) -> dict[str, Any]:
    return {statement["Sid"]: statement for statement in json.loads(key_policy(args))["Statement"]}


def test_the_key_rotates_and_its_deletion_can_be_taken_back_longest() -> None:
    key = registrations().one("aws:kms/key:Key")
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 30


def test_the_key_is_protected_where_asked() -> None:
    assert registrations().one("aws:kms/key:Key").options.protect
    assert not registrations(replace(ARGS, protect=False)).one("aws:kms/key:Key").options.protect


def test_the_alias_is_known_and_points_to_the_key() -> None:
    registered = registrations()
    alias = registered.one("aws:kms/alias:Alias")
    assert alias.inputs["name"] == "alias/prod-platform"
    assert [short_name(urn) for urn in alias.property_dependencies["targetKeyId"]] == ["Key prod-key-key"]
    assert registered.one("elastic-spark:encryption:EncryptionKey").outputs["alias"] == "alias/prod-platform"


def test_the_policy_is_known_before_deployment() -> None:
    assert registrations().one("aws:kms/key:Key").inputs["policy"] == key_policy(ARGS)


def test_the_account_keeps_control_of_the_key() -> None:
    assert statements(ARGS)["Account"]["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert statements(ARGS)["Account"]["Action"] == ["kms:*"]


def test_the_log_service_uses_the_key_for_the_named_log_groups_only() -> None:
    logs = statements(ARGS)["LogGroups"]
    assert logs["Principal"] == {"Service": "logs.eu-central-1.amazonaws.com"}
    assert logs["Condition"] == {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": list(ARGS.log_groups)}}


def test_flow_logs_use_the_key_for_this_account_only() -> None:
    flow_logs = statements(ARGS)["FlowLogs"]
    assert flow_logs["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert flow_logs["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-central-1:111122223333:*"},
    }


def test_no_service_uses_the_key_that_has_no_business_with_it() -> None:
    assert list(statements(replace(ARGS, log_groups=(), flow_logs=False))) == ["Account"]


def test_no_policy_of_the_key_names_everybody() -> None:
    assert all(statement["Principal"] != "*" for statement in statements(ARGS).values())


def test_a_role_uses_the_key_by_its_alias_through_s3() -> None:
    assert use_key("111122223333", "eu-central-1", "alias/prod-platform").document() == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": ["arn:aws:kms:eu-central-1:111122223333:key/*"],
        "Condition": {
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/prod-platform"},
            "StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"},
        },
    }


def test_auto_scalings_own_role_starts_nodes_with_volumes_of_the_key_and_grants_it_for_aws_resources_only() -> None:
    role = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    found = statements(replace(ARGS, volumes=True))
    assert found["NodesVolumes"]["Principal"] == found["AttachNodesVolumes"]["Principal"] == {"AWS": role}
    assert "kms:CreateGrant" not in found["NodesVolumes"]["Action"]
    assert found["AttachNodesVolumes"]["Action"] == ["kms:CreateGrant"]
    assert found["AttachNodesVolumes"]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert not {"NodesVolumes", "AttachNodesVolumes"} & statements(ARGS).keys()
