"""What rules and dashboards take from kube-state-metrics: each metric with the labels that they use, and what it needs.

Only what is here has to be collected (`metricAllowlist` of its chart). Names and labels are those of docs/metrics in
https://github.com/kubernetes/kube-state-metrics: workload/pod-metrics.md and cluster/node-metrics.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sizing import names

NODE_LABELS: Final = (
    names.POOL_LABEL,
    names.PURPOSE_LABEL,
    names.QUEUE_LABEL,
    names.TENANT_LABEL,
    names.CAPACITY_LABEL,
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/zone",
)
"""Of nodes, as labels of `kube_node_labels` (`--metric-labels-allowlist=nodes=[...]`)."""
OPT_IN: Final = ("kube_pod_nodeselectors",)
"""Metrics that are left out unless asked for (`--metric-opt-in-list`): a pod that waits for a node has a pool by its
selector alone, which admission puts on every pod of a queue."""

METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    "kube_node_created": ("node",),
    "kube_node_labels": ("node", *(f"label_{names.label_in_metrics(label)}" for label in NODE_LABELS)),
    "kube_node_spec_taint": ("node", "key", "value", "effect"),
    "kube_node_status_allocatable": ("node", "resource", "unit"),
    "kube_node_status_condition": ("node", "condition", "status"),
    "kube_pod_container_resource_requests": ("namespace", "pod", "uid", "container", "node", "resource", "unit"),
    "kube_pod_container_state_started": ("namespace", "pod", "uid", "container"),
    "kube_pod_created": ("namespace", "pod", "uid"),
    "kube_pod_info": ("namespace", "pod", "uid", "node", "created_by_kind", "created_by_name"),
    "kube_pod_nodeselectors": ("namespace", "pod", "uid", f"nodeselector_{names.label_in_metrics(names.POOL_LABEL)}"),
    "kube_pod_status_phase": ("namespace", "pod", "uid", "phase"),
    "kube_pod_status_scheduled_time": ("namespace", "pod", "uid"),
    "kube_pod_status_unschedulable": ("namespace", "pod", "uid"),
}
"""The labels that are used of each metric; it may have more. `kube_pod_status_unschedulable` is there, and 1, only
while a scheduler says of the pod that no node has room for it, which YuniKorn does only inside the queue's maximum."""
