"""What a queue's part of the door might open, and to whom: by whoever deploys its tenant, or works in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from components.door.login import ENVOY_API, ENVOY_GROUP, GATEWAY_API, GATEWAY_GROUP
from sizing import names
from tests.cluster.api import Object
from tests.cluster.attacks_rbac import VIEWER, forbidden
from tests.cluster.attempts import Ask, Attempt, Case, Change, Create
from tests.cluster.cluster import OPERATOR, TENANT_DEPLOYER, Who, deployer_of
from tests.cluster.door_shapes import (
    CREDENTIAL_FILTER,
    Part,
    credential,
    domain,
    grpc_route,
    policy,
    route,
    rule,
    thing,
)
from tests.cluster.pod_shapes import ADMINISTRATOR, DRIVER, ENGINEER, NAMESPACE, OWNER

DEPLOYER: Final = deployer_of("ads")
OTHER: Final = "search-adhoc"
RESPONSE: Final[Object] = {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": ["Set-Cookie"]}}


def _setting(key: str, value: object) -> Part:
    """Writes a value of whatever is changed, at keys with dots between them."""

    def change(part: Object) -> object:
        *way, last = key.split(".")
        at: Any = part
        for step in way:
            at = at[int(step) if step.isdigit() else step]
        at[int(last) if last.isdigit() else last] = value
        return at

    return change


def _adding(key: str, value: object) -> Part:
    def change(part: Object) -> object:
        part.setdefault(key, []).append(value)
        return part

    return change


def _removing(*headers: str, response: tuple[str, ...] = ("Set-Cookie",)) -> Part:
    """The filters of a rule that removes these headers and no others."""
    request = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": list(headers)}}
    answer = {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": list(response)}}
    return _setting("filters", [*([request] if headers else []), *([answer] if response else [])])


def _refused(name: str, thing: Object, rule: str, twin: Object, who: Who = DEPLOYER) -> Attempt:
    return Attempt(name=name, who=who, does=Create(thing), rule=rule, twin=Create(twin))


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
        yield _refused(f"a route for {name}", route(_setting("hostnames", hosts)), "door-host", route())
    yield _refused(
        "a route for programs, with another tenant's host",
        grpc_route(_setting("hostnames", [f"{OTHER}.{domain()}"])),
        "door-host",
        grpc_route(),
    )
    yield _refused(
        "a deployer of all with another tenant's host",
        route(_setting("hostnames", HOSTS["the host of Grafana"])),
        "door-host",
        route(),
        TENANT_DEPLOYER,
    )
    yield _refused(
        "an administrator's route without a host", route(_setting("hostnames", [])), "door-host", route(), ADMINISTRATOR
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
        yield _refused(
            f"a route at {name}",
            route(_setting("parentRefs", parents)),
            "door-parent",
            route(_setting("parentRefs", [written_out])),
        )


BACKENDS: Final[dict[str, Object]] = {
    "the platform's Grafana": {"name": "grafana", "namespace": names.SYSTEM_NAMESPACE, "port": 80},
    "another tenant's history server": {"namespace": OTHER},
    "its own history server by its namespace": {"namespace": NAMESPACE},
    "a driver's pages": {"name": "pi-ui-svc", "port": 4040},
    "another port": {"port": 7078},
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
        yield _refused(
            f"a route to {name}",
            rule(_setting("backendRefs", [backend])),
            "door-backends",
            rule(_setting("backendRefs.0.weight", 1)),
        )
    second = {"name": "pi-ui-svc", "port": 4040}
    yield _refused(
        "a route of whose backends one is a driver's", rule(_adding("backendRefs", second)), "door-backends", route()
    )
    yield _refused(
        "a route for programs to a driver",
        rule(_setting("backendRefs", [second]), grpc=True),
        "door-backends",
        grpc_route(),
    )


PARTS: Final[dict[str, Part]] = {
    "keeps requests for an hour": lambda spec: _setting("timeouts", {"request": "1h"})(spec["rules"][0]),
    "repeats requests": lambda spec: _setting("retry", {"attempts": 9})(spec["rules"][0]),
    "sets cookies for sessions": lambda spec: _setting("sessionPersistence", {"type": "Cookie"})(spec["rules"][0]),
    "hangs on whatever entrance there is": _setting("useDefaultGateways", "All"),
    "has no rules": _setting("rules", []),
}


def _parts() -> Iterator[Case]:
    for name, change in PARTS.items():
        yield _refused(f"a route that {name}", route(change), "door-parts", route(_setting("rules.0.name", "history")))


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
        more = _header("RequestHeaderModifier", remove=["X-Any"])
        twin = rule(_adding("filters", more))
        yield _refused(f"a route that {name}", rule(_adding("filters", found)), "door-filters", twin)
    yield _refused(
        "a route for programs that copies requests",
        rule(_adding("filters", FILTERS["copies requests"]), grpc=True),
        "door-filters",
        grpc_route(),
    )


def _with_credential(*removed: str) -> Object:
    def change(part: Object) -> object:
        _removing(*removed)(part)
        return _adding("filters", CREDENTIAL_FILTER)(part)

    return rule(change, grpc=True)


def _secrets() -> Iterator[Case]:
    """What people come with, and what a tenant's pages might leave with them."""
    for name, headers in (
        ("nothing", ()),
        ("the cookies alone", ("Cookie",)),
        ("the token alone", ("Authorization",)),
        ("headers that are called alike", ("Authorization2", "Cookies")),
    ):
        yield _refused(
            f"a route that removes {name}",
            rule(_removing(*headers)),
            "door-credentials",
            rule(_removing("AUTHORIZATION", "cookie", "X-Any")),
        )
    second: Object = {"backendRefs": [{"name": names.HISTORY_SERVER, "port": 18080}], "filters": [RESPONSE]}
    yield _refused(
        "a route whose second rule removes nothing",
        route(_adding("rules", second)),
        "door-credentials",
        route(lambda spec: _adding("rules", spec["rules"][0])(spec)),
    )
    yield _refused(
        "a route for programs that removes no token",
        rule(_removing("Cookie"), grpc=True),
        "door-credentials",
        grpc_route(),
    )
    yield _refused(
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
        yield _refused(
            f"a route that removes {name}",
            rule(_removing("Authorization", "Cookie", response=answer)),
            "door-cookies",
            rule(_removing("Authorization", "Cookie", response=("set-cookie", "Server"))),
        )


POLICY_PARTS: Final[dict[str, Part]] = {
    "logs people in itself": _setting(
        "oidc", {"provider": {"issuer": "https://login.example.net"}, "clientID": "x", "clientSecret": {"name": "x"}}
    ),
    "asks somebody else": _setting("extAuth", {"http": {"backendRefs": [{"name": "x", "port": 80}]}}),
    "takes keys": _setting("apiKeyAuth", {"credentialRefs": [{"name": "x"}]}),
    "takes passwords": _setting("basicAuth", {"users": {"name": "x"}}),
    "opens itself to pages of others": _setting("cors", {"allowOrigins": ["*"]}),
    "lets other pages write": _setting("csrf", {"additionalOrigins": [{"type": "Exact", "value": "x.example.net"}]}),
    "is about one thing": _setting("targetRef", {"group": GATEWAY_GROUP, "kind": "HTTPRoute", "name": "x"}),
    "is about whatever has a label": _setting("targetSelectors", [{"kind": "HTTPRoute"}]),
    "takes the door's policy's place": lambda spec: spec.pop("mergeType"),
    "is merged in another way": _setting("mergeType", "JSONMerge"),
}
TARGETS: Final[dict[str, list[Object]]] = {
    "nothing": [],
    "an entrance": [{"group": GATEWAY_GROUP, "kind": "Gateway", "name": names.DOOR}],
    "a part of an entrance": [{"group": GATEWAY_GROUP, "kind": "Gateway", "name": names.DOOR, "sectionName": "people"}],
    "a route of connections": [{"group": GATEWAY_GROUP, "kind": "TCPRoute", "name": "x"}],
    "a set of listeners": [{"group": GATEWAY_GROUP, "kind": "ListenerSet", "name": "x"}],
    "a route and an entrance": [
        {"group": GATEWAY_GROUP, "kind": "HTTPRoute", "name": names.HISTORY_SERVER},
        {"group": GATEWAY_GROUP, "kind": "Gateway", "name": names.DOOR},
    ],
    "another namespace's route": [
        {"group": GATEWAY_GROUP, "kind": "HTTPRoute", "name": names.HISTORY_SERVER, "namespace": OTHER}
    ],
}
TOKENS: Final[dict[str, Part]] = {
    "of another issuer": _setting("jwt.providers.0.issuer", "https://login.example.net"),
    "of any issuer": lambda spec: spec["jwt"]["providers"][0].pop("issuer"),
    "for other programs": _setting("jwt.providers.0.audiences", ["other"]),
    "for any program": lambda spec: spec["jwt"]["providers"][0].pop("audiences"),
    "by keys of its own": _setting("jwt.providers.0.remoteJWKS.uri", "https://login.example.net/keys"),
    "by keys in its own namespace": lambda spec: _setting("localJWKS", {"type": "Inline", "inline": "{}"})(
        spec["jwt"]["providers"][0]
    ),
    "from a second issuer": lambda spec: _adding("providers", {"name": "x", "issuer": "https://login.example.net"})(
        spec["jwt"]
    ),
    "or none": _setting("jwt.optional", True),
    "right or wrong": _setting("jwt.failOpen", True),
    "in the address": _setting("jwt.providers.0.extractFrom", {"params": ["token"]}),
    "and tells pages who it is": _setting("jwt.providers.0.claimToHeaders", [{"header": "X-User", "claim": "email"}]),
    "of nobody": lambda spec: spec.pop("jwt"),
}
_FIRST: Final = "authorization.rules.0"
_PRINCIPAL: Final = f"{_FIRST}.principal"
PEOPLE: Final[dict[str, Part]] = {
    "everybody": _setting("authorization.defaultAction", "Allow"),
    "whom nobody decides on": lambda spec: spec["authorization"].pop("defaultAction"),
    "anybody, as it says nothing": lambda spec: spec.pop("authorization"),
    "whoever has an address": _setting(_PRINCIPAL, {"clientCIDRs": ["0.0.0.0/0"]}),
    "whoever sends a header": _setting(_PRINCIPAL, {"headers": [{"name": "X-User", "values": ["x"]}]}),
    "people of a country": _setting(_PRINCIPAL, {"clientIPGeoLocations": [{"country": "DE"}]}),
    "people of groups with an address": _setting(f"{_PRINCIPAL}.clientCIDRs", ["10.0.0.0/8"]),
    "whom an expression says": lambda spec: _setting("cel", "true")(spec["authorization"]["rules"][0]),
    "whom an expression alone says": _setting(_FIRST, {"action": "Allow", "cel": "true"}),
    "whoever has a token": _setting(f"{_PRINCIPAL}.jwt", {"provider": "people"}),
    "whoever has a scope": _setting(f"{_PRINCIPAL}.jwt", {"provider": "people", "scopes": ["openid"]}),
    "whom another provider knows": _setting(f"{_PRINCIPAL}.jwt.provider", "mine"),
    "people by another claim": _setting(f"{_PRINCIPAL}.jwt.claims", [{"name": "email_verified", "values": ["true"]}]),
    "people of no group": _setting(f"{_PRINCIPAL}.jwt.claims.0.values", []),
    "all but some": _setting(f"{_FIRST}.action", "Deny"),
    "people, and by its second rule everybody": lambda spec: _adding("rules", {"action": "Allow"})(
        spec["authorization"]
    ),
}


def _policies() -> Iterator[Case]:
    own = {"group": GATEWAY_GROUP, "kind": "GRPCRoute", "name": "connect"}
    narrower = policy(_setting(f"{_FIRST}.operation", {"methods": ["GET"]}))
    nobody = policy(_setting("authorization", {"defaultAction": "Deny"}))
    for name, change in POLICY_PARTS.items():
        yield _refused(f"a policy that {name}", policy(change), "door-policy", policy())
    for name, targets in TARGETS.items():
        twin = policy(_setting("targetRefs", [own]))
        yield _refused(f"a policy of {name}", policy(_setting("targetRefs", targets)), "door-targets", twin)
    for name, change in TOKENS.items():
        yield _refused(f"a policy that takes tokens {name}", policy(change), "door-tokens", policy())
    for name, change in PEOPLE.items():
        yield _refused(f"a policy that lets in {name}", policy(change), "door-people", narrower)
    yield _refused("a policy of an owner's own", policy(PEOPLE["everybody"]), "door-people", nobody, ADMINISTRATOR)
    yield Attempt(
        name="a policy that lets in everybody later",
        who=DEPLOYER,
        does=Change(policy(), {"spec": {"authorization": {"defaultAction": "Allow"}}}),
        rule="door-people",
        twin=Change(policy(), {"spec": {"authorization": {"rules": []}}}),
    )


CREDENTIALS: Final[dict[str, Part]] = {
    "answers itself": _setting("directResponse", {"statusCode": 200}),
    "rewrites the host": _setting("urlRewrite", {"hostname": {"type": "Header", "header": "X-Host"}}),
    "chooses requests": _setting("matches", [{}]),
    "injects nothing": lambda spec: spec.pop("credentialInjection"),
    "leaves what people sent": _setting("credentialInjection.overwrite", False),
    "doesn't say that it overwrites": lambda spec: spec["credentialInjection"].pop("overwrite"),
    "fills another header": _setting("credentialInjection.header", "X-User"),
    "takes another secret": _setting("credentialInjection.credential.valueRef.name", names.DOOR),
    "takes another namespace's secret": _setting(
        "credentialInjection.credential.valueRef.namespace", names.SYSTEM_NAMESPACE
    ),
    "takes what is no secret": _setting("credentialInjection.credential.valueRef.kind", "ConfigMap"),
}


def _credentials() -> Iterator[Case]:
    written_out = credential(_setting("credentialInjection.header", "authorization"))
    for name, change in CREDENTIALS.items():
        yield _refused(f"a filter that {name}", credential(change), "door-credential", written_out)
    yield _refused("a filter of another name", credential(name="other"), "door-credential", credential())


KINDS: Final = (
    ("Backend", ENVOY_API),
    ("BackendTrafficPolicy", ENVOY_API),
    ("ClientTrafficPolicy", ENVOY_API),
    ("EnvoyExtensionPolicy", ENVOY_API),
    ("EnvoyPatchPolicy", ENVOY_API),
    ("Gateway", GATEWAY_API),
    ("ListenerSet", GATEWAY_API),
    ("ReferenceGrant", f"{GATEWAY_GROUP}/v1beta1"),
    ("TCPRoute", GATEWAY_API),
)


def _kinds() -> Iterator[Case]:
    """What changes the door for others, or goes past it: no deployer may, and in a queue nobody at all."""
    for kind, api_version in KINDS:
        other = thing(kind, api_version)
        yield _refused(f"a {kind} in a queue", other, "door-kinds", route(), ADMINISTRATOR)
        for who in (DEPLOYER, TENANT_DEPLOYER):
            yield forbidden(f"a {kind} by the {who.name}", who, Create(other), Create(route()))


def _rights() -> Iterator[Case]:
    """Those who work in a queue, and what runs there, have no part in what it shows."""
    routes = f"/apis/{GATEWAY_API}/namespaces/{NAMESPACE}/httproutes"
    policies = f"/apis/{ENVOY_API}/namespaces/{NAMESPACE}/securitypolicies"
    applications = f"/apis/sparkoperator.k8s.io/v1beta2/namespaces/{NAMESPACE}/sparkapplications"
    viewed = f"/api/v1/namespaces/{OTHER}/pods"
    for who, twin in (
        (ENGINEER, Ask("GET", applications)),
        (OWNER, Ask("GET", applications)),
        (VIEWER, Ask("GET", viewed)),
        (DRIVER, Ask("GET", f"/api/v1/namespaces/{NAMESPACE}/pods")),
        (OPERATOR, Ask("GET", applications)),
    ):
        yield forbidden(f"a route by {who.name}", who, Ask("POST", routes, route()), twin)
        yield forbidden(f"a policy by {who.name}", who, Ask("POST", policies, policy()), twin)
        yield forbidden(f"the removal of a policy by {who.name}", who, Ask("DELETE", f"{policies}/any"), twin)
    for who in (DEPLOYER, TENANT_DEPLOYER):
        yield forbidden(
            f"a route's status by the {who.name}",
            who,
            Ask("PATCH", f"{routes}/{names.HISTORY_SERVER}/status", {}),
            Ask("GET", f"{routes}/{names.HISTORY_SERVER}"),
        )


CASES: Final[tuple[Case, ...]] = (
    *_hosts(),
    *_parents(),
    *_backends(),
    *_parts(),
    *_filters(),
    *_secrets(),
    *_policies(),
    *_credentials(),
    *_kinds(),
    *_rights(),
)
