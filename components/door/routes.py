"""A queue's part of the door: which host shows what of it, and what of a request it gets.

Source of the kinds: https://gateway-api.sigs.k8s.io/reference/spec/ and
https://gateway.envoyproxy.io/docs/api/extension_types/ (Envoy Gateway 1.9)
"""

from __future__ import annotations

from typing import Final

from components.queue.history import PORT as HISTORY_PORT
from components.queue.past_logs.containers import PORT as LOGS_PORT
from components.queue.past_logs.program import ROOT as LOGS_PATH
from sizing import names
from sizing.values import Json

CREDENTIAL: Final = names.DOOR_CREDENTIAL
BACKENDS: Final = {names.HISTORY_SERVER: HISTORY_PORT, names.PAST_LOGS: LOGS_PORT}
"""The services of a queue that the door shows, and their ports."""
HIDDEN_REQUEST_HEADERS: Final = ("authorization", "cookie")
"""What people send, and what a tenant runs never gets. Cookies go whole: pages behind the door need none."""
HIDDEN_RESPONSE_HEADERS: Final = ("set-cookie",)
"""A cookie could be for all hosts below the door's domain."""
METHODS: Final = ("GET", "HEAD")
"""By which a history server is looked at."""


def history_route(namespace: str, domain: str) -> dict[str, Json]:
    """The spec of the HTTPRoute that shows a queue's history server on the queue's host, to look at.

    Args:
        namespace: the queue's.
        domain: the door's.
    """
    return _route(namespace, domain, "/", names.HISTORY_SERVER)


def logs_route(namespace: str, domain: str) -> dict[str, Json]:
    """The same of the HTTPRoute that shows the queue's logs, below a path of their own on the same host.

    The longer path wins (https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule), so nobody comes to them by the
    history server's route, nor by its policy.
    """
    return _route(namespace, domain, LOGS_PATH, names.PAST_LOGS)


def _route(namespace: str, domain: str, path: str, service: str) -> dict[str, Json]:
    return {
        "hostnames": [names.door_host(namespace, domain)],
        "parentRefs": [{"name": names.DOOR, "namespace": names.SYSTEM_NAMESPACE, "sectionName": names.DOOR_LISTENER}],
        "rules": [
            {
                "matches": [{"method": method, "path": {"type": "PathPrefix", "value": path}} for method in METHODS],
                "filters": _filters(),
                "backendRefs": [{"name": service, "port": BACKENDS[service]}],
            }
        ],
    }


def _filters() -> list[Json]:
    return [
        {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": list(HIDDEN_REQUEST_HEADERS)}},
        {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"remove": list(HIDDEN_RESPONSE_HEADERS)}},
    ]
