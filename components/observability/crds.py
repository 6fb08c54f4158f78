"""What charts need to be scraped: the definitions of monitors, and the labels that make them count."""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.software.chart import ChartSource, release
from components.software.versions import MONITORING_CRDS

API_VERSION: Final = "monitoring.coreos.com/v1"
MONITOR_LABELS: Final = {"release": "elastic-spark"}
"""Of every ServiceMonitor, PodMonitor, PrometheusRule and AlertmanagerConfig of ours: the platform's Prometheus and
Alertmanager take those that have them, what `components.observability.stack` brings along, and no others."""
SCRAPE_INTERVAL: Final = "15s"
"""Of what the autoscaling objectives are measured with; decisions fall every 10 seconds."""
NODE_SCRAPE_INTERVAL: Final = "30s"
"""Of what runs on every node."""
NAMESPACE: Final = "kube-system"


def monitoring_crds(name: str, source: ChartSource, opts: pulumi.ResourceOptions | None = None) -> k8s.helm.v3.Release:
    """Installs the definitions of ServiceMonitor and PodMonitor; every chart with monitors waits for them.

    Uninstalling leaves them, since every monitor of the cluster would go with them.
    """
    return release(
        name,
        MONITORING_CRDS,
        source=source,
        namespace=NAMESPACE,
        values={"crds": {"annotations": {"helm.sh/resource-policy": "keep"}}},
        opts=opts,
    )
