"""A control plane with the objects of stacks on it, and who may come to it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from fleet.offline.registration import Registrations
from sizing import names
from tests.cluster.api import Api, Object, RefusedError
from tests.cluster.control_plane import ControlPlane
from tests.cluster.objects import (
    CILIUM_POLICIES,
    DOOR_KINDS,
    RECEIVERS,
    SPARK_KINDS,
    apply_all,
    custom_kinds,
    define,
    objects_of,
)
from tests.cluster.settling import Canary

RBAC: Final = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class Account:
    """A service account, which shows a token of its own."""

    namespace: str
    name: str


@dataclass(frozen=True)
class User:
    """Somebody whom the API server knows by name and groups, as it does whoever has an access entry in EKS."""

    name: str
    groups: tuple[str, ...] = ()


Who = Account | User
KINDS_SECONDS: Final = 60

TENANT_DEPLOYER: Final = User("tenant-pipeline", (names.TENANT_DEPLOYERS,))
"""Who deploys all tenants."""
SCHEDULER: Final = Account(names.SYSTEM_NAMESPACE, "yunikorn-admin")
OPERATOR: Final = Account(names.SYSTEM_NAMESPACE, "spark-operator-controller")
OPERATOR_WEBHOOK: Final = Account(names.SYSTEM_NAMESPACE, "spark-operator-webhook")

CHART_ROLES: Final[Mapping[Account, Sequence[tuple[str, tuple[str, ...], tuple[str, ...]]]]] = {
    SCHEDULER: [
        ("", ("pods", "pods/binding", "pods/status", "configmaps", "events"), ("*",)),
        ("", ("namespaces", "nodes", "persistentvolumeclaims"), ("get", "list", "watch")),
        ("scheduling.k8s.io", ("priorityclasses",), ("get", "list", "watch")),
    ],
    # The stack's own roles take the place of the chart's.
    OPERATOR: [],
    OPERATOR_WEBHOOK: [],
}
"""What charts give the service accounts that they make, as far as it matters in queues: group, resources, verbs.

Source: yunikorn 1.9.0, templates/rbac.yaml
"""


def deployer_of(*tenants: str) -> User:
    """Who deploys these tenants and no others."""
    return User(f"{'-'.join(tenants)}-pipeline", tuple(map(names.deployers_group, tenants)))


class Cluster:
    """A running control plane and who comes to it.

    Attributes:
        plane: where it is.
        admin: the API as somebody who may do everything.
        canary: tells when changed policies are in effect.
        refused: what of the stacks' objects was refused, and why.
    """

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.admin = Api(plane)
        self.canary = Canary(self.admin)
        self.refused: list[str] = []
        self._known: dict[Who, Api] = {}
        self._bound: set[str] = set()

    def acting(self, who: Who) -> Api:
        """The API as somebody: service accounts by a token from the TokenRequest API, users by impersonation."""
        if who not in self._known:
            match who:
                case Account():
                    self._known[who] = self.admin.as_account(who.namespace, who.name)
                case User():
                    self._known[who] = self.admin.as_user(who.name, who.groups)
        return self._known[who]

    def deploy(self, platform: Registrations, tenants: Sequence[Registrations], defined: Collection[str] = ()) -> None:
        """Apply a platform's objects as the admin, and each tenant's as its deployer: its own, if there is one.

        What charts would bring is made by hand: the definitions of custom kinds, and the software's accounts. All
        policies are in effect afterwards.

        Args:
            platform: a platform's registrations.
            tenants: those of its tenants.
            defined: groups whose kinds the API server knows already.
        """
        things = objects_of(platform)
        kinds = (*SPARK_KINDS, *dict.fromkeys((CILIUM_POLICIES, RECEIVERS, *DOOR_KINDS, *custom_kinds(things))))
        define(self.admin, [kind for kind in kinds if kind.group not in defined])
        self.refused = apply_all(self.admin, things)
        for account in CHART_ROLES:
            for thing in _software(account):
                self.admin.apply(thing)
        self.canary.settle()
        self._bound = {subject["name"] for thing in things for subject in thing.get("subjects", ())}
        for tenant in map(objects_of, tenants):
            self.refused += apply_all(self.acting(self.deployer(tenant)), tenant)
        if tenants:
            self._wait_for_custom_kinds()

    def deployer(self, tenant: Sequence[Object]) -> User:
        """Who deploys a tenant with these objects: its own deployer, if the platform has one for it."""
        own = deployer_of(*sorted({t["metadata"]["labels"][names.TENANT_LABEL] for t in tenant if is_queue(t)}))
        return own if self._bound.issuperset(own.groups) else TENANT_DEPLOYER

    def _wait_for_custom_kinds(self) -> None:
        """Mutating policies look for the fields of new kinds every five seconds, and refuse their objects until then.

        Source: kubernetes v1.36, k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch/typeconverter.go
        """
        queue = self.admin.items("v1", "Namespace", labelSelector=names.QUEUE_LABEL)[0]["metadata"]["name"]
        end = time.monotonic() + KINDS_SECONDS
        for kind in SPARK_KINDS:
            thing = {"apiVersion": f"{kind.group}/{kind.version}", "kind": kind.kind, "spec": {}}
            while not self._is_decided({**thing, "metadata": {"name": "any", "namespace": queue}}):
                if time.monotonic() > end:
                    raise TimeoutError(f"the API server doesn't know {kind.kind} after {KINDS_SECONDS} s")
                time.sleep(0.2)

    def _is_decided(self, thing: Object) -> bool:
        try:
            self.admin.create(thing, dryRun="All")
        except RefusedError as error:
            return error.code != 503
        return True

    @contextmanager
    def made(self, who: Who, thing: Object) -> Iterator[Object]:
        """An object that somebody made, and that is gone again afterwards.

        Raises:
            RefusedError: they may not.
        """
        created = self.acting(who).create(thing)
        try:
            yield created
        finally:
            self.remove(created)

    def remove(self, thing: Object) -> None:
        """Delete an object if it is still there."""
        try:
            self.admin.delete(thing)
        except RefusedError as error:
            if error.code != 404:
                raise


def is_queue(thing: Object) -> bool:
    """Whether an object is the namespace of a queue."""
    return thing["kind"] == "Namespace" and names.QUEUE_LABEL in thing["metadata"].get("labels", {})


def _software(account: Account) -> Iterator[Object]:
    metadata = {"name": f"tests:{account.name}"}
    rules = [
        {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}
        for group, resources, verbs in CHART_ROLES[account]
    ]
    subject = {"kind": "ServiceAccount", "name": account.name, "namespace": account.namespace}
    reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": metadata["name"]}
    binding = {"kind": "ClusterRoleBinding", "metadata": metadata, "roleRef": reference, "subjects": [subject]}
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": account.name, "namespace": account.namespace},
    }
    yield {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": rules}
    yield {"apiVersion": f"{RBAC}/v1", **binding}
