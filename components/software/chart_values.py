"""Parts of a chart's values that several charts take in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_kubernetes.core.v1 import TopologySpreadConstraintArgsDict

from components.nodes.placement import zone_spread
from sizing.kubernetes import ResourceRequirements, TopologySpread
from sizing.quantities import format_bytes, format_cpu
from sizing.system import Workload

SYSTEM_PRIORITY: Final = "system-cluster-critical"
"""Of Deployments without which no job starts or no node comes."""
NODE_PRIORITY: Final = "system-node-critical"
"""Of DaemonSets without which a node is not fit for pods."""


def resources(workload: Workload, *, cpu_limit: int | None = None) -> ResourceRequirements:
    """`resources` of a workload's pods.

    Memory may not exceed the request, so that nothing on a system node is killed for a neighbor's growth. CPU has no
    limit: throttling delays decisions that others wait for.

    Args:
        workload: with what one pod requests.
        cpu_limit: millicores, only where a chart's own limit would stay otherwise.
    """
    memory = format_bytes(workload.memory)
    limits = {"memory": memory} | ({"cpu": format_cpu(cpu_limit)} if cpu_limit else {})
    return {"requests": {"cpu": format_cpu(workload.cpu), "memory": memory}, "limits": limits}


def spread(labels: Mapping[str, str] | None) -> list[TopologySpread]:
    """`topologySpreadConstraints`: replicas on different nodes, and in different zones where there is room.

    Args:
        labels: of the pods; `None` where the chart adds the selector itself.
    """
    nodes, zones = zone_spread(dict(labels or {})), zone_spread(dict(labels or {}))
    nodes[0].update({"topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule"})
    constraints = [*nodes, *zones]
    if labels is None:
        for constraint in constraints:
            del constraint["labelSelector"]
    return constraints


def pod_spread(labels: Mapping[str, str]) -> list[TopologySpreadConstraintArgsDict]:
    """The same for pods that no chart makes.

    Args:
        labels: of the pods.
    """
    return [
        {
            "max_skew": constraint["maxSkew"],
            "topology_key": constraint["topologyKey"],
            "when_unsatisfiable": constraint["whenUnsatisfiable"],
            "label_selector": {"match_labels": dict(labels)},
        }
        for constraint in spread(labels)
    ]
