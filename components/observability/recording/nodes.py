"""Nodes by what they are, what the autoscaler has asked for, and which of them do nothing."""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import (
    ON_POD,
    POOL,
    SHARED_POOLS,
    duration,
    or_zero,
    relabel,
    renamed,
)
from sizing import names

LABELS: Final = {
    names.POOL_LABEL: "pool",
    names.QUEUE_LABEL: "queue",
    names.TENANT_LABEL: "tenant",
    names.PURPOSE_LABEL: "purpose",
    names.CAPACITY_LABEL: "capacity",
    "node.kubernetes.io/instance-type": "instance_type",
    "topology.kubernetes.io/zone": "zone",
}
_KIND: Final = "tenant, queue, pool, purpose, capacity, instance_type, zone"
_ZONE: Final = "[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-[0-9][a-z]"
"""A zone of AWS, such as `us-gov-west-1a`."""
ENDED: Final = 'kube_pod_status_phase{phase=~"Succeeded|Failed"} == 1'
"""Pods that are told of though they use nothing: few, which makes leaving them out faster than letting the rest in."""


def nodes(platform: str, objectives: Objectives) -> Group:
    """The group about nodes.

    Args:
        platform: its name, with which the names of its Auto Scaling groups start.
        objectives: how often, and how long an empty node may stay.
    """
    return Group(
        name="elastic-spark-nodes",
        interval=objectives.interval,
        rules=(
            Record(series.NODE_INFO, _info()),
            Record(series.NODE_PODS, or_zero(_pods(), f"{series.NODE_INFO}")),
            Record(
                series.POOL_NODES,
                or_zero(f"count by ({_KIND}) ({series.NODE_INFO})", known_pools(), on=("pool",)),
            ),
            Record(series.POOL_NODES_READY, or_zero(_ready(), known_pools(), on=("pool",))),
            Record(series.POOL_NODES_TARGET, _of_groups("target", platform)),
            Record(
                series.POOL_NODES_MISSING,
                f"clamp_min({series.POOL_NODES_TARGET} - on ({POOL}) sum by ({POOL}) ({series.POOL_NODES_READY}), 0)",
            ),
            Record(series.POOL_NODES_EMPTY, _executor_nodes(f'{series.NODE_PODS}{{purpose="executor"}} == 0')),
            Record(series.POOL_NODES_EMPTY_TOO_LONG, _empty_too_long(platform, objectives)),
        ),
    )


def known_pools() -> str:
    """A series for each pool that a stack declares, with its purpose."""
    declared = relabel(f"{series.POOL_MAXIMUM}", "purpose", "$1", "pool", f"({SHARED_POOLS})")
    return f"sum by ({POOL}, purpose) ({relabel(declared, 'purpose', 'executor', 'queue', '.+')})"


def pool_of_group(groups: str, platform: str) -> str:
    """Series of Auto Scaling groups with the pool's identity, by the group's name (`sizing.names.group`).

    Args:
        groups: have the label `node_group`.
        platform: see `nodes`.
    """
    return relabel(groups, "pool", "$1", "node_group", f"{platform}-(.+?)({names.SPOT_SUFFIX})?-{_ZONE}-[a-z0-9]+")


def _info() -> str:
    found = {f"label_{names.label_in_metrics(key)}": label for key, label in LABELS.items()}
    ours = f'kube_node_labels{{label_{names.label_in_metrics(names.POOL_LABEL)}!=""}}'
    return f"max by (node, {_KIND}) ({renamed(ours, found)})"


def _pods() -> str:
    """Of nodes that have any; neither DaemonSets' nor the kubelet's own, which say nothing of use."""
    placed = 'kube_pod_info{node!="", created_by_kind!~"DaemonSet|Node"}'
    pods = f"count by (node) (max by (namespace, pod, uid, node) ({placed} unless {ON_POD} ({ENDED})))"
    return f"{series.NODE_INFO} * on (node) group_left () {pods}"


def _ready() -> str:
    ready = 'max by (node) (kube_node_status_condition{condition="Ready", status="true"})'
    return f"sum by ({POOL}, purpose) ({series.NODE_INFO} * on (node) group_left () {ready})"


def _of_groups(what: str, platform: str) -> str:
    """Target or minimum of a pool over its groups; a stand-by may still say what it knew as leader."""
    groups = pool_of_group(f"max by (node_group) (cluster_autoscaler_node_group_{what}_count)", platform)
    owner = f"(sum by ({POOL}) ({series.POOL_MAXIMUM}) * 0 + 1)"
    return f"sum by (pool) ({groups}) * on (pool) group_left (tenant, queue) {owner}"


def _executor_nodes(nodes: str) -> str:
    return or_zero(f"count by ({POOL}) ({nodes})", f'sum by ({POOL}) ({series.POOL_NODES}{{purpose="executor"}})')


def _empty_too_long(platform: str, objectives: Objectives) -> str:
    """Empty ones, less the minimum: that many may always be empty.

    Schedules raise the minimum of the groups, which the autoscaler tells; what a stack declares stands in for it.
    """
    pods, window = f'{series.NODE_PODS}{{purpose="executor"}}', duration(objectives.empty)
    # A younger node was seen less often; one that has left is still seen in the window.
    seen = objectives.empty // objectives.interval
    empty = f"max_over_time({pods}[{window}]) == 0 and count_over_time({pods}[{window}]) >= {seen} and {pods}"
    minimum = f"({_of_groups('min', platform)} or sum by ({POOL}) ({series.POOL_MINIMUM}))"
    return f"clamp_min(({_executor_nodes(empty)}) - on ({POOL}) {minimum}, 0)"
