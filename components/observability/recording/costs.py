"""What queues cost, and what they would cost as fixed clusters as large as their peak.

Prices are declared by the stacks (`components.observability.constants`); hours are those that nodes are in the cluster.
"""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import QUEUE, duration, or_zero

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


def _cost(label: str, having: str) -> str:
    """Nodes at their price; of a type that has none, at the dearest of the pool: a cost too low would flatter."""
    nodes = f'{series.POOL_NODES}{{{label}{having}="", instance_type!=""}}'
    exact = f"max by ({_PRICED}) ({series.NODE_PRICE})"
    dearest = f"max by (pool) ({series.NODE_PRICE})"
    return (
        f"{nodes} * on ({_PRICED}) group_left () {exact}"
        f" or ({nodes} unless on ({_PRICED}) {exact}) * on (pool) group_left () {dearest}"
    )
