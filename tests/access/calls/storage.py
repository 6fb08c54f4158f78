"""What the provider calls for buckets, objects, keys, log groups and workspaces.

Source: the API references of the operations named, and what Terraform's AWS provider documents of the resources
(aws_s3_bucket and the resources of its settings, aws_s3_object, aws_kms_key, aws_kms_alias, aws_cloudwatch_log_group,
aws_prometheus_workspace, aws_prometheus_workspace_configuration, aws_grafana_workspace). Which action of IAM an
operation of S3 asks for: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from typing import Any

from sizing import names
from tests.access.calls.iam import pass_role
from tests.access.calls.model import Ask, Call, Context, Rows, Thing, When, simple

READS = {
    "GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "GetBucketAcl": "s3:GetBucketAcl",
    "GetBucketCors": "s3:GetBucketCORS",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "GetBucketLocation": "s3:GetBucketLocation",
    "GetBucketLogging": "s3:GetBucketLogging",
    "GetBucketPolicy": "s3:GetBucketPolicy",
    "GetBucketReplication": "s3:GetReplicationConfiguration",
    "GetBucketRequestPayment": "s3:GetBucketRequestPayment",
    "GetBucketTagging": "s3:GetBucketTagging",
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "GetBucketWebsite": "s3:GetBucketWebsite",
    "GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "HeadBucket": "s3:ListBucket",
}
KEY = "00000000-1111-2222-3333-444455556666"


def bucket(thing: Thing) -> Rows:
    """Of a bucket the provider reads every setting, also those of which there are resources of their own."""
    name = thing.text("bucket")
    arn, which = thing.arns.bucket(name), {"Bucket": name}
    location = {"CreateBucketConfiguration": {"LocationConstraint": thing.arns.region, "Tags": thing.tag_list}}
    yield Call(
        when="create",
        api="s3.CreateBucket",
        params={**which, **location},
        asks=(
            Ask(action="s3:CreateBucket", resource=arn, context=thing.asked),
            Ask(action="s3:TagResource", resource=arn, context=thing.asked),
        ),
    )
    for operation, action in READS.items():
        yield simple("read", f"s3.{operation}", which, arn, thing.has, action)
    control = {"AccountId": thing.arns.account, "ResourceArn": arn}
    yield simple("read", "s3control.ListTagsForResource", control, arn, thing.has, "s3:ListTagsForResource")
    tags: Context = {**thing.has, **thing.asked}
    yield simple("update", "s3control.TagResource", {**control, "Tags": thing.tag_list}, arn, tags, "s3:TagResource")
    untag = {**control, "TagKeys": ["team"]}
    yield simple("update", "s3control.UntagResource", untag, arn, thing.has, "s3:UntagResource")
    put = {**which, "Tagging": {"TagSet": thing.tag_list}}
    yield simple("update", "s3.PutBucketTagging", put, arn, thing.has)
    yield simple("delete", "s3.DeleteBucket", which, arn, thing.has)


def _setting(operations: dict[When, tuple[str, str, dict[str, Any]]]) -> Any:  # noqa: ANN401
    """A setting of a bucket: operation, action and parameters of each moment."""

    def rows(thing: Thing) -> Rows:
        name = thing.text("bucket")
        for when, (operation, action, params) in operations.items():
            yield simple(when, f"s3.{operation}", {"Bucket": name, **params}, thing.arns.bucket(name), {}, action)

    return rows


LIFECYCLE: dict[str, Any] = {"LifecycleConfiguration": {"Rules": []}}
SSE: dict[str, Any] = {"ServerSideEncryptionConfiguration": {"Rules": []}}
OWNERSHIP: dict[str, Any] = {"OwnershipControls": {"Rules": []}}
bucket_lifecycle = _setting(
    {
        "create": ("PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration", LIFECYCLE),
        "read": ("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", {}),
        "delete": ("DeleteBucketLifecycle", "s3:PutLifecycleConfiguration", {}),
    }
)
bucket_ownership = _setting(
    {
        "create": ("PutBucketOwnershipControls", "s3:PutBucketOwnershipControls", OWNERSHIP),
        "read": ("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", {}),
        "delete": ("DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls", {}),
    }
)
bucket_policy = _setting(
    {
        "create": ("PutBucketPolicy", "s3:PutBucketPolicy", {"Policy": "{}"}),
        "read": ("GetBucketPolicy", "s3:GetBucketPolicy", {}),
        "delete": ("DeleteBucketPolicy", "s3:DeleteBucketPolicy", {}),
    }
)
bucket_public_access = _setting(
    {
        "create": ("PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock", {"PublicAccessBlockConfiguration": {}}),
        "read": ("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", {}),
        "delete": ("DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock", {}),
    }
)
bucket_encryption = _setting(
    {
        "create": ("PutBucketEncryption", "s3:PutEncryptionConfiguration", SSE),
        "read": ("GetBucketEncryption", "s3:GetEncryptionConfiguration", {}),
        "delete": ("DeleteBucketEncryption", "s3:PutEncryptionConfiguration", {}),
    }
)
bucket_versioning = _setting(
    {
        "create": ("PutBucketVersioning", "s3:PutBucketVersioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
        "read": ("GetBucketVersioning", "s3:GetBucketVersioning", {}),
        "delete": (
            "PutBucketVersioning",
            "s3:PutBucketVersioning",
            {"VersioningConfiguration": {"Status": "Suspended"}},
        ),
    }
)


def bucket_object(thing: Thing) -> Rows:
    """An object in a bucket of the platform's that is encrypted by a key of ours, and versioned."""
    name, key = thing.text("bucket"), thing.text("key")
    arn, which = f"{thing.arns.bucket(name)}/{key}", {"Bucket": name, "Key": key}
    by: Context = {
        "kms:ResourceAliases": (names.key_alias(thing.platform, "data"),),
        "kms:ViaService": f"s3.{thing.arns.region}.amazonaws.com",
    }
    by_key = thing.arn("kms", f"key/{KEY}")
    for when in ("create", "update"):
        yield Call(
            when=when,
            api="s3.PutObject",
            params={**which, "Body": b""},
            asks=(
                Ask(action="s3:PutObject", resource=arn),
                Ask(action="kms:GenerateDataKey", resource=by_key, context=by),
            ),
        )
    yield Call(
        when="read",
        api="s3.HeadObject",
        params=which,
        asks=(Ask(action="s3:GetObject", resource=arn), Ask(action="kms:Decrypt", resource=by_key, context=by)),
    )
    yield simple("read", "s3.GetObjectTagging", which, arn)
    yield simple("update", "s3.PutObjectTagging", {**which, "Tagging": {"TagSet": []}}, arn)
    versions = {"Bucket": name, "Prefix": key}
    listed: Context = {"s3:prefix": key}
    bucket_arn = thing.arns.bucket(name)
    yield simple("delete", "s3.ListObjectVersions", versions, bucket_arn, listed, "s3:ListBucketVersions")
    yield simple("delete", "s3.DeleteObject", which, arn)
    version = {**which, "VersionId": "x"}
    yield simple("delete", "s3.DeleteObject", version, arn, {}, "s3:DeleteObjectVersion")


