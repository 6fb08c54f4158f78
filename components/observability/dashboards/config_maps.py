"""Dashboards in the cluster, where Grafana's sidecar finds them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.observability.grafana import DASHBOARD_LABEL, FOLDER_ANNOTATION

DATA: Final = Path(__file__).parent / "data"
"""Where `make dashboards` writes their JSON."""
PLATFORM: Final = ("autoscaling", "costs", "elastic-story", "yunikorn")
"""For the platform's people and whoever pays: they look at all queues at once, and at what no tenant owns."""
TENANTS: Final = ("queue", "spark-application")
"""For tenants' people: all that they ask for has the label `tenant`."""
FOLDERS: Final = {"Platform": PLATFORM, "Queues": TENANTS}
"""What is in which folder of Grafana."""


def dashboard_json(name: str) -> str:
    """The JSON of a dashboard.

    Raises:
        FileNotFoundError: there is no such dashboard.
    """
    return (DATA / f"{name}.json").read_text()


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
