"""Nodes by what they are, what the autoscaler has asked for, and which of them do nothing."""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import (
    EXECUTOR_NODES,
    ON_POD,
    POOL,
    SHARED_POOLS,
    duration,
    or_zero,
    per_pod,
    relabel,
)
from sizing import names

_KIND: Final = "tenant, queue, pool, purpose, capacity, instance_type, zone"
_ZONE: Final = "[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-[0-9][a-z]"
"""A zone of AWS, such as `us-gov-west-1a`."""
_NODES: Final = 'kube_node_labels{pool!=""}'
_PURPOSE: Final = f"{POOL}, purpose"
READY: Final = 'kube_node_status_condition{condition="Ready", status="true"} == 1'


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
            # They use nothing, and are few: leaving them out is faster than letting the others in.
            Record(series.POD_ENDED, per_pod("max", 'kube_pod_status_phase{phase=~"Succeeded|Failed"} == 1')),
            Record(series.NODE_EMPTY, _empty()),
            Record(
                series.POOL_NODES,
                or_zero(f"count by ({_KIND}) (max by (node, {_KIND}) ({_NODES}))", known_pools(), on=("pool",)),
            ),
            Record(series.POOL_NODES_READY, or_zero(_ready(), f"sum by ({_PURPOSE}) ({series.POOL_NODES})")),
            Record(series.POOL_NODES_TARGET, _of_groups("target", platform)),
            Record(
                series.POOL_NODES_MISSING,
                f"clamp_min({series.POOL_NODES_TARGET} - on ({POOL}) sum by ({POOL}) ({series.POOL_NODES_READY}), 0)",
            ),
            Record(series.POOL_NODES_EMPTY, _executor_nodes(f"{series.NODE_EMPTY}")),
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


def _empty() -> str:
    """Executor nodes with neither pods but DaemonSets' and the kubelet's own, which say nothing of use."""
    placed = f'kube_pod_info{{node!="", created_by_kind!~"DaemonSet|Node"}} unless {ON_POD} {series.POD_ENDED}'
    return f"max by (node, {_KIND}) ({EXECUTOR_NODES} unless on (node) ({placed}))"


def _ready() -> str:
    return f"count by ({_PURPOSE}) (max by (node, {_PURPOSE}) ({_NODES} and on (node) ({READY})))"


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
    usual, longer = (_empty_for(seconds, objectives) for seconds in (objectives.empty, objectives.empty_longer))
    waiting = f"({series.POOL_UNNEEDED} > {objectives.unneeded})"
    empty = f"({usual} unless on ({POOL}) {waiting} or {longer} and on ({POOL}) {waiting})"
    minimum = f"({_of_groups('min', platform)} or sum by ({POOL}) ({series.POOL_MINIMUM}))"
    return f"clamp_min(({_executor_nodes(empty)}) - on ({POOL}) {minimum}, 0)"


def _empty_for(seconds: int, objectives: Objectives) -> str:
    """Nodes that were empty in every evaluation of so long a time, this one included."""
    seen = -(-seconds // objectives.interval)
    return f"(count_over_time({series.NODE_EMPTY}[{duration(seconds)}]) >= {seen} and {series.NODE_EMPTY})"
