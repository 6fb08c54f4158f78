"""Whether scale-in ever takes a running executor, which it must not.

The autoscaler taints a node, waits 5 seconds, looks again whether somebody has come, and takes the taint away if so.
A taint that is older than `settling` is therefore meant: an executor that runs there is about to be lost.
Source: kubernetes/autoscaler 1.36.1, core/scaledown/actuation
"""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import (
    ON_POD,
    POD,
    QUEUE,
    SYSTEM_NODES,
    by_queue,
    duration,
    known_queues,
    or_zero,
)

LEAVING: Final = 'kube_node_spec_taint{key="ToBeDeletedByClusterAutoscaler"}'
"""Source: kubernetes/autoscaler 1.36.1, utils/taints (ToBeDeletedTaint)"""
_RUNNING: Final = 'kube_pod_status_phase{phase="Running"}'


def scale_in(objectives: Objectives) -> Group:
    """The group about executors and leaving nodes."""
    return Group(
        name="elastic-spark-scale-in",
        interval=objectives.interval,
        rules=(
            Record(series.EXECUTOR_DOOMED, _doomed(objectives)),
            Record(series.EXECUTORS_DOOMED, _counted(f"{series.EXECUTOR_DOOMED}")),
            Record(series.EXECUTORS_LOST, _counted(_lost(objectives))),
            Record(series.EXECUTORS_LOST_RATIO, _ratio()),
        ),
    )


def _doomed(objectives: Objectives) -> str:
    """Executors, owned by a pod, that run on nodes that have had the taint for `settling`."""
    tainted = f"({LEAVING} and {LEAVING} offset {duration(objectives.settling)})"
    there = f'kube_pod_info{{created_by_kind="Pod"}} and on (node) {tainted}'
    return f"max by ({POD}, node) ({there} and {ON_POD} ({_RUNNING} == 1))"


def _lost(objectives: Objectives) -> str:
    """The doomed of the evaluation before that no longer are, though their node still leaves or is gone: not spared.

    Once a node is gone, what was on it is no longer doomed, and so is not lost a second time.
    """
    before = f"{series.EXECUTOR_DOOMED} offset {duration(objectives.interval)}"
    ended = f"({before} and on (node) {LEAVING} unless {ON_POD} {series.EXECUTOR_DOOMED})"
    # Without kube-state-metrics no node is there, which says nothing.
    without_node = f"({before} unless on (node) kube_node_created and on () {SYSTEM_NODES})"
    return f"{ended} or {without_node}"


def _counted(pods: str) -> str:
    return or_zero(by_queue("count", pods), known_queues())


def _ratio() -> str:
    lost = f"sum_over_time({series.EXECUTORS_LOST}[1d])"
    placed = f'sum by ({QUEUE}) (sum_over_time({series.QUEUE_PODS_SCHEDULED}{{purpose="executor"}}[1d]))'
    return f"({lost} / on ({QUEUE}) ({placed} > 0)) or {lost} * 0"
