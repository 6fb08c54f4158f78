"""Scrapes Spark's drivers, which answer for their executors too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.observability import scraped, spark_metrics
from components.observability.crds import API_VERSION, MONITOR_LABELS, NODE_SCRAPE_INTERVAL
from components.queue.network import DRIVER_ROLES, DRIVER_UI_PORT
from sizing import names
from sizing.values import Json

MAXIMUM_SAMPLES: Final = 200_000
"""Of one driver, kept: 5,000 executors and as many that have gone. Jobs are tenants' code and may say what they like:
past this a driver is not taken at all, and Prometheus stays well."""
LARGEST_ANSWER: Final = "256MB"
"""Of one driver, before anything is dropped."""
LONGEST_VALUE: Final = 512
MAXIMUM_LABELS: Final = 24
APPLICATION: Final = "application_id"
_APPLICATION_LABEL: Final = names.label_in_metrics(spark_metrics.APPLICATION_LABEL)


@dataclass(frozen=True, kw_only=True)
class DriverMonitorArgs:
    """Where the monitor is.

    Args:
        namespace: of the platform's software.
    """

    namespace: str


class DriverMonitor(Component):
    """A PodMonitor for the drivers and Spark Connect servers of all queues, those of the future included.

    Tenant, queue and application come from the pod, which admission watches over, and win over what a job says of
    itself. Only metrics of Spark are kept, so that no job can say anything about nodes, other queues or costs.
    """

    module = "driver_monitor"

    def __init__(self, name: str, args: DriverMonitorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        k8s.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version=API_VERSION,
            kind="PodMonitor",
            metadata={"name": "spark-drivers", "namespace": args.namespace, "labels": dict(MONITOR_LABELS)},
            spec=spec(),
            opts=self.child(),
        )
        self.register_outputs({})


def spec() -> dict[str, Json]:
    """The spec of the PodMonitor."""
    return {
        "namespaceSelector": {"any": True},
        "selector": {"matchExpressions": [{"key": "spark-role", "operator": "In", "values": list(DRIVER_ROLES)}]},
        # The API server sends drivers alone, not every pod of the cluster.
        "selectorMechanism": "RoleSelector",
        "sampleLimit": MAXIMUM_SAMPLES,
        "bodySizeLimit": LARGEST_ANSWER,
        "labelLimit": MAXIMUM_LABELS,
        "labelValueLengthLimit": LONGEST_VALUE,
        "podMetricsEndpoints": [
            _endpoint(spark_metrics.DRIVER_PATH, scraped.DRIVER),
            _endpoint(spark_metrics.EXECUTORS_PATH, {**scraped.DRIVER, **scraped.EXECUTOR}),
        ],
    }


def _endpoint(path: str, kept: Mapping[str, int]) -> dict[str, Json]:
    names_of_jobs, ours = spark_metrics.renaming()
    return {
        "path": path,
        "interval": NODE_SCRAPE_INTERVAL,
        "relabelings": [
            # A Spark Connect server's pod declares no ports, a driver's three, all of which come to this one.
            {
                "sourceLabels": ["__meta_kubernetes_pod_ip"],
                "targetLabel": "__address__",
                "replacement": f"$1:{DRIVER_UI_PORT}",
            },
            {"action": "labeldrop", "regex": "container|endpoint"},
            {"sourceLabels": ["namespace"], "targetLabel": "queue"},
            # No tenant's name has a dash; what is in no queue's namespace has none, and is left out.
            {"action": "keep", "sourceLabels": ["namespace"], "regex": "[a-z0-9]+-.+"},
            {"sourceLabels": ["namespace"], "regex": "([a-z0-9]+)-.+", "targetLabel": "tenant"},
            {
                "sourceLabels": [f"__meta_kubernetes_pod_label_{_APPLICATION_LABEL}"],
                "targetLabel": APPLICATION,
            },
            # Otherwise it would be the monitor's name, the same for all.
            {"targetLabel": "job", "replacement": "spark"},
        ],
        "metricRelabelings": [
            scraped.keep({**kept, names_of_jobs: 1}),
            # Whatever a job's metrics are called after.
            {
                "action": "replace",
                "sourceLabels": ["__name__"],
                "regex": names_of_jobs,
                "targetLabel": "__name__",
                "replacement": ours,
            },
            # What a job says of itself that the pod says too.
            {"action": "labeldrop", "regex": "exported_.+"},
        ],
    }
