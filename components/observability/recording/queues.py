"""What queues have, want and use."""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import ON_POD, QUEUE, known_queues, labelled, or_zero, relabel
from components.observability.recording.nodes import ENDED
from sizing import names

_LEAF: Final = rf"{names.ROOT_QUEUE.replace('.', '[.]')}[.]([^.]+)[.]([^.]+)"
"""YuniKorn's full name of a queue, which metrics carry: parent, tenant, namespace."""


def queues(objectives: Objectives) -> Group:
    """The group about queues."""
    cpu, memory = _utilization("cpu"), _utilization("memory")
    fullest = f"max by ({QUEUE}) ({series.QUEUE_UTILIZATION})"
    return Group(
        name="elastic-spark-queues",
        interval=objectives.interval,
        rules=(
            Record(series.QUEUE_ALLOCATED_CPU, _yunikorn("vcore", "allocated", 1000)),
            Record(series.QUEUE_ALLOCATED_MEMORY, _yunikorn("memory", "allocated", 1)),
            Record(series.QUEUE_PENDING_CPU, _yunikorn("vcore", "pending", 1000)),
            Record(series.QUEUE_PENDING_MEMORY, _yunikorn("memory", "pending", 1)),
            Record(series.QUEUE_UTILIZATION, cpu, {"resource": "cpu"}),
            Record(series.QUEUE_UTILIZATION, memory, {"resource": "memory"}),
            Record(series.QUEUE_IDLE, f"clamp_min(1 - {fullest}, 0)"),
            Record(
                series.POOL_HEADROOM,
                or_zero(_headroom(objectives), f'sum({series.POOL_NODES}{{purpose="driver"}})'),
                {"pool": names.DRIVER_POOL},
            ),
        ),
    )


def _yunikorn(resource: str, state: str, divisor: int) -> str:
    """A resource of every queue; 0 of idle ones, which YuniKorn forgets."""
    amount = by_leaf_queue(f'yunikorn_queue_resource{{resource="{resource}", state="{state}"}}', "sum")
    return or_zero(f"{amount} / {divisor}" if divisor != 1 else amount, known_queues())


def by_leaf_queue(selector: str, aggregation: str) -> str:
    """Series of YuniKorn for each queue that jobs run in, which it knows by their whole path.

    Args:
        selector: with at least one matcher.
        aggregation: such as `sum`.
    """
    leaves = selector.replace("{", f'{{queue=~"{_LEAF}", ', 1)
    named = relabel(relabel(leaves, "tenant", "$1", "queue", _LEAF), "queue", "$2", "queue", _LEAF)
    return f"{aggregation} by ({QUEUE}) ({named})"


def requested(resource: str, *, nodes: str = "", pods: str = "") -> str:
    """What pods that have not ended request, summed for each node.

    Args:
        resource: `cpu` or `memory`.
        nodes: on which nodes, where they are few of all; empty for all.
        pods: a matcher of the namespace, or empty for all.
    """
    requests = f'kube_pod_container_resource_requests{{resource="{resource}", node!=""{pods}}}'
    if nodes:
        requests = f"{requests} and on (node) {nodes}"
    return f"sum by (node) ({requests} unless {ON_POD} ({ENDED}))"


def allocatable(resource: str) -> str:
    """What each node offers."""
    return f'max by (node) (kube_node_status_allocatable{{resource="{resource}"}})'


def _utilization(resource: str) -> str:
    """Of the nodes that are there: none, nothing.

    A queue's nodes take its own pods and DaemonSets, which run in the system's namespaces.
    """
    own = f', namespace!~"kube-.*|{names.SYSTEM_NAMESPACE}"'
    nodes = f'{series.NODE_INFO}{{purpose="executor"}}'
    used, offered = (
        f"sum by ({QUEUE}) ({nodes} * on (node) group_left () {amount})"
        for amount in (requested(resource, pods=own), allocatable(resource))
    )
    return f"({or_zero(used, offered)}) / {offered}"


def _headroom(objectives: Objectives) -> str:
    """Drivers of the declared size that fit on the ready driver nodes, node by node."""
    driver = objectives.headroom_driver
    ready = 'on (node) (kube_node_status_condition{condition="Ready", status="true"} == 1)'
    nodes = f'{series.NODE_INFO}{{purpose="driver"}}'
    offered = {name: f"({allocatable(name)} and on (node) {nodes})" for name in ("cpu", "memory")}
    by_resource = (
        labelled(
            f"floor(({offered[name]} - on (node) ({requested(name, nodes=nodes)} or {offered[name]} * 0)) / {size})",
            {"resource": name},
        )
        for name, size in (("cpu", driver.cpu / 1000), ("memory", driver.memory))
    )
    fit = f"min by (node) ({' or '.join(by_resource)})"
    return f"sum(clamp_min({fit}, 0) and {ready})"
