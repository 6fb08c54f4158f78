"""What a queue's people may do by the role that uploads: asked by evaluating its policy, never by its text."""

from __future__ import annotations

from itertools import product

import pytest

from components.access.iam import policy_document
from components.queue.uploads import QueueUploads, QueueUploadsArgs, upload_statements
from sizing import names
from sizing.arns import Arns
from tests.components.queue.test_identity import (
    ALIAS,
    ARNS,
    ARTIFACTS,
    BUCKET_ACTIONS,
    EVENTS,
    KEY,
    LOGS,
    OBJECT_ACTIONS,
)
from tests.iam_eval import Request, allowed
from tests.recording import registrations_of

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
PEOPLE = ["arn:aws:iam::111122223333:role/airflow", "arn:aws:iam::111122223333:role/ads-engineers"]
ARGS = QueueUploadsArgs(
    platform="demo", arns=ARNS, tenant="ads", queue="batch", bucket=ARTIFACTS, key_alias=ALIAS, principals=PEOPLE
)
TEXT = policy_document(*upload_statements(ARGS))
OWN = ("ads/batch/uploads/0a/etl.py", "ads/batch/skate/jobs/etl-1.json")
OTHERS = (
    "ads/batch/uploads",
    "ads/batch/uploads2/x",
    "ads/batch/etl.py",
    "ads/batch/spark-events/app-1",
    "ads/batch2/uploads/x",
    "ads/other/uploads/x",
    "ads2/batch/uploads/x",
    "search/adhoc/uploads/x",
    "uploads/x",
)
GIVEN = {"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}


@pytest.mark.parametrize("action", [*OBJECT_ACTIONS, "s3:PutObjectTagging", "s3:BypassGovernanceRetention"])
def test_it_writes_and_reads_its_queues_uploads_and_records_and_removes_none(action: str) -> None:
    for key in OWN:
        request = Request(action=action, resource=f"arn:aws:s3:::{ARTIFACTS}/{key}")
        assert allowed(TEXT, request) == (action in GIVEN), key


@pytest.mark.parametrize(("bucket", "key"), [*product((ARTIFACTS,), OTHERS), *product((EVENTS, LOGS, "lake"), OWN)])
def test_it_touches_nothing_else(bucket: str, key: str) -> None:
    for action in OBJECT_ACTIONS:
        assert not allowed(TEXT, Request(action=action, resource=f"arn:aws:s3:::{bucket}/{key}"))


@pytest.mark.parametrize(
    ("prefix", "seen"),
    [
        ("ads/batch/uploads/", True),
        ("ads/batch/uploads/0a/etl.py", True),
        ("ads/batch/skate/jobs/", True),
        ("ads/batch/", False),
        ("ads/batch/uploads", False),
        ("ads/batch/uploads2/", False),
        ("ads/batch2/uploads/", False),
        ("search/adhoc/uploads/", False),
        ("", False),
    ],
)
def test_it_sees_names_below_its_own_prefixes_only(prefix: str, seen: bool) -> None:
    arn = f"arn:aws:s3:::{ARTIFACTS}"
    request = Request(action="s3:ListBucket", resource=arn, context={"s3:prefix": prefix})
    assert allowed(TEXT, request) == seen
    assert not allowed(TEXT, Request(action="s3:ListBucket", resource=arn))
    for action in BUCKET_ACTIONS:
        if action != "s3:ListBucket":
            assert not allowed(TEXT, Request(action=action, resource=arn, context={"s3:prefix": prefix}))


@pytest.mark.parametrize(
    ("alias", "via", "given"),
    [
        (ALIAS, "s3.eu-central-1.amazonaws.com", True),
        (names.key_alias("demo", "logs"), "s3.eu-central-1.amazonaws.com", False),
        (ALIAS, "secretsmanager.eu-central-1.amazonaws.com", False),
        (ALIAS, "s3.us-east-1.amazonaws.com", False),
    ],
)
def test_it_uses_the_buckets_key_through_s3_alone(alias: str, via: str, given: bool) -> None:
    context: dict[str, str | tuple[str, ...]] = {"kms:ResourceAliases": (alias,), "kms:ViaService": via}
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert allowed(TEXT, Request(action=action, resource=KEY, context=context)) == given
    assert not allowed(TEXT, Request(action="kms:Encrypt", resource=KEY, context=context))


def test_named_principals_take_it_within_the_tenants_boundary() -> None:
    registered = registrations_of(lambda: QueueUploads("u", ARGS))
    role = registered.one(ROLE).inputs
    assert role["name"] == "demo-q-ads-batch.put"
    assert role["permissionsBoundary"] == Arns("111122223333", "eu-central-1").policy("demo-tenant-ads")
    for principal, taken in (*((one, True) for one in PEOPLE), ("arn:aws:iam::111122223333:role/search-lead", False)):
        request = Request(action="sts:AssumeRole", principal=("AWS", principal))
        assert allowed(role["assumeRolePolicy"], request) == taken
    assert not allowed(
        role["assumeRolePolicy"], Request(action="sts:AssumeRole", principal=("Service", "pods.eks.amazonaws.com"))
    )
    assert registered.one(POLICY).inputs["policy"] == TEXT


def test_the_longest_names_are_names_of_roles() -> None:
    namespace = names.namespace("a" * names.MAXIMUM_TENANT, "b" * names.MAXIMUM_QUEUE)
    for name in (names.upload_role, names.queue_readers_role):
        assert len(name("p" * names.MAXIMUM_PLATFORM, namespace)) <= 64
