"""What deploying a platform's stack takes in AWS, and nothing of another platform's."""

from __future__ import annotations

from collections.abc import Iterator

from components.access import ADMIN, VIEWER, access_policy_arn
from components.addons import node_add_ons, system_add_ons
from components.aws_rights.network import network, network_reader
from components.aws_rights.nodes import nodes
from components.aws_rights.scope import Scope, both, pass_role, same_tags
from components.aws_rights.state import state_statements
from components.aws_rights.tenant import READ_ANYWHERE, READ_ASSOCIATION, READ_ENTRY, READ_ROLE
from components.cluster import MANAGED_POLICIES as CLUSTER_POLICIES
from components.iam import Statement
from components.node_role import MANAGED_POLICIES as NODE_POLICIES
from components.node_role import SESSION_MANAGER_POLICY
from sizing import names

BUCKETS = ("artifacts", "events", "logs")
SERVICE_LINKED = (
    "autoscaling.amazonaws.com",
    "eks.amazonaws.com",
    "eks-nodegroup.amazonaws.com",
    "grafana.amazonaws.com",
    "spot.amazonaws.com",
)
"""AWS services that make a role of their own when an account uses them first."""
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
    "eks:DescribeUpdate",
    "eks:ListAssociatedAccessPolicies",
    *READ_ASSOCIATION,
    *READ_ENTRY,
)
CLUSTER_PARTS = ("access-entry", "addon", "podidentityassociation")


def platform_deployer(scope: Scope, *, deployer_policies: bool) -> tuple[Statement, ...]:
    """What a deployer of the platform's stack does in AWS.

    Args:
        scope: the platform.
        deployer_policies: whether the stack also makes policies of tenants' deployers.
    """
    pools = (names.DRIVER_POOL, names.SYSTEM_POOL)
    return (
        *platform_reader(scope),
        *_roles(scope),
        *_policies(scope, deployer_policies),
        *_cluster(scope),
        *nodes(scope, [f"{pool}-*" for pool in pools]),
        *_keys_and_logs(scope),
        *_buckets(scope),
        *_monitoring(scope),
        *network(scope),
    )


def platform_reader(scope: Scope) -> tuple[Statement, ...]:
    """What a preview of the platform's stack reads in AWS: no data, no logs, no secret."""
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
                scope.policy_arn(own),
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
        Statement(sid="ReadLogGroupTags", actions=("logs:ListTagsForResource",), resources=_log_groups(scope)),
        Statement(sid="ReadBuckets", actions=READ_BUCKET, resources=_own_buckets(scope)),
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
        *state_statements(scope),
    )


def _roles(scope: Scope) -> Iterator[Statement]:
    """Only roles within the boundary that the account's owner has made: so no role is more than that, whatever it says.

    Roles of tenants have another boundary, and are out of reach.
    """
    roles = (scope.arns.role(f"{scope.platform}-*"),)
    bounded = {"StringEquals": {"iam:PermissionsBoundary": scope.policy_arn(names.platform_boundary(scope.platform))}}
    yield Statement(
        sid="BoundedRoles",
        actions=(
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:UpdateAssumeRolePolicy",
        ),
        resources=roles,
        conditions=bounded,
    )
    add_ons = (
        *node_add_ons(),
        *system_add_ons(arns=scope.arns, max_nodes=1, system_nodes=1, volume_tags={}, volume_key_alias=None),
    )
    of_add_ons = [policy for add_on in add_ons for policy in add_on.managed_policies]
    managed = (*of_add_ons, *CLUSTER_POLICIES, *NODE_POLICIES, SESSION_MANAGER_POLICY)
    yield Statement(
        sid="AttachedPolicies",
        actions=("iam:AttachRolePolicy", "iam:DetachRolePolicy"),
        resources=roles,
        conditions={
            **bounded,
            "ArnEquals": {"iam:PolicyARN": [scope.arns.managed_policy(policy) for policy in sorted({*managed})]},
        },
    )
    yield Statement(
        sid="Roles",
        actions=(
            "iam:ListInstanceProfilesForRole",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        ),
        resources=roles,
    )
    node = names.role(scope.platform, "node")
    yield Statement(
        sid="InstanceProfile",
        actions=(
            "iam:AddRoleToInstanceProfile",
            "iam:CreateInstanceProfile",
            "iam:DeleteInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:TagInstanceProfile",
            "iam:UntagInstanceProfile",
        ),
        resources=(f"arn:{scope.arns.partition}:iam::{scope.arns.account}:instance-profile/{node}",),
    )
    yield pass_role("NodesTakeRole", scope, [node], "ec2.amazonaws.com")
    yield pass_role("ClusterTakesRole", scope, [names.role(scope.platform, "cluster")], "eks.amazonaws.com")
    yield pass_role("GrafanaTakesRole", scope, [names.role(scope.platform, "grafana")], "grafana.amazonaws.com")
    yield pass_role("PodsTakeRoles", scope, [f"{scope.platform}-*"], "pods.eks.amazonaws.com")
    queues = (names.queue_role(scope.platform, "*"), names.history_role(scope.platform, "*"))
    yield Statement(
        sid="TenantsRoles",
        effect="Deny",
        actions=("iam:PassRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole", "iam:UpdateRoleDescription"),
        resources=[scope.arns.role(role) for role in queues],
    )
    yield Statement(
        sid="RolesOfAws",
        actions=("iam:CreateServiceLinkedRole",),
        resources=(f"arn:{scope.arns.partition}:iam::{scope.arns.account}:role/aws-service-role/*",),
        conditions={"StringEquals": {"iam:AWSServiceName": list(SERVICE_LINKED)}},
    )


