"""The door in the cluster: Envoy Gateway, its Gateway with what holds for every request, and the platform's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.door.login import (
    ENVOY_API,
    ENVOY_GROUP,
    GATEWAY_API,
    GATEWAY_GROUP,
    Endpoints,
    Login,
    closed,
    people_policy,
)
from components.door.pages import WEBSOCKET, Page, listeners, page_route
from components.door.proxy import METRICS_PATH, PROXY_LABELS, proxy_spec
from components.door.start.start_page import StartPage, StartPageArgs
from components.door.traffic import backend_traffic, client_traffic, streaming_traffic
from components.nodes.placement import system_placement
from components.observability import scraped
from components.observability.crds import API_VERSION, MONITOR_LABELS, NODE_SCRAPE_INTERVAL
from components.software.chart import ChartSource, release
from components.software.chart_values import SYSTEM_PRIORITY, resources, spread
from components.software.versions import ENVOY_GATEWAY
from sizing import names
from sizing.system import DOOR_CONTROLLER
from sizing.values import Json

CONTROLLER: Final = "gateway.envoyproxy.io/elastic-spark"
"""By which this Envoy Gateway knows its classes, and leaves another's alone."""
CONTROLLER_LABELS: Final = {"app.kubernetes.io/name": "gateway-helm"}
"""Of its pods, by the chart."""
XDS_PORT: Final = 18_000
"""Where Envoys get their configuration."""
CONTROLLER_METRICS_PORT: Final = 19_001


@dataclass(frozen=True, kw_only=True)
class DoorArgs:
    """What the door shows, and to whom.

    Args:
        namespace: of the platform's software; it exists already.
        source: where charts come from.
        domain: the queues' and pages' hosts are below it.
        login: whose tokens open it.
        client_id: of the confidential client by which browsers log in.
        scopes: that logins ask for.
        endpoints: of the issuer; None: Envoy Gateway asks the issuer for them.
        username_claim: by which the access log knows people.
        groups: of the issuer's people who see the platform's pages; of none, nobody does.
        pages: by the first label of their host.
    """

    namespace: str
    source: ChartSource
    domain: str
    login: Login
    client_id: str
    scopes: tuple[str, ...]
    endpoints: Endpoints | None
    username_claim: str
    groups: tuple[str, ...]
    pages: Mapping[str, Page]


