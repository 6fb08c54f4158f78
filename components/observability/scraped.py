"""What is kept of all that could be scraped: the metrics that rules and dashboards use, and how many series each has.

The lists are what the scraping is configured with, and what the size of Prometheus is computed from, so that a metric
more is a bigger Prometheus. Those of kube-state-metrics are in `components.observability.kube_state`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Required, TypedDict

from components.observability import kube_state, spark_metrics
from sizing import names

CADVISOR_CONTAINER: Final[Mapping[str, int]] = {
    "container_cpu_usage_seconds_total": 1,
    "container_memory_working_set_bytes": 1,
}
"""By container of a pod, without those of kube-system: every node has the same there."""
CADVISOR_NODE: Final[Mapping[str, int]] = {
    "container_cpu_usage_seconds_total": 1,
    "container_fs_limit_bytes": 2,
    "container_fs_usage_bytes": 2,
    "container_memory_working_set_bytes": 1,
}
"""By node, of its root cgroup: what the node itself uses, so that no exporter has to run on every node. Its file
systems are the root volume and, on some types, local disks."""
KUBELET: Final[Mapping[str, int]] = {
    "kubelet_running_pods": 1,
    "kubelet_volume_stats_available_bytes": 0,
    "kubelet_volume_stats_capacity_bytes": 0,
}
"""By node; volumes of claims are few, and on system nodes only."""
CILIUM_AGENT: Final[Mapping[str, int]] = {
    "cilium_controllers_failing": 1,
    "cilium_drop_count_total": 6,
    "cilium_endpoint_state": 4,
    "cilium_unreachable_nodes": 1,
}
"""By node."""
POD_IDENTITY: Final[Mapping[str, int]] = {
    "pod_identity_cache_errors": 1,
    "pod_identity_http_response": 2,
}
"""By node; by code, of which there is one, mostly."""
DOOR: Final[Mapping[str, int]] = {
    "envoy_cluster_manager_cds_update_rejected": 1,
    "envoy_http_downstream_rq_xx": 10,
    "envoy_listener_manager_lds_update_rejected": 1,
}
"""By Envoy of the door; of its answers, five classes at each of two ports."""
DOOR_CONTROLLER: Final[Mapping[str, int]] = {"watchable_panics_recovered_total": 4}
"""By pod of Envoy Gateway."""
EXECUTOR: Final[Mapping[str, int]] = {name: 1 for name in spark_metrics.METRICS if name.startswith("metrics_executor_")}
"""By executor, and once more by driver, of the driver's `/metrics/executors/prometheus`."""
DRIVER: Final[Mapping[str, int]] = {name: 1 for name in spark_metrics.METRICS if name not in EXECUTOR}
"""By driver."""

DROPPED: Final = (
    "go_.+",
    "hidden_metric.+",
    "process_(max_fds|network_.+|open_fds|virtual_.+)",
    "promhttp_.+",
    "registered_metric.+",
    "rest_client_.+",
    "yunikorn_runtime_.+",
)
"""Of every target: what its runtime and libraries say of themselves."""
KUBE_SYSTEM: Final = "kube-system"
UNUSED_PHASES: Final = ("Pending", "Unknown")
"""Phases of pods that no rule and no dashboard looks for; each would be a series of every pod."""
EXECUTORS: Final = ".+-exec-[0-9]+"
"""Names of executors' pods. Source: apache/spark, resource-managers/kubernetes, BasicExecutorFeatureStep.scala"""
NOT_OF_EXECUTORS: Final = "kube_pod_created"
"""Who waits for a queue is its driver, long before there is an executor."""

ANNOTATIONS: Final = "kube_pod_annotations"

OBJECTS: Final = "apiserver_resource_objects"
STORAGE_SIZE: Final = "apiserver_storage_size_bytes"
API_SERVER: Final[Mapping[str, int]] = {OBJECTS: 3, STORAGE_SIZE: 1}
"""By API server; of objects, the Spark operator's three kinds alone."""