def kms_key(thing: Thing) -> Rows:
    arn, which = thing.arn("kms", f"key/{KEY}"), {"KeyId": KEY}
    tags = [{"TagKey": key, "TagValue": value} for key, value in sorted(thing.tags.items())]
    yield Call(
        when="create",
        api="kms.CreateKey",
        params={"Description": thing.text("description"), "Policy": "{}", "Tags": tags},
        asks=(
            Ask(action="kms:CreateKey", resource="*", context=thing.asked),
            Ask(action="kms:TagResource", resource=arn, context=thing.asked),
            # That a key's policy is given at its creation asks for the right to set it.
            Ask(action="kms:PutKeyPolicy", resource=arn, context=thing.asked),
        ),
    )
    yield simple("create", "kms.EnableKeyRotation", which, arn, thing.has)
    for operation in ("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"):
        yield simple("read", f"kms.{operation}", which, arn, thing.has)
    yield simple("update", "kms.UpdateKeyDescription", {**which, "Description": "x"}, arn, thing.has)
    yield simple("update", "kms.PutKeyPolicy", {**which, "Policy": "{}"}, arn, thing.has)
    yield simple("update", "kms.EnableKeyRotation", which, arn, thing.has)
    yield simple("update", "kms.DisableKeyRotation", which, arn, thing.has)
    yield simple("update", "kms.TagResource", {**which, "Tags": tags}, arn, {**thing.has, **thing.asked})
    yield simple(
        "update", "kms.UntagResource", {**which, "TagKeys": ["team"]}, arn, {**thing.has, "aws:TagKeys": ("team",)}
    )
    yield simple("delete", "kms.ScheduleKeyDeletion", which, arn, thing.has)


def kms_alias(thing: Thing) -> Rows:
    """Whoever changes an alias is asked about the alias and about its key."""
    name, key = thing.text("name"), thing.arn("kms", f"key/{KEY}")
    alias = thing.arns.key_alias(name)
    moments: tuple[tuple[When, str, dict[str, str]], ...] = (
        ("create", "CreateAlias", {"TargetKeyId": KEY}),
        ("update", "UpdateAlias", {"TargetKeyId": KEY}),
        ("delete", "DeleteAlias", {}),
    )
    for when, operation, params in moments:
        yield Call(
            when=when,
            api=f"kms.{operation}",
            params={"AliasName": name, **params},
            asks=(
                Ask(action=f"kms:{operation}", resource=alias),
                Ask(action=f"kms:{operation}", resource=key, context=thing.platforms),
            ),
        )
    yield simple("read", "kms.ListAliases", {}, "*")


