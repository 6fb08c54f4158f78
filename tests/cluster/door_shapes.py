"""What tenants' stacks make of the door, as `search-dev` registers it, for any queue; and what nobody registers yet."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any, Final

from components.door.login import ENVOY_API, ENVOY_GROUP, GATEWAY_API
from components.door.routes import CREDENTIAL
from sizing import names
from tests import samples
from tests.cluster.api import Object
from tests.cluster.attempts import Attempt, Create
from tests.cluster.cluster import Who, deployer_of
from tests.cluster.objects import objects_of
from tests.cluster.pod_shapes import NAMESPACE

CREDENTIAL_FILTER: Final[Object] = {
    "type": "ExtensionRef",
    "extensionRef": {"group": ENVOY_GROUP, "kind": "HTTPRouteFilter", "name": CREDENTIAL},
}
DEPLOYER: Final = deployer_of("ads")
SAMPLE: Final = "search-adhoc"
"""A queue with people who are a group."""
Part = Callable[[Object], object]


@functools.cache
def _registered(kind: str) -> Object:
    things = objects_of(samples.doored_registrations("search-dev"))
    called = (SAMPLE, names.HISTORY_SERVER)
    (found,) = (
        t for t in things if t["kind"] == kind and (t["metadata"].get("namespace"), t["metadata"]["name"]) == called
    )
    return found


def domain() -> str:
    """The door's."""
    (host,) = _registered("HTTPRoute")["spec"]["hostnames"]
    return str(host).removeprefix(f"{SAMPLE}.")


def route(change: Part | None = None, namespace: str = NAMESPACE, name: str = "") -> Object:
    """The route of a queue, as its tenant's stack makes it but for what `change` does to its spec."""
    made = _copy("HTTPRoute", namespace, name)
    made["spec"]["hostnames"] = [names.door_host(namespace, domain())]
    return _changed(made, change)


def rule(change: Part, *, grpc: bool = False) -> Object:
    """A route whose only rule is changed."""
    return (grpc_route if grpc else route)(lambda spec: change(spec["rules"][0]))


def grpc_route(change: Part | None = None, namespace: str = NAMESPACE, name: str = "") -> Object:
    """The same for programs: no stack makes one yet."""
    made = {**route(namespace=namespace, name=name), "kind": "GRPCRoute"}
    del made["spec"]["rules"][0]["matches"]
    return _changed(made, change)


def policy(change: Part | None = None, namespace: str = NAMESPACE, name: str = "") -> Object:
    """The policy of a queue's route, as its tenant's stack makes it but for what `change` does to its spec."""
    made = _copy("SecurityPolicy", namespace, name)
    return _changed(made, change)


def credential(change: Part | None = None, namespace: str = NAMESPACE, name: str = CREDENTIAL) -> Object:
    """What puts a queue's own credential into requests: no stack makes one yet."""
    made: Object = {
        "apiVersion": ENVOY_API,
        "kind": "HTTPRouteFilter",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"credentialInjection": {"overwrite": True, "credential": {"valueRef": {"name": CREDENTIAL}}}},
    }
    return _changed(made, change)


def thing(kind: str, api_version: str = GATEWAY_API, spec: Object | None = None) -> Object:
    """Any other object in the queue's namespace."""
    metadata = {"generateName": "tests-", "namespace": NAMESPACE}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec or {}}


def _copy(kind: str, namespace: str, name: str) -> Object:
    made = copy.deepcopy(_registered(kind))
    called = {"name": name} if name else {"generateName": "tests-"}
    made["metadata"] = {**called, "namespace": namespace}
    return made


def _changed(made: Object, change: Part | None) -> Object:
    if change:
        change(made["spec"])
    return made


def setting(key: str, value: object) -> Part:
    """Writes a value of whatever is changed, at keys with dots between them."""

    def change(part: Object) -> object:
        *way, last = key.split(".")
        at: Any = part
        for step in way:
            at = at[int(step) if step.isdigit() else step]
        at[int(last) if last.isdigit() else last] = value
        return at

    return change


def adding(key: str, value: object) -> Part:
    """Adds to a list of whatever is changed."""

    def change(part: Object) -> object:
        part.setdefault(key, []).append(value)
        return part

    return change


def refused(name: str, thing: Object, rule: str, twin: Object, who: Who = DEPLOYER) -> Attempt:
    """An object that a rule refuses, and one that it takes."""
    return Attempt(name=name, who=who, does=Create(thing), rule=rule, twin=Create(twin))
