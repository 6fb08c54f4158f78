"""Where the platform's own pods run: on the system pool, and nowhere else."""

from __future__ import annotations

from typing import Any, Final

from sizing import names

SYSTEM_NODE_SELECTOR: Final = {names.POOL_LABEL: names.SYSTEM_POOL}
SYSTEM_TOLERATIONS: Final = (
    {"key": names.POOL_LABEL, "operator": "Equal", "value": names.SYSTEM_POOL, "effect": "NoSchedule"},
)
EVERY_NODE_TOLERATIONS: Final = ({"operator": "Exists"},)
"""For DaemonSets, which serve the nodes of every pool."""


def system_placement() -> dict[str, Any]:
    """`nodeSelector` and `tolerations` of a pod that runs on the system pool, fresh, to merge into values."""
    return {"nodeSelector": dict(SYSTEM_NODE_SELECTOR), "tolerations": [dict(t) for t in SYSTEM_TOLERATIONS]}


def every_node_tolerations() -> list[dict[str, str]]:
    """`tolerations` of a DaemonSet that serves the nodes of every pool, fresh, to put into values."""
    return [dict(t) for t in EVERY_NODE_TOLERATIONS]


def zone_spread(labels: dict[str, str], max_skew: int = 1) -> list[dict[str, Any]]:
    """Topology spread over zones for the pods with these labels; a zone without room does not hold a pod back."""
    return [
        {
            "maxSkew": max_skew,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
    ]
