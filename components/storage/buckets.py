"""The platform's buckets: Spark's event logs, jobs' artifacts, and logs."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.access.iam import Statement
from components.base import Component
from components.storage.bucket import Bucket, BucketArgs
from sizing import names
from sizing.arns import Arns


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """Where the buckets are and how long they keep what.

    Args:
        platform: the platform's name.
        account: the account's 12-digit id.
        region: the region's name.
        key_arn: the KMS key that encrypts them.
        event_days: days for which Spark's event logs are kept: so far back the history server shows.
        log_days: days for which logs are kept.
        noncurrent_days: days for which a replaced or removed object can be brought back.
        protect: whether the buckets are protected from deletion.
    """

    platform: str
    account: str
    region: str
    key_arn: pulumi.Input[str]
    event_days: int
    log_days: int
    noncurrent_days: int
    protect: bool


class Storage(Component):
    """Three buckets.

    Attributes:
        events: Spark's event logs, which expire.
        artifacts: what jobs run, which stays until somebody removes it.
        logs: flow logs and other logs, which expire.
    """

    module = "storage"

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        logs = names.bucket(args.platform, "logs", args.account, args.region)
        self.events = self._create_bucket(name, args, "events", expire_days=args.event_days)
        self.artifacts = self._create_bucket(name, args, "artifacts", expire_days=None)
        self.logs = self._create_bucket(
            name,
            args,
            "logs",
            expire_days=args.log_days,
            statements=flow_log_delivery(args.account, args.region, logs),
        )
        self.register_outputs(
            {"events": self.events.bucket, "artifacts": self.artifacts.bucket, "logs": self.logs.bucket}
        )

    def _create_bucket(
        self,
        name: str,
        args: StorageArgs,
        purpose: str,
        *,
        expire_days: int | None,
        statements: tuple[Statement, ...] = (),
    ) -> Bucket:
        return Bucket(
            f"{name}-{purpose}",
            BucketArgs(
                bucket=names.bucket(args.platform, purpose, args.account, args.region),
                account=args.account,
                region=args.region,
                key_arn=args.key_arn,
                expire_days=expire_days,
                noncurrent_days=args.noncurrent_days,
                statements=statements,
                protect=args.protect,
            ),
            self.child(),
        )


def flow_log_delivery(account: str, region: str, bucket: str) -> tuple[Statement, ...]:
    """Lets the account's flow logs, in Hive-compatible partitions, be delivered to a bucket.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
    """
    arns = Arns(account, region)
    service = {"Service": "delivery.logs.amazonaws.com"}
    source = {"aws:SourceAccount": account}
    deliveries = {"ArnLike": {"aws:SourceArn": f"arn:{arns.partition}:logs:{region}:{account}:*"}}
    return (
        Statement(
            sid="FlowLogsWrite",
            principals=service,
            actions=("s3:PutObject",),
            resources=(arns.objects(bucket, f"AWSLogs/aws-account-id={account}"),),
            conditions={"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}, **deliveries},
        ),
        Statement(
            sid="FlowLogsCheck",
            principals=service,
            actions=("s3:GetBucketAcl", "s3:ListBucket"),
            resources=(arns.bucket(bucket),),
            conditions={"StringEquals": source, **deliveries},
        ),
    )
