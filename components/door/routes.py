"""A queue's part of the door: which host shows what of it, and to which people.

Source of the kinds: https://gateway-api.sigs.k8s.io/reference/spec/ and
https://gateway.envoyproxy.io/docs/api/extension_types/ (Envoy Gateway 1.9)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from components.queue.history import PORT as HISTORY_PORT
from sizing import names
from sizing.values import Json

GATEWAY_GROUP: Final = "gateway.networking.k8s.io"
GATEWAY_API: Final = f"{GATEWAY_GROUP}/v1"
ENVOY_GROUP: Final = "gateway.envoyproxy.io"
ENVOY_API: Final = f"{ENVOY_GROUP}/v1alpha1"
LISTENER: Final = "people"
"""Of the platform's Gateway."""
PROVIDER: Final = "people"
"""What rules call the issuer whose tokens count."""
CREDENTIAL: Final = names.DOOR_CREDENTIAL
BACKENDS: Final = {names.HISTORY_SERVER: HISTORY_PORT}
"""The services of a queue that the door shows, and their ports."""
HIDDEN_REQUEST_HEADERS: Final = ("authorization", "cookie")
"""What people send, and what a tenant runs never gets. Cookies go whole: pages behind the door need none."""
HIDDEN_RESPONSE_HEADERS: Final = ("set-cookie",)
"""A cookie could be for all hosts below the door's domain."""
METHODS: Final = ("GET", "HEAD")
"""By which a history server is looked at."""
CLAIM_TYPES: Final = ("String", "StringArray")
"""How issuers write somebody's groups: one of them, or a list."""
MAXIMUM_VALUES: Final = 128
"""Of one claim in a rule (envoyproxy/gateway v1.9.1, api/v1alpha1/authorization_types.go)."""


def history_route(namespace: str, domain: str) -> dict[str, Json]:
    """The spec of the HTTPRoute that shows a queue's history server on the queue's host, to look at.

    Args:
        namespace: the queue's.
        domain: the door's.
    """
    return {
        "hostnames": [names.door_host(namespace, domain)],
        "parentRefs": [{"name": names.DOOR, "namespace": names.SYSTEM_NAMESPACE, "sectionName": LISTENER}],
        "rules": [
            {
                "matches": [{"method": method, "path": {"type": "PathPrefix", "value": "/"}} for method in METHODS],
                "filters": _filters(),
                "backendRefs": [{"name": names.HISTORY_SERVER, "port": HISTORY_PORT}],
            }
        ],
    }


def _filters() -> list[Json]:
    return [
        {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": list(HIDDEN_REQUEST_HEADERS)}},
        {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": list(HIDDEN_RESPONSE_HEADERS)}},
    ]


def people_policy(
    jwt: Mapping[str, Json], groups: Sequence[str], groups_claim: str, required_claims: Mapping[str, str]
) -> dict[str, Json]:
    """The spec of the SecurityPolicy that lets people of groups through a queue's route, and nobody else.

    Args:
        jwt: the platform's, word for word.
        groups: as the issuer says them; of none, nobody is let in.
        groups_claim: the claim that has somebody's groups.
        required_claims: what else a token must say.
    """
    return {
        "targetRefs": [{"group": GATEWAY_GROUP, "kind": "HTTPRoute", "name": names.HISTORY_SERVER}],
        # Without it this policy would take the place of the Gateway's, and nobody could log in.
        "mergeType": "StrategicMerge",
        "jwt": dict(jwt),
        "authorization": {
            "defaultAction": "Deny",
            "rules": [
                {
                    "name": f"people-{number}",
                    "action": "Allow",
                    "principal": {"jwt": {"provider": PROVIDER, "claims": [claim, *_required(required_claims)]}},
                }
                for number, claim in enumerate(_groups(groups, groups_claim))
            ],
        },
    }


def _groups(groups: Sequence[str], claim: str) -> Iterator[Json]:
    found = sorted(set(groups))
    for start in range(0, len(found), MAXIMUM_VALUES):
        for value_type in CLAIM_TYPES:
            yield {"name": claim, "valueType": value_type, "values": found[start : start + MAXIMUM_VALUES]}


def _required(claims: Mapping[str, str]) -> list[Json]:
    return [{"name": name, "valueType": "String", "values": [value]} for name, value in sorted(claims.items())]
