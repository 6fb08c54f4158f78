"""Pods that wait, and for which YuniKorn no longer looks for a place.

When the API server doesn't take a placement, YuniKorn 1.9.0 gives the pod up: nothing is asked for it any more, in no
queue it is pending, and yet it stays Pending for good. Nobody says so: no node is missing, and the queue asks for
nothing. What is known is what its waiting pods request, and what YuniKorn is asked for in it; the latter is never less.
Source: apache/yunikorn-k8shim v1.9.0, pkg/cache/task.go (postTaskAllocated, beforeTaskFail); tried again since
YUNIKORN-2884
"""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.objectives import Objectives
from components.observability.promql import ON_POD, POD, QUEUE, by_queue, duration, per_pod, with_queue
from components.observability.recording.waiting import JOB_PODS

_HELD: Final = f"{JOB_PODS} unless {ON_POD} kube_pod_status_scheduled_time unless {ON_POD} {series.POD_ENDED}"
PLACEHOLDERS: Final = 'pod=~"tg-.+"'
"""Pods that hold places for a gang; while they wait, YuniKorn isn't asked for its driver.

Source: apache/yunikorn-k8shim v1.9.0, pkg/cache/application.go (Schedule), pkg/cache/gang_utils.go
"""
TOLERANCE: Final = 0.001
"""Cores; YuniKorn counts thousandths."""


def without_ask(objectives: Objectives) -> str:
    """Cores that a queue's pods request while they wait, beyond those that YuniKorn is asked for.

    Only of queues in which somebody has waited for `without_ask`: before, it may be on its way.
    """
    requests = 'kube_pod_container_resource_requests{resource="cpu", node=""}'
    cores = per_pod("sum", f"max by ({POD}, container) ({requests})")
    waiting = with_queue(f"sum by (namespace) ({cores} and {ON_POD} ({_HELD}))")
    long = f"({_HELD}) and {ON_POD} ({JOB_PODS} offset {duration(objectives.without_ask)})"
    gangs = f"({_HELD}) and {ON_POD} {JOB_PODS.replace('{', f'{{{PLACEHOLDERS}, ')}"
    return (
        f"sum by ({QUEUE}) ({waiting}) - on ({QUEUE}) {series.QUEUE_PENDING_CPU} > {TOLERANCE}"
        f" and on ({QUEUE}) {by_queue('count', long)} unless on ({QUEUE}) {by_queue('count', gangs)}"
        f" and on () (count(yunikorn_scheduler_node) > 0)"
    )
