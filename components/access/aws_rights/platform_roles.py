"""What deploying a platform's stack takes in IAM: roles in a boundary that it can't change, and tenants' boundaries."""

from __future__ import annotations

from collections.abc import Iterator

from components.access.aws_rights.scope import Scope, pass_role
from components.access.iam import Statement
from components.cluster.add_ons import node_add_ons, system_add_ons
from components.cluster.cluster import MANAGED_POLICIES as CLUSTER_POLICIES
from components.nodes.node_role import MANAGED_POLICIES as NODE_POLICIES
from components.nodes.node_role import SESSION_MANAGER_POLICY
from sizing import names

SERVICE_LINKED = (
    "autoscaling.amazonaws.com",
    "eks.amazonaws.com",
    "eks-nodegroup.amazonaws.com",
    "grafana.amazonaws.com",
    "spot.amazonaws.com",
)
"""AWS services that make a role of their own when an account uses them first."""
WRITE_BOUNDED = (
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
ATTACH = ("iam:AttachRolePolicy", "iam:DetachRolePolicy")
DESCRIBE = ("iam:TagRole", "iam:UntagRole", "iam:UpdateRole", "iam:UpdateRoleDescription")
"""Of these AWS knows no boundary."""


def roles(scope: Scope) -> Iterator[Statement]:
    """Only roles within the boundary that the account's owner has made: so no role is more than that, whatever it says.

    Roles of tenants have another boundary, and are out of reach.
    """
    own = (scope.arns.role(f"{scope.platform}-*"),)
    bounded = {"StringEquals": {"iam:PermissionsBoundary": scope.arns.policy(names.platform_boundary(scope.platform))}}
    yield Statement(sid="BoundedRoles", actions=WRITE_BOUNDED, resources=own, conditions=bounded)
    add_ons = (
        *node_add_ons(),
        *system_add_ons(arns=scope.arns, max_nodes=1, system_nodes=1, volume_tags={}, volume_key_alias=None),
    )
    of_add_ons = [policy for add_on in add_ons for policy in add_on.managed_policies]
    managed = (*of_add_ons, *CLUSTER_POLICIES, *NODE_POLICIES, SESSION_MANAGER_POLICY)
    yield Statement(
        sid="AttachedPolicies",
        actions=ATTACH,
        resources=own,
        conditions={
            **bounded,
            "ArnEquals": {"iam:PolicyARN": [scope.arns.managed_policy(policy) for policy in sorted({*managed})]},
        },
    )
    yield Statement(
        sid="Roles",
        actions=("iam:ListInstanceProfilesForRole", *DESCRIBE),
        resources=own,
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
    of_queues = (names.queue_role, names.history_role, names.queue_readers_role, names.upload_role)
    queues = [name(scope.platform, "*") for name in of_queues]
    yield Statement(
        sid="TenantsRoles",
        effect="Deny",
        # The boundary that is asked for counts as the role's: else a tenant's role could be given the platform's.
        actions=("iam:PassRole", *ATTACH, *DESCRIBE, *WRITE_BOUNDED),
        resources=[scope.arns.role(role) for role in queues],
    )
    yield Statement(
        sid="RolesOfAws",
        actions=("iam:CreateServiceLinkedRole",),
        resources=(f"arn:{scope.arns.partition}:iam::{scope.arns.account}:role/aws-service-role/*",),
        conditions={"StringEquals": {"iam:AWSServiceName": list(SERVICE_LINKED)}},
    )


def policies(scope: Scope, deployer_policies: bool) -> Iterator[Statement]:
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
        resources=[scope.arns.policy(name) for name in made],
    )
