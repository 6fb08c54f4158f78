"""What the door takes from whom: requests that are what they seem, of a size and in a time, and so many a second.

Source: https://gateway.envoyproxy.io/docs/api/extension_types/ (Envoy Gateway 1.9) and
https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.door.login import GATEWAY_GROUP
from sizing import names
from sizing.values import Json

HEALTH_PATH: Final = "/.door/health"
"""At any host, without a login: the load balancer asks whether an Envoy takes more. It is no path of what is behind."""
IDLE_SECONDS: Final = 300
"""Of connections and requests on which nothing moves: less than the load balancer's own, so that Envoy ends them, which
the client notices, and not the load balancer, which it doesn't."""
BALANCER_IDLE_SECONDS: Final = 350
"""Of listeners with TLS, fixed.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#connection-idle-timeout
"""
HEADERS_SECONDS: Final = 10
RECEIVED_SECONDS: Final = 60
"""In which a request must be there as a whole: who sends a byte now and then holds no place for long."""
REQUEST_SECONDS: Final = 300
"""In which what is behind must have answered; a large event log takes a history server some minutes."""
CONNECTIONS: Final = 4000
"""At once, of each Envoy; they fit into its memory."""
BUFFER: Final = "32Ki"
"""Of each direction of a connection."""
BODY: Final = "1Mi"
REQUESTS: Final = 200
"""A second, of each route in each Envoy; what comes beyond gets 429."""
UPSTREAM: Final = 200
"""Connections and requests at once to one page's pods, so that a slow one takes no other's place."""
HSTS: Final = "max-age=31536000"
FORGEABLE: Final = (
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Original-Url",
    "X-Real-Ip",
    "X-Rewrite-Url",
    "X-Envoy-Decorator-Operation",
    "X-Envoy-Downstream-Service-Cluster",
    "X-Envoy-Downstream-Service-Node",
    "X-Envoy-Expected-Rq-Timeout-Ms",
    "X-Envoy-Force-Trace",
    "X-Envoy-Hedge-On-Per-Try-Timeout",
    "X-Envoy-Internal",
    "X-Envoy-Ip-Tags",
    "X-Envoy-Max-Retries",
    "X-Envoy-Original-Path",
    "X-Envoy-Retriable-Header-Names",
    "X-Envoy-Retriable-Status-Codes",
    "X-Envoy-Retry-Grpc-On",
    "X-Envoy-Retry-On",
    "X-Envoy-Upstream-Alt-Stat-Name",
    "X-Envoy-Upstream-Rq-Per-Try-Timeout-Ms",
    "X-Envoy-Upstream-Rq-Timeout-Alt-Response",
    "X-Envoy-Upstream-Rq-Timeout-Ms",
)
"""Headers that say who asked for what at which host, or tell Envoy how to treat a request. Envoy takes its own away
from who comes from outside only, and may take addresses of a private network for inside.

Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_sanitizing
"""
SELF: Final = {"group": GATEWAY_GROUP, "kind": "Gateway", "name": names.DOOR}


def client_traffic() -> dict[str, Json]:
    """The spec of the ClientTrafficPolicy."""
    return {
        "targetRefs": [dict(SELF)],
        # Rules and backends must mean the same by a path, whatever a backend makes of %2F; slashes in a row become one.
        "path": {"escapedSlashesAction": "RejectRequest", "disableMergeSlashes": False},
        "headers": {
            # Many take X_Forwarded_For for X-Forwarded-For.
            "withUnderscoresAction": "RejectRequest",
            "requestID": "Generate",
            "xForwardedClientCert": {"mode": "Sanitize"},
            "enableEnvoyHeaders": False,
            # TLS ends at the load balancer: without it a login would lead back to http.
            "earlyRequestHeaders": {
                "set": [{"name": "X-Forwarded-Proto", "value": "https"}],
                "remove": [*FORGEABLE],
            },
            "lateResponseHeaders": {"set": [{"name": "Strict-Transport-Security", "value": HSTS}]},
        },
        # The load balancer passes bytes on, and says nothing of whom: what X-Forwarded-For says, a client says, and is
        # taken away above. With `directSourceIP` instead, Envoy would write http over X-Forwarded-Proto.
        "clientIPDetection": {"xForwardedFor": {"numTrustedHops": 1}},
        "tcpKeepalive": {"probes": 3, "idleTime": "60s", "interval": "60s"},
        "timeout": {
            "tcp": {"idleTimeout": f"{IDLE_SECONDS}s"},
            "http": {
                "requestHeadersReceivedTimeout": f"{HEADERS_SECONDS}s",
                "requestReceivedTimeout": f"{RECEIVED_SECONDS}s",
                "idleTimeout": f"{IDLE_SECONDS}s",
                "streamIdleTimeout": f"{IDLE_SECONDS}s",
            },
        },
        "connection": {"connectionLimit": {"value": CONNECTIONS, "closeDelay": "1s"}, "bufferLimit": BUFFER},
        "http2": {
            "maxConcurrentStreams": 100,
            "initialStreamWindowSize": "64Ki",
            "initialConnectionWindowSize": "1Mi",
            "onInvalidMessage": "TerminateConnection",
            "connectionKeepalive": {"interval": "60s", "timeout": "15s"},
        },
        "healthCheck": {"path": HEALTH_PATH},
    }


def backend_traffic() -> dict[str, Json]:
    """The spec of the Gateway's BackendTrafficPolicy; tenants can't make one of their own.

    Where bodies have a limit, Envoy Gateway lets nobody upgrade.
    """
    return {"targetRefs": [dict(SELF)], "requestBuffer": {"limit": BODY}, **_limits()}


def streaming_traffic(route: str, rule: str = "", upgrades: Sequence[str] = ()) -> dict[str, Json]:
    """The spec of the BackendTrafficPolicy of a route whose requests are streams: without a limit of bodies.

    It takes the place of the Gateway's: merged into it, it would keep the limit. A websocket, and a
    stream of requests that is answered while it goes on, last for as long as something moves (`IDLE_SECONDS`):
    `REQUEST_SECONDS` count from the end of the request. So a stream of answers to a request that has ended is cut by
    them, and a stream of requests must begin to be answered within `RECEIVED_SECONDS`.

    Source: https://www.envoyproxy.io/docs/envoy/v1.39.0/faq/configuration/timeouts

    Args:
        route: an HTTPRoute's name, in the policy's own namespace.
        rule: the name of the one rule it is for; empty: all.
        upgrades: protocols that a request may go over to; without any, Envoy Gateway lets websockets through.
    """
    target = {"group": GATEWAY_GROUP, "kind": "HTTPRoute", "name": route, **({"sectionName": rule} if rule else {})}
    return {
        "targetRefs": [target],
        **({"httpUpgrade": [{"type": each} for each in upgrades]} if upgrades else {}),
        **_limits(),
    }


def _limits() -> dict[str, Json]:
    return {
        "rateLimit": {"type": "Local", "local": {"rules": [{"limit": {"requests": REQUESTS, "unit": "Second"}}]}},
        "timeout": {
            "tcp": {"connectTimeout": "5s"},
            "http": {"requestTimeout": f"{REQUEST_SECONDS}s", "connectionIdleTimeout": f"{IDLE_SECONDS}s"},
        },
        "circuitBreaker": {
            "maxConnections": UPSTREAM,
            "maxPendingRequests": UPSTREAM,
            "maxParallelRequests": UPSTREAM,
        },
    }
