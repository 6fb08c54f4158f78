"""Whom a queue's part of the door might let in, and what it might change for others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from components.door.login import ENVOY_API, GATEWAY_API, GATEWAY_GROUP
from sizing import names
from tests.cluster.api import Object
from tests.cluster.attacks_rbac import VIEWER, forbidden
from tests.cluster.attempts import Ask, Attempt, Case, Change, Create
from tests.cluster.cluster import OPERATOR, TENANT_DEPLOYER
from tests.cluster.door_shapes import (
    DEPLOYER,
    Part,
    adding,
    credential,
    policy,
    refused,
    route,
    setting,
    thing,
)
from tests.cluster.pod_shapes import ADMINISTRATOR, DRIVER, ENGINEER, NAMESPACE, OWNER

OTHER: Final = "search-adhoc"

POLICY_PARTS: Final[dict[str, Part]] = {
    "logs people in itself": setting(
        "oidc", {"provider": {"issuer": "https://login.example.net"}, "clientID": "x", "clientSecret": {"name": "x"}}
    ),
    "asks somebody else": setting("extAuth", {"http": {"backendRefs": [{"name": "x", "port": 80}]}}),
    "takes keys": setting("apiKeyAuth", {"credentialRefs": [{"name": "x"}]}),
    "takes passwords": setting("basicAuth", {"users": {"name": "x"}}),
    "opens itself to pages of others": setting("cors", {"allowOrigins": ["*"]}),
    "lets other pages write": setting("csrf", {"additionalOrigins": [{"type": "Exact", "value": "x.example.net"}]}),
    "is about one thing": setting("targetRef", {"group": GATEWAY_GROUP, "kind": "HTTPRoute", "name": "x"}),
    "is about whatever has a label": setting("targetSelectors", [{"kind": "HTTPRoute"}]),
    "takes the door's policy's place": lambda spec: spec.pop("mergeType"),
    "is merged in another way": setting("mergeType", "JSONMerge"),
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
    "of another issuer": setting("jwt.providers.0.issuer", "https://login.example.net"),
    "of any issuer": lambda spec: spec["jwt"]["providers"][0].pop("issuer"),
    "for other programs": setting("jwt.providers.0.audiences", ["other"]),
    "for any program": lambda spec: spec["jwt"]["providers"][0].pop("audiences"),
    "by keys of its own": setting("jwt.providers.0.remoteJWKS.uri", "https://login.example.net/keys"),
    "by keys in its own namespace": lambda spec: setting("localJWKS", {"type": "Inline", "inline": "{}"})(
        spec["jwt"]["providers"][0]
    ),
    "from a second issuer": lambda spec: adding("providers", {"name": "x", "issuer": "https://login.example.net"})(
        spec["jwt"]
    ),
    "or none": setting("jwt.optional", True),
    "right or wrong": setting("jwt.failOpen", True),
    "in the address": setting("jwt.providers.0.extractFrom", {"params": ["token"]}),
    "and tells pages who it is": setting("jwt.providers.0.claimToHeaders", [{"header": "X-User", "claim": "email"}]),
    "of nobody": lambda spec: spec.pop("jwt"),
}
_FIRST: Final = "authorization.rules.0"
_PRINCIPAL: Final = f"{_FIRST}.principal"
PEOPLE: Final[dict[str, Part]] = {
    "everybody": setting("authorization.defaultAction", "Allow"),
    "whom nobody decides on": lambda spec: spec["authorization"].pop("defaultAction"),
    "anybody, as it says nothing": lambda spec: spec.pop("authorization"),
    "whoever has an address": setting(_PRINCIPAL, {"clientCIDRs": ["0.0.0.0/0"]}),
    "whoever sends a header": setting(_PRINCIPAL, {"headers": [{"name": "X-User", "values": ["x"]}]}),
    "people of a country": setting(_PRINCIPAL, {"clientIPGeoLocations": [{"country": "DE"}]}),
    "people of groups with an address": setting(f"{_PRINCIPAL}.clientCIDRs", ["10.0.0.0/8"]),
    "whom an expression says": lambda spec: setting("cel", "true")(spec["authorization"]["rules"][0]),
    "whom an expression alone says": setting(_FIRST, {"action": "Allow", "cel": "true"}),
    "whoever has a token": setting(f"{_PRINCIPAL}.jwt", {"provider": "people"}),
    "whoever has a scope": setting(f"{_PRINCIPAL}.jwt", {"provider": "people", "scopes": ["openid"]}),
    "whom another provider knows": setting(f"{_PRINCIPAL}.jwt.provider", "mine"),
    "people by another claim": setting(f"{_PRINCIPAL}.jwt.claims", [{"name": "email_verified", "values": ["true"]}]),
    "people of no group": setting(f"{_PRINCIPAL}.jwt.claims.0.values", []),
    "all but some": setting(f"{_FIRST}.action", "Deny"),
    "people, and by its second rule everybody": lambda spec: adding("rules", {"action": "Allow"})(
        spec["authorization"]
    ),
}


def _policies() -> Iterator[Case]:
    own = {"group": GATEWAY_GROUP, "kind": "GRPCRoute", "name": "connect"}
    narrower = policy(setting(f"{_FIRST}.operation", {"methods": ["GET"]}))
    nobody = policy(setting("authorization", {"defaultAction": "Deny"}))
    for name, change in POLICY_PARTS.items():
        yield refused(f"a policy that {name}", policy(change), "door-policy", policy())
    for name, targets in TARGETS.items():
        twin = policy(setting("targetRefs", [own]))
        yield refused(f"a policy of {name}", policy(setting("targetRefs", targets)), "door-targets", twin)
    for name, change in TOKENS.items():
        yield refused(f"a policy that takes tokens {name}", policy(change), "door-tokens", policy())
    for name, change in PEOPLE.items():
        yield refused(f"a policy that lets in {name}", policy(change), "door-people", narrower)
    yield refused("a policy of an owner's own", policy(PEOPLE["everybody"]), "door-people", nobody, ADMINISTRATOR)
    yield Attempt(
        name="a policy that lets in everybody later",
        who=DEPLOYER,
        does=Change(policy(), {"spec": {"authorization": {"defaultAction": "Allow"}}}),
        rule="door-people",
        twin=Change(policy(), {"spec": {"authorization": {"rules": []}}}),
    )


CREDENTIALS: Final[dict[str, Part]] = {
    "answers itself": setting("directResponse", {"statusCode": 200}),
    "rewrites the host": setting("urlRewrite", {"hostname": {"type": "Header", "header": "X-Host"}}),
    "chooses requests": setting("matches", [{}]),
    "injects nothing": lambda spec: spec.pop("credentialInjection"),
    "leaves what people sent": setting("credentialInjection.overwrite", False),
    "doesn't say that it overwrites": lambda spec: spec["credentialInjection"].pop("overwrite"),
    "fills another header": setting("credentialInjection.header", "X-User"),
    "takes another secret": setting("credentialInjection.credential.valueRef.name", names.DOOR),
    "takes another namespace's secret": setting(
        "credentialInjection.credential.valueRef.namespace", names.SYSTEM_NAMESPACE
    ),
    "takes what is no secret": setting("credentialInjection.credential.valueRef.kind", "ConfigMap"),
}


def _credentials() -> Iterator[Case]:
    written_out = credential(setting("credentialInjection.header", "authorization"))
    for name, change in CREDENTIALS.items():
        yield refused(f"a filter that {name}", credential(change), "door-credential", written_out)
    yield refused("a filter of another name", credential(name="other"), "door-credential", credential())


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
        yield refused(f"a {kind} in a queue", other, "door-kinds", route(), ADMINISTRATOR)
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


CASES: Final[tuple[Case, ...]] = (*_policies(), *_credentials(), *_kinds(), *_rights())
