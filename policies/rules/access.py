"""Rules for rights in Kubernetes: who gets them, and how far a tenant's stack reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.rules.queues import NAMESPACE, RELEASE, is_queue, queue_namespaces

RBAC: Final = "kubernetes:rbac.authorization.k8s.io/v1"
ROLES: Final = (f"{RBAC}:ClusterRole", f"{RBAC}:Role")
BINDINGS: Final = (f"{RBAC}:ClusterRoleBinding", f"{RBAC}:RoleBinding")
ACCESS_POLICY: Final = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
EVERYBODY: Final = (
    "system:anonymous",
    "system:authenticated",
    "system:masters",
    "system:serviceaccounts",
    "system:unauthenticated",
)
"""Groups that hold everybody, or whom nothing refuses.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
"""


@resource_rule(
    *ROLES,
    *BINDINGS,
    severity=Severity.CRITICAL,
    remedy="Name verbs, resources and groups; who runs the platform gets `access.deployers` in the settings.",
)
def rights_in_kubernetes_are_named(resource: Resource) -> Iterator[str]:
    """A role in Kubernetes names what it allows, and a binding whom.

    With `*`, or the role `cluster-admin`, one leaked token is the whole cluster; it includes what a later version adds.
    """
    if resource.type in ROLES:
        for rule in resource.props.get("rules") or ():
            for what in ("apiGroups", "resources", "verbs"):
                if "*" in (rule.get(what) or ()):
                    yield f"a rule has * for {what}"
        return
    if resource.props["roleRef"]["name"] == "cluster-admin":
        yield "it gives cluster-admin"
    for subject in resource.props.get("subjects") or ():
        if subject["name"].startswith(EVERYBODY):
            yield f"it is for {subject['name']}"


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Let the platform's stack make it; a tenant's people have their rights by `people` in the settings.",
)
def tenant_stays_in_its_own_namespaces(stack: Stack) -> Iterator[Violation]:
    """What a tenant's stack makes in the cluster is its queues' namespaces, and what is in them.

    Who deploys a tenant could reach every other one: nothing else stops a stack from writing into their namespaces.
    """
    if not stack.is_tenants:
        return
    own = {namespace.props["metadata"]["name"] for namespace in queue_namespaces(stack)}
    for resource in stack.resources:
        if resource.type == ACCESS_POLICY:
            scope = resource.props["accessScope"]
            outside = set(scope.get("namespaces") or ()) - own
            if scope["type"] != "namespace" or outside:
                where = ", ".join(sorted(outside)) or "the whole cluster"
                yield Violation(f"it gives rights in {where}", resource.urn)
        elif resource.type.startswith("kubernetes:") and resource.props and not _is_queues(resource):
            place = resource.props if resource.type == RELEASE else resource.props["metadata"]
            namespace = place.get("namespace")
            if namespace not in own:
                where = f"is in {namespace}" if namespace else "is in no namespace"
                yield Violation(f"{resource.type.rpartition(':')[2]} {resource.name} {where}", resource.urn)


def _is_queues(resource: Resource) -> bool:
    return resource.type == NAMESPACE and is_queue(resource)
