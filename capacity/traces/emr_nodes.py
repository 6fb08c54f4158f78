"""What nodes of EMR's clusters say of the steps that ran on them: coarse, since nobody says which step used them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from capacity.traces import spark_sizes
from capacity.traces.emr_clusters import MASTER, Cluster, Instance
from capacity.traces.lives import levels
from capacity.traces.spark_sizes import MIB
from sizing.instances import CATALOG

NODES: Final = " (nodes)"
"""Behind the source of a run of which its cluster's nodes say what it had."""
_GIB: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Executors:
    """Executors that a cluster's nodes had room for while a step ran, as far as it may have them.

    Args:
        cpu: millicores of one; `None` where nothing says.
        memory: bytes of one.
        task_slots: of one; `None` where nothing says.
        peak: at once.
        seconds: of all of them together.
    """

    cpu: int | None
    memory: int
    task_slots: int | None
    peak: int
    seconds: float


def yarn_memory(memory_mib: int) -> int:
    """MiB that YARN has of a node by default, of as much memory as the node has.

    A quarter stays with the system, 8 GiB at most, which is what the tables of `yarn.nodemanager.resource.memory-mb`
    come to. Source: https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-hadoop-task-config.html
    """
    return memory_mib - min(memory_mib // 4, 8 * _GIB)


def executors_of(cluster: Cluster, started: datetime, ended: datetime, settings: Mapping[str, str]) -> Executors | None:
    """The executors of a step that had its cluster for itself; `None` where the cluster's nodes don't say.

    YARN on EMR places by memory alone, so as many executors of the size that the step asks for are on a node as fit its
    memory, and no more of them than the step may have. Without a size, a node is an executor, or as many as have the
    cores that the step asks for.

    Args:
        cluster: with its instances' roles, else it can't be known which of them ran executors.
        started, ended: when the step ran.
        settings: of its spark-submit.
    """
    workers = [node for node in cluster.instances.values() if node.role != MASTER]
    here = [(max(begin, started), min(end, ended), node) for node, begin, end in _lives(workers, ended)]
    here = [(begin, end, node) for begin, end, node in here if end > begin]
    types = {node.instance_type for _, _, node in here}
    if not here or not all(node.role for node in workers) or not types <= CATALOG.instances.keys():
        return None
    cores = spark_sizes.whole(settings, "spark.executor.cores")
    asked = spark_sizes.memory(settings, "executor") if "spark.executor.memory" in settings else None
    held = {name: yarn_memory(CATALOG.instances[name].memory_mib) * MIB for name in types}
    smallest = min(types, key=lambda name: (held[name], name))
    vcpu = CATALOG.instances[smallest].vcpu
    memory = asked or held[smallest] // max(1, vcpu // cores if cores else 1)
    slots = cores or (vcpu if asked is None else None)
    counts = {name: max(1, held[name] // memory) for name in types}
    _, most = spark_sizes.executors({**settings, "spark.master": ""})
    there = levels((begin, end, counts[node.instance_type]) for begin, end, node in here)
    had = [((end - begin).total_seconds(), min(count, most or count)) for begin, end, count in there]
    return Executors(
        cpu=slots * 1000 if slots else None,
        memory=memory,
        task_slots=slots,
        peak=max(count for _, count in had),
        seconds=sum(seconds * count for seconds, count in had),
    )


def _lives(nodes: Iterable[Instance], until: datetime) -> list[tuple[Instance, datetime, datetime]]:
    return [(node, node.ready, node.ended or until) for node in nodes if node.ready is not None]
