"""What deploying a platform's stack takes of keys, log groups, buckets and workspaces, and of nothing in them."""

from __future__ import annotations

from collections.abc import Iterator

from components.access.aws_rights.scope import WRITE_LOG_GROUPS, Scope, both, same_tags, tagging
from components.access.iam import Statement
from sizing import names


def keys_and_logs(scope: Scope) -> Iterator[Statement]:
    keys, aliases = scope.arn("kms", "key/*"), scope.arns.key_alias(names.key_alias(scope.platform, "*"))
    yield Statement(
        sid="NewKeys",
        # To give a key its policy asks for the right to set one; in no other such request are there tags.
        actions=("kms:CreateKey", "kms:PutKeyPolicy"),
        # The key isn't there yet.
        resources=("*",),
        conditions=scope.tagged("RequestTag"),
    )
    yield Statement(
        sid="TagNewKeys",
        actions=("kms:TagResource",),
        resources=(keys,),
        # AWS doesn't say which action a key is tagged by. A key that is somebody's has an alias, as a rule.
        conditions=both(
            scope.tagged("RequestTag"),
            {"Null": {"aws:ResourceTag/elastic-spark:platform": "true", "kms:ResourceAliases": "true"}},
        ),
    )
    yield Statement(
        sid="Keys",
        actions=(
            "kms:CreateAlias",
            "kms:CreateGrant",
            "kms:DeleteAlias",
            "kms:DisableKeyRotation",
            "kms:EnableKeyRotation",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:UntagResource",
            "kms:UpdateAlias",
            "kms:UpdateKeyDescription",
        ),
        resources=(keys,),
        conditions=scope.tagged(),
    )
    yield Statement(
        sid="TagKeys",
        actions=("kms:TagResource",),
        resources=(keys,),
        conditions=both(scope.tagged(), same_tags(scope)),
    )
    yield Statement(
        sid="Aliases", actions=("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"), resources=(aliases,)
    )
    yield Statement(
        sid="LogGroups",
        actions=WRITE_LOG_GROUPS,
        resources=log_groups(scope),
    )


def log_groups(scope: Scope) -> list[str]:
    groups = (names.control_plane_log_group(scope.platform), names.log_group(scope.platform, "*"))
    return [f"{scope.arns.log_group(group)}*" if "*" not in group else scope.arns.log_group(group) for group in groups]


def buckets(scope: Scope) -> Iterator[Statement]:
    """Buckets, and none of the objects in them: one that is not empty isn't deleted."""
    yield Statement(
        sid="Buckets",
        actions=(
            "s3:CreateBucket",
            "s3:DeleteBucket",
            "s3:DeleteBucketPolicy",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
            "s3:TagResource",
            "s3:UntagResource",
        ),
        resources=scope.buckets,
    )


def monitoring(scope: Scope) -> Iterator[Statement]:
    workspaces = (scope.arns.prometheus_workspaces(), scope.arns.grafana_workspaces())
    yield Statement(
        sid="NewWorkspaces",
        actions=("aps:CreateWorkspace", "grafana:CreateWorkspace"),
        # The actions know no resource: the workspace isn't there yet.
        resources=("*",),
        conditions=scope.tagged("RequestTag"),
    )
    yield Statement(
        sid="Workspaces",
        actions=(
            "aps:DeleteWorkspace",
            "aps:UntagResource",
            "aps:UpdateWorkspaceAlias",
            "aps:UpdateWorkspaceConfiguration",
            "grafana:DeleteWorkspace",
            "grafana:UntagResource",
            "grafana:UpdateWorkspace",
            "grafana:UpdateWorkspaceAuthentication",
            "grafana:UpdateWorkspaceConfiguration",
        ),
        resources=workspaces,
        conditions=scope.tagged(),
    )
    yield from tagging("Workspaces", scope, ("aps:TagResource", "grafana:TagResource"), workspaces)
