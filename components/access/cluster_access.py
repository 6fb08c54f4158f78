"""Who may use the cluster's API, and who may deploy which stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi
import pulumi_aws as aws

from components.base import Component
from sizing import names
from sizing.arns import Arns

ADMIN: Final = "AmazonEKSClusterAdminPolicy"
VIEWER: Final = "AmazonEKSViewPolicy"
"""Reads what a developer may see, and no secrets.

Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
"""


@dataclass(frozen=True, kw_only=True)
class Deployer:
    """Somebody, usually a pipeline, who runs `pulumi up`.

    Args:
        principal_arn: an IAM role or user; a role's ARN without a session.
        stacks: `platform` for platform and tenant stacks, `tenants` for tenant stacks only.
        tenants: of a deployer of tenant stacks, the tenants' names, or `all`.
    """

    principal_arn: str
    stacks: Literal["platform", "tenants"]
    tenants: Sequence[str] | Literal["all"] = ()

    @property
    def groups(self) -> list[str]:
        """The Kubernetes groups in which they are, sorted; see `components.access.tenant_deployers`."""
        if self.stacks == "platform":
            return []
        if self.tenants == "all":
            return [names.TENANT_DEPLOYERS]
        return sorted(map(names.deployers_group, self.tenants))


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who looks after the cluster, or looks at it.

    Args:
        principal_arn: an IAM role or user; a role's ARN without a session.
        access: `admin` may do everything, `viewer` read everything but secrets.
    """

    principal_arn: str
    access: Literal["admin", "viewer"]


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Somebody who serves several queues, of one tenant or of several.

    Args:
        principal_arn: an IAM role or user; a role's ARN without a session.
        groups: their Kubernetes groups, one for each queue, which its tenant's stack binds; see
            `sizing.names.shared_group`.
    """

    principal_arn: str
    groups: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """Who may use the cluster's API.

    Args:
        cluster_name: the cluster's name; `Cluster.ready` makes the entries wait for the control plane.
        arns: the account and region.
        deployers: by name.
        people: by name; no name is both a deployer's and a person's.
        shared: by name, which no other has.
        creator: the deployer who runs the platform stack's first `up`. EKS itself makes this principal's access entry,
            and refuses a second one.
    """

    cluster_name: pulumi.Input[str]
    arns: Arns
    deployers: Mapping[str, Deployer]
    people: Mapping[str, Person]
    shared: Mapping[str, Shared]
    creator: str


class Access(Component):
    """Access entries, from settings only: nobody else reaches the API, whatever their rights in AWS.

    Who may run which stack's `up`:

    - platform stacks: deployers of `platform`, who are administrators of the cluster, because the stack installs
      cluster-wide things (roles, admission, drivers). The first `up` is the creator's: before it there are no entries.
    - tenant stacks: also deployers of `tenants`, who are in the Kubernetes groups of the tenants that they are given,
      or in one for all, which may do what a tenant stack does and nothing else. Their rights in AWS (roles, groups and
      prefixes of tenants) are for the account's owner to give: who may make any access entry is in any group.
    - those who serve several queues: nobody's. Their groups may do what the queues' tenants bind to them.
    - tenants themselves: nobody. They open a pull request, and hold neither of these rights.
    """

    module = "access"

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for who in sorted(args.deployers):
            deployer = args.deployers[who]
            policy = ADMIN if deployer.stacks == "platform" else None
            self._grant(
                f"{name}-{who}", args, deployer.principal_arn, policy, deployer.groups, has_entry=who == args.creator
            )
        for who in sorted(args.people):
            person = args.people[who]
            policy = ADMIN if person.access == "admin" else VIEWER
            self._grant(f"{name}-{who}", args, person.principal_arn, policy, [], has_entry=False)
        for who in sorted(args.shared):
            shared = args.shared[who]
            self._grant(f"{name}-{who}", args, shared.principal_arn, None, sorted(shared.groups), has_entry=False)
        self.register_outputs({})

    def _grant(
        self, name: str, args: AccessArgs, principal_arn: str, policy: str | None, groups: list[str], *, has_entry: bool
    ) -> None:
        entry = []
        if not has_entry:
            entry.append(
                aws.eks.AccessEntry(
                    f"{name}-entry",
                    cluster_name=args.cluster_name,
                    principal_arn=principal_arn,
                    kubernetes_groups=groups or None,
                    opts=self.child(),
                )
            )
        if policy:
            aws.eks.AccessPolicyAssociation(
                f"{name}-policy",
                cluster_name=args.cluster_name,
                principal_arn=principal_arn,
                policy_arn=access_policy_arn(args.arns, policy),
                access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                # A policy is associated with an entry, and the principal's ARN says nothing of that.
                opts=self.child(depends_on=entry),
            )


def access_policy_arn(arns: Arns, policy: str) -> str:
    """The ARN of one of EKS's access policies, which are not IAM policies."""
    return f"arn:{arns.partition}:eks::aws:cluster-access-policy/{policy}"
