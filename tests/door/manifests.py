"""What a platform and its tenants register of the door, and what of it another place takes: a loopback address.

The file provider of Envoy Gateway stands in for the API server. It has no services, so each backend becomes a `Backend`
on a port of this machine; namespaces lose their labels there, so that a listener for some of them becomes one for
all; the issuer has a certificate of its own, which Envoy is told of next to each policy, and endpoints with names, as
Envoy Gateway asks no loopback address for them; Envoys are processes, the Gateway's port is a free one; times that a
test would have to wait out are shorter. Nothing else is changed. It merges what it reads into what it had: what loses a
field, or all of a list, must go and come again.
"""

from __future__ import annotations

import base64
import copy
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from components.door.login import ENVOY_API, ENVOY_GROUP, GATEWAY_API
from fleet.offline.programs import run_program
from fleet.offline.registration import Registrations
from infra.contract import CONTRACT_OUTPUT
from sizing import names
from tests import samples
from tests.cluster.api import Object
from tests.cluster.objects import objects_of
from tests.door.programs import envoy_version

PLATFORM: Final = "platform-dev"
DOMAIN: Final = samples.DOOR["domain"]
CLIENT: Final = samples.DOOR["clientId"]
"""Of browsers."""
PROGRAMS: Final = "spark-dev"
"""The client of people's programs."""
PLATFORM_GROUP: Final = "platform-viewers"
SECRET: Final = "a-password"  # noqa: S105 - of a client of a test's issuer
KINDS: Final = (
    "Gateway",
    "GatewayClass",
    "EnvoyProxy",
    "ClientTrafficPolicy",
    "BackendTrafficPolicy",
    "SecurityPolicy",
    "HTTPRoute",
    "GRPCRoute",
    "HTTPRouteFilter",
)
ISSUER: Final = "issuer"
JWKS_SECONDS: Final = 2
"""For which Envoy keeps the issuer's keys; in the program it is five minutes."""
RECEIVED_SECONDS: Final = 15
"""In which a request must be there as a whole; in the program it is a minute."""


@dataclass(frozen=True)
class Places:
    """Where things are on this machine.

    Attributes:
        gateway: the port of the Gateway.
        issuer: the issuer's address.
        issuer_port: its port.
        authority: who signed for it, PEM.
        upstreams: ports, by namespace and service.
    """

    gateway: int
    issuer: str
    issuer_port: int
    authority: str
    upstreams: dict[tuple[str, str], int]


@functools.cache
def platform(issuer: str = "") -> Registrations:
    """The sample platform, with a door, and a group that sees the platform's pages.

    Args:
        issuer: in the place of the sample's, with its keys at `/keys`.
    """
    settings = samples.doored_settings()
    if issuer:
        settings["identity"].update(issuer=issuer, jwksUri=f"{issuer}/keys")
    settings["access"].setdefault("people", {})["viewers"] = {"group": PLATFORM_GROUP, "access": "viewer"}
    return run_program(PLATFORM, samples.config_of(settings), {})


def tenant(stack: str, groups: Iterable[str], issuer: str = "") -> Registrations:
    """A sample tenant on that platform, whose people are groups of the issuer, too."""
    settings = samples.tenant(stack)
    for group in groups:
        settings["people"][group.replace("-", "")] = {"group": group, "purpose": "viewer"}
    exported = {PLATFORM: dict(samples.exports(platform(issuer), PLATFORM))}
    assert CONTRACT_OUTPUT in exported[PLATFORM]
    return run_program(stack, samples.tenant_config(settings), exported)


def door_objects(registrations: Registrations) -> list[Object]:
    """What of a stack concerns Envoy Gateway: namespaces, and kinds of its own and of Gateway API."""
    found = [thing for thing in objects_of(registrations) if thing["kind"] in (*KINDS, "Namespace")]
    return [copy.deepcopy(thing) for thing in found]


def upstreams_of(things: Iterable[Object]) -> set[tuple[str, str]]:
    """Namespaces and names of the services that routes lead to."""
    return {
        (thing["metadata"]["namespace"], backend["name"])
        for thing in things
        if thing["kind"] in ("HTTPRoute", "GRPCRoute")
        for rule in thing["spec"]["rules"]
        for backend in rule["backendRefs"]
    }


