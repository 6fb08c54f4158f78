"""Dashboards in the cluster, where Grafana's sidecar finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.observability.dashboards.files import PLATFORM, TENANTS, dashboard_json
from components.observability.grafana import DASHBOARD_LABEL, FOLDER_ANNOTATION

FOLDERS: Final = {"Platform": PLATFORM, "Queues": TENANTS}
"""What is in which folder of Grafana."""


@dataclass(frozen=True, kw_only=True)
class DashboardsArgs:
    """Where dashboards are put.

    Args:
        namespace: Grafana's, which is the only one that it looks at: in a queue's namespace every job may write
            ConfigMaps.
    """

    namespace: str


class Dashboards(Component):
    """A ConfigMap for each dashboard."""

    module = "dashboards"

    def __init__(self, name: str, args: DashboardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for folder, dashboards in FOLDERS.items():
            for dashboard in dashboards:
                k8s.core.v1.ConfigMap(
                    f"{name}-{dashboard}",
                    metadata={
                        "name": f"dashboard-{dashboard}",
                        "namespace": args.namespace,
                        "labels": {DASHBOARD_LABEL: "true"},
                        "annotations": {FOLDER_ANNOTATION: folder},
                    },
                    data={f"{dashboard}.json": dashboard_json(dashboard)},
                    opts=self.child(),
                )
        self.register_outputs({})
