"""Queue: what a tenant asks of its queue. All of it has the label `tenant`, by which data is held to its owner."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models import dashboard

from components.observability import series
from components.observability import spark_metrics as spark
from components.observability.dashboards import spark_application
from components.observability.dashboards.demand import cpu_demand, memory_demand
from components.observability.dashboards.layout import Row, Variable, compose
from components.observability.dashboards.panels import Column, Panel, Query, dollars, graph, number, pick, rows
from components.observability.objectives import Objectives

UID: Final = "elastic-spark-queue"
_QUEUE: Final = 'queue="$queue"'
_OBJECTIVES: Final = Objectives()
_EXECUTORS: Final = 'executor_id!="driver"'


def queue() -> dashboard.Dashboard:
    """The dashboard."""
    return compose(
        UID,
        "Queue",
        "What runs in my queue, what waits and why, how fast does it start, and what does it cost? For its people.",
        [
            Row("Now", _now()),
            Row("Room", _room()),
            Row("Jobs", _jobs()),
            Row("Nodes", _nodes()),
            Row("Cost", _cost()),
        ],
        variables=[Variable("queue", "Queue", f"label_values({series.QUEUE_MAX_APPS}, queue)", many=False)],
    )


def _of(what: series.Series | str, *matchers: str) -> str:
    return pick(what, _QUEUE, *matchers)


def _of_tenant(what: series.Series) -> str:
    """Of the tenant whose queue it is."""
    return f"{what} and on (tenant) {_of(series.QUEUE_MAX_APPS)}"


def _now() -> list[Panel]:
    return [
        number(
            "How many applications run?",
            "Drivers that answer for their application, notebooks' servers included.",
            f"count({_of(spark.ACTIVE_JOBS)})",
            unit="applications",
            empty="None runs",
        ),
        number(
            "How many executors run?",
            "Executors that have registered with their driver.",
            f"count({_of(spark.SLOTS, _EXECUTORS)})",
            unit="executors",
            empty="None runs",
        ),
        number(
            "How long do jobs wait?",
            "The longest that a driver has waited until the queue lets it run.",
            f"max({_of(series.QUEUE_WAIT_SECONDS)})",
            unit="seconds",
            bad_from=_OBJECTIVES.queue_wait,
            empty="None waits",
        ),
        number(
            "How many nodes are there?",
            "Nodes of the queue's pools.",
            f"sum({_of(series.POOL_NODES)})",
            unit="nodes",
            empty="No such queue",
        ),
        number(
            "How full are they?",
            "What the queue's pods request of its nodes, by the fuller of cpu and memory.",
            f"max({_of(series.QUEUE_UTILIZATION)})",
            unit="ratio",
            decimals=0,
            good_from=0.5,
            empty="No nodes",
        ),
        number(
            "What does an hour cost now?",
            "The queue's executor nodes at their prices.",
            f"sum({_of(series.QUEUE_COST)})",
            unit="USD/h",
            decimals=2,
            empty="Not priced yet",
        ),
    ]


def _room() -> list[Panel]:
    return [
        graph(
            "How much cpu is left?",
            "What the queue has and waits for, above each other, against what it is guaranteed and what it may have. "
            "At its maximum, jobs wait for each other and no node is added.",
            *cpu_demand(_of),
            unit="cores",
            stacked=True,
            empty="No such queue",
        ),
        graph(
            "How much memory is left?",
            "The same in memory: the first of both that is used up holds jobs back.",
            *memory_demand(_of),
            unit="bytes",
            stacked=True,
            empty="No such queue",
        ),
    ]


def _jobs() -> list[Panel]:
    by_application = "sum by (application_name, application_id)"
    return [
        rows(
            "Which applications run, and on how much?",
            "Running applications by their executors. The identifier leads to the application's dashboard.",
            {"application_name": "Name", "application_id": "Application"},
            [
                Column(
                    "Executors",
                    f"count by (application_name, application_id) ({_of(spark.SLOTS, _EXECUTORS)})",
                    "executors",
                ),
                Column("Task slots", f"{by_application} ({_of(spark.SLOTS)})", "tasks"),
                Column("Running tasks", f"{by_application} ({_of(spark.ACTIVE_TASKS)})", "tasks"),
                Column("Failed tasks", f"{by_application} ({_of(spark.FAILED_TASKS)})", "tasks"),
                Column("Shuffle written", f"{by_application} ({_of(spark.SHUFFLE_WRITE)})", "bytes"),
            ],
            links={
                "application_id": f"/d/{spark_application.UID}?var-queue=${{queue}}"
                "&var-application=${__value.raw}&${__url_time_range}"
            },
            empty="None runs",
        ),
        graph(
            "How many applications run, of how many?",
            "Drivers that answer for their application, and how many applications the queue admits at once.",
            Query(f"count({_of(spark.ACTIVE_JOBS)})", "running"),
            Query(f"max({_of(series.QUEUE_MAX_APPS)})", "maximum", limit=True),
            unit="applications",
            width=8,
            empty="No such queue",
        ),
        graph(
            "How long do jobs wait for the queue?",
            "The longest that a driver has waited until the queue lets it run.",
            Query(f"max({_of(series.QUEUE_WAIT_SECONDS)})", "longest wait"),
            unit="seconds",
            width=8,
            promise=_OBJECTIVES.queue_wait,
            empty="No job waited",
        ),
        graph(
            "How fast do drivers and executors start?",
            "The longest, from leaving the queue to a running container.",
            Query(f"max({_of(series.DRIVER_START_SECONDS)})", "driver"),
            Query(f"max({_of(series.EXECUTOR_ALLOCATION_SECONDS)})", "executor"),
            unit="seconds",
            width=8,
            empty="None started",
        ),
        graph(
            "How long do jobs have until their deadlines?",
            "Of each job that was submitted with a deadline and has not ended, by its driver: running or waiting. "
            "Below zero it is past it.",
            Query(_of(series.JOB_DEADLINE), "{{pod}}"),
            unit="seconds",
            empty="No job has a deadline",
        ),
        graph(
            "Were deadlines missed?",
            "Jobs that were past their deadline for the first time, in each half minute.",
            Query(f"sum({_of(series.DEADLINES_MISSED)})", "missed"),
            unit="applications",
            empty="No such queue",
        ),
        graph(
            "How many pods start?",
            "Pods that were given a node, in each half minute.",
            Query(f"sum by (purpose) ({_of(series.QUEUE_PODS_SCHEDULED)})", "{{purpose}}"),
            unit="pods",
            empty="None started",
        ),
        graph(
            "Were executors lost to scale-in?",
            "Executors whose node the autoscaler took away, and those on a node that it is taking away. Promised: "
            "none.",
            Query(f"sum({_of(series.EXECUTORS_LOST)})", "lost"),
            Query(f"sum({_of(series.EXECUTORS_DOOMED)})", "on leaving nodes"),
            unit="executors",
            empty="No such queue",
        ),
    ]


def _nodes() -> list[Panel]:
    return [
        graph(
            "How many nodes does each pool have?",
            "Ready nodes, and the queue's bounds over all pools.",
            Query(f"sum by (pool) ({_of(series.POOL_NODES_READY)})", "{{pool}}"),
            Query(f"sum({_of(series.POOL_MINIMUM)})", "minimum", limit=True),
            Query(f"sum({_of(series.POOL_MAXIMUM)})", "maximum", limit=True),
            unit="nodes",
            width=8,
            stacked=True,
            empty="No pool",
        ),
        graph(
            "Is the queue waiting for nodes?",
            "Pods for which no node has room, and nodes that were asked for and are not ready yet.",
            Query(f"sum({_of(series.POOL_UNSCHEDULABLE)})", "pods without a node"),
            Query(f"sum({_of(series.QUEUE_DRIVERS_UNSCHEDULABLE)})", "drivers without a node"),
            Query(f"sum({_of(series.POOL_NODES_MISSING)})", "nodes on their way"),
            unit="count",
            width=8,
            empty="Nothing waits",
        ),
        graph(
            "Are nodes used?",
            "Share of the nodes that pods request, by cpu and memory. When both are low, executors fit the nodes "
            "badly, or nodes are about to leave.",
            Query(f"max by (resource) ({_of(series.QUEUE_UTILIZATION)})", "{{resource}}"),
            Query(f"max({_of(series.QUEUE_IDLE)})", "idle"),
            unit="ratio",
            width=8,
            empty="No nodes",
        ),
    ]


def _cost() -> list[Panel]:
    return [
        number(
            "What is saved?",
            "Of what a fixed cluster would cost, as large as the queue's peak of the last 7 days; over these 7 days.",
            f"max({_of(series.QUEUE_SAVING_RATIO)})",
            unit="ratio",
            width=6,
            good_from=0.2,
            empty="Not priced yet",
        ),
        number(
            "What did the tenant spend in 30 days?",
            "Executor nodes of all of the tenant's queues.",
            f"max({_of_tenant(series.TENANT_COST_30D)})",
            unit="USD",
            width=6,
            empty="Not priced yet",
        ),
        number(
            "How much of its budget is that?",
            "Of the tenant's budget for a month.",
            f"max(({_of_tenant(series.TENANT_COST_30D)}) / on (tenant) {series.TENANT_BUDGET})",
            unit="ratio",
            width=6,
            bad_from=1,
            empty="The tenant has no budget",
        ),
        number(
            "What did the time shown cost?",
            "The queue's executor nodes at their prices, over the time shown.",
            dollars(_of(series.QUEUE_COST)),
            unit="USD",
            width=6,
            over_range=True,
            empty="Not priced yet",
        ),
        graph(
            "How far below a fixed cluster is the cost?",
            "What the queue costs, and what a fixed cluster of its peak's size would.",
            Query(f"sum({_of(series.QUEUE_COST)})", "elastic"),
            Query(f"sum({_of(series.QUEUE_COST_AT_PEAK)})", "fixed at the peak of 7 days", limit=True),
            unit="USD/h",
            width=24,
            empty="Not priced yet",
        ),
    ]
