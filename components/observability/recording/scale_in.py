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
from components.observability.promql import ON_POD, POD, QUEUE, by_queue, duration, known_queues, or_zero

LEAVING: Final = 'kube_node_spec_taint{key="ToBeDeletedByClusterAutoscaler"}'
"""Source: kubernetes/autoscaler 1.36.1, utils/taints (ToBeDeletedTaint)"""
_RUNNING: Final = 'kube_pod_status_phase{phase="Running"}'


def scale_in(objectives: Objectives) -> Group:
    """The group about executors and leaving nodes."""
    return Group(
        name="elastic-spark-scale-in",
        interval=objectives.interval,
        rules=(
            Record(series.EXECUTORS_DOOMED, _counted(_doomed(objectives))),
            Record(series.EXECUTORS_LOST, _counted(_lost(objectives))),
            Record(series.EXECUTORS_LOST_RATIO, _ratio()),
        ),
    )


def _doomed(objectives: Objectives, ago: int = 0) -> str:
    """Executors, owned by a pod, that ran so long ago on nodes that had the taint then and `settling` before."""
    tainted = f"({LEAVING}{_offset(ago)} and {LEAVING}{_offset(ago + objectives.settling)})"
    there = f'kube_pod_info{{created_by_kind="Pod", node!=""}}{_offset(ago)} and on (node) {tainted}'
    return f"max by ({POD}, node) ({there}) and {ON_POD} ({_RUNNING}{_offset(ago)} == 1)"


def _lost(objectives: Objectives) -> str:
    """The doomed of the evaluation before that have ended, unless their node was spared after all, or lost their node.

    Once a node is gone, what was on it is no longer doomed, and so is not lost a second time.
    """
    doomed = _doomed(objectives, objectives.interval)
    spared = f"(kube_node_created unless on (node) {LEAVING})"
    ended = f"({doomed} unless {ON_POD} ({_RUNNING} == 1) unless on (node) {spared})"
    without_node = f"({doomed} unless on (node) kube_node_created)"
    # Without kube-state-metrics nothing runs and no node is there, which says nothing.
    return f"({ended} or {without_node}) and on () (count(kube_node_created) > 0)"


def _counted(pods: str) -> str:
    return or_zero(by_queue("sum", f"({pods}) > bool 0"), known_queues())


def _ratio() -> str:
    lost = f"sum_over_time({series.EXECUTORS_LOST}[1d])"
    placed = f'sum by ({QUEUE}) (sum_over_time({series.QUEUE_PODS_SCHEDULED}{{purpose="executor"}}[1d]))'
    return f"({lost} / on ({QUEUE}) ({placed} > 0)) or {lost} * 0"


def _offset(ago: int) -> str:
    return f" offset {duration(ago)}" if ago else ""
