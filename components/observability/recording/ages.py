"""How old nodes are, and the AMIs that they run: what is old lacks patches."""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import POOL, days, number_of
from sizing.durations import DAY

_NODES: Final = 'kube_node_labels{pool!=""}'


def ages(objectives: Objectives) -> Group:
    """The group about ages, by pool."""
    oldest_node, oldest_ami = series.POOL_OLDEST_NODE, f"time() - {DAY} * ({days(series.POOL_OLDEST_AMI_RELEASE.name)})"
    return Group(
        name="elastic-spark-ages",
        interval=objectives.money_interval,
        rules=(
            Record(oldest_node, f"time() - min by ({POOL}) ({_joined()})"),
            Record(series.POOL_OLDEST_AMI_RELEASE, f"min by ({POOL}) ({_releases()})"),
            Record(series.POOL_OLDEST_AMI, f"({oldest_ami}) > {oldest_node} or {oldest_node}"),
        ),
    )


def _joined() -> str:
    """When each node was created, with its pool's labels."""
    created = "max by (node) (kube_node_created)"
    return f"max by (node, {POOL}) ({_NODES}) * on (node) group_left () {created}"


def _releases() -> str:
    """The releases of nodes that say theirs, as numbers."""
    told = f'max by ({POOL}, ami_release) (kube_node_labels{{pool!="", ami_release=~"v[0-9]{{8}}"}})'
    return number_of(told, "ami_release", "v(.*)", "$1")
