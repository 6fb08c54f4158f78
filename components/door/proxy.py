"""The door's Envoys: how many, where and how large, what they write down, and how they end.

Source: https://gateway.envoyproxy.io/docs/api/extension_types/#envoyproxyspec (Envoy Gateway 1.9)
"""

from __future__ import annotations

from typing import Final

from components.nodes.placement import system_placement
from components.software.chart_values import SYSTEM_PRIORITY, resources, spread
from components.software.versions import DOOR_ENVOY_IMAGE
from sizing import names
from sizing.system import DOOR_PROXY
from sizing.values import Json

PROXY_LABELS: Final = {"app.kubernetes.io/name": "envoy", "app.kubernetes.io/component": "proxy"}
"""Of the Envoys' pods, as far as network policies know labels (envoyproxy/gateway, proxy.EnvoyAppLabel)."""
PORT: Final = 8080
"""Of the Gateway, its Service and its Envoys: Envoy Gateway moves only ports below 1024."""
METRICS_PORT: Final = 19_001
"""Envoy's metrics, at `METRICS_PATH`; its admin interface listens on the loopback alone."""
METRICS_PATH: Final = "/stats/prometheus"
NODE_PORT: Final = 30_080
"""Of every node, to the Envoys on it. It is one of the first 86, which Kubernetes gives to nobody by itself.

Source: https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions
"""
DRAIN_SECONDS: Final = 60
"""An Envoy that ends finishes requests for so long; new connections go elsewhere."""
UNHEALTHY_SECONDS: Final = 30
"""Before that it tells the load balancer that it ends, who needs two health checks of ten seconds to believe it."""
MISSING: Final = "-"


def proxy_spec(username_claim: str) -> dict[str, Json]:
    """The spec of the EnvoyProxy.

    Args:
        username_claim: by which the access log knows people.
    """
    return {
        "provider": {
            "type": "Kubernetes",
            "kubernetes": {
                "envoyDeployment": _deployment(),
                "envoyService": _service(),
                "envoyPDB": {"maxUnavailable": 1},
                "envoyServiceAccount": {"name": names.DOOR},
            },
        },
        # As many as nodes have cores, by default: a proxy with so small a share of them only takes memory for it.
        "concurrency": 2,
        "logging": {"level": {"default": "warn"}},
        "shutdown": {
            "healthCheckFailureDelay": f"{UNHEALTHY_SECONDS}s",
            "drainTimeout": f"{DRAIN_SECONDS}s",
            "minDrainDuration": "10s",
        },
        "telemetry": {
            "accessLog": {
                "settings": [
                    {
                        "format": {"type": "JSON", "json": access_log(username_claim)},
                        "sinks": [{"type": "File", "file": {"path": "/dev/stdout"}}],
                    }
                ]
            },
            "metrics": {"prometheus": {}},
        },
    }


def access_log(username_claim: str) -> dict[str, Json]:
    """What is written down of a request: who did what, and how it ended.

    Nothing by which somebody else could do it: no query, which in a login has a code, no cookie, no Authorization, no
    referrer, which may have a query.

    Args:
        username_claim: of the tokens; one with a colon can't be named here, and `sub` takes its place.
    """
    claim = "sub" if ":" in username_claim else username_claim
    return {
        "time": "%START_TIME%",
        "host": "%REQ(:AUTHORITY)%",
        "method": "%REQ(:METHOD)%",
        "path": "%REQ_WITHOUT_QUERY(:PATH)%",
        "protocol": "%PROTOCOL%",
        "status": "%RESPONSE_CODE%",
        "flags": "%RESPONSE_FLAGS%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "milliseconds": "%DURATION%",
        "received": "%BYTES_RECEIVED%",
        "sent": "%BYTES_SENT%",
        "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
        "user": f"%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:people:{claim})%",
        "agent": "%REQ(USER-AGENT)%",
        "request": "%REQ(X-REQUEST-ID)%",
        "route": "%ROUTE_NAME%",
        "upstream": "%UPSTREAM_HOST%",
    }


def _deployment() -> dict[str, Json]:
    return {
        "name": names.DOOR,
        "replicas": DOOR_PROXY.replicas,
        # The other stays until the new one answers; on as many nodes as replicas there is no third place.
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
        "pod": {
            "priorityClassName": SYSTEM_PRIORITY,
            **system_placement(),
            "topologySpreadConstraints": spread(PROXY_LABELS),
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        },
        "container": {"image": DOOR_ENVOY_IMAGE, "resources": resources(DOOR_PROXY)},
    }


def _service() -> dict[str, Json]:
    return {
        "name": names.DOOR,
        # A load balancer of Kubernetes' making would be nobody's here: no policy would see it, and no destroy end it.
        "type": "NodePort",
        # Whoever comes keeps their address, and a node without an Envoy is none for the load balancer.
        "externalTrafficPolicy": "Local",
        "patch": {
            "type": "StrategicMerge",
            "value": {"spec": {"ports": [{"port": PORT, "protocol": "TCP", "nodePort": NODE_PORT}]}},
        },
    }
