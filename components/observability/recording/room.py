"""What is free on driver nodes, and which waiting drivers would fit there."""

from __future__ import annotations

from components.observability import series
from components.observability.objectives import Objectives
from components.observability.promql import DRIVER_NODES, NO_EXECUTORS, ON_POD, POD, labelled, per_pod
from components.observability.recording.nodes import READY
from sizing import names

CLOSED = f'kube_node_spec_taint{{effect=~"NoSchedule|NoExecute", key!="{names.POOL_LABEL}"}}'
"""Of nodes that take no new pod, whatever fits there: cordoned, about to leave, or not ready for pods yet."""


def requested(resource: str, containers: str) -> str:
    """What each placed container requests, unless its pod has ended.

    Args:
        resource: `cpu` or `memory`.
        containers: a matcher.
    """
    requests = f'kube_pod_container_resource_requests{{resource="{resource}", node!="", {containers}}}'
    return f"{requests} unless {ON_POD} {series.POD_ENDED}"


def allocatable(resource: str) -> str:
    """What each node has for pods.

    Args:
        resource: `cpu` or `memory`.
    """
    return f'kube_node_status_allocatable{{resource="{resource}"}}'


def headroom(objectives: Objectives) -> str:
    """Drivers of the declared size that fit on the ready driver nodes, node by node."""
    return f"sum(clamp_min(floor({_room(objectives)}), 0) and on (node) ({READY}))"


def unplaceable(waiting: str, objectives: Objectives) -> str:
    """Those of these drivers for which some ready, open driver node has room: something else keeps them from it.

    Room and requests are compared in drivers of the declared size, by whichever of cpu and memory is scarcer on the
    node and larger in the pod: who is found does fit, though not everybody who fits is found.

    Args:
        waiting: pods without a node.
        objectives: with the size.
    """
    largest = f"max({_room(objectives)} and on (node) ({READY}) unless on (node) {CLOSED})"
    return f"({waiting} and {ON_POD} ({_size(objectives)} <= scalar({largest})))"


def _room(objectives: Objectives) -> str:
    driver, daemon_sets = objectives.headroom_driver, objectives.daemon_sets

    def drivers(resource: str, size: float, overhead: float) -> str:
        offered = f"max by (node) ({allocatable(resource)} and on (node) {DRIVER_NODES})"
        taken = f"{requested(resource, NO_EXECUTORS)} and on (node) {DRIVER_NODES}"
        left = f"sum by (node) ({offered} or -({taken})) - {overhead}"
        return labelled(f"(({left}) / {size})", {"resource": resource})

    by_resource = (
        drivers("cpu", driver.cpu / 1000, daemon_sets.cpu / 1000),
        drivers("memory", driver.memory, daemon_sets.memory),
    )
    return f"min by (node) ({' or '.join(by_resource)})"


def _size(objectives: Objectives) -> str:
    """Of each pod without a node."""

    def share(resource: str, size: float) -> str:
        requests = f'kube_pod_container_resource_requests{{resource="{resource}", node="", {NO_EXECUTORS}}}'
        pods = per_pod("sum", f"max by ({POD}, container) ({requests})")
        return labelled(f"{pods} / {size}", {"resource": resource})

    driver = objectives.headroom_driver
    return per_pod("max", f"{share('cpu', driver.cpu / 1000)} or {share('memory', driver.memory)}")
