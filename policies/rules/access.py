"""Rules for rights in Kubernetes: who gets them, and how far a tenant's stack reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.rules.data import CLUSTERS
from policies.rules.queues import NAMESPACE, RELEASE, is_queue, labels_of, queue_namespaces
from sizing import names

RBAC: Final = "kubernetes:rbac.authorization.k8s.io/v1"
ROLES: Final = (f"{RBAC}:ClusterRole", f"{RBAC}:Role")
BINDINGS: Final = (f"{RBAC}:ClusterRoleBinding", f"{RBAC}:RoleBinding")
ACCESS_ENTRY: Final = "aws:eks/accessEntry:AccessEntry"
ACCESS_POLICY: Final = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
POD_ROLE: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
QUOTA: Final = "kubernetes:autoscaling.x-k8s.io/v1alpha1:CapacityQuota"
ISSUER: Final = "aws:eks/identityProviderConfig:IdentityProviderConfig"
ROLE_PREFIX: Final = "elastic-spark:"
"""Begins the ClusterRoles of people's purposes."""
TAKES_RIGHTS: Final = ("bind", "escalate", "impersonate")
"""Verbs that give the rights of others; `bind` of roles that are named is how tenants' deployers work.

Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
"""
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

    With `*`, the role `cluster-admin` or the rights of others, one leaked token is the whole cluster; `*` includes what
    a later version adds.
    """
    if resource.type in ROLES:
        for rule in resource.props.get("rules") or ():
            for what in ("apiGroups", "resources", "verbs"):
                if "*" in (rule.get(what) or ()):
                    yield f"a rule has * for {what}"
            for verb in TAKES_RIGHTS:
                if verb in (rule.get("verbs") or ()) and not rule.get("resourceNames"):
                    yield f"a rule lets {verb} without names"
        return
    given = resource.props["roleRef"]["name"]
    everywhere = ("admin", "edit") if resource.type == BINDINGS[0] else ()
    if given in ("cluster-admin", *everywhere):
        yield f"it gives {given}" if given not in everywhere else f"it gives {given} in every namespace"
    for subject in resource.props.get("subjects") or ():
        if subject["name"].startswith(EVERYBODY):
            yield f"it is for {subject['name']}"


@resource_rule(
    RELEASE,
    remedy="Set tls.secretSync.enabled to false in Cilium's values (components/network/policy_engine.py).",
)
def cilium_reads_no_secrets(chart: Resource) -> Iterator[str]:
    """Cilium's operator has no right to read the secrets of the cluster.

    Its chart gives it one unless told otherwise, for policies about TLS, which need a proxy that is not there.
    """
    if str(chart.props["chart"]).rpartition("/")[2].startswith("cilium"):
        sync = ((chart.props.get("values") or {}).get("tls") or {}).get("secretSync") or {}
        if sync.get("enabled") is not False:
            yield "tls.secretSync.enabled is not false"


@resource_rule(
    *CLUSTERS,
    severity=Severity.CRITICAL,
    remedy="Set authenticationMode to API, and let people in by `access` and `people` in the settings.",
)
def people_come_in_by_access_entries(cluster: Resource) -> Iterator[str]:
    """People and nodes come into a cluster by access entries alone.

    The ConfigMap `aws-auth` lets in whomever it names, as administrators too, and nothing in AWS shows or logs it.
    """
    config = cluster.props.get("accessConfig") or {} if cluster.type == "aws:eks/cluster:Cluster" else cluster.props
    if config.get("authenticationMode") != "API":
        yield f"authenticationMode is {config.get('authenticationMode', 'not set')}"
    for way in ("roleMappings", "userMappings"):
        if cluster.props.get(way):
            yield f"{way} is set"


@resource_rule(
    ISSUER,
    severity=Severity.CRITICAL,
    remedy="Let `identity` in the settings of the platform make it (components/access/identity_provider.py).",
)
def an_issuers_people_have_its_prefix(issuer: Resource) -> Iterator[str]:
    """Users and groups that an issuer of ID tokens tells of begin with `oidc:`.

    Without it, or with another, a token could say a group that stacks make, such as that of all tenants' deployers;
    and admission knows the issuer's groups by it.
    """
    oidc = issuer.props["oidc"]
    for what in ("groupsPrefix", "usernamePrefix"):
        if oidc.get(what) != names.ISSUERS:
            yield f"{what} is {oidc.get(what) or 'not set'}"
    if not str(oidc["issuerUrl"]).startswith("https://"):
        yield f"it trusts {oidc['issuerUrl']}"


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Let the platform's stack make it; a tenant's people have their rights by `people` in the settings.",
)
def tenant_stays_in_its_own_namespaces(stack: Stack) -> Iterator[Violation]:
    """What a tenant's stack makes in the cluster is its queues' namespaces, what is in them, and its pools' quotas.

    Who deploys a tenant could reach every other one: nothing else stops a stack from writing into their namespaces. A
    quota is in no namespace, and on another's nodes would keep them from coming.
    """
    if not stack.is_tenants:
        return
    namespaces = queue_namespaces(stack)
    own = {namespace.props["metadata"]["name"] for namespace in namespaces}
    tenants = {str(labels_of(namespace).get(names.TENANT_LABEL)) for namespace in namespaces}
    if len(tenants) > 1:
        yield Violation(f"it makes queues of {', '.join(sorted(tenants))}")
    for resource in stack.resources:
        if resource.type == POD_ROLE and resource.props["namespace"] not in own:
            yield Violation(f"it gives a role to pods in {resource.props['namespace']}", resource.urn)
        elif resource.type == ACCESS_POLICY:
            scope = resource.props["accessScope"]
            outside = set(scope.get("namespaces") or ()) - own
            if scope["type"] != "namespace" or outside:
                where = ", ".join(sorted(outside)) or "the whole cluster"
                yield Violation(f"it gives rights in {where}", resource.urn)
        elif resource.type == QUOTA and resource.props:
            pool = _bounded_pool(resource)
            if not pool.startswith(tuple(f"{namespace}-" for namespace in own)):
                yield Violation(f"it bounds the nodes of {pool or 'more than a pool'}", resource.urn)
        elif resource.type.startswith("kubernetes:") and resource.props and not _is_queues(resource):
            place = resource.props if resource.type == RELEASE else resource.props["metadata"]
            namespace = place.get("namespace")
            if namespace not in own:
                where = f"is in {namespace}" if namespace else "is in no namespace"
                yield Violation(f"{resource.type.rpartition(':')[2]} {resource.name} {where}", resource.urn)


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Let the tenant's people in by `people` in its settings (components/access/tenant_people.py).",
)
def tenant_lets_people_in_as_its_own(stack: Stack) -> Iterator[Violation]:
    """A tenant's stack lets people into the cluster as groups of its own, and no nodes.

    With another tenant's group, or the deployers', somebody has their rights, and no other stack shows it. A group of
    those who serve several queues is the platform's to give, and is bound in its own queue, for its own purpose. Other
    groups that it gives rights are people's: none of another tenant's, and none of Kubernetes' own, which hold many.
    """
    if not stack.is_tenants:
        return
    tenants = {labels_of(namespace).get(names.TENANT_LABEL, "") for namespace in queue_namespaces(stack)}
    own = tuple(names.tenant_group(tenant, "") for tenant in tenants)
    for binding in stack.known(BINDINGS[1]):
        namespace, role = binding.props["metadata"].get("namespace"), binding.props["roleRef"]["name"]
        for subject in binding.props.get("subjects") or ():
            group = subject["name"]
            for_this = f":{namespace}:{str(role).removeprefix(ROLE_PREFIX)}"
            shared = group.startswith(names.SHARED_GROUPS)
            others = subject.get("kind") == "Group" and group.startswith((names.OWN_GROUPS, "system:"))
            if (shared and not group.endswith(for_this)) or (others and not shared and not group.startswith(own)):
                yield Violation(f"it gives {role} in {namespace} to {group}", binding.urn)
    for entry in stack.of_type(ACCESS_ENTRY):
        if entry.props.get("type", "STANDARD") != "STANDARD":
            yield Violation(f"it lets in {entry.props['type']}", entry.urn)
        for group in entry.props.get("kubernetesGroups") or ():
            if not group.startswith(own) or group.startswith(names.SHARED_GROUPS):
                yield Violation(f"it lets in as {group}", entry.urn)


def _bounded_pool(quota: Resource) -> str:
    """The pool whose nodes a quota counts; empty for nodes of several."""
    selector = quota.props["spec"].get("selector") or {}
    return str((selector.get("matchLabels") or {}).get(names.POOL_LABEL, ""))


def _is_queues(resource: Resource) -> bool:
    return resource.type == NAMESPACE and is_queue(resource)
