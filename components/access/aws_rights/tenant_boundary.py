"""What all roles of a tenant's stack may ever do, whatever the stack writes into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from components.access.aws_rights.data import READ, WRITE, DataLocation, data_statements
from components.access.aws_rights.keys import use_key
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
        secrets: how the names of secrets begin that they may read, up to a slash.
    """

    platform: str
    arns: Arns
    tenant: str
    buckets: Mapping[str, str]
    key_alias: str
    data: Sequence[DataLocation] = field(metadata={"hidden": True})  # the policy shows it
    secrets: Sequence[str] = field(default=(), metadata={"hidden": True})


def boundary_statements(args: TenantBoundaryArgs) -> tuple[Statement, ...]:
    """The maximum of what roles of queues, history servers and log readers of one tenant may do.

    A tenant's name has no dash and no slash, so that `<tenant>-*` and `<tenant>/*` are its own whatever its queues are
    called. By KMS: the platform's key, and for objects of the listed buckets any key that lets a role in itself, since
    a boundary also bounds what a key's policy gives a role.

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
        *_data_keys(args),
        *secret_prefix_statements(args.arns, args.secrets),
        Statement(sid="Groups", actions=READ_GROUPS, resources=(group,)),
        Statement(sid="Queries", actions=READ_QUERIES, resources=("*",)),
    )


def _data_keys(args: TenantBoundaryArgs) -> Iterator[Statement]:
    """By S3 only, for objects of the listed buckets; with a bucket key S3 names the bucket, else the object.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    buckets = sorted({args.arns.bucket(location.bucket) for location in args.data})
    if buckets:
        yield Statement(
            sid="DataKeys",
            actions=("kms:Decrypt", "kms:GenerateDataKey"),
            resources=(f"arn:{args.arns.partition}:kms:*:*:key/*",),
            conditions={
                "StringLike": {
                    "kms:EncryptionContext:aws:s3:arn": [arn for bucket in buckets for arn in (bucket, f"{bucket}/*")],
                    "kms:ViaService": "s3.*.amazonaws.com",
                }
            },
        )