def log_group(thing: Thing) -> Rows:
    name = thing.text("name")
    arn, which = thing.arns.log_group(name), {"logGroupName": name}
    yield Call(
        when="create",
        api="logs.CreateLogGroup",
        params={**which, "tags": thing.tags, "kmsKeyId": thing.arn("kms", f"key/{KEY}")},
        asks=(
            Ask(action="logs:CreateLogGroup", resource=arn, context=thing.asked),
            Ask(action="logs:TagResource", resource=arn, context=thing.asked),
        ),
    )
    for when in ("create", "update"):
        keep = {**which, "retentionInDays": 30}
        yield simple(when, "logs.PutRetentionPolicy", keep, arn)
    yield simple("read", "logs.DescribeLogGroups", {"logGroupNamePrefix": name}, "*")
    resource = {"resourceArn": arn}
    yield simple("read", "logs.ListTagsForResource", resource, arn, thing.has)
    yield simple("update", "logs.DeleteRetentionPolicy", which, arn)
    yield simple("update", "logs.AssociateKmsKey", {**which, "kmsKeyId": "x"}, arn)
    yield simple("update", "logs.DisassociateKmsKey", which, arn)
    yield simple("update", "logs.TagResource", {**resource, "tags": thing.tags}, arn, {**thing.has, **thing.asked})
    untag = {**resource, "tagKeys": ["team"]}
    yield simple("update", "logs.UntagResource", untag, arn, {**thing.has, "aws:TagKeys": ("team",)})
    yield simple("delete", "logs.DeleteLogGroup", which, arn)


def _workspace(thing: Thing, service: str, api: str, arn: str, which: dict[str, str], update: tuple[str, ...]) -> Rows:
    has = thing.has
    create: dict[str, Any] = {"tags": thing.tags}
    asks = [
        Ask(action=f"{service}:CreateWorkspace", resource="*", context=thing.asked),
        Ask(action=f"{service}:TagResource", resource=arn, context=thing.asked),
    ]
    if service == "grafana":
        create |= {
            "accountAccessType": "CURRENT_ACCOUNT",
            "permissionType": "CUSTOMER_MANAGED",
            "authenticationProviders": ["AWS_SSO"],
        }
        asks.append(pass_role(thing, names.role(thing.platform, "grafana"), "grafana.amazonaws.com"))
    yield Call(when="create", api=f"{api}.CreateWorkspace", params=create, asks=tuple(asks))
    yield simple("read", f"{api}.DescribeWorkspace", which, arn, has, f"{service}:DescribeWorkspace")
    tags = {"resourceArn": arn}
    yield simple("read", f"{api}.ListTagsForResource", tags, arn, has, f"{service}:ListTagsForResource")
    for operation in update:
        yield simple("update", f"{api}.{operation}", which, arn, has, f"{service}:{operation}")
    asked: Context = {**has, **thing.asked}
    yield simple("update", f"{api}.TagResource", {**tags, "tags": thing.tags}, arn, asked, f"{service}:TagResource")
    untag = {**tags, "tagKeys": ["team"]}
    yield simple("update", f"{api}.UntagResource", untag, arn, has, f"{service}:UntagResource")
    yield simple("delete", f"{api}.DeleteWorkspace", which, arn, has, f"{service}:DeleteWorkspace")


def prometheus_workspace(thing: Thing) -> Rows:
    arn = thing.arn("aps", "workspace/ws-00000000-1111-2222-3333-444455556666")
    which = {"workspaceId": "ws-00000000-1111-2222-3333-444455556666"}
    yield from _workspace(thing, "aps", "amp", arn, which, ("UpdateWorkspaceAlias",))


def prometheus_configuration(thing: Thing) -> Rows:
    arn = thing.arn("aps", "workspace/ws-00000000-1111-2222-3333-444455556666")
    which = {"workspaceId": "ws-00000000-1111-2222-3333-444455556666"}
    for when in ("create", "update"):
        update = "aps:UpdateWorkspaceConfiguration"
        yield simple(when, "amp.UpdateWorkspaceConfiguration", which, arn, thing.platforms, update)
    read = "aps:DescribeWorkspaceConfiguration"
    yield simple("read", "amp.DescribeWorkspaceConfiguration", which, arn, thing.platforms, read)


def grafana_workspace(thing: Thing) -> Rows:
    arn, which = thing.arn("grafana", "/workspaces/g-0123456789"), {"workspaceId": "g-0123456789"}
    yield from _workspace(thing, "grafana", "grafana", arn, which, ("UpdateWorkspace",))
    for what in ("Authentication", "Configuration"):
        read = f"DescribeWorkspace{what}"
        yield simple("read", f"grafana.{read}", which, arn, thing.has)
