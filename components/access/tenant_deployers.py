"""What those who deploy tenant stacks may do in Kubernetes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from sizing import names

READ: Final = ("get", "list", "watch")
WRITE: Final = ("create", "delete", *READ, "patch", "update")

RULES: Final = (
    ("", ("limitranges", "namespaces", "serviceaccounts", "services"), WRITE),
    # A name that isn't there yet can't be asked for by name: admission does.
    ("", ("configmaps",), ("create",)),
    # While Pulumi waits for a Job it watches what becomes of it.
    ("", ("events", "pods"), READ),
    ("apps", ("statefulsets",), WRITE),
    ("autoscaling.x-k8s.io", ("capacityquotas",), WRITE),
    ("batch", ("jobs",), WRITE),
    ("cilium.io", ("ciliumnetworkpolicies",), WRITE),
    ("gateway.envoyproxy.io", ("httproutefilters", "securitypolicies"), WRITE),
    ("gateway.networking.k8s.io", ("grpcroutes", "httproutes"), WRITE),
    ("monitoring.coreos.com", ("alertmanagerconfigs", "prometheusrules"), WRITE),
    ("networking.k8s.io", ("networkpolicies",), WRITE),
    ("rbac.authorization.k8s.io", ("rolebindings",), WRITE),
)
"""What a tenant stack registers, by API group. No secrets, roles or pods: a tenant stack makes none."""
CARD_VERBS: Final = tuple(verb for verb in WRITE if verb != "create")
"""Of queues' cards, and no other ConfigMap: what else there is may be a job's, or the platform's."""


@dataclass(frozen=True, kw_only=True)
class TenantDeployersArgs:
    """What deployers of tenant stacks may do.

    Args:
        bindable_roles: the names of the ClusterRoles that a tenant stack binds in its namespaces.
        groups: the Kubernetes groups of those who deploy: `sizing.names.TENANT_DEPLOYERS` for all tenants' stacks,
            `sizing.names.deployers_group` for one tenant's. Whoever is in no such group has none of these rights.
    """

    bindable_roles: Sequence[str]
    groups: Sequence[str]


class TenantDeployers(Component):
    """The Kubernetes rights of the groups that access entries put deployers of tenant stacks into.

    Deployers can't write roles, and may bind only the named ClusterRoles, so the API server's escalation check holds
    them to the rights that these roles give. What RBAC can't express, admission does (`components.admission`): they
    write in namespaces of queues only, their only Job is the one that makes YuniKorn read a queue's numbers, without
    rights, their only StatefulSet is a history server, their only ConfigMap a queue's card, a quota bounds the nodes of
    the pool that it is called after, a route of the door has the queue's own host and lets its people look, roles go to
    the queue's driver, the Spark operator and groups of people, and what they tell Prometheus and Alertmanager is about
    that tenant alone. All groups have the same rights here, and the same on a platform without a door, where admission
    lets no route in; it is admission that lets a tenant's group write in that tenant's namespaces only, and the group
    of all in everybody's.
    Reading is not narrowed: admission isn't asked, and rights hold everywhere or in namespaces by name, which the
    platform's stack doesn't know.
    """

    module = "tenant_deployers"

    def __init__(self, name: str, args: TenantDeployersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        role = k8s.rbac.v1.ClusterRole(
            f"{name}-role",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=names.TENANT_DEPLOYERS),
            rules=[*_rules(), _card_rule(), _bind_rule(args.bindable_roles)],
            opts=self.child(),
        )
        if args.groups:
            self._bind(name, args.groups, role)
        self.register_outputs({})

    def _bind(self, name: str, groups: Sequence[str], role: pulumi.Resource) -> None:
        k8s.rbac.v1.ClusterRoleBinding(
            f"{name}-binding",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=names.TENANT_DEPLOYERS),
            role_ref=k8s.rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=names.TENANT_DEPLOYERS
            ),
            subjects=[
                k8s.rbac.v1.SubjectArgs(api_group="rbac.authorization.k8s.io", kind="Group", name=group)
                for group in sorted(groups)
            ],
            # The API server takes a binding to a role that isn't there, and gives nothing by it.
            opts=self.child(depends_on=[role]),
        )


def _rules() -> list[k8s.rbac.v1.PolicyRuleArgs]:
    return [
        k8s.rbac.v1.PolicyRuleArgs(api_groups=[group], resources=list(resources), verbs=list(verbs))
        for group, resources, verbs in RULES
    ]


def _card_rule() -> k8s.rbac.v1.PolicyRuleArgs:
    return k8s.rbac.v1.PolicyRuleArgs(
        api_groups=[""], resources=["configmaps"], verbs=list(CARD_VERBS), resource_names=[names.QUEUE_CARD]
    )


def _bind_rule(roles: Sequence[str]) -> k8s.rbac.v1.PolicyRuleArgs:
    """Lets the named roles be bound by somebody who doesn't hold their rights.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update
    """
    return k8s.rbac.v1.PolicyRuleArgs(
        api_groups=["rbac.authorization.k8s.io"],
        resources=["clusterroles"],
        verbs=["bind"],
        resource_names=sorted(roles),
    )
