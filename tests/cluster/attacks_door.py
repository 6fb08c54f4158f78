"""What a queue's routes at the door might open: by whoever deploys its tenant, or works in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from components.door.login import ENVOY_GROUP, GATEWAY_GROUP
from sizing import names
from tests.cluster.api import Object
from tests.cluster.attempts import Attempt, Case, Change
from tests.cluster.cluster import TENANT_DEPLOYER
from tests.cluster.door_shapes import (
    CREDENTIAL_FILTER,
    DEPLOYER,
    Part,
    adding,
    domain,
    grpc_route,
    refused,
    route,
    rule,
    setting,
)
from tests.cluster.pod_shapes import ADMINISTRATOR, NAMESPACE

OTHER: Final = "search-adhoc"
RESPONSE: Final[Object] = {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["Set-Cookie"]}}


def _removing(*headers: str, response: tuple[str, ...] = ("Set-Cookie",)) -> Part:
    """The filters of a rule that removes these headers and no others."""
    request = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": list(headers)}}
    answer = {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": list(response)}}
    return setting("filters", [*([request] if headers else []), *([answer] if response else [])])


HOSTS: Final[dict[str, list[str]]] = {
    "another tenant's host": [f"{OTHER}.{domain()}"],
    "another queue's host of its own tenant": [f"ads-adhoc.{domain()}"],
    "the host of Grafana": [f"grafana.{domain()}"],
    "the host of the start page": [f"start.{domain()}"],
    "every host": [f"*.{domain()}"],
    "the domain itself": [domain()],
    "its own host beside another's": [f"{NAMESPACE}.{domain()}", f"{OTHER}.{domain()}"],
    "no host, which is every host": [],
    "a host below its own": [f"x.{NAMESPACE}.{domain()}"],
    "its own host below another domain": [f"{NAMESPACE}.example.net"],
}


def _hosts() -> Iterator[Case]:
    for name, hosts in HOSTS.items():
        yield refused(f"a route for {name}", route(setting("hostnames", hosts)), "door-host", route())
    yield refused(
        "a route for programs, with another tenant's host",
        grpc_route(setting("hostnames", [f"{OTHER}.{domain()}"])),
        "door-host",
        grpc_route(),
    )
    yield refused(
        "a deployer of all with another tenant's host",
        route(setting("hostnames", HOSTS["the host of Grafana"])),
        "door-host",
        route(),
        TENANT_DEPLOYER,
    )
    yield refused(
        "an administrator's route without a host", route(setting("hostnames", [])), "door-host", route(), ADMINISTRATOR
    )
    yield Attempt(
        name="a route that turns to another tenant's host",
        who=DEPLOYER,
        does=Change(route(), {"spec": {"hostnames": [f"{OTHER}.{domain()}"]}}),
        rule="door-host",
        twin=Change(route(), {"metadata": {"annotations": {"example.org/any": "7"}}}),
    )


PARENT: Final[Object] = {"name": names.DOOR, "namespace": names.SYSTEM_NAMESPACE, "sectionName": "people"}
PARENTS: Final[dict[str, list[Object]]] = {
    "no entrance": [],
    "an entrance of its own": [{**PARENT, "namespace": NAMESPACE}],
    "the entrance that would be in its own namespace": [{"name": names.DOOR, "sectionName": "people"}],
    "another entrance of the platform's": [{**PARENT, "name": "other"}],
    "all listeners": [{"name": names.DOOR, "namespace": names.SYSTEM_NAMESPACE}],
    "another listener": [{**PARENT, "sectionName": "platform"}],
    "two entrances": [PARENT, {**PARENT, "name": "other"}],
    "a port of the entrance": [{**PARENT, "port": 9443}],
    "a service of a mesh": [{**PARENT, "group": "", "kind": "Service"}],
    "a set of listeners": [{**PARENT, "kind": "ListenerSet"}],
}


def _parents() -> Iterator[Case]:
    written_out = {**PARENT, "group": GATEWAY_GROUP, "kind": "Gateway"}
    for name, parents in PARENTS.items():
        yield refused(
            f"a route at {name}",
            route(setting("parentRefs", parents)),
            "door-parent",
            route(setting("parentRefs", [written_out])),
        )


BACKENDS: Final[dict[str, Object]] = {
    "the platform's Grafana": {"name": "grafana", "namespace": names.SYSTEM_NAMESPACE, "port": 80},
    "another tenant's history server": {"namespace": OTHER},
    "its own history server by its namespace": {"namespace": NAMESPACE},
    "a driver's pages": {"name": "pi-ui-svc", "port": 4040},
    "another port": {"port": 7078},
    "the page of logs by another port": {"name": names.PAST_LOGS, "port": 18080},
    "the signer of the page of logs": {"name": names.PAST_LOGS, "port": 18082},
    "no port": {"port": None},
    "a backend of Envoy's": {"group": ENVOY_GROUP, "kind": "Backend"},
    "a service of another cluster": {"group": "multicluster.x-k8s.io", "kind": "ServiceImport"},
    "a backend with filters of its own": {
        "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"add": [{"name": "a", "value": "b"}]}}]
    },
}


def _backends() -> Iterator[Case]:
    for name, change in BACKENDS.items():
        changed = {"name": names.HISTORY_SERVER, "port": 18080, **change}
        backend = {key: value for key, value in changed.items() if value is not None}
        yield refused(
            f"a route to {name}",
            rule(setting("backendRefs", [backend])),
            "door-backends",
            rule(setting("backendRefs.0.weight", 1)),
        )
    second = {"name": "pi-ui-svc", "port": 4040}
    yield refused(
        "a route of whose backends one is a driver's", rule(adding("backendRefs", second)), "door-backends", route()
    )
    yield refused(
        "a route for programs to a driver",
        rule(setting("backendRefs", [second]), grpc=True),
        "door-backends",
        grpc_route(),
    )


PARTS: Final[dict[str, Part]] = {
    "keeps requests for an hour": lambda spec: setting("timeouts", {"request": "1h"})(spec["rules"][0]),
    "repeats requests": lambda spec: setting("retry", {"attempts": 9})(spec["rules"][0]),
    "sets cookies for sessions": lambda spec: setting("sessionPersistence", {"type": "Cookie"})(spec["rules"][0]),
    "hangs on whatever entrance there is": setting("useDefaultGateways", "All"),
    "has no rules": setting("rules", []),
}


def _parts() -> Iterator[Case]:
    for name, change in PARTS.items():
        yield refused(f"a route that {name}", route(change), "door-parts", route(setting("rules.0.name", "history")))


def _header(kind: str, **what: object) -> Object:
    return {"type": kind, f"{kind[0].lower()}{kind[1:]}": what}


AUTHORIZED: Final = [{"name": "Authorization", "value": "Bearer x"}]
COOKIE: Final = [{"name": "Set-Cookie", "value": f"IdToken=x; Domain={domain()}"}]
FILTERS: Final[dict[str, Object]] = {
    "redirects": {"type": "RequestRedirect", "requestRedirect": {"hostname": "login.example.net"}},
    "rewrites the host": {"type": "URLRewrite", "urlRewrite": {"hostname": f"grafana.{domain()}"}},
    "copies requests": {
        "type": "RequestMirror",
        "requestMirror": {"backendRef": {"name": "driver", "port": 4040}},
    },
    "opens itself to pages of others": {"type": "CORS", "cors": {"allowOrigins": ["*"]}},
    "adds a header to requests": _header(
        "RequestHeaderModifier", add=[{"name": "X-Forwarded-For", "value": "1.1.1.1"}]
    ),
    "sets who somebody is": _header("RequestHeaderModifier", set=AUTHORIZED),
    "sets a cookie for all hosts": _header("ResponseHeaderModifier", set=COOKIE),
    "adds a cookie for all hosts": _header("ResponseHeaderModifier", add=COOKIE),
    "refers to another filter": {
        **CREDENTIAL_FILTER,
        "extensionRef": {**CREDENTIAL_FILTER["extensionRef"], "name": "other"},
    },
    "refers to a filter of another kind": {
        **CREDENTIAL_FILTER,
        "extensionRef": {**CREDENTIAL_FILTER["extensionRef"], "kind": "Filter"},
    },
    "refers to a filter of another group": {
        **CREDENTIAL_FILTER,
        "extensionRef": {**CREDENTIAL_FILTER["extensionRef"], "group": "example.org"},
    },
}


def _filters() -> Iterator[Case]:
    for name, found in FILTERS.items():
        twin = rule(_removing("Authorization", "Cookie", "X-Any"))
        yield refused(f"a route that {name}", rule(adding("filters", found)), "door-filters", twin)
    yield refused(
        "a route for programs that copies requests",
        rule(adding("filters", FILTERS["copies requests"]), grpc=True),
        "door-filters",
        grpc_route(),
    )


def _with_credential(*removed: str) -> Object:
    def change(part: Object) -> object:
        _removing(*removed)(part)
        return adding("filters", CREDENTIAL_FILTER)(part)

    return rule(change, grpc=True)


def _secrets() -> Iterator[Case]:
    """What people come with, and what a tenant's pages might leave with them."""
    for name, headers in (
        ("nothing", ()),
        ("the cookies alone", ("Cookie",)),
        ("the token alone", ("Authorization",)),
        ("headers that are called alike", ("Authorization2", "Cookies")),
    ):
        yield refused(
            f"a route that removes {name}",
            rule(_removing(*headers)),
            "door-credentials",
            rule(_removing("AUTHORIZATION", "cookie", "X-Any")),
        )
    second: Object = {"backendRefs": [{"name": names.HISTORY_SERVER, "port": 18080}], "filters": [RESPONSE]}
    yield refused(
        "a route whose second rule removes nothing",
        route(adding("rules", second)),
        "door-credentials",
        route(lambda spec: adding("rules", spec["rules"][0])(spec)),
    )
    yield refused(
        "a route for programs that removes no token",
        rule(_removing("Cookie"), grpc=True),
        "door-credentials",
        grpc_route(),
    )
    yield refused(
        "a route with the queue's own credential that keeps cookies",
        _with_credential("X-Any"),
        "door-credentials",
        _with_credential("Cookie"),
    )
    yield Attempt(
        name="a route that no longer removes anything",
        who=DEPLOYER,
        does=Change(route(), {"spec": {"rules": [{**route()["spec"]["rules"][0], "filters": [RESPONSE]}]}}),
        rule="door-credentials",
        twin=Change(route(), {"metadata": {"annotations": {"example.org/any": "7"}}}),
    )
    for name, answer in (("nothing from answers", ()), ("another header from answers", ("Server",))):
        yield refused(
            f"a route that removes {name}",
            rule(_removing("Authorization", "Cookie", response=answer)),
            "door-cookies",
            rule(_removing("Authorization", "Cookie", response=("set-cookie", "Server"))),
        )


CASES: Final[tuple[Case, ...]] = (*_hosts(), *_parents(), *_backends(), *_parts(), *_filters(), *_secrets())
