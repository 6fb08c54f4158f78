"""What of a queue the door shows, and to whom: routes and their policies as a tenant's stack makes them, and no others.

The door itself is the platform's (`components.door`). What is written in a queue's namespace can open that queue's host
alone, to people whom a token names, and hands neither token nor cookie on to what the tenant runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from components.admission.policy import (
    WRITE,
    AdmissionRule,
    Match,
    Operation,
    Requests,
    ValidatingPolicy,
    Variable,
    cel_list,
    cel_text,
    cel_value,
)
from components.door.login import ENVOY_GROUP, GATEWAY_GROUP, PROVIDER, Login, jwt
from components.door.routes import BACKENDS, CREDENTIAL, HIDDEN_REQUEST_HEADERS, HIDDEN_RESPONSE_HEADERS
from sizing import names

_EVERYTHING: Final[tuple[Operation, ...]] = ("CREATE", "UPDATE", "DELETE")
GROUPS: Final = (ENVOY_GROUP, GATEWAY_GROUP, "gateway.networking.x-k8s.io")
"""Of all kinds that the door's software reads."""
ROUTES: Final = Requests(group=GATEWAY_GROUP, resources=("grpcroutes", "httproutes"), operations=WRITE)
POLICIES: Final = Requests(group=ENVOY_GROUP, versions=("v1alpha1",), resources=("securitypolicies",), operations=WRITE)
FILTERS: Final = Requests(group=ENVOY_GROUP, versions=("v1alpha1",), resources=("httproutefilters",), operations=WRITE)
OF_DEPLOYERS: Final = (
    Requests(group=GATEWAY_GROUP, resources=ROUTES.resources, operations=_EVERYTHING),
    Requests(
        group=ENVOY_GROUP,
        versions=("v1alpha1",),
        resources=(*FILTERS.resources, *POLICIES.resources),
        operations=_EVERYTHING,
    ),
)
"""All of the door that deployers of tenants may write, see `components.access.tenant_deployers`."""
_KINDS: Final = sorted((*ROUTES.resources, *POLICIES.resources, *FILTERS.resources))


@dataclass(frozen=True, kw_only=True)
class DoorRulesArgs:
    """What the rules know of the door.

    Args:
        domain: below which each queue has its host.
        login: whose tokens open it.
    """

    domain: str
    login: Login


def door_policies(args: DoorRulesArgs | None) -> tuple[ValidatingPolicy, ...]:
    """The policies that decide on a queue's part of the door.

    Args:
        args: what they know of it; None on a platform without a door, where nothing of it is let in.
    """
    if args is None:
        return (_kinds("false", "this platform has no door: what would open a queue by one is refused here"),)
    return (
        _kinds(
            f"request.resource.resource in {cel_list(_KINDS)}",
            f"of the door, a queue has {', '.join(_KINDS)}, and nothing that changes the door for others",
        ),
        _routes(args),
        _security(args),
        _FILTERS,
    )


def _kinds(holds: str, message: str) -> ValidatingPolicy:
    return ValidatingPolicy(
        name="elastic-spark-door-kinds",
        match=Match(
            requests=tuple(
                # The platform's own GatewayClass is in no namespace.
                Requests(group=group, versions=("*",), resources=("*",), operations=WRITE, scope="Namespaced")
                for group in GROUPS
            )
        ),
        rules=(AdmissionRule("door-kinds", holds, message, "request.resource.resource"),),
    )


def _only(thing: str, *keys: str) -> str:
    """Whether a map has no other keys."""
    return f"{thing}.all(key, key in {cel_list(sorted(keys))})"


def _removes(kind: str, field: str, headers: Sequence[str]) -> str:
    """Whether a rule `r` removes headers by a filter of that kind: their names have no case."""
    return (
        f"r.?filters.orValue([]).exists(f, f.type == {cel_text(kind)} && {cel_list(headers)}.all(header, "
        f"f.?{field}.?remove.orValue([]).exists(name, name.lowerAscii() == header)))"
    )


