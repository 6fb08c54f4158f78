import json
from dataclasses import replace
from typing import Any

from components.access.iam import Statement
from components.storage.bucket import Bucket, BucketArgs, bucket_policy
from fleet.offline.registration import Registrations
from tests.recording import registrations_of

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1"
ARGS = BucketArgs(
    bucket="data",
    account="111122223333",
    region="eu-central-1",
    key_arn=KEY,
    expire_days=30,
    noncurrent_days=7,
    statements=(),
    protect=True,
)


def registrations(args: BucketArgs = ARGS) -> Registrations:
    return registrations_of(lambda: Bucket("prod-data", args))


def statements(args: BucketArgs) -> dict[str, Any]:
    return {statement["Sid"]: statement for statement in json.loads(bucket_policy(args))["Statement"]}


def lifecycle(args: BucketArgs) -> dict[str, Any]:
    rules = registrations(args).one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"]
    return {rule["id"]: rule for rule in rules}


def test_a_bucket_has_its_name_and_is_never_emptied_by_force() -> None:
    bucket = registrations().one("aws:s3/bucket:Bucket")
    assert bucket.inputs == {"bucket": "data", "forceDestroy": False}


def test_only_the_bucket_is_protected_and_only_where_asked() -> None:
    assert [r.type for r in registrations().values() if r.options.protect] == ["aws:s3/bucket:Bucket"]
    assert not any(r.options.protect for r in registrations(replace(ARGS, protect=False)).values())


def test_nothing_of_the_bucket_can_be_public() -> None:
    block = registrations().one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert {name: value for name, value in block.items() if name != "bucket"} == {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }


def test_the_bucket_owner_owns_every_object() -> None:
    controls = registrations().one("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
    assert controls.inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_objects_are_encrypted_by_the_given_key() -> None:
    encryption = registrations().one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    )
    assert encryption.inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
            "blockedEncryptionTypes": ["SSE-C"],
            "bucketKeyEnabled": True,
        }
    ]


def test_objects_are_versioned() -> None:
    versioning = registrations().one("aws:s3/bucketVersioning:BucketVersioning")
    assert versioning.inputs["versioningConfiguration"] == {"status": "Enabled"}


def test_objects_expire_and_leave_nothing_behind() -> None:
    rules = lifecycle(ARGS)
    assert rules["expire"]["expiration"] == {"days": 30}
    assert rules["tidy"]["noncurrentVersionExpiration"] == {"noncurrentDays": 7}
    assert rules["tidy"]["expiration"] == {"expiredObjectDeleteMarker": True}
    assert rules["tidy"]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_objects_that_do_not_expire_are_still_tidied() -> None:
    assert list(lifecycle(replace(ARGS, expire_days=None))) == ["tidy"]


def test_lifecycle_rules_wait_for_versioning() -> None:
    registered = registrations()
    rules = registered.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    assert registered.one("aws:s3/bucketVersioning:BucketVersioning").urn in rules.dependencies


def test_the_policy_waits_until_the_bucket_is_private() -> None:
    registered = registrations()
    policy = registered.one("aws:s3/bucketPolicy:BucketPolicy")
    assert registered.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").urn in policy.dependencies


def test_the_policy_is_known_before_deployment() -> None:
    assert registrations().one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"] == bucket_policy(ARGS)


def test_plain_http_and_old_tls_are_refused_to_everybody() -> None:
    for sid, condition in {
        "TlsOnly": {"Bool": {"aws:SecureTransport": "false"}},
        "RecentTlsOnly": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    }.items():
        statement = statements(ARGS)[sid]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", ["s3:*"])
        assert statement["Resource"] == ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
        assert statement["Condition"] == condition


def test_another_encryption_is_refused_and_none_named_is_not() -> None:
    algorithm = "s3:x-amz-server-side-encryption"
    key = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    assert statements(ARGS)["KmsOnly"]["Condition"] == {
        "Null": {algorithm: "false"},
        "StringNotEquals": {algorithm: "aws:kms"},
    }
    assert statements(ARGS)["OwnKeysOnly"]["Condition"] == {
        "Null": {key: "false"},
        "StringNotLike": {key: "arn:aws:kms:eu-central-1:111122223333:key/*"},
    }


def test_the_policy_itself_allows_nobody_anything() -> None:
    assert {statement["Effect"] for statement in statements(ARGS).values()} == {"Deny"}


def test_given_statements_are_added() -> None:
    extra = Statement(sid="Extra", actions=("s3:GetObject",), principals={"Service": "x.amazonaws.com"})
    args = replace(ARGS, statements=(extra,))
    assert statements(args)["Extra"] == extra.document()
    assert "statements" not in registrations(args).one("elastic-spark:bucket:Bucket").inputs
