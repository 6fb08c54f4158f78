"""Alerts about what places pods and submits jobs: YuniKorn and the Spark operator."""

from __future__ import annotations

from components.observability import series
from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.promql import QUEUE, duration
from components.observability.recording.queues import by_leaf_queue


def scheduling_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts. Software that is down is known by its metrics' absence, whatever its monitor is called."""
    cycle = "sum by (le) (rate(yunikorn_scheduler_scheduling_cycle_milliseconds_bucket[10m]))"
    submission = "sum by (le) (rate(spark_application_submit_latency_seconds_histogram_bucket[15m]))"
    preempting = by_leaf_queue('yunikorn_queue_resource{state="preempting"}', "max")
    return (
        Alert(
            name="ElasticSparkPodPreempted",
            expression=f"max_over_time(({preempting})[10m:1m]) > 0",
            lasting=0,
            severity="critical",
            audience="platform",
            summary="YuniKorn takes running pods of queue {{ $labels.queue }} for another queue",
            description="Found {{ $value | humanize }} being preempted; preemption is switched off and must stay so.",
        ),
        Alert(
            name="ElasticSparkQueueStuck",
            expression=_stuck(objectives),
            lasting=objectives.queue_stuck,
            severity="warning",
            audience="platform",
            summary="Queue {{ $labels.queue }} has room, and nothing in it starts",
            description=(
                "Pods of queue {{ $labels.queue }} wait for {{ $value | humanize }} cores inside its maximum; "
                f"none was placed, and no node asked for, for {duration(objectives.queue_stuck)}."
            ),
        ),
        Alert(
            name="ElasticSparkPodForgotten",
            expression=f"{series.QUEUE_WITHOUT_ASK} > 0",
            lasting=objectives.without_ask,
            severity="warning",
            audience="platform",
            summary="YuniKorn no longer looks for a place for pods of queue {{ $labels.queue }}",
            description=(
                "Pods that request {{ $value | humanize }} cores have waited in queue {{ $labels.queue }} for "
                f"{duration(objectives.without_ask)} or longer, and YuniKorn is asked for none of them: they wait for "
                "good until somebody deletes them."
            ),
        ),
        Alert(
            name="ElasticSparkYuniKornDown",
            expression='absent(yunikorn_scheduler_node{state="active"})',
            lasting=objectives.down,
            severity="critical",
            audience="platform",
            summary="YuniKorn is down, or can't be scraped",
            description="Nobody has seen its metrics. Running jobs go on; no pod of any queue is placed.",
        ),
        Alert(
            name="ElasticSparkYuniKornSlow",
            expression=f"histogram_quantile(0.99, {cycle}) > {objectives.scheduling_p99_ms}",
            lasting=objectives.scrape_failing,
            severity="warning",
            audience="platform",
            summary="YuniKorn is slow to place pods",
            description=(
                "One in a hundred scheduling cycles takes {{ $value | humanize }} ms or more; "
                f"{objectives.scheduling_p99_ms} ms is the limit."
            ),
        ),
        Alert(
            name="ElasticSparkOperatorDown",
            expression='absent(controller_runtime_reconcile_total{controller="sparkapplication"})',
            lasting=objectives.down,
            severity="critical",
            audience="platform",
            summary="The Spark operator is down, or can't be scraped",
            description="Nobody has seen its metrics. Running jobs go on; no SparkApplication is submitted.",
        ),
        Alert(
            name="ElasticSparkOperatorSlow",
            expression=(
                f'sum(workqueue_depth{{name="sparkapplication"}}) > {objectives.operator_backlog}'
                f" or histogram_quantile(0.9, {submission}) > {objectives.submission_p90}"
            ),
            lasting=objectives.scrape_failing,
            severity="warning",
            audience="platform",
            summary="The Spark operator is behind with submissions",
            description=(
                f"Found {{{{ $value | humanize }}}}; at most {objectives.operator_backlog} applications should wait, "
                f"and nine submissions in ten should take {objectives.submission_p90} s."
            ),
        ),
    )


def _stuck(objectives: Objectives) -> str:
    room = " and ".join(
        f"on ({QUEUE}) ({allocated} < {objectives.queue_room} * max by ({QUEUE}) ({maximum}) / {divisor})"
        for allocated, maximum, divisor in (
            (series.QUEUE_ALLOCATED_CPU, series.QUEUE_MAXIMUM_CPU, 1000),
            (series.QUEUE_ALLOCATED_MEMORY, series.QUEUE_MAXIMUM_MEMORY, 1),
        )
    )
    placed = f"sum by ({QUEUE}) (sum_over_time({series.QUEUE_PODS_SCHEDULED}[{duration(objectives.queue_stuck)}])) > 0"
    for_nodes = f"sum by ({QUEUE}) ({series.POOL_UNSCHEDULABLE}) > 0 or {series.QUEUE_DRIVERS_UNSCHEDULABLE} > 0"
    running = by_leaf_queue('yunikorn_queue_app{state="running"}', "sum")
    full = f"{running} >= on ({QUEUE}) max by ({QUEUE}) ({series.QUEUE_MAX_APPS})"
    return (
        f"{series.QUEUE_PENDING_CPU} > 0 and {room}"
        f" unless on ({QUEUE}) ({placed}) unless on ({QUEUE}) ({for_nodes}) unless on ({QUEUE}) ({full})"
    )
