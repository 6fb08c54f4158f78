"""Executor shapes that fill a node: how many executors, and what each of them asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from sizing.nodes import Resources
from sizing.quantities import MIB

OVERHEAD_PERCENT: Final = 10
"""Share of the heap that Spark keeps beside it (`spark.kubernetes.memoryOverheadFactor`, JVM jobs)."""
MINIMUM_OVERHEAD: Final = 384 * MIB
"""Spark's minimum overhead (`spark.executor.minMemoryOverhead`).

Source: https://spark.apache.org/docs/latest/configuration.html
"""
USUAL_CORES: Final = 5
"""More tasks in one JVM compete for its garbage collector and its connections; a common rule of thumb."""
MINIMUM_HEAP: Final = 1024 * MIB
"""Smaller executors spend most of their memory on Spark itself."""


@dataclass(frozen=True, kw_only=True)
class ExecutorShape:
    """An executor of which so many fill a node.

    Attributes:
        per_node: executors on one node.
        cores: tasks at once in one executor (`spark.executor.cores`).
        core_request: what it requests, in millicores: all of the node's share, the rest of a core too.
        memory: the heap, in bytes, whole MiB (`spark.executor.memory`).
        memory_overhead: beside the heap, in bytes, whole MiB (`spark.executor.memoryOverhead`).
    """

    per_node: int
    cores: int
    core_request: int
    memory: int
    memory_overhead: int

    @property
    def request(self) -> Resources:
        """What one executor's pod requests."""
        return Resources(cpu=self.core_request, memory=self.memory + self.memory_overhead, pods=1)


@cache
def executor_shapes(usable: Resources) -> tuple[ExecutorShape, ...]:
    """The shapes for 1, 2, 4 ... executors on a node, as long as each has a core and a heap of a GiB.

    Args:
        usable: what executors can fill of a node.
    """
    shapes = []
    count = 1
    while (shape := _shape(usable, count)) is not None:
        shapes.append(shape)
        count *= 2
    return tuple(shapes)


def smallest_executors(usable: Resources) -> int:
    """How many executors of the smallest kind a node holds: a core and a heap of `MINIMUM_HEAP` each.

    Args:
        usable: what executors can fill of a node.
    """
    overhead = max(MINIMUM_OVERHEAD, MINIMUM_HEAP * OVERHEAD_PERCENT // 100)
    return min(usable.cpu // 1000, usable.memory // (MINIMUM_HEAP + overhead), usable.pods)


def usual_shape(shapes: Sequence[ExecutorShape]) -> ExecutorShape:
    """The largest executor of at most `USUAL_CORES` cores, or the smallest there is.

    Raises:
        ValueError: there is no shape.
    """
    if not shapes:
        raise ValueError("no executor fits the node")
    return next((shape for shape in shapes if shape.cores <= USUAL_CORES), shapes[-1])


def _shape(usable: Resources, count: int) -> ExecutorShape | None:
    core_request = usable.cpu // count
    pod_memory = usable.memory // count // MIB * MIB
    heap = min(pod_memory * 100 // (100 + OVERHEAD_PERCENT), pod_memory - MINIMUM_OVERHEAD) // MIB * MIB
    if core_request < 1000 or heap < MINIMUM_HEAP or count > usable.pods:
        return None
    return ExecutorShape(
        per_node=count,
        cores=core_request // 1000,
        core_request=core_request,
        memory=heap,
        memory_overhead=pod_memory - heap,
    )
