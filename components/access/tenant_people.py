"""Access of a tenant's people to the cluster's API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component


@dataclass(frozen=True, kw_only=True)
class TenantPeopleArgs:
    """Who belongs to a tenant.

    Args:
        cluster_name: the cluster's name.
        principals: by a name of the tenant's choice, an IAM role's or user's ARN and its Kubernetes group.
    """

    cluster_name: str
    principals: Mapping[str, tuple[str, str]]


class TenantPeople(Component):
    """Access entries that put IAM principals into groups, which role bindings in the tenant's namespaces name.

    No access policy is associated: outside these namespaces the groups may do nothing.
    """

    module = "tenant_people"

    def __init__(self, name: str, args: TenantPeopleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for who in sorted(args.principals):
            principal_arn, group = args.principals[who]
            aws.eks.AccessEntry(
                f"{name}-{who}",
                cluster_name=args.cluster_name,
                principal_arn=principal_arn,
                kubernetes_groups=[group],
                # A tenant's deployer may make entries in the tenant's groups, and change none.
                opts=self.child(replace_on_changes=["kubernetesGroups"], delete_before_replace=True),
            )
        self.register_outputs({})