def _routes(args: DoorRulesArgs) -> ValidatingPolicy:
    parent = (
        f"p.name == {cel_text(names.DOOR)} && p.?namespace.orValue('') == {cel_text(names.SYSTEM_NAMESPACE)} "
        f"&& p.?sectionName.orValue('') == {cel_text(names.DOOR_LISTENER)} && p.?kind.orValue('Gateway') == 'Gateway' "
        f"&& p.?group.orValue({cel_text(GATEWAY_GROUP)}) == {cel_text(GATEWAY_GROUP)} "
        f"&& {_only('p', 'group', 'kind', 'name', 'namespace', 'sectionName')}"
    )
    backend = (
        f"b.name in variables.backends && b.?port.orValue(0) == variables.backends[b.name] "
        "&& b.?kind.orValue('Service') == 'Service' && b.?group.orValue('') == '' "
        f"&& {_only('b', 'group', 'kind', 'name', 'port', 'weight')}"
    )
    modifier = "f.all(key, key in ['type', {field}]) && f.?{name}.orValue({{}}).all(key, key == 'remove')"
    filters = " : ".join(
        [
            *(
                f"f.type == {cel_text(kind)} ? {modifier.format(field=cel_text(field), name=field)}"
                for kind, field in (
                    ("RequestHeaderModifier", "requestHeaderModifier"),
                    ("ResponseHeaderModifier", "responseHeaderModifier"),
                )
            ),
            f"f.type == 'ExtensionRef' && {_is_credential('f')}",
        ]
    )
    injected = f"r.?filters.orValue([]).exists(f, {_is_credential('f')})"
    kept = [header for header in HIDDEN_REQUEST_HEADERS if header != "authorization"]
    request = ("RequestHeaderModifier", "requestHeaderModifier")
    return ValidatingPolicy(
        name="elastic-spark-door-routes",
        match=Match(requests=(ROUTES,)),
        variables=(
            # All fields are not known of these kinds where their definitions are older or newer.
            Variable("spec", "dyn(object).spec"),
            Variable("host", f"request.namespace + {cel_text(f'.{args.domain}')}"),
            Variable("parents", "variables.spec.?parentRefs.orValue([])"),
            Variable("rules", "variables.spec.?rules.orValue([])"),
            Variable("backends", cel_value(BACKENDS)),
        ),
        rules=(
            AdmissionRule(
                "door-host",
                "variables.spec.?hostnames.orValue([]) == [variables.host]",
                f"a queue's routes have one host, their own: <namespace>.{args.domain}",
                "variables.spec.?hostnames.orValue([]).join(' ')",
            ),
            AdmissionRule(
                "door-parent",
                f"size(variables.parents) == 1 && variables.parents.all(p, {parent})",
                f"a queue's routes hang on the platform's own entrance and on nothing else: parentRefs names "
                f"{names.SYSTEM_NAMESPACE}/{names.DOOR}, sectionName {names.DOOR_LISTENER}",
            ),
            AdmissionRule(
                "door-parts",
                f"{_only('variables.spec', 'hostnames', 'parentRefs', 'rules')} && size(variables.rules) > 0 "
                f"&& variables.rules.all(r, {_only('r', 'backendRefs', 'filters', 'matches', 'name')})",
                "a queue's routes say hostnames, parentRefs and rules of backendRefs, filters, matches and name: "
                "timeouts, sessions and repetitions are the door's",
            ),
            AdmissionRule(
                "door-backends",
                f"variables.rules.all(r, r.?backendRefs.orValue([]).all(b, {backend}))",
                "a queue's routes lead to what its tenant's stack shows by the door, in their own namespace: "
                f"{', '.join(f'{name}:{port}' for name, port in sorted(BACKENDS.items()))}",
                "variables.rules.map(r, r.?backendRefs.orValue([]).map(b, b.name).join(' ')).join(' ')",
            ),
            AdmissionRule(
                "door-filters",
                f"variables.rules.all(r, r.?filters.orValue([]).all(f, {filters}))",
                "a queue's routes remove headers, or have its own credential put into requests by the "
                f"HTTPRouteFilter {CREDENTIAL}: they redirect, rewrite, copy and add nothing",
                "variables.rules.map(r, r.?filters.orValue([]).map(f, f.type).join(' ')).join(' ')",
            ),
            AdmissionRule(
                "door-credentials",
                f"variables.rules.all(r, {injected} ? {_removes(*request, kept)} "
                f": {_removes(*request, HIDDEN_REQUEST_HEADERS)})",
                "what a tenant runs never sees who came with which token or cookie: each rule removes the request's "
                f"headers {' and '.join(HIDDEN_REQUEST_HEADERS)}",
            ),
            AdmissionRule(
                "door-cookies",
                "variables.rules.all(r, "
                f"{_removes('ResponseHeaderModifier', 'responseHeaderModifier', HIDDEN_RESPONSE_HEADERS)})",
                "what a tenant runs leaves no cookie with people, which others' hosts below the same domain would get: "
                f"each rule removes the response's header {' and '.join(HIDDEN_RESPONSE_HEADERS)}",
            ),
        ),
    )


def _is_credential(thing: str) -> str:
    """Whether a filter is the one that puts the queue's own credential into requests; its object has a rule too."""
    reference = f"{thing}.?extensionRef"
    return (
        f"({_only(thing, 'extensionRef', 'type')} && {reference}.?group.orValue('') == {cel_text(ENVOY_GROUP)} "
        f"&& {reference}.?kind.orValue('') == 'HTTPRouteFilter' "
        f"&& {reference}.?name.orValue('') == {cel_text(CREDENTIAL)})"
    )


