"""Pieces of PromQL that several rules are made of.

Pods are joined by namespace, name and UID, nodes by name. Both sides of such a join are first reduced to these labels,
because a restarted kube-state-metrics shows everything twice for a moment, under two addresses of its own, and
Prometheus refuses to join what is there twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from components.observability import series
from sizing import names

POD: Final = "namespace, pod, uid"
ON_POD: Final = f"on ({POD})"
POOL: Final = "tenant, queue, pool"
QUEUE: Final = "tenant, queue"
NO_EXECUTORS: Final = 'container!="spark-kubernetes-executor"'
"""Makes a selection small that is about drivers, without saying which pods are: jobs may call theirs otherwise.

Source: apache/spark, resource-managers/kubernetes, Constants.scala (DEFAULT_EXECUTOR_CONTAINER_NAME)
"""
EXECUTOR_NODES: Final = 'kube_node_labels{purpose="executor"}'
SYSTEM_NODES: Final = f'kube_node_labels{{pool="{names.SYSTEM_POOL}"}}'
"""Of which there always are some, unless kube-state-metrics is silent."""
SYSTEM_PODS: Final = f'kube_pod_nodeselectors{{pool="{names.SYSTEM_POOL}"}}'
"""Of which there always are some, too."""
DRIVER_NODES: Final = 'kube_node_labels{purpose="driver"}'
OTHER_NODES: Final = 'kube_node_labels{purpose!="executor"}'
"""All but executor nodes."""
SHARED_POOLS: Final = f"{names.SYSTEM_POOL}|{names.DRIVER_POOL}"
_EPOCH: Final = 719484
"""What `days` counts up to 1 January 1970."""
Aggregation = Literal["count", "max"]
"""Over pods; aggregates of namespaces are aggregated further, counts as their sum."""


def duration(seconds: int) -> str:
    """Seconds as Prometheus writes them: `90s`, `5m`, `2h`, `3d`.

    Raises:
        ValueError: they are not positive.
    """
    if seconds <= 0:
        raise ValueError(f"a duration is positive; found {seconds} s")
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def relabel(expression: str, target: str, value: str, source: str, pattern: str) -> str:
    """`label_replace`; the pattern matches the whole of the source label, or nothing changes."""
    escaped = pattern.replace("\\", "\\\\")
    return f'label_replace({expression}, "{target}", "{value}", "{source}", "{escaped}")'


def labelled(expression: str, labels: Mapping[str, str]) -> str:
    """The same with fixed labels."""
    for label, value in labels.items():
        expression = relabel(expression, label, value, "", "")
    return expression


def with_queue(expression: str) -> str:
    """The same with the labels `queue` and `tenant` by the namespace; no tenant's name has a dash."""
    return relabel(relabel(expression, "queue", "$1", "namespace", "(.+)"), "tenant", "$1", "namespace", "([^-]+)-.+")


def by_queue(aggregation: Aggregation, pods: str) -> str:
    """An aggregate over pods for each queue.

    Args:
        aggregation: see `Aggregation`.
        pods: has the label `namespace`.
    """
    return f"{_further(aggregation)} by ({QUEUE}) ({with_queue(f'{aggregation} by (namespace) ({pods})')})"


def by_pool(aggregation: Aggregation, pods: str) -> str:
    """An aggregate over pods for each pool; drivers of all queues share one, which has no queue and no tenant.

    Args:
        aggregation: see `Aggregation`.
        pods: has the labels `namespace` and `pool`.
    """
    found = with_queue(f"{aggregation} by (namespace, pool) ({pods})")
    for label in ("queue", "tenant"):
        found = relabel(found, label, "", "pool", names.DRIVER_POOL)
    return f"{_further(aggregation)} by ({POOL}) ({found})"


def _further(aggregation: Aggregation) -> str:
    return "sum" if aggregation == "count" else aggregation


def per_pod(aggregation: str, expression: str) -> str:
    """One value for each pod, with the labels by which pods are joined and no others."""
    return f"{aggregation} by ({POD}) ({expression})"


def among(expression: str, pods: str) -> str:
    """What is of these pods."""
    return f"({expression} and {ON_POD} {pods})"


def between(expression: str, *, older: int, younger: int) -> str:
    """Timestamps that lie in an interval before now; intervals of one evaluation each tile time.

    Args:
        expression: of timestamps in seconds.
        older: excluded end, seconds before now.
        younger: included end, seconds before now.
    """
    return f"(({expression}) > time() - {older} <= time() - {younger})"


def or_zero(expression: str, every: str, on: Sequence[str] = ()) -> str:
    """The same, and 0 for what else `every` names.

    Args:
        expression: may lack some.
        every: a series for each that there should be.
        on: labels to compare by; all where none are given.
    """
    matching = f" on ({', '.join(on)})" if on else ""
    return f"{expression} or{matching} {every} * 0"


def known_queues() -> str:
    """1 for each queue that there is, busy or not: YuniKorn forgets idle ones."""
    return f"(sum by ({QUEUE}) ({series.QUEUE_MAX_APPS}) * 0 + 1)"


def number_of(expression: str, label: str, pattern: str, digits: str) -> str:
    """The number that a label of each series holds, as its value; the series keep the label.

    PromQL makes no number of a label, but of one: the bound of a histogram's bucket, `le`. Where a quantile lies in the
    last bucket, which has no bound, the answer is the bound of the one before it.

    Source: https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile

    Args:
        expression: series of the value 1; written twice.
        label: matches `pattern` in all of them.
        pattern: with groups.
        digits: what of the groups makes the number.
    """
    bounded = relabel(f"({expression}) * 0", "le", digits, label, pattern)
    return f"histogram_quantile(1, {bounded} or {labelled(expression, {'le': '+Inf'})})"


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
