"""Rows on the rules about who comes in, and with which rights in Kubernetes."""

from __future__ import annotations

from typing import Final

from policies.rules.access import ACCESS_ENTRY, ISSUER, POD_ROLE, QUOTA
from policies.rules.queues import NAMESPACE, RELEASE
from sizing import names
from sizing.values import Json
from tests.policies.drafts import Draft, add, put, put_value
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import CLUSTER, CLUSTER_ROLE_BINDING, JOB

OWN: Final = names.OWN_GROUPS
ROLE_BINDING: Final = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"


def _another_tenants_queue(made: Draft) -> None:
    """Adds a namespace that looks like a queue of another tenant."""
    labels = {"elastic-spark/queue": "search-adhoc", "elastic-spark/tenant": "search"}
    add(NAMESPACE, metadata={"name": "search-adhoc", "labels": labels})(made)


def _of_pool(identity: str) -> dict[str, Json]:
    return {"matchLabels": {names.POOL_LABEL: identity}}


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="people-come-in-by-access-entries",
        stack="platform-dev",
        breaks=put(CLUSTER, "authenticationMode", "API_AND_CONFIG_MAP"),
    ),
    Mutation(
        rule="rights-in-kubernetes-are-named",
        stack="platform-dev",
        breaks=put(CLUSTER_ROLE_BINDING, "roleRef/name", "cluster-admin"),
    ),
    Mutation(
        rule="an-issuers-people-have-its-prefix",
        stack="platform-dev",
        breaks=put(ISSUER, "oidc/groupsPrefix", ...),
    ),
    Mutation(
        rule="tenant-lets-people-in-as-its-own",
        stack="ads-dev",
        breaks=put(ACCESS_ENTRY, "kubernetesGroups/0", "elastic-spark:search:owner"),
    ),
    Mutation(
        rule="tenant-stays-in-its-own-namespaces",
        stack="ads-dev",
        breaks=put(JOB, "metadata/namespace", "search-adhoc"),
    ),
    Mutation(
        rule="cilium-reads-no-secrets",
        stack="platform-dev",
        breaks=put_value("cilium", "tls/secretSync/enabled", True),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        ("people-come-in-by-access-entries", "platform-dev", edit, said)
        for edit, said in (
            (add("aws:eks/cluster:Cluster", vpcConfig={}), "authenticationMode is not set"),
            (put(CLUSTER, "roleMappings", [{"groups": ["system:masters"]}]), "roleMappings is set"),
        )
    ),
    *(
        ("tenant-lets-people-in-as-its-own", "ads-dev", put(ACCESS_ENTRY, "kubernetesGroups/0", group), f"as {group}")
        for group in (names.TENANT_DEPLOYERS, names.deployers_group("ads"), names.deployers_group("search"))
    ),
    ("tenant-lets-people-in-as-its-own", "ads-dev", put(ACCESS_ENTRY, "type", "EC2_LINUX"), "it lets in EC2_LINUX"),
    *(
        (
            "tenant-lets-people-in-as-its-own",
            "search-dev",
            put(ROLE_BINDING, "subjects/0/name", group, lambda inputs: inputs["roleRef"]["name"] == f"{OWN}owner"),
            f"it gives elastic-spark:owner in search-adhoc to {group}",
        )
        for group in ("elastic-spark:ads:owner", "system:authenticated", names.TENANT_DEPLOYERS)
    ),
    *(
        ("an-issuers-people-have-its-prefix", "platform-dev", put(ISSUER, f"oidc/{field}", value), said)
        for field, value, said in (
            ("groupsPrefix", "-", "groupsPrefix is -"),
            ("groupsPrefix", "elastic-spark:", "groupsPrefix is elastic-spark:"),
            ("usernamePrefix", ..., "usernamePrefix is not set"),
            ("usernamePrefix", "system:", "usernamePrefix is system:"),
            ("issuerUrl", "http://login.example.com", "it trusts http://login.example.com"),
        )
    ),
    (
        "tenant-lets-people-in-as-its-own",
        "ads-dev",
        put(
            ROLE_BINDING,
            "roleRef/name",
            "elastic-spark:owner",
            lambda inputs: inputs["roleRef"]["name"] == "elastic-spark:submitter",
        ),
        "it gives elastic-spark:owner in ads-batch to elastic-spark:shared:airflow:ads-batch:submitter",
    ),
    (
        "tenant-lets-people-in-as-its-own",
        "ads-dev",
        put(ACCESS_ENTRY, "kubernetesGroups/0", names.shared_group("airflow", "ads-batch", "submitter")),
        "it lets in as elastic-spark:shared:airflow:ads-batch:submitter",
    ),
    *(
        (
            "rights-in-kubernetes-are-named",
            "platform-dev",
            add(
                "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
                rules=[{"apiGroups": [""], "resources": ["groups"], "verbs": ["get", verb]}],
            ),
            f"lets {verb} without names",
        )
        for verb in ("bind", "escalate", "impersonate")
    ),
    *(
        ("rights-in-kubernetes-are-named", "platform-dev", edit, said)
        for edit, said in (
            (
                add(
                    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", rules=[{"verbs": ["get"], "resources": "*"}]
                ),
                "* for resources",
            ),
            (put(CLUSTER_ROLE_BINDING, "roleRef/name", "edit"), "it gives edit in every namespace"),
            (put(CLUSTER_ROLE_BINDING, "subjects/0/name", "system:authenticated"), "is for system:authenticated"),
            (
                put(CLUSTER_ROLE_BINDING, "subjects/0/name", "system:serviceaccounts:ads-batch"),
                "is for system:serviceaccounts:ads-batch",
            ),
        )
    ),
    *(
        ("tenant-stays-in-its-own-namespaces", "ads-dev", edit, said)
        for edit, said in (
            (add(CLUSTER_ROLE_BINDING, metadata={"name": "x"}, roleRef={"name": "view"}), "is in no namespace"),
            (add(NAMESPACE, metadata={"name": "x"}), "Namespace by-hand is in no namespace"),
            (add(RELEASE, chart="x", namespace="spark-system"), "is in spark-system"),
            (add(POD_ROLE, namespace="search-adhoc"), "it gives a role to pods in search-adhoc"),
            (_another_tenants_queue, "it makes queues of ads, search"),
            *(
                (
                    add("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", accessScope=scope),
                    f"it gives rights in {where}",
                )
                for scope, where in (
                    ({"type": "cluster"}, "the whole cluster"),
                    ({"type": "namespace", "namespaces": ["ads-batch", "search-adhoc"]}, "search-adhoc"),
                )
            ),
        )
    ),
    *(
        (
            "tenant-stays-in-its-own-namespaces",
            "ads-dev",
            put(QUOTA, "spec/selector", selector),
            f"the nodes of {whose}",
        )
        for selector, whose in (
            (_of_pool("search-adhoc-main"), "search-adhoc-main"),
            (_of_pool("ads-batchlike-main"), "ads-batchlike-main"),
            ({}, "more than a pool"),
        )
    ),
    ("cilium-reads-no-secrets", "platform-dev", put_value("cilium", "tls", ...), "is not false"),
)

KEPT: Final[tuple[Kept, ...]] = (
    (
        "rights-in-kubernetes-are-named",
        "platform-dev",
        add(
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
            rules=[{"apiGroups": ["x"], "resources": ["x"], "verbs": ["bind"], "resourceNames": ["y"]}],
        ),
    ),
    (
        "tenant-lets-people-in-as-its-own",
        "search-dev",
        put(
            ROLE_BINDING, "subjects/0/name", "oidc:system:masters", lambda inputs: "owner" in inputs["roleRef"]["name"]
        ),
    ),
    ("an-issuers-people-have-its-prefix", "platform-dev", put(ISSUER, "oidc/requiredClaims", {"org": "example"})),
    (
        "tenant-lets-people-in-as-its-own",
        "platform-dev",
        put("aws:eks/accessEntry:AccessEntry", "kubernetesGroups", ["x"]),
    ),
    ("tenant-stays-in-its-own-namespaces", "platform-dev", add(JOB, metadata={"namespace": "elsewhere"})),
    (
        "tenant-stays-in-its-own-namespaces",
        "ads-dev",
        add(
            "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
            accessScope={"type": "namespace", "namespaces": ["ads-batch"]},
        ),
    ),
)
