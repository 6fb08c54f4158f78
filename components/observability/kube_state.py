"""What rules and dashboards take from kube-state-metrics: each metric with the labels that they use, and what it needs.

Only what is here has to be collected (`metricAllowlist` of its chart). Names and labels are those of docs/metrics in
https://github.com/kubernetes/kube-state-metrics: workload/pod-metrics.md and cluster/node-metrics.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sizing import names

NODE_LABELS: Final[Mapping[str, str]] = {
    names.POOL_LABEL: "pool",
    names.QUEUE_LABEL: "queue",
    names.TENANT_LABEL: "tenant",
    names.PURPOSE_LABEL: "purpose",
    names.CAPACITY_LABEL: "capacity",
    names.AMI_LABEL: "ami_release",
    "node.kubernetes.io/instance-type": "instance_type",
    "topology.kubernetes.io/zone": "zone",
}
"""Labels of nodes, and their names in Prometheus as labels of `kube_node_labels`
(`--metric-labels-allowlist=nodes=[...]`)."""
SELECTORS: Final[Mapping[str, str]] = {names.POOL_LABEL: "pool"}
"""Labels that pods select their nodes by, and their names in Prometheus as labels of `kube_pod_nodeselectors`."""
ANNOTATIONS: Final[Mapping[str, str]] = {
    names.DEADLINE_ANNOTATION: "deadline",
    names.SUBMITTER_ANNOTATION: "submitter",
}
"""Annotations of pods, and their names in Prometheus as labels of `kube_pod_annotations`
(`--metric-annotations-allowlist=pods=[...]`). Only drivers' are kept: an executor's are its driver's word."""
OPT_IN: Final = ("kube_pod_nodeselectors",)
"""Metrics that are left out unless asked for (`--metric-opt-in-list`): a pod that waits for a node has a pool by its
selector alone, which admission puts on every pod of a queue."""

METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    "kube_node_created": ("node",),
    "kube_node_labels": ("node", *NODE_LABELS.values()),
    "kube_node_spec_taint": ("node", "key", "value", "effect"),
    "kube_node_status_allocatable": ("node", "resource", "unit"),
    "kube_node_status_condition": ("node", "condition", "status"),
    "kube_pod_annotations": ("namespace", "pod", "uid", *ANNOTATIONS.values()),
    "kube_pod_container_resource_requests": ("namespace", "pod", "uid", "container", "node", "resource", "unit"),
    "kube_pod_container_state_started": ("namespace", "pod", "uid", "container"),
    "kube_pod_created": ("namespace", "pod", "uid"),
    "kube_pod_info": ("namespace", "pod", "uid", "node", "created_by_kind", "created_by_name"),
    "kube_pod_nodeselectors": ("namespace", "pod", "uid", *SELECTORS.values()),
    "kube_pod_status_phase": ("namespace", "pod", "uid", "phase"),
    "kube_pod_status_scheduled_time": ("namespace", "pod", "uid"),
    "kube_pod_status_unschedulable": ("namespace", "pod", "uid"),
}
"""The labels that are used of each metric, by the names that scraping gives them
(`components.observability.scraped.kube_state_relabelings`); it may have more. `kube_pod_status_unschedulable` is there,
and 1, only while a scheduler says of the pod that no node has room for it, which YuniKorn does only inside the queue's
maximum."""
