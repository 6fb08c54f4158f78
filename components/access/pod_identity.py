"""Rights in AWS for Kubernetes service accounts, by EKS Pod Identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.access.iam import Statement, pod_identity_trust, policy_document
from components.base import Component, hidden
from sizing.arns import Arns


@dataclass(frozen=True, kw_only=True)
class PodIdentityArgs:
    """What a service account, or several that do the same work, may do in AWS.

    Args:
        platform: the platform's name, which is the cluster's.
        cluster_name: the same name; `Cluster.ready` makes the association wait for the control plane.
        arns: the account and region.
        role_name: the role's name, from `sizing.names.role`.
        namespace: of the service account.
        service_account: its name; the account itself is made by whoever runs the pods.
        statements: of the role's own policy; none for no policy of its own.
        managed_policies: names, with their path, of policies that AWS manages.
        more_service_accounts: other accounts of the namespace that have the same role.
        permissions_boundary: ARN of the policy that bounds the role; None for none.
        tags: for cost allocation, beside the provider's default tags.
    """

    platform: str
    cluster_name: pulumi.Input[str]
    arns: Arns
    role_name: str
    namespace: str
    service_account: str
    statements: Sequence[Statement] = hidden()
    managed_policies: Sequence[str]
    more_service_accounts: Sequence[str]
    permissions_boundary: str | None = None
    tags: Mapping[str, str] | None = None


class PodIdentity(Component):
    """A role that only pods of the service accounts in one cluster may take, its rights, and the associations.

    What runs under the service account should depend on this component: EKS gives credentials to pods that start after
    the association, and only to those.

    Attributes:
        role_name: the role's name.
        role_arn: the role's ARN.
    """

    module = "identity"

    def __init__(self, name: str, args: PodIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.role_name = args.role_name
        self.role_arn = args.arns.role(args.role_name)
        role = self._create_role(name, args)
        rights = self._create_rights(name, args, role)
        self._create_association(f"{name}-association", args, args.service_account, [role, *rights])
        for account in sorted(args.more_service_accounts):
            self._create_association(f"{name}-association-{account}", args, account, [role, *rights])
        self.register_outputs({"roleArn": self.role_arn})

    def _create_role(self, name: str, args: PodIdentityArgs) -> aws.iam.Role:
        accounts = (args.service_account, *args.more_service_accounts)
        trust = pod_identity_trust(
            args.arns.account,
            args.arns.cluster(args.platform),
            namespace=args.namespace,
            service_account=accounts if args.more_service_accounts else args.service_account,
        )
        return aws.iam.Role(
            f"{name}-role",
            name=args.role_name,
            description=f"Service account {args.namespace}/{', '.join(accounts)} of cluster {args.platform}",
            assume_role_policy=trust,
            permissions_boundary=args.permissions_boundary,
            tags=args.tags,
            opts=self.child(),
        )

    def _create_rights(self, name: str, args: PodIdentityArgs, role: aws.iam.Role) -> list[pulumi.Resource]:
        rights: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{policy.rsplit('/', 1)[-1]}",
                role=role.name,
                policy_arn=args.arns.managed_policy(policy),
                opts=self.child(),
            )
            for policy in sorted(args.managed_policies)
        ]
        if args.statements:
            rights.append(
                aws.iam.RolePolicy(
                    f"{name}-policy",
                    name=args.role_name,
                    role=role.name,
                    policy=policy_document(*args.statements),
                    opts=self.child(),
                )
            )
        return rights

    def _create_association(self, name: str, args: PodIdentityArgs, account: str, role: list[pulumi.Resource]) -> None:
        aws.eks.PodIdentityAssociation(
            name,
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=account,
            role_arn=self.role_arn,
            tags=args.tags,
            # The computed ARN says nothing of the role's existence, and pods must not start with half their rights.
            opts=self.child(depends_on=role),
        )
