import json
from dataclasses import replace
from typing import Any

from components.storage.buckets import Storage, StorageArgs
from fleet.offline.registration import Registrations
from tests.recording import registrations_of

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1"
ARGS = StorageArgs(
    platform="prod",
    account="111122223333",
    region="eu-central-1",
    key_arn=KEY,
    event_days=60,
    log_days=90,
    noncurrent_days=7,
    protect=True,
)


def registrations(args: StorageArgs = ARGS) -> Registrations:
    return registrations_of(lambda: Storage("prod-storage", args))


def statements(registered: Registrations, purpose: str) -> dict[str, Any]:
    policy = registered.one("aws:s3/bucketPolicy:BucketPolicy", f"prod-storage-{purpose}-policy").inputs["policy"]
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def test_there_are_three_buckets_with_names_of_the_platform_account_and_region() -> None:
    assert {bucket.inputs["bucket"] for bucket in registrations().of_type("aws:s3/bucket:Bucket")} == {
        "prod-artifacts-111122223333-eu-central-1",
        "prod-events-111122223333-eu-central-1",
        "prod-logs-111122223333-eu-central-1",
    }


def test_event_logs_and_logs_expire_and_artifacts_do_not() -> None:
    days = {b.name: b.inputs.get("expireDays") for b in registrations().of_type("elastic-spark:bucket:Bucket")}
    assert days == {"prod-storage-artifacts": None, "prod-storage-events": 60, "prod-storage-logs": 90}


def test_every_bucket_is_protected_where_asked() -> None:
    assert all(b.options.protect for b in registrations().of_type("aws:s3/bucket:Bucket"))
    assert not any(
        b.options.protect for b in registrations(replace(ARGS, protect=False)).of_type("aws:s3/bucket:Bucket")
    )


def test_flow_logs_of_this_account_are_delivered_to_the_logs_bucket() -> None:
    policy = statements(registrations(), "logs")
    bucket = "arn:aws:s3:::prod-logs-111122223333-eu-central-1"
    deliveries = {"aws:SourceArn": "arn:aws:logs:eu-central-1:111122223333:*"}
    write, check = policy["FlowLogsWrite"], policy["FlowLogsCheck"]
    assert write["Resource"] == [f"{bucket}/AWSLogs/aws-account-id=111122223333/*"]
    assert write["Action"] == ["s3:PutObject"]
    assert write["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333", "s3:x-amz-acl": "bucket-owner-full-control"},
        "ArnLike": deliveries,
    }
    assert check["Resource"] == [bucket]
    assert check["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": deliveries}
    assert write["Principal"] == check["Principal"] == {"Service": "delivery.logs.amazonaws.com"}


def test_nobody_is_given_anything_in_the_other_buckets() -> None:
    registered = registrations()
    for purpose in ("artifacts", "events"):
        assert {statement["Effect"] for statement in statements(registered, purpose).values()} == {"Deny"}


def test_outputs_are_the_buckets_names() -> None:
    assert registrations().one("elastic-spark:storage:Storage").outputs == {
        "artifacts": "prod-artifacts-111122223333-eu-central-1",
        "events": "prod-events-111122223333-eu-central-1",
        "logs": "prod-logs-111122223333-eu-central-1",
    }
