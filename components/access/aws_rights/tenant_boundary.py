"""What all roles of a tenant's stack may ever do, whatever the stack writes into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from components.access.aws_rights.data import READ, WRITE, DataLocation, data_statements
from components.access.aws_rights.glue import Access, glue_statements
from components.access.aws_rights.keys import DECRYPT, ENCRYPT, data_keys, use_key
from components.access.aws_rights.logs import READ_GROUPS, READ_QUERIES
from components.access.aws_rights.secrets import secret_prefix_statements
from components.access.iam import Statement
from sizing import names
from sizing.arns import Arns


@dataclass(frozen=True, kw_only=True)
class TenantBoundaryArgs:
    """Whose roles are bounded, and to what.

    Args:
        platform: the platform's name.
        arns: the account and region.
        tenant: the tenant's name.
        buckets: the platform's buckets by purpose: `events`, `artifacts` and `logs`.
        key_alias: alias of the key that encrypts them.
        data: what the platform lets the tenant's queues use outside of them.
        databases: databases of AWS Glue that it lets them use, and how.
        secrets: how the names of secrets begin that they may read, up to a slash.
    """

    platform: str
    arns: Arns
    tenant: str
    buckets: Mapping[str, str]
    key_alias: str
    data: Sequence[DataLocation] = field(metadata={"hidden": True})  # the policy shows it
    databases: Mapping[str, Access] = field(metadata={"hidden": True})
    secrets: Sequence[str] = field(metadata={"hidden": True})


def boundary_statements(args: TenantBoundaryArgs) -> tuple[Statement, ...]:
    """The maximum of what roles of queues, history servers, log readers and uploaders of one tenant may do.

    A tenant's name has no dash and no slash, so that `<tenant>-*` and `<tenant>/*` are its own whatever its queues are
    called. By KMS: the platform's key, those that are listed with data, and for objects of the buckets that are listed
    without one any key that lets a role in itself, since a boundary also bounds what a key's policy gives a role.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    buckets = {purpose: args.buckets[purpose] for purpose in ("artifacts", "events", "logs")}
    group = args.arns.log_group(names.queue_log_group(args.platform, f"{args.tenant}-*"))
    return (
        Statement(
            sid="Own",
            actions=(*READ, *WRITE),
            resources=[args.arns.objects(buckets[purpose], args.tenant) for purpose in ("artifacts", "events")],
        ),
        Statement(sid="OwnLogs", actions=READ, resources=(args.arns.objects(buckets["logs"], args.tenant),)),
        Statement(
            sid="OwnNames",
            actions=("s3:ListBucket",),
            resources=[args.arns.bucket(bucket) for bucket in buckets.values()],
            conditions={"StringLike": {"s3:prefix": f"{args.tenant}/*"}},
        ),
        *data_statements(args.arns, args.data),
        use_key(args.arns.account, args.arns.region, args.key_alias),
        *data_keys(args.data),
        *_any_keys(args),
        *glue_statements(args.arns, args.databases),
        *secret_prefix_statements(args.arns, args.secrets),
        Statement(sid="Groups", actions=READ_GROUPS, resources=(group,)),
        Statement(sid="Queries", actions=READ_QUERIES, resources=("*",)),
    )


def _any_keys(args: TenantBoundaryArgs) -> Iterator[Statement]:
    """By S3 only, for objects of buckets without a listed key; with a bucket key S3 names the bucket, else the object.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    with_key = {location.bucket for location in args.data if location.kms_key}
    buckets = sorted({args.arns.bucket(one.bucket) for one in args.data if one.bucket not in with_key})
    if buckets:
        yield Statement(
            sid="DataKeys",
            actions=(DECRYPT, ENCRYPT),
            resources=(f"arn:{args.arns.partition}:kms:*:*:key/*",),
            conditions={
                "StringLike": {
                    "kms:EncryptionContext:aws:s3:arn": [arn for bucket in buckets for arn in (bucket, f"{bucket}/*")],
                    "kms:ViaService": "s3.*.amazonaws.com",
                }
            },
        )