def on_loopback(things: Iterable[Object], places: Places) -> list[Object]:
    """What the file provider reads: the same objects where the places are this machine's.

    The secret of the login comes before the policies that need it: Envoy Gateway doesn't look again for another's sake.
    """
    things = [copy.deepcopy(thing) for thing in things]
    spaces = sorted({thing["metadata"]["namespace"] for thing in things if "namespace" in thing["metadata"]})
    first = [login_secret(), *(part for space in spaces for part in _issuer(space, places))]
    backends = [_backend(space, name, places.upstreams[space, name]) for space, name in sorted(upstreams_of(things))]
    known = {thing["metadata"]["name"] for thing in things if thing["kind"] == "Namespace"}
    missing = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}} for space in spaces if space not in known
    ]
    return [*missing, *first, *backends, *(_moved(thing, places) for thing in things)]


def _moved(thing: Object, places: Places) -> Object:
    thing["metadata"].pop("annotations", None)
    spec: dict[str, Any] = thing.get("spec", {})
    match thing["kind"]:
        case "EnvoyProxy":
            spec.pop("shutdown", None)
            spec["provider"] = {"type": "Host", "host": {"envoyVersion": envoy_version()}}
        case "Gateway":
            for listener in spec["listeners"]:
                listener["port"] = places.gateway
                if "selector" in listener["allowedRoutes"]["namespaces"]:
                    listener["allowedRoutes"]["namespaces"] = {"from": "All"}
        case "ClientTrafficPolicy":
            spec["timeout"]["http"]["requestReceivedTimeout"] = f"{RECEIVED_SECONDS}s"
        case "SecurityPolicy":
            for provider in spec.get("jwt", {}).get("providers", ()):
                provider["issuer"] = _issuer_of(provider["issuer"], places)
                provider["remoteJWKS"] = {
                    "uri": f"{places.issuer}/keys",
                    "backendRefs": [_issuer_reference(places)],
                    "cacheDuration": f"{JWKS_SECONDS}s",
                }
            for rule in spec.get("authorization", {}).get("rules", ()):
                for claim in rule["principal"].get("jwt", {}).get("claims", ()):
                    if claim["name"] == "iss":
                        claim["values"] = [_issuer_of(value, places) for value in claim["values"]]
            if "oidc" in spec:
                provider = spec["oidc"]["provider"]
                provider["issuer"] = _issuer_of(provider["issuer"], places)
                provider["backendRefs"] = [_issuer_reference(places)]
                # It asks no loopback address for them.
                provider["authorizationEndpoint"] = f"{places.issuer}/authorize"
                provider["tokenEndpoint"] = f"{places.issuer}/token"
        case "HTTPRoute" | "GRPCRoute":
            for rule in spec["rules"]:
                rule["backendRefs"] = [
                    {"group": ENVOY_GROUP, "kind": "Backend", "name": backend["name"]}
                    for backend in rule["backendRefs"]
                ]
    return thing


def _issuer_of(said: str, places: Places) -> str:
    expected = samples.platform(PLATFORM)["identity"]["issuer"]
    return places.issuer if said == expected else said


def _issuer_reference(places: Places) -> Object:
    return {"group": ENVOY_GROUP, "kind": "Backend", "name": ISSUER, "port": places.issuer_port}


def login_secret() -> Object:
    """The password of the client of browsers, as people put it into the cluster."""
    value = base64.b64encode(SECRET.encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": names.DOOR_LOGIN, "namespace": names.SYSTEM_NAMESPACE},
        "type": "Opaque",
        "data": {names.DOOR_LOGIN_KEY: value},
    }


def _issuer(namespace: str, places: Places) -> list[Object]:
    metadata = {"name": ISSUER, "namespace": namespace}
    host = "localhost"
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"ca.crt": places.authority}},
        {
            "apiVersion": ENVOY_API,
            "kind": "Backend",
            "metadata": metadata,
            "spec": {"endpoints": [{"fqdn": {"hostname": host, "port": places.issuer_port}}]},
        },
        {
            "apiVersion": GATEWAY_API,
            "kind": "BackendTLSPolicy",
            "metadata": metadata,
            "spec": {
                "targetRefs": [{"group": ENVOY_GROUP, "kind": "Backend", "name": ISSUER}],
                "validation": {
                    "hostname": host,
                    "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": ISSUER}],
                    "subjectAltNames": [{"type": "Hostname", "hostname": host}],
                },
            },
        },
    ]


def _backend(namespace: str, name: str, port: int) -> Object:
    return {
        "apiVersion": ENVOY_API,
        "kind": "Backend",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"endpoints": [{"ip": {"address": "127.0.0.1", "port": port}}]},
    }
