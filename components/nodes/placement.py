"""Where pods run that stacks register: on the system pool, on every node, or beside drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sizing import names
from sizing.kubernetes import Placement, Toleration, TopologySpread

if TYPE_CHECKING:
    from pulumi_kubernetes.core.v1 import TolerationArgsDict

SYSTEM_NODE_SELECTOR: Final = {names.POOL_LABEL: names.SYSTEM_POOL}
SYSTEM_TOLERATIONS: Final[tuple[Toleration, ...]] = (
    {"key": names.POOL_LABEL, "operator": "Equal", "value": names.SYSTEM_POOL, "effect": "NoSchedule"},
)
DRIVER_NODE_SELECTOR: Final = {names.POOL_LABEL: names.DRIVER_POOL}
EVERY_TAINT_TOLERATIONS: Final[tuple[Toleration, ...]] = ({"operator": "Exists"},)
"""For what makes a node ready, and so starts on one that isn't. It must run on the node's own network."""
EVERY_POOL_TOLERATIONS: Final[tuple[Toleration, ...]] = (
    {"key": names.POOL_LABEL, "operator": "Exists", "effect": "NoSchedule"},
)
"""For DaemonSets on the pod network, which serve the nodes of every pool and start when a node's policies hold.

A pod that starts before its node's agent of Cilium stays without an endpoint, outside every policy, for as long as it
runs. Of a node's other taints, such as those for pressure, DaemonSets tolerate what their controller lets them.
Sources: https://docs.cilium.io/en/v1.19/installation/taints/ and
https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations
"""


def system_placement() -> Placement:
    """`nodeSelector` and `tolerations` of a pod that runs on the system pool, fresh, to merge into values."""
    return {"nodeSelector": dict(SYSTEM_NODE_SELECTOR), "tolerations": [t.copy() for t in SYSTEM_TOLERATIONS]}


def system_tolerations() -> list[TolerationArgsDict]:
    """`tolerations` of a pod that a stack registers itself on system nodes; see `SYSTEM_NODE_SELECTOR`."""
    return [{"key": names.POOL_LABEL, "operator": "Equal", "value": names.SYSTEM_POOL, "effect": "NoSchedule"}]


def driver_tolerations() -> list[TolerationArgsDict]:
    """`tolerations` of a pod that runs on driver nodes, where there is room at any time; see `DRIVER_NODE_SELECTOR`."""
    return [{"key": names.POOL_LABEL, "operator": "Equal", "value": names.DRIVER_POOL, "effect": "NoSchedule"}]


def every_taint_tolerations() -> list[Toleration]:
    """`tolerations` of what runs on the node's own network, on nodes that aren't ready too, fresh, for values."""
    return [t.copy() for t in EVERY_TAINT_TOLERATIONS]


def every_pool_tolerations() -> list[Toleration]:
    """`tolerations` of a DaemonSet on the pod network that serves the nodes of every pool, fresh, for values."""
    return [t.copy() for t in EVERY_POOL_TOLERATIONS]


def zone_spread(labels: dict[str, str], max_skew: int = 1) -> list[TopologySpread]:
    """Topology spread over zones for the pods with these labels; a zone without room does not hold a pod back."""
    return [
        {
            "maxSkew": max_skew,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
    ]
