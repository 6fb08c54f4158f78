"""A bucket as every bucket of the platform is: private, encrypted by a key of ours, versioned, TLS only."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.access.aws_rights.keys import keys
from components.access.iam import Statement, policy_document
from components.base import Component, hidden
from sizing.arns import Arns

MULTIPART_DAYS = 7
"""Days after which the parts of an upload that never ended are removed: no job of ours uploads for so long."""
OLDEST_TLS = "1.2"


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """What is particular to a bucket.

    Args:
        bucket: the bucket's name.
        account: the account's 12-digit id.
        region: the region's name.
        key_arn: the KMS key that encrypts its objects.
        expire_days: days after which an object is removed; `None` for never.
        noncurrent_days: days for which a replaced or removed object can be brought back.
        statements: what others than the account's roles may do, as statements of the bucket's policy.
        protect: whether the bucket is protected from deletion.
    """

    bucket: str
    account: str
    region: str
    key_arn: pulumi.Input[str]
    expire_days: int | None
    noncurrent_days: int
    statements: tuple[Statement, ...] = hidden()  # the bucket's policy shows them
    protect: bool


class Bucket(Component):
    """A bucket with its settings.

    Attributes:
        bucket: the bucket's name.
        arn: the bucket's ARN, known before deployment.
    """

    module = "bucket"

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=args.bucket,
            force_destroy=False,
            opts=self.child(protect=args.protect),  # it holds data
        )
        # Its settings are not taken off first: a bucket that isn't empty is not deleted, and stays as it was.
        self._create_access(name, args, bucket)
        self._create_encryption(name, args, bucket)
        self._create_lifecycle(name, args, bucket)
        self.bucket = args.bucket
        self.arn = Arns(args.account, args.region).bucket(args.bucket)
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def _create_access(self, name: str, args: BucketArgs, bucket: aws.s3.Bucket) -> None:
        block = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(deleted_with=bucket),
        )
        ownership = aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            # S3 refuses some changes of a bucket's access at the same time.
            opts=self.child(deleted_with=bucket, depends_on=[block]),
        )
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=bucket_policy(args),
            opts=self.child(deleted_with=bucket, depends_on=[block, ownership]),  # likewise
        )

    def _create_encryption(self, name: str, args: BucketArgs, bucket: aws.s3.Bucket) -> None:
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.bucket,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": args.key_arn,
                    },
                    "bucket_key_enabled": True,  # one call to KMS for many objects, not one for each
                    "blocked_encryption_types": ["SSE-C"],  # whose keys nobody but the writer has
                }
            ],
            opts=self.child(deleted_with=bucket),
        )

    def _create_lifecycle(self, name: str, args: BucketArgs, bucket: aws.s3.Bucket) -> None:
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=self.child(deleted_with=bucket),
        )
        rules: list[aws.s3.BucketLifecycleConfigurationRuleArgsDict] = [
            {
                "id": "tidy",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "abort_incomplete_multipart_upload": {"days_after_initiation": MULTIPART_DAYS},
                "noncurrent_version_expiration": {"noncurrent_days": args.noncurrent_days},
                "expiration": {"expired_object_delete_marker": True},
            }
        ]
        if args.expire_days is not None:
            rules.append(
                {
                    "id": "expire",
                    "status": "Enabled",
                    # Empty objects stand for folders, and Spark does not start without that of its event logs.
                    "filter": {"object_size_greater_than": 0},
                    "expiration": {"days": args.expire_days},
                }
            )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=rules,
            # A rule on noncurrent versions needs a versioned bucket.
            opts=self.child(deleted_with=bucket, depends_on=[versioning]),
        )


def bucket_policy(args: BucketArgs) -> str:
    """The bucket's policy: no plain HTTP, no other encryption than by a key of the account, and `args.statements`.

    A request that names no encryption gets the bucket's; only one that names another is refused. The exact key is known
    only after deployment, hence the account's keys.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
    """
    arns = Arns(args.account, args.region)
    bucket, objects = arns.bucket(args.bucket), arns.objects(args.bucket)
    algorithm = "s3:x-amz-server-side-encryption"
    key = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    return policy_document(
        Statement(
            sid="TlsOnly",
            effect="Deny",
            principals="*",
            actions=("s3:*",),
            resources=(bucket, objects),
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
        Statement(
            sid="RecentTlsOnly",
            effect="Deny",
            principals="*",
            actions=("s3:*",),
            resources=(bucket, objects),
            conditions={"NumericLessThan": {"s3:TlsVersion": OLDEST_TLS}},
        ),
        Statement(
            sid="KmsOnly",
            effect="Deny",
            principals="*",
            actions=("s3:PutObject",),
            resources=(objects,),
            conditions={"Null": {algorithm: "false"}, "StringNotEquals": {algorithm: "aws:kms"}},
        ),
        Statement(
            sid="OwnKeysOnly",
            effect="Deny",
            principals="*",
            actions=("s3:PutObject",),
            resources=(objects,),
            conditions={"Null": {key: "false"}, "StringNotLike": {key: keys(arns)}},
        ),
        *args.statements,
    )
