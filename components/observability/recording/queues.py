"""What queues have, want and use."""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import (
    EXECUTOR_NODES,
    OTHER_NODES,
    QUEUE,
    known_queues,
    or_zero,
    relabel,
    with_queue,
)
from components.observability.recording.asks import without_ask
from components.observability.recording.room import allocatable, headroom, requested
from sizing import names
from sizing.sharing import ROOT_QUEUES

_LEAF: Final = rf"(?:{'|'.join(ROOT_QUEUES.values()).replace('.', '[.]')})[.]([^.]+)[.]([^.]+)"
"""YuniKorn's full name of a queue, which metrics carry: parent, tenant, namespace. A queue whose order changes has two
for as long as applications from before run."""


def queues(objectives: Objectives) -> Group:
    """The group about queues."""
    fullest = f"max by ({QUEUE}) ({series.QUEUE_UTILIZATION})"
    return Group(
        name="elastic-spark-queues",
        interval=objectives.interval,
        rules=(
            Record(series.QUEUE_ALLOCATED_CPU, _yunikorn("vcore", "allocated", 1000)),
            Record(series.QUEUE_ALLOCATED_MEMORY, _yunikorn("memory", "allocated", 1)),
            Record(series.QUEUE_PENDING_CPU, _yunikorn("vcore", "pending", 1000)),
            Record(series.QUEUE_PENDING_MEMORY, _yunikorn("memory", "pending", 1)),
            Record(series.QUEUE_WITHOUT_ASK, without_ask(objectives)),
            *(Record(series.QUEUE_UTILIZATION, _utilization(one), {"resource": one}) for one in ("cpu", "memory")),
            Record(series.QUEUE_IDLE, f"clamp_min(1 - {fullest}, 0)"),
            Record(
                series.POOL_HEADROOM,
                or_zero(headroom(objectives), f'sum({series.POOL_NODES}{{purpose="driver"}})'),
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


def _utilization(resource: str) -> str:
    """Of the nodes that are there: none, nothing.

    A queue's nodes take its own pods and DaemonSets, which run in the system's namespaces.
    """
    asked = requested(resource, f'namespace!~"kube-.*|{names.SYSTEM_NAMESPACE}"')
    asked += f" unless on (node) {OTHER_NODES}"
    used = f"sum by ({QUEUE}) ({with_queue(f'sum by (namespace) ({asked})')})"
    offered = f"max by (node) ({allocatable(resource)})"
    owner = f"max by (node, {QUEUE}) ({EXECUTOR_NODES})"
    offered = f"sum by ({QUEUE}) ({offered} * on (node) group_left ({QUEUE}) {owner})"
    return or_zero(f"{used} / {offered}", f'sum by ({QUEUE}) ({series.POOL_NODES}{{purpose="executor"}} > 0)')
