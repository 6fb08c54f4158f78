"""How old nodes are, and the AMIs that they run: what is old lacks patches."""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import POOL, labelled, relabel
from sizing.durations import DAY

_NODES: Final = 'kube_node_labels{pool!=""}'
_EPOCH: Final = 719484
"""What `days` counts up to 1 January 1970."""


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


def days(date: str) -> str:
    """Days since 1 January 1970, from 1970 to 28 February 2100, of a date written as a number: 20260930.

    Years begin in March, so that the day of a leap year comes last, and the months' lengths are a straight line.

    Args:
        date: an expression, which is written several times.

    Source: https://howardhinnant.github.io/date_algorithms.html#days_from_civil, without its centuries, of which 2000
    is a leap year as every fourth is.
    """
    months = f"(floor({date} / 10000) * 12 + floor({date} / 100) % 100 - 3)"
    years = f"floor({months} / 12)"
    return f"365 * {years} + floor({years} / 4) + floor((153 * ({months} % 12) + 2) / 5) + {date} % 100 - {_EPOCH}"


def _joined() -> str:
    """When each node was created, with its pool's labels."""
    created = "max by (node) (kube_node_created)"
    return f"max by (node, {POOL}) ({_NODES}) * on (node) group_left () {created}"


def _releases() -> str:
    """The releases of nodes that say theirs, as numbers.

    PromQL makes no number of a label, but of one: the bound of a histogram's bucket, `le`. Where a quantile lies in the
    last bucket, which has no bound, the answer is the bound of the one before it.

    Source: https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
    """
    told = f'max by ({POOL}, ami_release) (kube_node_labels{{pool!="", ami_release=~"v[0-9]{{8}}"}})'
    bounded = relabel(f"({told}) * 0", "le", "$1", "ami_release", "v(.*)")
    return f"histogram_quantile(1, {bounded} or {labelled(told, {'le': '+Inf'})})"
