"""What queues cost, and what they would cost as fixed clusters as large as their peak.

Prices are declared by the stacks (`components.observability.constants`); hours are those that nodes are in the cluster.
"""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import ON_POD, POD, QUEUE, duration, or_zero, relabel

_PRICED: Final = "pool, instance_type, capacity"


def costs(objectives: Objectives) -> Group:
    """The group about money."""
    window = duration(objectives.peak_window)
    shared = f"sum by (purpose) ({_cost('queue', '')})"
    month = f"sum by (tenant) (sum_over_time({series.QUEUE_COST_1H}[30d:1h]))"
    return Group(
        name="elastic-spark-costs",
        interval=objectives.money_interval,
        rules=(
            # A queue without nodes costs nothing, which counts in its average.
            Record(
                series.QUEUE_COST,
                or_zero(
                    f"sum by ({QUEUE}) ({_cost('queue', '!')})",
                    f'sum by ({QUEUE}) ({series.POOL_MAXIMUM}{{queue!=""}})',
                ),
            ),
            Record(series.SUBMITTER_COST, _by_submitter()),
            Record(series.PLATFORM_COST, shared),
            Record(series.QUEUE_COST_1H, f"avg_over_time({series.QUEUE_COST}[1h])"),
            Record(series.QUEUE_COST_AT_PEAK, f"max_over_time({series.QUEUE_COST}[{window}])"),
            Record(series.QUEUE_SAVING, f"{series.QUEUE_COST_AT_PEAK} - {series.QUEUE_COST}"),
            Record(
                series.QUEUE_SAVING_RATIO,
                f"1 - avg_over_time({series.QUEUE_COST}[{window}]) / ({series.QUEUE_COST_AT_PEAK} > 0)",
            ),
            Record(series.TENANT_COST_30D, month),
        ),
    )


def _by_submitter() -> str:
    """What a queue costs, by the cpu that executors request, who are their drivers' submitter's.

    A driver's own word counts for nothing: only the Spark operator gives drivers the annotation. What nobody is known
    for, such as the executors of a notebook, is nobody's here.
    """
    requested = (
        'max by (namespace, pod, uid, container) (kube_pod_container_resource_requests{resource="cpu", node!=""}) '
        f"unless {ON_POD} {series.POD_ENDED}"
    )
    made_by = f'max by ({POD}, created_by_name) (kube_pod_info{{created_by_kind="Pod"}})'
    by_driver = (
        f"sum by (namespace, created_by_name) (({requested}) * {ON_POD} group_left (created_by_name) ({made_by}))"
    )
    submitters = relabel('kube_pod_annotations{submitter!=""}', "created_by_name", "$1", "pod", "(.+)")
    of_submitter = f"max by (namespace, created_by_name, submitter) ({submitters})"
    known = (
        f"sum by (namespace, submitter) ({by_driver} * on (namespace, created_by_name) group_left (submitter) "
        f"({of_submitter}))"
    )
    share = f"({known}) / on (namespace) group_left () sum by (namespace) ({by_driver})"
    shares = f"sum by (queue, submitter) ({relabel(share, 'queue', '$1', 'namespace', '(.+)')})"
    return f"({shares}) * on (queue) group_left (tenant) {series.QUEUE_COST}"


def _cost(label: str, having: str) -> str:
    """Nodes at their price; of a type that has none, at the dearest of the pool: a cost too low would flatter."""
    nodes = f'{series.POOL_NODES}{{{label}{having}="", instance_type!=""}}'
    exact = f"max by ({_PRICED}) ({series.NODE_PRICE})"
    dearest = f"max by (pool) ({series.NODE_PRICE})"
    return (
        f"{nodes} * on ({_PRICED}) group_left () {exact}"
        f" or ({nodes} unless on ({_PRICED}) {exact}) * on (pool) group_left () {dearest}"
    )
