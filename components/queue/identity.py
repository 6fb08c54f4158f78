"""What a queue's jobs may do in AWS: use their own prefixes of the platform's buckets, the listed data and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from components.access.aws_rights.data import READ, WRITE, DataLocation, data_statements
from components.access.aws_rights.glue import Access, glue_statements
from components.access.aws_rights.keys import data_keys, use_key
from components.access.aws_rights.secrets import secret_statements
from components.access.iam import Statement, policy_document, policy_length
from components.access.pod_identity import PodIdentity, PodIdentityArgs
from components.base import Component
from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from sizing import names
from sizing.arns import Arns

MAXIMUM_POLICY: Final = 10_240
"""Characters of a role's own policies, white space not counted.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


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
        databases: databases of AWS Glue whose tables they use, and how.
        secrets: ARNs of the secrets that they read.
        tags: for cost allocation, beside the provider's default tags.
    """

    platform: str
    arns: Arns
    tenant: str
    queue: str
    buckets: tuple[str, ...]
    key_alias: str
    data: tuple[DataLocation, ...]
    databases: Mapping[str, Access]
    secrets: tuple[str, ...]
    tags: Mapping[str, str] | None = None


class QueueIdentity(Component):
    """The role of a queue's drivers and executors.

    The policy of a key in another account, and that of a bucket there, must let the role in too: the tenant's stack has
    no say over either.

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
        if length > MAXIMUM_POLICY:
            raise ValueError(
                f"queue {namespace}: {len(args.data)} data locations and {len(args.databases)} databases make a policy "
                f"of {length} characters, and AWS allows {MAXIMUM_POLICY}: name fewer, with shorter prefixes"
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
                managed_policies=(),
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
        *data_keys(args.data),
        *glue_statements(args.arns, args.databases),
        *secret_statements(args.arns, args.secrets),
        use_key(args.arns.account, args.arns.region, args.key_alias),
    )
