"""Alerts that go to the tenant, who alone can decide what to do about them."""

from __future__ import annotations

from components.observability import series
from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.promql import POOL, QUEUE, duration


def tenant_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts; each has the label `tenant`."""
    nodes, maximum = (f'sum by ({POOL}) ({name}{{queue!=""}})' for name in (series.POOL_NODES, series.POOL_MAXIMUM))
    return (
        Alert(
            name="ElasticSparkPoolAtMaximum",
            expression=f"{nodes} >= on ({POOL}) {maximum} and on ({QUEUE}) {series.QUEUE_PENDING_CPU} > 0",
            lasting=objectives.at_maximum,
            severity="warning",
            audience="tenant",
            summary="Pool {{ $labels.pool }} is at its maximum, and jobs of queue {{ $labels.queue }} wait",
            description=(
                "Pool {{ $labels.pool }} has had all of its {{ $value }} nodes for "
                f"{duration(objectives.at_maximum)}, and pods of the queue have waited for room."
            ),
        ),
        Alert(
            name="ElasticSparkDriverFitsNoNode",
            expression=f"{series.QUEUE_DRIVERS_UNPLACEABLE} > 0",
            lasting=objectives.driver_unschedulable,
            severity="warning",
            audience="tenant",
            summary="Drivers of queue {{ $labels.queue }} choose nodes that there are none of",
            description=(
                "{{ $value }} drivers of queue {{ $labels.queue }} wait for a node while one has room for them: "
                "their node selector, affinity or topology spread matches none."
            ),
        ),
        Alert(
            name="ElasticSparkJobPastDeadline",
            expression=f"-{series.JOB_DEADLINE} > 0",
            lasting=0,
            severity="warning",
            audience="tenant",
            summary="Job of driver {{ $labels.pod }} in queue {{ $labels.queue }} is past its deadline",
            description=(
                "The deadline that it was submitted with passed {{ $value | humanizeDuration }} ago, and it has not "
                "ended: it still runs, or waits."
            ),
        ),
        Alert(
            name="ElasticSparkBudgetExceeded",
            expression=f"{series.TENANT_COST_30D} > on (tenant) max by (tenant) ({series.TENANT_BUDGET})",
            lasting=0,
            severity="warning",
            audience="tenant",
            summary="Tenant {{ $labels.tenant }} has cost more than its budget in 30 days",
            description="Its queues cost {{ $value | humanize }} USD in the last 30 days, at list prices.",
        ),
    )
