"""How a queue's people bring what its jobs run: a role that writes below the queue's prefix of artifacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.access.aws_rights.data import READ
from components.access.aws_rights.keys import use_key
from components.access.iam import Statement, people_trust, policy_document
from components.base import Component
from sizing import names
from sizing.arns import Arns
from sizing.cost_tags import QUEUE_TAG

UPLOAD = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject")
"""No `s3:DeleteObject`: what a schedule will run tomorrow may have been uploaded by somebody else. What is uploaded a
second time is another version, and the bucket keeps the first for a while.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
"""


@dataclass(frozen=True, kw_only=True)
class QueueUploadsArgs:
    """Who uploads where.

    Args:
        platform: the platform's name.
        arns: the account and region.
        tenant: the tenant's name.
        queue: the queue's name within the tenant.
        bucket: the platform's bucket of artifacts.
        key_alias: alias of the key that encrypts it.
        principals: ARNs of the IAM roles and users that may take the role.
    """

    platform: str
    arns: Arns
    tenant: str
    queue: str
    bucket: str
    key_alias: str
    principals: Sequence[str]


class QueueUploads(Component):
    """A role that a queue's submitters and owners take to upload files of jobs, and nothing else.

    Attributes:
        role_arn: the role's ARN.
    """

    module = "queue_uploads"

    def __init__(self, name: str, args: QueueUploadsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        namespace = names.namespace(args.tenant, args.queue)
        role_name = names.upload_role(args.platform, namespace)
        self.role_arn = args.arns.role(role_name)
        role = aws.iam.Role(
            f"{name}-role",
            name=role_name,
            description=f"Uploads what jobs of queue {namespace} on platform {args.platform} run",
            assume_role_policy=people_trust(args.principals),
            permissions_boundary=args.arns.policy(names.boundary(args.platform, args.tenant)),
            tags={QUEUE_TAG: namespace},
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            f"{name}-policy",
            name=role_name,
            role=role.name,
            policy=policy_document(*upload_statements(args)),
            opts=self.child(),
        )
        self.register_outputs({"roleArn": self.role_arn})


def upload_prefixes(tenant: str, queue: str) -> tuple[str, ...]:
    """Where a queue's people may write in the bucket of artifacts, without slashes at start and end."""
    prefix = names.queue_prefix(tenant, queue)
    return (f"{prefix}/{names.JOB_RECORDS}", f"{prefix}/{names.UPLOADS}")


def upload_statements(args: QueueUploadsArgs) -> tuple[Statement, ...]:
    """What uploading takes: to write, to look whether it is there already, and to see one's own names.

    Who may not list what begins like a name is told that it is forbidden, not that it is missing.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    prefixes = upload_prefixes(args.tenant, args.queue)
    return (
        Statement(
            sid="Uploads",
            actions=(*READ, *UPLOAD),
            resources=[args.arns.objects(args.bucket, prefix) for prefix in prefixes],
        ),
        Statement(
            sid="Names",
            actions=("s3:ListBucket",),
            resources=(args.arns.bucket(args.bucket),),
            conditions={"StringLike": {"s3:prefix": [f"{prefix}/*" for prefix in prefixes]}},
        ),
        use_key(args.arns.account, args.arns.region, args.key_alias),
    )