class Door(Component):
    """A Gateway that is closed to everybody, the pages that groups of the platform's people may open, and everybody's.

    Who has no route of a queue or page gets 404, and who comes to a route whose policy isn't there is refused by the
    Gateway's own: docs/decisions/0033-the-door.md. The definitions of monitors come first.

    Attributes:
        gateway: tenants' routes are taken as long as it is there.
    """

    module = "door"

    def __init__(self, name: str, args: DoorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        chart = release(
            f"{name}-chart",
            ENVOY_GATEWAY,
            source=args.source,
            namespace=args.namespace,
            values=controller_values(),
            opts=self.child(),
        )
        proxy = self._object(name, args, "EnvoyProxy", proxy_spec(args.username_claim), after=chart)
        door_class = k8s.apiextensions.CustomResource(
            f"{name}-class",
            api_version=GATEWAY_API,
            kind="GatewayClass",
            metadata={"name": names.DOOR_CLASS},
            spec={
                "controllerName": CONTROLLER,
                "parametersRef": {
                    "group": ENVOY_GROUP,
                    "kind": "EnvoyProxy",
                    "name": names.DOOR,
                    "namespace": args.namespace,
                },
            },
            opts=self.child(depends_on=[proxy]),
        )
        policies = [
            self._object(name, args, kind, spec, after=chart)
            for kind, spec in (
                ("ClientTrafficPolicy", client_traffic()),
                ("BackendTrafficPolicy", backend_traffic()),
                ("SecurityPolicy", self._closed(args)),
            )
        ]
        self.gateway = k8s.apiextensions.CustomResource(
            f"{name}-gateway",
            api_version=GATEWAY_API,
            kind="Gateway",
            metadata={"name": names.DOOR, "namespace": args.namespace},
            spec={"gatewayClassName": names.DOOR_CLASS, "listeners": listeners(args.domain, args.pages)},
            # Nobody is let in before what keeps people out is there.
            opts=self.child(depends_on=[door_class, *policies]),
        )
        StartPage(
            f"{name}-start-page",
            StartPageArgs(namespace=args.namespace, domain=args.domain, groups_claim=args.login.groups_claim),
            # Its role reads kinds that come with the chart.
            self.child(depends_on=[chart]),
        )
        for label, page in sorted(args.pages.items()):
            self._create_page(name, args, label, page)
        self._create_monitors(name, args, chart)
        self.register_outputs({"hosts": [names.door_host(label, args.domain) for label in sorted(args.pages)]})

    def _closed(self, args: DoorArgs) -> dict[str, Json]:
        target: Json = {"group": GATEWAY_GROUP, "kind": "Gateway", "name": names.DOOR}
        return {"targetRefs": [target], **closed(args.login, args.client_id, args.scopes, args.endpoints)}

    def _object(
        self, name: str, args: DoorArgs, kind: str, spec: dict[str, Json], after: pulumi.Resource
    ) -> k8s.apiextensions.CustomResource:
        return k8s.apiextensions.CustomResource(
            f"{name}-{kind}",
            api_version=ENVOY_API,
            kind=kind,
            metadata={"name": names.DOOR, "namespace": args.namespace},
            spec=spec,
            opts=self.child(depends_on=[after]),
        )

    def _create_page(self, name: str, args: DoorArgs, label: str, page: Page) -> None:
        policy = k8s.apiextensions.CustomResource(
            f"{name}-{label}-people",
            api_version=ENVOY_API,
            kind="SecurityPolicy",
            metadata={"name": f"{names.DOOR}-{label}", "namespace": args.namespace},
            spec=people_policy(
                args.login,
                f"{names.DOOR}-{label}",
                None if page.everybody else args.groups,
                page.methods,
                csrf=page.csrf,
            ),
            opts=self.child(depends_on=[self.gateway]),
        )
        before = [policy]
        if page.websocket:
            before.append(
                k8s.apiextensions.CustomResource(
                    f"{name}-{label}-traffic",
                    api_version=ENVOY_API,
                    kind="BackendTrafficPolicy",
                    metadata={"name": f"{names.DOOR}-{label}", "namespace": args.namespace},
                    spec=streaming_traffic(f"{names.DOOR}-{label}", WEBSOCKET, [WEBSOCKET]),
                    opts=self.child(depends_on=[self.gateway]),
                )
            )
        k8s.apiextensions.CustomResource(
            f"{name}-{label}-route",
            api_version=GATEWAY_API,
            kind="HTTPRoute",
            metadata={"name": f"{names.DOOR}-{label}", "namespace": args.namespace},
            spec=page_route(label, page, args.domain),
            opts=self.child(depends_on=before),
        )

    def _create_monitors(self, name: str, args: DoorArgs, chart: k8s.helm.v3.Release) -> None:
        """Envoy Gateway has none, and what it makes has services without the ports of metrics."""
        for role, labels, path, kept in (
            ("proxies", PROXY_LABELS, METRICS_PATH, scraped.DOOR),
            ("controller", CONTROLLER_LABELS, "/metrics", scraped.DOOR_CONTROLLER),
        ):
            k8s.apiextensions.CustomResource(
                f"{name}-{role}",
                api_version=API_VERSION,
                kind="PodMonitor",
                metadata={
                    "name": f"{names.DOOR}-{role}",
                    "namespace": args.namespace,
                    "labels": dict(MONITOR_LABELS),
                },
                spec={
                    "selector": {"matchLabels": dict(labels)},
                    "podMetricsEndpoints": [
                        {
                            "port": "metrics",
                            "path": path,
                            "interval": NODE_SCRAPE_INTERVAL,
                            "metricRelabelings": [scraped.keep(kept)],
                        }
                    ],
                },
                # Nothing answers before, and a target without an answer is an alert.
                opts=self.child(depends_on=[chart if role == "controller" else self.gateway]),
            )


def controller_values() -> dict[str, object]:
    """The values of Envoy Gateway's chart.

    The controller reads routes, policies, services and secrets of all namespaces, as its chart has it; what could carry
    more than that (patches of Envoy's configuration, backends by address, scripts) stays off.
    """
    return {
        "deployment": {
            "replicas": DOOR_CONTROLLER.replicas,
            "priorityClassName": SYSTEM_PRIORITY,
            "pod": {
                **system_placement(),
                "topologySpreadConstraints": spread(CONTROLLER_LABELS),
                # Prometheus finds it by its monitor.
                "annotations": None,
            },
            "envoyGateway": {"resources": resources(DOOR_CONTROLLER)},
        },
        "podDisruptionBudget": {"minAvailable": 1},
        "certgen": {"job": {**system_placement(), "resources": resources(DOOR_CONTROLLER)}},
        # A webhook on every pod of an Envoy, to tell it its zone: here the load balancer chooses the Envoy. The chart
        # says so where Envoy Gateway 1.9 doesn't look, so that an Envoy would wait for the others' addresses.
        "topologyInjector": {"enabled": False},
        "config": {
            "envoyGateway": {
                "gateway": {"controllerName": CONTROLLER},
                "provider": {"type": "Kubernetes", "kubernetes": {"proxyTopologyInjector": {"disabled": True}}},
                "logging": {"level": {"default": "info"}},
                "extensionApis": {"enableEnvoyPatchPolicy": False, "enableBackend": False, "enableLua": False},
            }
        },
    }
