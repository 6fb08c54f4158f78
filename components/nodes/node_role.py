"""What nodes may do: join the cluster, pull images, and hand out the credentials of Pod Identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.access.iam import Statement, policy_document, service_trust
from components.base import Component
from sizing import names
from sizing.arns import Arns

MANAGED_POLICIES: Final = ("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy")
"""Pull images; exchange tokens for Pod Identity. Network plugin and storage driver have identities of their own.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEKSWorkerNodeMinimalPolicy.html
"""
SESSION_MANAGER_POLICY: Final = "AmazonSSMManagedInstanceCore"

BOOT: Final = Statement(
    sid="Boot",
    actions=("ec2:DescribeInstanceTypes", "ec2:DescribeInstances"),
    # EC2's Describe actions know no resources.
    resources=("*",),
)
"""nodeadm asks for the instance's private DNS name, and for facts of a type it doesn't know yet.

Source: https://github.com/awslabs/amazon-eks-ami, nodeadm/internal/api/status.go and nodeadm/internal/kubelet
"""


@dataclass(frozen=True, kw_only=True)
class NodeRoleArgs:
    """The identity of a platform's nodes.

    Args:
        platform: the platform's name, which is the cluster's.
        cluster_name: the same name; `Cluster.ready` makes the access entry wait for the control plane.
        arns: the account and region.
        session_manager: whether people with rights to AWS Session Manager may open a shell on nodes.
        permissions_boundary: ARN of the policy that bounds its roles; None for none.
    """

    platform: str
    cluster_name: pulumi.Input[str]
    arns: Arns
    session_manager: bool
    permissions_boundary: str | None = None


class NodeRole(Component):
    """Role, instance profile and access entry of all nodes of a platform, whoever's pool they are in.

    Groups should depend on this component: instances that boot before the access entry can't join.

    Attributes:
        role_name: the role's name.
        role_arn: the role's ARN.
        instance_profile_name: the instance profile's name.
    """

    module = "node_role"

    def __init__(self, name: str, args: NodeRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.role_name = names.role(args.platform, "node")
        self.role_arn = args.arns.role(self.role_name)
        self.instance_profile_name = self.role_name
        role = self._create_role(name, args)
        self._create_instance_profile(name, role)
        self._create_access_entry(name, args, role)
        self.register_outputs({"roleArn": self.role_arn, "instanceProfileName": self.instance_profile_name})

    def _create_role(self, name: str, args: NodeRoleArgs) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{name}-role",
            name=self.role_name,
            description=f"Nodes of cluster {args.platform}",
            assume_role_policy=service_trust("ec2.amazonaws.com"),
            permissions_boundary=args.permissions_boundary,
            opts=self.child(),
        )
        policies = [*MANAGED_POLICIES, *([SESSION_MANAGER_POLICY] if args.session_manager else [])]
        for policy in sorted(policies):
            aws.iam.RolePolicyAttachment(
                f"{name}-{policy}", role=role.name, policy_arn=args.arns.managed_policy(policy), opts=self.child()
            )
        aws.iam.RolePolicy(f"{name}-boot", name="boot", role=role.name, policy=policy_document(BOOT), opts=self.child())
        return role

    def _create_instance_profile(self, name: str, role: aws.iam.Role) -> None:
        aws.iam.InstanceProfile(f"{name}-profile", name=self.instance_profile_name, role=role.name, opts=self.child())

    def _create_access_entry(self, name: str, args: NodeRoleArgs, role: aws.iam.Role) -> None:
        aws.eks.AccessEntry(
            f"{name}-access",
            cluster_name=args.cluster_name,
            principal_arn=self.role_arn,
            type="EC2_LINUX",
            # EKS refuses a principal that doesn't exist, and the computed ARN says nothing of that.
            opts=self.child(depends_on=[role]),
        )
