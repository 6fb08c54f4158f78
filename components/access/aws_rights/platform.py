"""What deploying a platform's stack takes in AWS, and nothing of another platform's."""

from __future__ import annotations

from collections.abc import Iterator

from components.access.aws_rights.door import DoorScope, door_reader
from components.access.aws_rights.door import door as doors
from components.access.aws_rights.network import network, network_reader
from components.access.aws_rights.nodes import nodes
from components.access.aws_rights.platform_roles import policies, roles
from components.access.aws_rights.platform_stores import buckets, keys_and_logs, log_groups, monitoring
from components.access.aws_rights.scope import Scope
from components.access.aws_rights.state import state_statements
from components.access.aws_rights.tenant import READ_ANYWHERE, READ_ASSOCIATION, READ_ENTRY, READ_ROLE
from components.access.cluster_access import ADMIN, VIEWER, access_policy_arn
from components.access.iam import Statement
from sizing import names

READ_BUCKET = (
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListTagsForResource",
)
"""`ListBucket` is what a look whether the bucket is there asks for; names of objects are seen by it, objects aren't."""
READ_CLUSTER = (
    "eks:DescribeAddon",
    "eks:DescribeCluster",
    "eks:DescribeIdentityProviderConfig",
    "eks:DescribeUpdate",
    "eks:ListAssociatedAccessPolicies",
    *READ_ASSOCIATION,
    *READ_ENTRY,
)
CLUSTER_PARTS = ("access-entry", "addon", "identityproviderconfig", "podidentityassociation")


def platform_deployer(scope: Scope, *, deployer_policies: bool, door: DoorScope | None = None) -> tuple[Statement, ...]:
    """What a deployer of the platform's stack does in AWS.

    Args:
        scope: the platform.
        deployer_policies: whether the stack also makes policies of tenants' deployers.
        door: where it has one.
    """
    pools = (names.DRIVER_POOL, names.SYSTEM_POOL)
    return (
        *platform_reader(scope, door=door),
        *roles(scope),
        *policies(scope, deployer_policies),
        *_cluster(scope),
        *nodes(scope, [f"{pool}-*" for pool in pools]),
        *keys_and_logs(scope),
        *buckets(scope),
        *monitoring(scope),
        *network(scope),
        *(doors(scope, door) if door else ()),
    )


def platform_reader(scope: Scope, *, door: DoorScope | None = None) -> tuple[Statement, ...]:
    """What a preview of the platform's stack reads in AWS: no data, no logs, no secret.

    Args:
        scope: the platform.
        door: where it has one.
    """
    own = f"{scope.platform}-*"
    return (
        Statement(
            sid="ReadAnywhere",
            actions=(*READ_ANYWHERE, "eks:DescribeAddonVersions", "kms:ListAliases"),
            resources=("*",),
        ),
        Statement(
            sid="ReadIam",
            actions=(*READ_ROLE, "iam:GetInstanceProfile", "iam:GetPolicy", "iam:GetPolicyVersion"),
            resources=[
                scope.arns.role(own),
                scope.arns.policy(own),
                f"arn:{scope.arns.partition}:iam::{scope.arns.account}:instance-profile/{own}",
            ],
        ),
        Statement(
            sid="ReadCluster",
            actions=READ_CLUSTER,
            resources=[
                scope.arns.cluster(scope.platform),
                *(scope.arn("eks", f"{kind}/{scope.platform}/*") for kind in CLUSTER_PARTS),
            ],
        ),
        Statement(
            sid="ReadKeys",
            actions=("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"),
            resources=(scope.arn("kms", "key/*"),),
            conditions=scope.tagged(),
        ),
        Statement(sid="ReadLogGroupTags", actions=("logs:ListTagsForResource",), resources=log_groups(scope)),
        Statement(sid="ReadBuckets", actions=READ_BUCKET, resources=scope.buckets),
        Statement(
            sid="ReadMonitoring",
            actions=(
                "aps:DescribeWorkspace",
                "aps:DescribeWorkspaceConfiguration",
                "aps:ListTagsForResource",
                "grafana:DescribeWorkspace",
                "grafana:DescribeWorkspaceAuthentication",
                "grafana:DescribeWorkspaceConfiguration",
                "grafana:ListTagsForResource",
            ),
            resources=(scope.arns.prometheus_workspaces(), scope.arns.grafana_workspaces()),
            conditions=scope.tagged(),
        ),
        network_reader(),
        *(door_reader(scope, door) if door else ()),
        *state_statements(scope),
    )


def _cluster(scope: Scope) -> Iterator[Statement]:
    parts = [scope.arn("eks", f"{kind}/{scope.platform}/*") for kind in CLUSTER_PARTS]
    cluster = scope.arns.cluster(scope.platform)
    yield Statement(
        sid="NewCluster",
        actions=("eks:CreateCluster",),
        # The action knows no resource: the cluster isn't there yet.
        resources=("*",),
        conditions=scope.tagged("RequestTag"),
    )
    yield Statement(
        sid="Cluster",
        actions=(
            "eks:AssociateEncryptionConfig",
            "eks:AssociateIdentityProviderConfig",
            "eks:CreateAccessEntry",
            "eks:CreateAddon",
            "eks:CreatePodIdentityAssociation",
            "eks:DeleteAccessEntry",
            "eks:DeleteAddon",
            "eks:DeleteCluster",
            "eks:DeletePodIdentityAssociation",
            "eks:DisassociateIdentityProviderConfig",
            "eks:TagResource",
            "eks:UntagResource",
            "eks:UpdateAccessEntry",
            "eks:UpdateAddon",
            "eks:UpdateClusterConfig",
            "eks:UpdateClusterVersion",
            "eks:UpdatePodIdentityAssociation",
        ),
        resources=(cluster, *parts),
    )
    yield Statement(
        sid="AccessPolicies",
        actions=("eks:AssociateAccessPolicy", "eks:DisassociateAccessPolicy"),
        resources=(scope.arn("eks", f"access-entry/{scope.platform}/*"),),
        conditions={"ArnEquals": {"eks:policyArn": [access_policy_arn(scope.arns, each) for each in (ADMIN, VIEWER)]}},
    )
