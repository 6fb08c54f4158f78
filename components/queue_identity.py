"""What a queue's jobs may do in AWS: use their own prefixes of the platform's buckets, and the listed data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi

from components.base import Component
from components.encryption import use_key
from components.iam import Statement, policy_document, policy_length
from components.identity import PodIdentity, PodIdentityArgs
from components.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from sizing import names
from sizing.arns import Arns

READ: Final = ("s3:GetObject",)
WRITE: Final = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject")
"""Also delete: to S3A a rename, by which Spark finishes event logs and output, is a copy and a delete.

Not `s3:ListBucketMultipartUploads`, which knows no prefix and so would show what others upload; the buckets' lifecycle
removes uploads that were left behind.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""
MAX_POLICY: Final = 10_240
"""Characters of a role's own policies, white space not counted.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


@dataclass(frozen=True, kw_only=True)
class DataLocation:
    """Objects outside the platform's own buckets.

    Args:
        bucket: the bucket's name.
        prefix: without slashes at start and end; empty for the whole bucket.
        access: `readWrite` also lets objects be replaced and removed.

    Raises:
        ValueError: a character of the bucket or the prefix means more than itself in an IAM policy.
    """

    bucket: str
    prefix: str
    access: Literal["read", "readWrite"]

    def __post_init__(self) -> None:
        if special := re.search(r"[*?$]", self.bucket + self.prefix):
            raise ValueError(
                f"data location {self.bucket}/{self.prefix}: IAM would read {special[0]} as more than a character"
            )


@dataclass(frozen=True, kw_only=True)
class QueueIdentityArgs:
    """Whose jobs they are, and what they use.

    Args:
        platform: the platform's name, which is the cluster's.
        arns: the account and region.
        tenant: the tenant's name.
        queue: the queue's name within the tenant.
        buckets: the platform's buckets in which the queue has its prefix: events and artifacts.
        key_alias: alias of the key that encrypts these buckets.
        data: what else the jobs use.
        tags: for cost allocation, beside the provider's default tags.
    """

    platform: str
    arns: Arns
    tenant: str
    queue: str
    buckets: tuple[str, ...]
    key_alias: str
    data: tuple[DataLocation, ...]
    tags: Mapping[str, str] | None = None


class QueueIdentity(Component):
    """The role of a queue's drivers and executors.

    For data that is encrypted by a key of its own, that key's policy, and the bucket's where it is in another account,
    must let the role in too: the tenant's stack has no say over either.

    Attributes:
        role_name: the role's name.
        role_arn: the role's ARN.

    Raises:
        ValueError: the policy is longer than AWS allows.
    """

    module = "queue_identity"

    def __init__(self, name: str, args: QueueIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        statements = queue_statements(args)
        length = policy_length(policy_document(*statements))
        namespace = names.namespace(args.tenant, args.queue)
        if length > MAX_POLICY:
            raise ValueError(
                f"queue {namespace}: {len(args.data)} data locations make a policy of {length} characters, and AWS "
                f"allows {MAX_POLICY}: name fewer, with shorter prefixes"
            )
        super().__init__(name, args, opts)
        identity = PodIdentity(
            f"{name}-role",
            PodIdentityArgs(
                platform=args.platform,
                cluster_name=args.platform,
                arns=args.arns,
                role_name=names.queue_role(args.platform, namespace),
                namespace=namespace,
                service_account=DRIVER_ACCOUNT,
                more_service_accounts=(EXECUTOR_ACCOUNT,),
                statements=statements,
                permissions_boundary=args.arns.policy(names.boundary(args.platform, args.tenant)),
                tags=args.tags,
            ),
            self.child(),
        )
        self.role_name = identity.role_name
        self.role_arn = identity.role_arn
        self.register_outputs({"roleArn": self.role_arn})


def queue_statements(args: QueueIdentityArgs) -> tuple[Statement, ...]:
    """All that the role of a queue's jobs may do.

    In the platform's buckets everything ends with a slash after the queue's name: without it, `batch` would also list
    what `batch2` has. So the prefix itself is no folder that S3A could open, only what is in it.
    """
    prefix = names.queue_prefix(args.tenant, args.queue)
    own = [args.arns.objects(bucket, prefix) for bucket in sorted(args.buckets)]
    return (
        Statement(sid="Own", actions=(*READ, *WRITE), resources=own),
        Statement(
            sid="OwnNames",
            actions=("s3:ListBucket",),
            resources=[args.arns.bucket(bucket) for bucket in sorted(args.buckets)],
            conditions={"StringLike": {"s3:prefix": f"{prefix}/*"}},
        ),
        *data_statements(args.arns, args.data),
        use_key(args.arns.account, args.arns.region, args.key_alias),
    )


def data_statements(arns: Arns, data: Sequence[DataLocation]) -> Iterator[Statement]:
    """Lets a role use data outside the platform's buckets."""
    writable = [location for location in data if location.access == "readWrite"]
    if data:
        yield Statement(sid="Data", actions=READ, resources=_objects(arns, data))
    if writable:
        yield Statement(sid="WritableData", actions=WRITE, resources=_objects(arns, writable))
    for index, bucket in enumerate(sorted({location.bucket for location in data})):
        prefixes = {location.prefix for location in data if location.bucket == bucket}
        yield Statement(
            sid=f"DataNames{index}",
            actions=("s3:ListBucket",),
            resources=(arns.bucket(bucket),),
            conditions={} if "" in prefixes else {"StringLike": {"s3:prefix": _names(prefixes)}},
        )


def _objects(arns: Arns, data: Iterable[DataLocation]) -> list[str]:
    """The objects under each prefix, and the one that is called like it: a prefix may also be a single file."""
    found = set()
    for location in data:
        found.add(arns.objects(location.bucket, location.prefix))
        if location.prefix:
            found.add(f"{arns.bucket(location.bucket)}/{location.prefix}")
    return sorted(found)


def _names(prefixes: Iterable[str]) -> list[str]:
    """What may be listed: each prefix with and without a slash.

    S3A asks for the object `sales` before it lists `sales/`, and S3 says that there is none only to those who may list
    `sales`; others it turns away, and the job fails. So the names of what begins alike, such as `sales2/`, are seen;
    the objects are not read.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html; apache/hadoop 3.4.1, S3AFileSystem
    (s3GetFileStatus); that S3 takes the object's name for `s3:prefix` then: https://github.com/ceph/ceph/pull/68577
    """
    return [name for prefix in prefixes for name in (prefix, f"{prefix}/*")]
