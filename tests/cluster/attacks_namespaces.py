"""What deployers of tenant stacks, and others, might do to namespaces and in those that are no queue's."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from components.access.queue_rbac import DRIVER_ROLE, OPERATOR_ROLE, PURPOSE_ROLES, Purpose
from sizing import names
from tests import samples
from tests.cluster.api import JSON_TYPE, MERGE_TYPE, Json, Object, RefusedError
from tests.cluster.attacks_pods_roles import sync_job
from tests.cluster.attempts import Action, Attempt, Case, Create
from tests.cluster.cluster import RBAC, TENANT_DEPLOYER, Cluster, User, Who, deployer_of
from tests.cluster.objects import objects_of
from tests.cluster.pod_shapes import ADMINISTRATOR, NAMESPACE, OTHER_POOL

OUTSIDER: Final = User("outsider")
"""Whom somebody gave rights on namespaces by mistake."""
RIGHTS_SECONDS: Final = 10
"""In which the API server knows of new rights."""
POD_SECURITY: Final = "pod-security.kubernetes.io/enforce"


@dataclass(frozen=True)
class _Dry:
    """Asks for something about a namespace without its being done: it takes long until one is gone again.

    Args:
        method: POST to make one, PATCH, DELETE.
        thing: the namespace to make, or what to change of it.
        name: of the namespace, where it is there.
    """

    method: str
    thing: Object | None = None
    name: str = ""

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        content_type = MERGE_TYPE if self.method == "PATCH" else JSON_TYPE
        path = f"/api/v1/namespaces/{self.name}".rstrip("/")
        return cluster.acting(who).request(self.method, path, self.thing, content_type=content_type, dryRun="All")


@dataclass(frozen=True)
class _Part:
    """Asks, without its being done, for another annotation of a queue's namespace by way of a part of it.

    Args:
        part: `finalize` or `status`.
        key: of the annotation.
    """

    part: str
    key: str

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        path = f"/api/v1/namespaces/{NAMESPACE}"
        namespace = cluster.admin.request("GET", path)
        namespace["metadata"]["annotations"][self.key] = '{"cpu": "9999"}'
        changed = cluster.acting(who).request("PUT", f"{path}/{self.part}", namespace, dryRun="All")
        if self.key not in changed["metadata"]["annotations"]:
            raise AssertionError(f"{self.part} leaves annotations alone")
        return changed


@dataclass(frozen=True)
class _ByMistake:
    """Does something as somebody whom an administrator gave all rights on namespaces for the time."""

    action: Action

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        metadata = {"name": "tests:namespaces"}
        parts = ["namespaces", "namespaces/finalize", "namespaces/status"]
        rules = [{"apiGroups": [""], "resources": parts, "verbs": ["*"]}]
        role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": rules}
        binding = {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": metadata["name"]},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": OUTSIDER.name}],
        }
        with cluster.made(ADMINISTRATOR, role), cluster.made(ADMINISTRATOR, binding):
            end = time.monotonic() + RIGHTS_SECONDS
            while True:
                try:
                    return self.action(cluster, who)
                except RefusedError as error:
                    if f'User "{OUTSIDER.name}" cannot' not in error.message or time.monotonic() > end:
                        raise


def queue_namespace(name: str = "ads-more", **labels: str) -> Object:
    """The namespace of a queue that isn't there, as the tenant's stack would make it.

    Args:
        name: of queue and namespace.
        labels: what is different.
    """
    (namespace,) = (t for t in objects_of(samples.sample_registrations("ads-dev")) if t["kind"] == "Namespace")
    namespace = copy.deepcopy(namespace)
    metadata = namespace["metadata"]
    metadata["name"] = name
    metadata["labels"] |= {names.QUEUE_LABEL: name, **{key.replace("__", "/"): text for key, text in labels.items()}}
    metadata["annotations"] |= {
        names.POOLS_ANNOTATION: f"{name}-main",
        names.DEFAULT_POOL_ANNOTATION: f"{name}-main",
        names.APPLICATION_PREFIX_ANNOTATION: names.application_prefix(name),
    }
    return namespace


def _with(field: str, key: str, value: str | None, name: str = "ads-more") -> Object:
    """Such a namespace with another label or annotation, or without it."""
    namespace = queue_namespace(name)
    namespace["metadata"][field].pop(key, None)
    if value is not None:
        namespace["metadata"][field][key] = value
    return namespace


def _plain(name: str = "somewhere") -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _marks(field: str, key: str, value: str | None) -> Object:
    return {"metadata": {field: {key: value}}}


def _namespaces() -> Iterator[Case]:
    for rule, cases in {
        "namespace-name": (
            ("that is called like another queue", _with("labels", names.QUEUE_LABEL, "research-explore")),
            ("of another tenant by its label", _with("labels", names.TENANT_LABEL, "research")),
            ("of no tenant", _with("labels", names.TENANT_LABEL, None)),
            ("of a tenant whose name is part of another's", _with("labels", names.TENANT_LABEL, "ad")),
        ),
        "namespace-security": (
            ("that confines nothing", _with("labels", POD_SECURITY, "privileged")),
            ("that confines less", _with("labels", POD_SECURITY, "baseline")),
            ("that says nothing of privileges", _with("labels", POD_SECURITY, None)),
            ("that confines as years ago", _with("labels", f"{POD_SECURITY}-version", "v1.0")),
        ),
        "namespace-scheduling": (
            (
                "below another tenant's queue",
                _with("annotations", "yunikorn.apache.org/parentqueue", "root.tenants.research"),
            ),
            (
                "below another tenant's queue with another order",
                _with("annotations", "yunikorn.apache.org/parentqueue", "root.tenants-fair.research"),
            ),
            ("below the root", _with("annotations", "yunikorn.apache.org/parentqueue", "root.ads")),
            (
                "with an order that nobody knows",
                _with("annotations", "yunikorn.apache.org/parentqueue", "root.tenants-lifo.ads"),
            ),
            ("without a maximum", _with("annotations", "yunikorn.apache.org/namespace.quota", None)),
            (
                "whose pods YuniKorn leaves alone",
                _with("annotations", "yunikorn.apache.org/namespace.enableYuniKorn", "false"),
            ),
        ),
        "namespace-pools": (
            ("with another tenant's pool", _with("annotations", names.POOLS_ANNOTATION, f"ads-more-main,{OTHER_POOL}")),
            ("with the system's pool", _with("annotations", names.POOLS_ANNOTATION, "ads-more-main,system")),
            ("whose default is another's pool", _with("annotations", names.DEFAULT_POOL_ANNOTATION, OTHER_POOL)),
            ("without pools", _with("annotations", names.POOLS_ANNOTATION, None)),
        ),
        "namespace-applications": (
            (
                "whose applications are called like another's",
                _with("annotations", names.APPLICATION_PREFIX_ANNOTATION, "research-explore"),
            ),
        ),
    }.items():
        for name, namespace in cases:
            yield Attempt(
                name=f"a queue {name}",
                who=TENANT_DEPLOYER,
                does=_Dry("POST", namespace),
                rule=rule,
                twin=_Dry("POST", queue_namespace()),
            )
    yield Attempt(
        name="a queue without an order, and one with another",
        who=TENANT_DEPLOYER,
        does=_Dry("POST", _with("annotations", "yunikorn.apache.org/parentqueue", "root.tenants")),
        rule="namespace-scheduling",
        twin=_Dry("POST", _with("annotations", "yunikorn.apache.org/parentqueue", "root.tenants-fair.ads")),
    )
    long = "sixteenletters12-twenty-letters-are-20"
    long = long[: names.MAXIMUM_TENANT + 1 + names.MAXIMUM_QUEUE]
    tenant = long.partition("-")[0]
    owned = queue_namespace(long)
    owned["metadata"]["labels"][names.TENANT_LABEL] = tenant
    owned["metadata"]["annotations"]["yunikorn.apache.org/parentqueue"] = f"root.tenants.{tenant}"
    foreign = copy.deepcopy(owned)
    foreign["metadata"]["annotations"][names.APPLICATION_PREFIX_ANNOTATION] = "ads-batch"
    yield Attempt(
        name="a queue with the longest name, and with another's applications",
        who=TENANT_DEPLOYER,
        does=_Dry("POST", foreign),
        rule="namespace-applications",
        twin=_Dry("POST", owned),
    )
    for key, value in ((names.QUEUE_LABEL, "ads-other"), (names.TENANT_LABEL, "research"), (names.QUEUE_LABEL, None)):
        yield Attempt(
            name=f"an administrator who makes {key} of a queue {value}",
            who=ADMINISTRATOR,
            does=_Dry("PATCH", _marks("labels", key, value), NAMESPACE),
            rule="namespace-identity",
            twin=_Dry("PATCH", _marks("labels", "example.org/cost-center", "7"), NAMESPACE),
        )


def _writers() -> Iterator[Case]:
    quota = _marks("annotations", "yunikorn.apache.org/namespace.quota", '{"cpu": "9999"}')
    for name, does in (
        ("makes a queue", _Dry("POST", queue_namespace())),
        ("raises a queue's maximum", _Dry("PATCH", quota, NAMESPACE)),
        (
            "makes a queue's drivers larger",
            _Dry("PATCH", _marks("annotations", names.DRIVER_CPU_ANNOTATION, "64000"), NAMESPACE),
        ),
        ("removes a queue", _Dry("DELETE", name=NAMESPACE)),
    ):
        yield Attempt(
            name=f"somebody with rights on namespaces who {name}",
            who=OUTSIDER,
            does=_ByMistake(does),
            rule="namespace-writer",
            twin=_ByMistake(_Dry("PATCH", _marks("labels", "example.org/cost-center", "7"), NAMESPACE)),
        )


def _parts() -> Iterator[Case]:
    for part in ("finalize", "status"):
        yield Attempt(
            name=f"somebody with rights on namespaces who raises a queue's maximum by way of its {part}",
            who=OUTSIDER,
            does=_ByMistake(_Part(part, "yunikorn.apache.org/namespace.quota")),
            rule="namespace-parts",
            twin=_ByMistake(_Part(part, "example.org/cost-center")),
        )


def _deployers() -> Iterator[Case]:
    metadata = queue_namespace("kube-public")["metadata"]
    whole = {"metadata": {"labels": metadata["labels"], "annotations": metadata["annotations"]}}
    larger = _Dry("PATCH", _marks("annotations", names.DRIVER_CPU_ANNOTATION, "2000"), NAMESPACE)
    for name, does, twin in (
        ("makes a namespace that is no queue's", _Dry("POST", _plain()), _Dry("POST", queue_namespace())),
        ("makes a namespace a queue that was none", _Dry("PATCH", whole, "kube-public"), larger),
        (
            "lets the platform's own namespace run privileged pods",
            _Dry("PATCH", _marks("labels", POD_SECURITY, "privileged"), names.SYSTEM_NAMESPACE),
            larger,
        ),
        (
            "removes the platform's own namespace",
            _Dry("DELETE", name=names.SYSTEM_NAMESPACE),
            _Dry("DELETE", name=NAMESPACE),
        ),
    ):
        yield Attempt(
            name=f"a tenant's deployer who {name}",
            who=TENANT_DEPLOYER,
            does=does,
            rule="deployer-namespaces",
            twin=twin,
        )
    for name, foreign in (
        ("a Job with the rights of the platform's software", _elsewhere(sync_job())),
        ("a service account", _object("v1", "ServiceAccount")),
        ("a limit", _object("v1", "LimitRange", spec={"limits": []})),
        ("a network policy", _object("networking.k8s.io/v1", "NetworkPolicy", spec={"podSelector": {}})),
        ("a binding", _elsewhere(_binding(PURPOSE_ROLES["owner"], _group("oidc:ads-leads")))),
    ):
        own = copy.deepcopy(foreign)
        own["metadata"]["namespace"] = NAMESPACE
        yield Attempt(
            name=f"a tenant's deployer who makes {name} in the platform's namespace",
            who=TENANT_DEPLOYER,
            does=Create(foreign),
            rule="deployer-place",
            twin=Create(own),
        )
    for name, binding, other in (
        (
            "the driver's rights to somebody else's driver",
            _binding(DRIVER_ROLE, _account("research-explore", "spark-driver")),
            _binding(DRIVER_ROLE, _account(NAMESPACE, "spark-driver")),
        ),
        (
            "the driver's rights to people",
            _binding(DRIVER_ROLE, _group("oidc:ads-engineers")),
            _binding(PURPOSE_ROLES["submitter"], _group("oidc:ads-engineers")),
        ),
        (
            "the operator's rights to a driver",
            _binding(OPERATOR_ROLE, _account(NAMESPACE, "spark-driver")),
            _binding(OPERATOR_ROLE, _account(names.SYSTEM_NAMESPACE, "spark-operator-controller")),
        ),
        (
            "an owner's rights to another tenant's driver",
            _binding(PURPOSE_ROLES["owner"], _account("research-explore", "spark-driver")),
            _binding(PURPOSE_ROLES["owner"], _group("oidc:ads-leads")),
        ),
        (
            "a deployer's own rights to people",
            _binding(names.TENANT_DEPLOYERS, _group("oidc:ads-engineers")),
            _binding(PURPOSE_ROLES["viewer"], _group("oidc:ads-engineers")),
        ),
    ):
        yield Attempt(
            name=f"a tenant's deployer who gives {name}",
            who=TENANT_DEPLOYER,
            does=Create(binding),
            rule="deployer-bindings",
            twin=Create(other),
        )
    for whose, group in (
        ("everybody", "system:authenticated"),
        ("whoever may do everything", "system:masters"),
        ("deployers of all tenants", names.TENANT_DEPLOYERS),
        ("deployers of one", names.deployers_group("ads")),
        ("deployers of another", names.deployers_group("search")),
        ("another tenant's owners", names.tenant_group("search", "owner")),
        ("a tenant whose name begins like theirs", names.tenant_group("adsx", "owner")),
        ("a group of its tenant without a purpose", names.tenant_group("ads", "")),
        ("a group of a purpose that there isn't", names.tenant_group("ads", "admin")),
        ("a group that no issuer says", "ads-leads"),
        ("an issuer's group without a name", "oidc:"),
        ("a group that only looks like an issuer's", "OIDC:ads-leads"),
        ("a group of the platform's own behind the issuer's", " oidc:elastic-spark:ads:owner"),
    ):
        for who, peoples in ((TENANT_DEPLOYER, "oidc:ads-leads"), (deployer_of("ads"), "elastic-spark:ads:viewer")):
            yield Attempt(
                name=f"{who.name} who gives an owner's rights to {whose}",
                who=who,
                does=Create(_binding(PURPOSE_ROLES["owner"], _group(group))),
                rule="deployer-groups",
                twin=Create(_binding(PURPOSE_ROLES["owner"], _group(peoples))),
            )
    yield Attempt(
        name="a tenant's deployer who gives an owner's rights to one of the issuer's people by name",
        who=TENANT_DEPLOYER,
        does=Create(_binding(PURPOSE_ROLES["owner"], {**_group("oidc:jane@example.com"), "kind": "User"})),
        rule="deployer-bindings",
        twin=Create(_binding(PURPOSE_ROLES["owner"], _group("oidc:jane@example.com"))),
    )
    yield Attempt(
        name="a tenant's deployer who adds everybody beside the issuer's group",
        who=TENANT_DEPLOYER,
        does=Create(_binding(PURPOSE_ROLES["viewer"], _group("oidc:ads-analysts"), _group("system:unauthenticated"))),
        rule="deployer-groups",
        twin=Create(_binding(PURPOSE_ROLES["viewer"], _group("oidc:ads-analysts"), _group("oidc:ads-leads"))),
    )
    shared: tuple[tuple[str, Purpose, str], ...] = (
        ("a shared submitter an owner's rights", "owner", f"airflow:{NAMESPACE}:submitter"),
        ("a shared submitter of another queue rights", "submitter", "airflow:ads-x:submitter"),
        ("one of a queue that ends alike rights", "submitter", f"airflow:x-{NAMESPACE}:submitter"),
        ("one of a made-up name rights", "submitter", f"a:b:{NAMESPACE}:submitter"),
    )
    for name, purpose, group in shared:
        yield Attempt(
            name=f"a tenant's deployer who gives {name}",
            who=TENANT_DEPLOYER,
            does=Create(_binding(PURPOSE_ROLES[purpose], _group(f"{names.SHARED_GROUPS}{group}"))),
            rule="deployer-shared",
            twin=Create(
                _binding(
                    PURPOSE_ROLES[purpose],
                    _group(names.shared_group("airflow", NAMESPACE, purpose)),
                    _group("oidc:ads-engineers"),
                )
            ),
        )


def _object(api_version: str, kind: str, **fields: Object) -> Object:
    metadata = {"name": "tests", "namespace": names.SYSTEM_NAMESPACE}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def _elsewhere(thing: Object) -> Object:
    return {**thing, "metadata": {**thing["metadata"], "namespace": names.SYSTEM_NAMESPACE}}


def _binding(role: str, *subjects: Object) -> Object:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"generateName": "tests-", "namespace": NAMESPACE},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": list(subjects),
    }


def _account(namespace: str, name: str) -> Object:
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def _group(name: str) -> Object:
    return {"apiGroup": RBAC, "kind": "Group", "name": name}


CASES: Final[tuple[Case, ...]] = (*_namespaces(), *_writers(), *_parts(), *_deployers())
