"""Where the logs of a queue's drivers and executors are, and who may read them in AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.access.aws_rights.keys import keys
from components.access.aws_rights.logs import READ_GROUPS, READ_QUERIES
from components.access.iam import Statement, people_trust, policy_document
from components.base import Component
from sizing import names
from sizing.arns import Arns
from sizing.cost_tags import QUEUE_TAG


@dataclass(frozen=True, kw_only=True)
class QueueLogsArgs:
    """A queue's log group.

    Args:
        platform: the platform's name.
        tenant: the tenant's name.
        queue: the queue's name within the tenant.
        group_key_arn: the key that encrypts log groups.
        retention_days: how long it keeps what is in it.
        protect: whether it is protected from deletion.
    """

    platform: str
    tenant: str
    queue: str
    group_key_arn: str
    retention_days: int
    protect: bool


class QueueLogs(Component):
    """The log group into which Fluent Bit writes; it makes none itself.

    Attributes:
        group: the log group's name.
    """

    module = "logs"

    def __init__(self, name: str, args: QueueLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.group = names.queue_log_group(args.platform, names.namespace(args.tenant, args.queue))
        aws.cloudwatch.LogGroup(
            f"{name}-group",
            name=self.group,
            retention_in_days=args.retention_days,
            kms_key_id=args.group_key_arn,
            tags={QUEUE_TAG: names.namespace(args.tenant, args.queue)},
            opts=self.child(protect=args.protect),  # what is in it can't be had again
        )
        self.register_outputs({"group": self.group})


@dataclass(frozen=True, kw_only=True)
class LogReadersArgs:
    """Who reads a tenant's logs.

    Args:
        platform: the platform's name.
        arns: the account and region.
        tenant: the tenant's name.
        queues: the names of its queues.
        bucket: the platform's bucket of logs.
        bucket_key_alias: alias of the key that encrypts it.
        principals: ARNs of the IAM roles and users that may take the role.
        role_name: the role's name.
        tags: cost-allocation tags beside the provider's.
    """

    platform: str
    arns: Arns
    tenant: str
    queues: tuple[str, ...]
    bucket: str
    bucket_key_alias: str
    principals: Sequence[str]
    role_name: str
    tags: Mapping[str, str]


class LogReaders(Component):
    """A role that people take to read the logs of queues of one tenant, and nothing else.

    Attributes:
        role_arn: the role's ARN.
    """

    module = "logs"

    def __init__(self, name: str, args: LogReadersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.role_arn = args.arns.role(args.role_name)
        role = aws.iam.Role(
            f"{name}-role",
            name=args.role_name,
            description=f"Reads the logs of tenant {args.tenant} on platform {args.platform}",
            assume_role_policy=people_trust(args.principals),
            permissions_boundary=args.arns.policy(names.boundary(args.platform, args.tenant)),
            tags=dict(args.tags) or None,
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            f"{name}-policy",
            name=args.role_name,
            role=role.name,
            policy=policy_document(*reader_statements(args)),
            opts=self.child(),
        )
        self.register_outputs({"roleArn": self.role_arn})


def reader_statements(args: LogReadersArgs) -> tuple[Statement, ...]:
    """What a tenant's readers may do: in CloudWatch its queues' log groups, in S3 its queues' prefixes.

    By queue and not by tenant, since below a tenant's name there is also what a namespace that is no queue has written.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
    """
    prefixes = [names.queue_prefix(args.tenant, queue) for queue in sorted(args.queues)]
    groups = [
        args.arns.log_group(names.queue_log_group(args.platform, names.namespace(args.tenant, queue)))
        for queue in sorted(args.queues)
    ]
    return (
        Statement(
            sid="Groups",
            actions=READ_GROUPS,
            resources=[resource for group in groups for resource in (group, f"{group}:*")],
        ),
        Statement(
            sid="Queries",
            actions=READ_QUERIES,
            resources=("*",),
        ),
        Statement(
            sid="Objects",
            actions=("s3:GetObject",),
            resources=[args.arns.objects(args.bucket, prefix) for prefix in prefixes],
        ),
        Statement(
            sid="Names",
            actions=("s3:ListBucket",),
            resources=(args.arns.bucket(args.bucket),),
            conditions={"StringLike": {"s3:prefix": [f"{prefix}/*" for prefix in prefixes]}},
        ),
        Statement(
            sid="Key",
            actions=("kms:Decrypt",),
            resources=(keys(args.arns),),
            conditions={
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": args.bucket_key_alias},
                "StringEquals": {"kms:ViaService": f"s3.{args.arns.region}.amazonaws.com"},
            },
        ),
    )
