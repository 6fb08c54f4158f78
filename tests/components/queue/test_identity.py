"""Asks the role's policy by evaluating it, never by its text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.access.aws_rights.data import DataLocation
from components.access.iam import policy_document
from components.queue.folder import QueueFolder, QueueFolderArgs, event_location
from components.queue.identity import QueueIdentity, QueueIdentityArgs, queue_statements
from fleet.offline.registration import Registrations
from sizing import names
from sizing.arns import Arns
from tests.iam_eval import Request, allowed
from tests.recording import registrations_of

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
FOLDER = "aws:s3/bucketObjectv2:BucketObjectv2"

ARNS = Arns("111122223333", "eu-central-1")
EVENTS, ARTIFACTS, LOGS = (
    names.bucket("demo", purpose, ARNS.account, ARNS.region) for purpose in ("events", "artifacts", "logs")
)
KEY = "arn:aws:kms:eu-central-1:111122223333:key/0000"
ALIAS = names.key_alias("demo", "data")
ARGS = QueueIdentityArgs(
    platform="demo",
    arns=ARNS,
    tenant="ads",
    queue="batch",
    buckets=(EVENTS, ARTIFACTS),
    key_alias=ALIAS,
    data=(
        DataLocation(bucket="lake", prefix="sales", access="read"),
        DataLocation(bucket="lake", prefix="ads/out", access="readWrite"),
        DataLocation(bucket="public", prefix="", access="read"),
    ),
    databases={},
    secrets=(),
)
OBJECT_ACTIONS: Final = (
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:RestoreObject",
)
BUCKET_ACTIONS: Final = (
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:PutLifecycleConfiguration",
    "s3:DeleteBucket",
)


class Owner(NamedTuple):
    tenant: str
    queue: str


OWNER: Final = Owner("ads", "batch")


def document(owner: Owner = OWNER, data: tuple[DataLocation, ...] = ()) -> str:
    return policy_document(*queue_statements(replace(ARGS, tenant=owner.tenant, queue=owner.queue, data=data)))


def reaches(policy: str, bucket: str, key: str) -> set[str]:
    """The actions by which a policy reaches an object, its name included, in whatever way it is listed."""
    found = {
        action
        for action in OBJECT_ACTIONS
        if allowed(policy, Request(action=action, resource=f"{ARNS.bucket(bucket)}/{key}"))
    }
    listings = [{}, *({"s3:prefix": key[:end]} for end in range(len(key) + 1))]
    if any(
        allowed(policy, Request(action="s3:ListBucket", resource=ARNS.bucket(bucket), context=context))
        for context in listings
    ):
        found.add("s3:ListBucket")
    return found


def may(policy: str, action: str, resource: str, **context: str) -> bool:
    return allowed(
        policy, Request(action=action, resource=resource, context={k.replace("_", ":"): v for k, v in context.items()})
    )


@pytest.mark.parametrize("bucket", [EVENTS, ARTIFACTS])
def test_a_queue_reads_and_writes_its_own_prefix(bucket: str) -> None:
    assert reaches(document(), bucket, f"{names.queue_prefix(*OWNER)}/spark-events/x") == {
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
        "s3:ListBucket",
    }


tenants = st.from_regex(r"[a-c][a-c0-1]{0,3}", fullmatch=True)
queues = st.from_regex(r"[a-c]([a-c0-1-]{0,3}[a-c0-1])?", fullmatch=True)
owners = st.builds(Owner, tenants, queues)
keys = st.text("ab01-/_.", max_size=4)
locations = st.builds(
    DataLocation,
    bucket=st.sampled_from(["lake", "lake2", "public"]),
    prefix=st.from_regex(r"([a-c]{1,2}(/[a-c]{1,2})?)?", fullmatch=True),
    access=st.sampled_from(["read", "readWrite"]),
    kms_key=st.sampled_from(
        [None, "arn:aws:kms:eu-central-1:999988887777:key/1", "arn:aws:kms:eu-central-1:1:alias/a"]
    ),
)


@given(owners, owners, keys, st.lists(locations, max_size=4))
@example(OWNER, OWNER._replace(queue="batch2"), "x", [])
@example(OWNER, OWNER._replace(queue="batch-2"), "x", [])
@example(OWNER._replace(queue="batch2"), OWNER, "x", [])
@example(OWNER, OWNER._replace(tenant="ads2"), "x", [])
@settings(max_examples=150)
def test_no_statement_reaches_another_queues_prefix(
    owner: Owner, other: Owner, key: str, data: list[DataLocation]
) -> None:
    policy = document(owner, tuple(data))
    for bucket in (EVENTS, ARTIFACTS):
        found = reaches(policy, bucket, f"{names.queue_prefix(*other)}/{key}")
        assert bool(found) == (owner == other)


@given(owners, st.lists(locations, max_size=4), locations, keys)
@settings(max_examples=150)
def test_data_is_reached_exactly_as_it_is_listed(
    owner: Owner, data: list[DataLocation], where: DataLocation, rest: str
) -> None:
    key = f"{where.prefix}/{rest}" if where.prefix else f"x{rest}"
    covering = [
        d
        for d in data
        if d.bucket == where.bucket and (not d.prefix or key == d.prefix or key.startswith(f"{d.prefix}/"))
    ]
    found = reaches(document(owner, tuple(data)), where.bucket, key) - {"s3:ListBucket"}
    assert ("s3:GetObject" in found) == bool(covering)
    assert ({"s3:PutObject", "s3:DeleteObject"} <= found) == any(d.access == "readWrite" for d in covering)


@pytest.mark.parametrize("bucket", [EVENTS, ARTIFACTS, LOGS, "lake", "public"])
def test_nobody_manages_buckets_or_sees_what_has_no_prefix(bucket: str) -> None:
    policy = document(data=ARGS.data)
    assert not [action for action in BUCKET_ACTIONS if may(policy, action, ARNS.bucket(bucket))]


def test_the_logs_bucket_is_out_of_reach() -> None:
    assert reaches(document(), LOGS, "ads/batch/x") == set()


def test_data_can_be_listed_as_s3a_asks_for_it() -> None:
    policy = document(data=ARGS.data)
    lake = ARNS.bucket("lake")
    assert may(policy, "s3:GetObject", f"{lake}/sales")
    assert may(policy, "s3:ListBucket", lake, s3_prefix="sales")
    assert may(policy, "s3:ListBucket", lake, s3_prefix="sales/2026/")
    assert not may(policy, "s3:ListBucket", lake, s3_prefix="sal")
    assert not may(policy, "s3:ListBucket", lake)


def test_names_that_begin_like_a_data_locations_are_seen_and_their_objects_not_read() -> None:
    assert reaches(document(data=ARGS.data), "lake", "sales2/x") == {"s3:ListBucket"}


def test_the_event_folder_can_be_looked_for_and_opened() -> None:
    """S3A asks for the object without a slash; whether S3 says that there is none hangs on the listing of that name."""
    policy = document()
    bucket, key = event_location(EVENTS, "ads", "batch").removeprefix("s3a://").split("/", 1)
    assert may(policy, "s3:GetObject", f"{ARNS.bucket(bucket)}/{key}")
    assert may(policy, "s3:ListBucket", ARNS.bucket(bucket), s3_prefix=key)
    assert may(policy, "s3:ListBucket", ARNS.bucket(bucket), s3_prefix=f"{key}/")


def test_a_whole_bucket_can_be_listed_and_read() -> None:
    policy = document(data=ARGS.data)
    assert may(policy, "s3:ListBucket", ARNS.bucket("public"))
    assert may(policy, "s3:GetObject", f"{ARNS.bucket('public')}/any/thing")
    assert not may(policy, "s3:PutObject", f"{ARNS.bucket('public')}/any/thing")


@pytest.mark.parametrize(
    ("action", "alias", "via", "may_use"),
    [
        ("kms:Decrypt", ALIAS, "s3.eu-central-1.amazonaws.com", True),
        ("kms:GenerateDataKey", ALIAS, "s3.eu-central-1.amazonaws.com", True),
        ("kms:Decrypt", ALIAS, "ec2.eu-central-1.amazonaws.com", False),
        ("kms:Decrypt", "alias/other-data", "s3.eu-central-1.amazonaws.com", False),
        ("kms:PutKeyPolicy", ALIAS, "s3.eu-central-1.amazonaws.com", False),
    ],
)
def test_the_platforms_key_is_used_through_s3_only(action: str, alias: str, via: str, may_use: bool) -> None:
    request = Request(action=action, resource=KEY, context={"kms:ResourceAliases": (alias,), "kms:ViaService": via})
    assert allowed(document(), request) is may_use


@pytest.mark.parametrize(
    "action", ["sts:AssumeRole", "iam:PassRole", "secretsmanager:GetSecretValue", "ec2:RunInstances"]
)
def test_nothing_else_is_allowed(action: str) -> None:
    assert not may(document(data=ARGS.data), action, "*")


@pytest.mark.parametrize(("bucket", "prefix"), [("lake", "a*"), ("lake", "a?b"), ("lake", "${aws:userid}"), ("l*", "")])
def test_a_data_location_says_what_it_means(bucket: str, prefix: str) -> None:
    with pytest.raises(ValueError, match="more than a character"):
        DataLocation(bucket=bucket, prefix=prefix, access="read")


def test_too_much_data_for_a_policy_is_told_before_aws_does() -> None:
    data = tuple(DataLocation(bucket=f"bucket-{n}", prefix="p" * 60, access="read") for n in range(60))
    with pytest.raises(ValueError, match=r"queue ads-batch: 60 data locations .* AWS allows 10240"):
        registrations_of(lambda: QueueIdentity("q", replace(ARGS, data=data)))


def registrations(**changes: Any) -> Registrations:  # noqa: ANN401
    return registrations_of(lambda: QueueIdentity("q", replace(ARGS, **changes)))


def test_the_registered_policy_is_the_one_that_was_asked() -> None:
    assert registrations().one(POLICY).inputs["policy"] == document(data=ARGS.data)


def test_the_order_of_data_changes_nothing() -> None:
    assert document(data=ARGS.data) == document(data=tuple(reversed(ARGS.data)))


def test_the_role_is_named_after_platform_and_namespace() -> None:
    assert registrations().one(ROLE).inputs["name"] == names.queue_role("demo", "ads-batch")


def test_drivers_and_executors_have_the_role() -> None:
    registered = registrations()
    given_to = {(r.inputs["namespace"], r.inputs["serviceAccount"]) for r in registered.of_type(ASSOCIATION)}
    assert given_to == {("ads-batch", "spark-driver"), ("ads-batch", "spark-executor")}
    assert {r.inputs["roleArn"] for r in registered.of_type(ASSOCIATION)} == {
        ARNS.role(names.queue_role("demo", "ads-batch"))
    }


@pytest.mark.parametrize(
    ("namespace", "account", "trusted"),
    [
        ("ads-batch", "spark-driver", True),
        ("ads-batch", "spark-executor", True),
        ("ads-batch", "default", False),
        ("ads-batch2", "spark-driver", False),
        ("ads2-batch", "spark-driver", False),
    ],
)
def test_the_role_trusts_pods_of_its_own_namespace_only(namespace: str, account: str, trusted: bool) -> None:
    request = Request(
        action="sts:AssumeRole",
        principal=("Service", "pods.eks.amazonaws.com"),
        context={
            "aws:SourceAccount": ARNS.account,
            "aws:SourceArn": ARNS.cluster("demo"),
            "aws:RequestTag/kubernetes-namespace": namespace,
            "aws:RequestTag/kubernetes-service-account": account,
        },
    )
    assert allowed(registrations().one(ROLE).inputs["assumeRolePolicy"], request) is trusted


def test_the_event_folder_is_an_empty_object_in_the_queues_prefix() -> None:
    args = QueueFolderArgs(tenant="ads", queue="batch", events_bucket=EVENTS)
    folder = registrations_of(lambda: QueueFolder("f", args)).one(FOLDER)
    assert folder.inputs["bucket"] == EVENTS
    assert folder.inputs["key"] == "ads/batch/spark-events/"
    assert folder.inputs["content"] == ""
    assert event_location(EVENTS, "ads", "batch") == f"s3a://{EVENTS}/ads/batch/spark-events"


def test_the_event_folder_has_no_tags_of_which_objects_take_ten() -> None:
    args = QueueFolderArgs(tenant="ads", queue="batch", events_bucket=EVENTS)
    folder = registrations_of(lambda: QueueFolder("f", args)).one(FOLDER)
    assert folder.inputs["overrideProvider"] == {"defaultTags": {"tags": {}}}
    assert "tags" not in folder.inputs