def _security(args: DoorRulesArgs) -> ValidatingPolicy:
    tokens = jwt(args.login)
    claims = "r.principal.jwt.claims"
    required = "".join(
        f" && {claims}.exists(c, c.name == {cel_text(name)} && c.values == [{cel_text(value)}] "
        "&& c.?valueType.orValue('String') == 'String')"
        for name, value in sorted(args.login.required_claims.items())
    )
    people = (
        "r.action == 'Allow' && "
        f"{_only('r', 'action', 'name', 'operation', 'principal')} && has(r.principal) "
        f"&& {_only('r.principal', 'jwt')} && has(r.principal.jwt) && {_only('r.principal.jwt', 'claims', 'provider')} "
        f"&& r.principal.jwt.?provider.orValue('') == {cel_text(PROVIDER)} && has({claims}) "
        f"&& {claims}.exists(c, c.name == {cel_text(args.login.groups_claim)} && size(c.?values.orValue([])) > 0)"
        f"{required}"
    )
    target = (
        f"t.?group.orValue('') == {cel_text(GATEWAY_GROUP)} && t.?kind.orValue('') in ['GRPCRoute', 'HTTPRoute'] "
        f"&& {_only('t', 'group', 'kind', 'name')}"
    )
    said = "".join(f", and {name}: {value}" for name, value in sorted(args.login.required_claims.items()))
    return ValidatingPolicy(
        name="elastic-spark-door-people",
        match=Match(requests=(POLICIES,)),
        variables=(
            Variable("spec", "dyn(object).spec"),
            Variable("targets", "variables.spec.?targetRefs.orValue([])"),
            Variable("authorization", "variables.spec.?authorization.orValue({})"),
        ),
        rules=(
            AdmissionRule(
                "door-policy",
                f"{_only('variables.spec', 'authorization', 'jwt', 'mergeType', 'targetRefs')} "
                "&& variables.spec.?mergeType.orValue('') == 'StrategicMerge'",
                "how people log in is the door's: a queue's policy says targetRefs, mergeType StrategicMerge, jwt and "
                "authorization, and nothing else",
                "variables.spec.map(key, key).join(' ')",
            ),
            AdmissionRule(
                "door-targets",
                f"size(variables.targets) > 0 && variables.targets.all(t, {target})",
                "a queue's policy is about routes of its own, each by its kind and name",
            ),
            AdmissionRule(
                "door-tokens",
                f"variables.spec.?jwt.orValue({{}}) == {cel_value(tokens)}",
                "whose tokens count is the platform's to say: jwt is as its contract has it, word for word",
            ),
            AdmissionRule(
                "door-people",
                f"{_only('variables.authorization', 'defaultAction', 'rules')} "
                "&& variables.authorization.?defaultAction.orValue('') == 'Deny' "
                f"&& variables.authorization.?rules.orValue([]).all(r, {people})",
                "a queue's policy lets in people of groups and nobody else: defaultAction is Deny, and each rule "
                f"allows by claims of the provider {PROVIDER} alone, {args.login.groups_claim} among them{said}",
            ),
        ),
    )


_FILTERS: Final = ValidatingPolicy(
    name="elastic-spark-door-credential",
    match=Match(requests=(FILTERS,)),
    variables=(
        Variable("spec", "dyn(object).spec"),
        Variable("injection", "variables.spec.?credentialInjection.orValue({})"),
        Variable("secret", "variables.injection.?credential.?valueRef.orValue({})"),
    ),
    rules=(
        AdmissionRule(
            "door-credential",
            f"object.metadata.?name.orValue('') == {cel_text(CREDENTIAL)} "
            f"&& {_only('variables.spec', 'credentialInjection')} "
            f"&& {_only('variables.injection', 'credential', 'header', 'overwrite')} "
            "&& variables.injection.?overwrite.orValue(false) "
            "&& variables.injection.?header.orValue('Authorization').lowerAscii() == 'authorization' "
            f"&& variables.secret.?name.orValue('') == {cel_text(CREDENTIAL)} "
            "&& variables.secret.?kind.orValue('Secret') == 'Secret' && variables.secret.?group.orValue('') == '' "
            f"&& {_only('variables.secret', 'group', 'kind', 'name')}",
            f"the only HTTPRouteFilter of a queue is {CREDENTIAL}, which puts the credential of the Secret "
            f"{CREDENTIAL} in the place of a request's Authorization: overwrite is true",
            "object.metadata.?name.orValue('')",
        ),
    ),
)
