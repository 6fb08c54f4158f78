"""The platform's own pages at the door: which there are, where they answer, and what may be done there.

Grafana keeps its own login: who has passed the door may look, and who they are to Grafana, Grafana says.
So it gets its own cookies, but neither those of the door nor Authorization, by which it would take a token for one of
its own. The others know no people at all, and are to look at only: they could silence alerts, drop series or take
queues' configuration. The start page is the platform's own program, for everybody, and reads the token itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from components.door.login import CALLBACK, GATEWAY_GROUP
from components.door.proxy import PORT
from components.door.start import start_page
from sizing import names
from sizing.values import Json

LOOK: Final = ("GET", "HEAD")
WEBSOCKET: Final = "websocket"
"""The rule of a page's route by which it has websockets, and the protocol's name."""
CREDENTIALS: Final = ("Authorization", "Cookie")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the platform's.

    Args:
        service: in the platform's namespace.
        port: of the service.
        pod_labels: of its pods, as far as network policies know labels.
        pod_port: on which these answer.
        methods: of HTTP; none: all, for a page with a login of its own.
        csrf: whether what writes must come from the page's own host.
        websocket: the path of its websocket, which only the page's own origin opens; empty: it has none.
        hidden: headers of a request that the page doesn't get.
        everybody: whether it is for all whom the issuer knows, and not for groups of the platform's people alone.
    """

    service: str
    port: int
    pod_labels: Mapping[str, str]
    pod_port: int
    methods: tuple[str, ...]
    csrf: bool = True
    websocket: str = ""
    hidden: tuple[str, ...] = CREDENTIALS
    everybody: bool = False


SCHEDULER: Final = Page(
    service="yunikorn-service",
    port=9889,
    pod_labels={"component": "yunikorn-scheduler"},
    pod_port=9889,
    methods=LOOK,
)
MONITORING: Final[Mapping[str, Page]] = {
    "alerts": Page(
        service="monitoring-alertmanager",
        port=9093,
        pod_labels={"app.kubernetes.io/name": "alertmanager"},
        pod_port=9093,
        methods=LOOK,
    ),
    "prometheus": Page(
        service="monitoring-prometheus",
        port=9090,
        pod_labels={"app.kubernetes.io/name": "prometheus"},
        pod_port=9090,
        methods=LOOK,
    ),
}
GRAFANA: Final = Page(
    service="monitoring-grafana",
    port=80,
    pod_labels={"app.kubernetes.io/name": "grafana"},
    pod_port=3000,
    methods=(),
    websocket="/api/live/ws",
    # Its own cookies it needs; with the door's it can do nothing that its people can't.
    hidden=("Authorization",),
)
START: Final = Page(
    service=start_page.NAME,
    port=start_page.PORT,
    pod_labels=start_page.LABELS,
    pod_port=start_page.PORT,
    methods=LOOK,
    # It shows what the token opens.
    hidden=(),
    everybody=True,
)


def pages(*, monitoring: bool, grafana: bool) -> dict[str, Page]:
    """The pages of a platform by the first label of their host, sorted.

    Args:
        monitoring: whether Prometheus and Alertmanager run in the cluster.
        grafana: whether Grafana does.
    """
    found = (
        {"scheduler": SCHEDULER, names.DOOR_START: START}
        | (dict(MONITORING) if monitoring else {})
        | ({"grafana": GRAFANA} if grafana else {})
    )
    return dict(sorted(found.items()))


def listeners(domain: str, pages: Mapping[str, Page]) -> list[Json]:
    """The Gateway's listeners: one for all queues, and one for each page, whose host then no queue's route gets.

    Source: envoyproxy/gateway v1.9.1, internal/gatewayapi/helpers.go (computeHosts)
    """
    kinds: list[Json] = [{"group": GATEWAY_GROUP, "kind": kind} for kind in ("HTTPRoute", "GRPCRoute")]
    queues: Json = {"matchExpressions": [{"key": names.QUEUE_LABEL, "operator": "Exists"}]}
    return [
        {
            "name": names.DOOR_LISTENER,
            "protocol": "HTTP",
            "port": PORT,
            "hostname": f"*.{domain}",
            "allowedRoutes": {"kinds": kinds, "namespaces": {"from": "Selector", "selector": queues}},
        },
        *(
            {
                "name": label,
                "protocol": "HTTP",
                "port": PORT,
                "hostname": names.door_host(label, domain),
                "allowedRoutes": {"kinds": [kinds[0]], "namespaces": {"from": "Same"}},
            }
            for label in sorted(pages)
        ),
    ]


def page_route(label: str, page: Page, domain: str) -> dict[str, Json]:
    """The spec of the HTTPRoute of a page."""
    host = names.door_host(label, domain)
    filters: Json = [_without(page.hidden)] if page.hidden else []
    backends: Json = [{"name": page.service, "port": page.port}]
    prefix: Json = {"type": "PathPrefix", "value": "/"}
    return {
        "hostnames": [host],
        "parentRefs": [{"name": names.DOOR, "namespace": names.SYSTEM_NAMESPACE, "sectionName": label}],
        "rules": [
            {
                "matches": [{"path": prefix, "method": method} for method in page.methods] or [{"path": prefix}],
                **({"filters": filters} if page.hidden else {}),
                "backendRefs": backends,
            },
            *(
                [
                    {
                        "name": WEBSOCKET,
                        "matches": [_websocket(page.websocket, host)],
                        "filters": filters,
                        "backendRefs": backends,
                    }
                ]
                if page.websocket
                else []
            ),
        ],
    }


def _websocket(path: str, host: str) -> Json:
    """Browsers send cookies with another site's websocket, too, and csrf looks at no GET."""
    return {
        "path": {"type": "Exact", "value": path},
        "method": "GET",
        "headers": [
            {"type": "Exact", "name": "Origin", "value": f"https://{host}"},
            {"type": "Exact", "name": "Upgrade", "value": WEBSOCKET},
        ],
    }


def _without(headers: tuple[str, ...]) -> Json:
    return {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": list(headers)}}


def redirect_uris(domain: str, pages: Mapping[str, Page]) -> list[str]:
    """What the issuer must know of the platform's pages as places to come back to after a login."""
    return [f"https://{names.door_host(label, domain)}{CALLBACK}" for label in sorted(pages)]