class Relabeling(TypedDict, total=False):
    """A rule of a monitor's `metricRelabelings`.

    Source: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.RelabelConfig
    """

    action: Required[Literal["drop", "keep", "labeldrop", "labelmap"]]
    sourceLabels: list[str]
    regex: Required[str]
    replacement: str


def keep(*tables: Mapping[str, int]) -> Relabeling:
    """A metric relabelling that keeps what is in the tables and nothing else."""
    kept = sorted({name for table in tables for name in table})
    return {"action": "keep", "sourceLabels": ["__name__"], "regex": "|".join(kept)}


def drop(*metrics: str) -> Relabeling:
    """A metric relabelling that drops metrics with these names, which are regular expressions."""
    return {"action": "drop", "sourceLabels": ["__name__"], "regex": "|".join(metrics)}


def cadvisor_relabelings() -> list[Relabeling]:
    """What is kept of cAdvisor's: containers of pods, and the root cgroup for the node as a whole."""
    return [
        keep(CADVISOR_CONTAINER, CADVISOR_NODE),
        # Cgroups between the root and a container: of pods, of systemd's slices, of pause containers.
        {"action": "drop", "sourceLabels": ["id", "container"], "regex": "/.+;(POD)?"},
        {"action": "drop", "sourceLabels": ["__name__", "id"], "regex": "container_fs_.+;/.+"},
        {"action": "drop", "sourceLabels": ["namespace"], "regex": KUBE_SYSTEM},
        {"action": "labeldrop", "regex": "image|name"},
    ]


def api_server_relabelings() -> list[Relabeling]:
    """What is kept of an API server's, which has tens of thousands of series."""
    return [
        keep(API_SERVER),
        {
            "action": "keep",
            "sourceLabels": ["__name__", "group"],
            "regex": f"{STORAGE_SIZE};.*|{OBJECTS};{names.OPERATOR_GROUP}",
        },
    ]


def kube_state_relabelings() -> list[Relabeling]:
    """What is kept of kube-state-metrics', which the list of metrics alone can't say, and under which labels.

    Nothing of pods in kube-system, which are mostly the DaemonSets' of every node: often more pods than all jobs have.
    Labels of nodes get our words for them here, once for each sample and not once more in each evaluation of a rule.
    """
    return [
        {
            "action": "drop",
            "sourceLabels": ["__name__", "phase"],
            "regex": f"kube_pod_status_phase;({'|'.join(UNUSED_PHASES)})",
        },
        {"action": "drop", "sourceLabels": ["namespace", "__name__"], "regex": f"{KUBE_SYSTEM};kube_pod_.+"},
        {"action": "drop", "sourceLabels": ["__name__", "pod"], "regex": f"{NOT_OF_EXECUTORS};{EXECUTORS}"},
        *_of_drivers_that_say_so(),
        *_renamed("annotation", kube_state.ANNOTATIONS),
        *_renamed("label", kube_state.NODE_LABELS),
        *_renamed("nodeselector", kube_state.SELECTORS),
    ]


def _of_drivers_that_say_so() -> list[Relabeling]:
    """Annotations of pods that have them, but for executors, which say what their driver told them."""
    labels = [f"annotation_{names.label_in_metrics(key)}" for key in sorted(kube_state.ANNOTATIONS)]
    return [
        {"action": "drop", "sourceLabels": ["__name__", *labels], "regex": f"{ANNOTATIONS};+"},
        {"action": "drop", "sourceLabels": ["__name__", "pod"], "regex": f"{ANNOTATIONS};{EXECUTORS}"},
    ]


def _renamed(prefix: str, labels: Mapping[str, str]) -> list[Relabeling]:
    """Labels that kube-state-metrics makes of keys behind a prefix, under names of ours and under no others."""
    renamed: list[Relabeling] = [
        {"action": "labelmap", "regex": f"{prefix}_{names.label_in_metrics(key)}", "replacement": name}
        for key, name in labels.items()
    ]
    return [*renamed, {"action": "labeldrop", "regex": f"{prefix}_.+"}]
