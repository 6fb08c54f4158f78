"""Scrapes the agent of EKS Pod Identity, which gives every pod its credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.observability import scraped
from components.observability.crds import API_VERSION, MONITOR_LABELS, NODE_SCRAPE_INTERVAL

AGENT: Final = "eks-pod-identity-agent"
AGENT_NAMESPACE: Final = "kube-system"
AGENT_LABELS: Final = {"app.kubernetes.io/name": AGENT}
"""Of its pods, by EKS's add-on.

Source: aws/eks-pod-identity-agent, charts/eks-pod-identity-agent/templates/_helpers.tpl
"""
METRICS_PORT: Final = 2705
"""On the nodes' own addresses, where it answers unless told otherwise (aws/eks-pod-identity-agent, cmd/server.go)."""


@dataclass(frozen=True, kw_only=True)
class CredentialsMonitorArgs:
    """Where the monitor is.

    Args:
        namespace: of the platform's software.
    """

    namespace: str


class CredentialsMonitor(Component):
    """A service that stands for the agents of all nodes, and its monitor: EKS's add-on brings neither."""

    module = "credentials_monitor"

    def __init__(self, name: str, args: CredentialsMonitorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        k8s.core.v1.Service(
            f"{name}-service",
            metadata={"name": f"{AGENT}-metrics", "namespace": AGENT_NAMESPACE, "labels": dict(AGENT_LABELS)},
            spec={
                "cluster_ip": "None",
                "selector": dict(AGENT_LABELS),
                "ports": [{"name": "metrics", "port": METRICS_PORT, "target_port": METRICS_PORT}],
            },
            opts=self.child(),
        )
        k8s.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version=API_VERSION,
            kind="ServiceMonitor",
            metadata={"name": AGENT, "namespace": args.namespace, "labels": dict(MONITOR_LABELS)},
            spec={
                "namespaceSelector": {"matchNames": [AGENT_NAMESPACE]},
                "selector": {"matchLabels": dict(AGENT_LABELS)},
                "endpoints": [
                    {
                        "port": "metrics",
                        "interval": NODE_SCRAPE_INTERVAL,
                        "metricRelabelings": [scraped.keep(scraped.POD_IDENTITY)],
                    }
                ],
            },
            opts=self.child(),
        )
        self.register_outputs({})
