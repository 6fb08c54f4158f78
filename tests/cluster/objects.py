"""The objects that stacks register, and what an API server must know before it takes them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fleet.offline.manifests import manifests
from fleet.offline.registration import Registrations
from infra.settings.yaml_reader import read_yaml
from tests.cluster.api import Api, Object, RefusedError

UNKNOWN: Final = re.compile(r"<unknown until [^>]*>")
STAND_IN: Final = "known-when-deployed"
"""In the place of what only a deployment tells: fit for most texts, and refused where a number belongs."""
DEFINITION_SECONDS: Final = 20
CRD: Final = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}


UNAPPROVED: Final = {"api-approved.kubernetes.io": "unapproved, defined by a test"}
"""Without it the API server takes no definition in a group of Kubernetes' own, such as the operator's."""


@dataclass(frozen=True)
class CustomKind:
    """A kind that a chart brings, and charts are not rendered.

    Its definition here takes any field: whether one is right, its own tests tell.
    """

    group: str
    version: str
    kind: str
    namespaced: bool = True

    @property
    def plural(self) -> str:
        """The kind in URLs."""
        singular = self.kind.lower()
        if singular.endswith("s"):
            return f"{singular}es"
        return re.sub(r"([^aeiou])y$", r"\1ie", singular) + "s"

    def definition(self) -> Object:
        """A CustomResourceDefinition whose objects may hold anything, and have a status of their own."""
        anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        return {
            **CRD,
            "metadata": {"name": f"{self.plural}.{self.group}", "annotations": dict(UNAPPROVED)},
            "spec": {
                "group": self.group,
                "names": {"kind": self.kind, "plural": self.plural},
                "scope": "Namespaced" if self.namespaced else "Cluster",
                "versions": [
                    {
                        "name": self.version,
                        "served": True,
                        "storage": True,
                        "schema": {"openAPIV3Schema": {**anything, "properties": {"status": anything}}},
                        "subresources": {"status": {}},
                    }
                ],
            },
        }


SPARK_KINDS: Final = (
    CustomKind("sparkoperator.k8s.io", "v1beta2", "SparkApplication"),
    CustomKind("sparkoperator.k8s.io", "v1beta2", "ScheduledSparkApplication"),
    CustomKind("sparkoperator.k8s.io", "v1alpha1", "SparkConnect"),
)
"""Of the Spark operator's chart: no stack makes any, tenants do."""
RECEIVERS: Final = CustomKind("monitoring.coreos.com", "v1alpha1", "AlertmanagerConfig")
"""Of the monitoring's definitions, which the samples make only in production."""
CILIUM_POLICIES: Final = CustomKind("cilium.io", "v2", "CiliumNetworkPolicy")
"""Of Cilium's operator: no platform makes any, tenants do."""

GATEWAY: Final = "gateway.networking.k8s.io"
ENVOY: Final = "gateway.envoyproxy.io"
DOOR_KINDS: Final = (
    *(CustomKind(GATEWAY, "v1", kind) for kind in ("GRPCRoute", "Gateway", "HTTPRoute", "ListenerSet", "TCPRoute")),
    CustomKind(GATEWAY, "v1", "GatewayClass", namespaced=False),
    CustomKind(GATEWAY, "v1beta1", "ReferenceGrant"),
    *(
        CustomKind(ENVOY, "v1alpha1", kind)
        for kind in (
            "Backend",
            "BackendTrafficPolicy",
            "ClientTrafficPolicy",
            "EnvoyExtensionPolicy",
            "EnvoyPatchPolicy",
            "HTTPRouteFilter",
            "SecurityPolicy",
        )
    ),
)
"""Of the Gateway API and of Envoy Gateway's chart: tenants' stacks make some of them, and would make others."""


def objects_of(registrations: Registrations) -> list[Object]:
    """What `fleet render` writes for a stack, in the order of deployment, without the charts."""
    return [read_yaml(m.text) for m in manifests(registrations) if not m.file.endswith(".values.yaml")]


def unknowns(thing: Object) -> list[str]:
    """What only a deployment tells, in the words of the offline preview."""
    return UNKNOWN.findall(str(thing))


def with_stand_ins(value: Any) -> Any:  # noqa: ANN401
    """A copy of an object with a text in the place of what only a deployment tells."""
    match value:
        case dict():
            return {key: with_stand_ins(item) for key, item in value.items()}
        case list():
            return [with_stand_ins(item) for item in value]
        case str():
            return UNKNOWN.sub(STAND_IN, value)
        case _:
            return value


def custom_kinds(things: Iterable[Object]) -> list[CustomKind]:
    """The kinds of objects that are neither Kubernetes' own nor defined by one of the objects."""
    things = list(things)
    defined = {(t["spec"]["group"], t["spec"]["names"]["kind"]) for t in things if t["kind"] == CRD["kind"]}
    found = {}
    for thing in things:
        group, _, version = thing["apiVersion"].rpartition("/")
        if "." in group and not group.endswith(".k8s.io") and (group, thing["kind"]) not in defined:
            namespaced = "namespace" in thing["metadata"]
            found[group, thing["kind"]] = CustomKind(group, version, thing["kind"], namespaced)
    return [found[key] for key in sorted(found)]


def define(api: Api, kinds: Sequence[CustomKind]) -> None:
    """Make the kinds known to the API server, and wait until it serves them."""
    for kind in kinds:
        api.apply(kind.definition())
    for kind in kinds:
        _wait_until_served(api, kind.definition())


def define_as_written(api: Api, definitions: Sequence[Object]) -> None:
    """Make kinds known by their own definitions, and wait until the API server serves them."""
    for definition in definitions:
        api.apply(definition)
    for definition in definitions:
        _wait_until_served(api, definition)


def apply_all(api: Api, things: Iterable[Object]) -> list[str]:
    """Apply objects in their order, and give those that were refused: kind, name and why."""
    refused = []
    for thing in things:
        try:
            api.apply(with_stand_ins(thing))
            if thing["kind"] == CRD["kind"]:
                _wait_until_served(api, thing)
        except (RefusedError, LookupError) as error:
            metadata = thing["metadata"]
            refused.append(f"{thing['kind']} {metadata.get('namespace', '')}/{metadata['name']}: {error}")
    return refused


def _wait_until_served(api: Api, definition: Object) -> None:
    spec = definition["spec"]
    end = time.monotonic() + DEFINITION_SECONDS
    while True:
        try:
            for version in (each for each in spec["versions"] if each["served"]):
                resource = api.resource(f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                api.request("GET", resource.path(), limit="1")
            return
        except (RefusedError, LookupError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