def _policies(scope: Scope, deployer_policies: bool) -> Iterator[Statement]:
    """Boundaries of tenants, and where wanted the policies of their deployers; never the platform's own boundary."""
    made = [names.boundary(scope.platform, "*")]
    if deployer_policies:
        made.append(f"{scope.platform}-deploy-*")
    yield Statement(
        sid="Policies",
        actions=(
            "iam:CreatePolicy",
            "iam:CreatePolicyVersion",
            "iam:DeletePolicy",
            "iam:DeletePolicyVersion",
            "iam:ListPolicyVersions",
            "iam:TagPolicy",
            "iam:UntagPolicy",
        ),
        resources=[scope.policy_arn(name) for name in made],
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
            "eks:CreateAccessEntry",
            "eks:CreateAddon",
            "eks:CreatePodIdentityAssociation",
            "eks:DeleteAccessEntry",
            "eks:DeleteAddon",
            "eks:DeleteCluster",
            "eks:DeletePodIdentityAssociation",
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


def _keys_and_logs(scope: Scope) -> Iterator[Statement]:
    keys, aliases = scope.arn("kms", "key/*"), scope.arns.key_alias(names.key_alias(scope.platform, "*"))
    yield Statement(
        sid="NewKeys",
        actions=("kms:CreateKey", "kms:TagResource"),
        # The action knows no resource: the key isn't there yet, and what is there needs its tag.
        resources=("*",),
        conditions=both(scope.tagged("RequestTag"), {"Null": {"aws:ResourceTag/elastic-spark:platform": "true"}}),
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
        actions=(
            "logs:AssociateKmsKey",
            "logs:CreateLogGroup",
            "logs:DeleteLogGroup",
            "logs:DeleteRetentionPolicy",
            "logs:DisassociateKmsKey",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
            "logs:UntagResource",
        ),
        resources=_log_groups(scope),
    )


def _log_groups(scope: Scope) -> list[str]:
    groups = (names.control_plane_log_group(scope.platform), names.log_group(scope.platform, "*"))
    return [f"{scope.arns.log_group(group)}*" if "*" not in group else scope.arns.log_group(group) for group in groups]


def _own_buckets(scope: Scope) -> list[str]:
    arns = scope.arns
    return [arns.bucket(names.bucket(scope.platform, purpose, arns.account, arns.region)) for purpose in BUCKETS]


def _buckets(scope: Scope) -> Iterator[Statement]:
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
        resources=_own_buckets(scope),
    )


def _monitoring(scope: Scope) -> Iterator[Statement]:
    workspaces = (scope.arns.prometheus_workspaces(), scope.arns.grafana_workspaces())
    yield Statement(
        sid="NewWorkspaces",
        actions=("aps:CreateWorkspace", "grafana:CreateWorkspace"),
        # The actions know no resource: the workspace isn't there yet.
        resources=("*",),
        conditions=scope.tagged("RequestTag"),
    )
    yield Statement(
        sid="TagNewWorkspaces",
        actions=("aps:TagResource", "grafana:TagResource"),
        resources=workspaces,
        conditions=both(scope.tagged("RequestTag"), {"Null": {f"aws:ResourceTag/{key}": "true" for key in scope.tags}}),
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
    yield Statement(
        sid="TagWorkspaces",
        actions=("aps:TagResource", "grafana:TagResource"),
        resources=workspaces,
        conditions=both(scope.tagged(), same_tags(scope)),
    )
