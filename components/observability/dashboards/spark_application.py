"""Spark application: why a job is slow or fails. Every series here has the label `tenant`, see `queue`."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models import dashboard

from components.observability import series
from components.observability import spark_metrics as spark
from components.observability.dashboards.layout import Row, Variable, compose
from components.observability.dashboards.panels import Column, Panel, Query, graph, number, pick, rows

UID: Final = "elastic-spark-application"
_MATCHERS: Final = ('queue="$queue"', 'application_id="$application"')
_EXECUTORS: Final = 'executor_id!="driver"'
_DRIVER: Final = 'executor_id="driver"'
_EXECUTOR: Final = "sum by (executor_id)"
_LISTED: Final = 20
"""Executors in the table, and lines in a graph of executors."""


def spark_application() -> dashboard.Dashboard:
    """The dashboard."""
    return compose(
        UID,
        "Spark application",
        "Why is this job slow, or failing: too few executors, garbage collection, shuffle, skew, its driver? For its "
        "people. What ended is in the history server.",
        [
            Row("Now", _now()),
            Row("Executors", _executors()),
            Row("Skew", _skew()),
            Row("Memory and garbage collection", _memory()),
            Row("Shuffle and disk", _shuffle()),
            Row("Driver", _driver()),
        ],
        variables=[
            Variable("queue", "Queue", f"label_values({series.QUEUE_MAX_APPS}, queue)", many=False),
            Variable(
                "application",
                "Application",
                f"label_values({pick(spark.SLOTS, _MATCHERS[0])}, application_id)",
                many=False,
            ),
        ],
        since="now-1h",
    )


def _of(what: str, *matchers: str) -> str:
    return pick(what, *_MATCHERS, *matchers)


def _rate(what: str, *matchers: str, window: str = "$__rate_interval") -> str:
    return f"rate({_of(what, *matchers)}[{window}])"


def _now() -> list[Panel]:
    return [
        number(
            "How many executors does it have?",
            "Executors that have registered with the driver.",
            f"count({_of(spark.SLOTS, _EXECUTORS)})",
            unit="executors",
            empty="No executor yet",
        ),
        number(
            "How busy are they?",
            "Running tasks, as share of the tasks that the executors could run at once.",
            f"sum({_of(spark.ACTIVE_TASKS, _EXECUTORS)}) / (sum({_of(spark.SLOTS, _EXECUTORS)}) > 0)",
            unit="ratio",
            decimals=0,
            good_from=0.5,
            empty="No executor yet",
        ),
        number(
            "How many jobs run?",
            "Spark jobs of the application that run now.",
            f"sum({_of(spark.ACTIVE_JOBS)})",
            unit="jobs",
            empty="It has ended, or not begun",
        ),
        number(
            "How many tasks failed?",
            "Since it began, on executors that it still has. Failed ones are tried again.",
            f"sum({_of(spark.FAILED_TASKS)})",
            unit="tasks",
            bad_from=1,
            empty="It has ended, or not begun",
        ),
        number(
            "How much time goes to garbage collection?",
            "Of the executors' task time; more than a tenth is too much.",
            f"sum({_rate(spark.GC_SECONDS, _EXECUTORS, window='5m')})"
            f" / (sum({_rate(spark.TASK_SECONDS, _EXECUTORS, window='5m')}) > 0)",
            unit="ratio",
            bad_from=0.1,
            empty="No task ran in 5 minutes",
        ),
        number(
            "Did executors die?",
            "Executors that ended without being told to: out of memory, a lost Spot node. In the time shown.",
            f"round(sum(increase({_of(spark.EXECUTORS_DIED)}[$__range])))",
            unit="executors",
            bad_from=1,
            over_range=True,
            empty="Not known without dynamic allocation",
        ),
    ]


def _executors() -> list[Panel]:
    return [
        graph(
            "Does it have the executors that it wants?",
            "What its tasks need at most, what it asks Kubernetes for, and what it has. Wanting without having: the "
            "queue is full, or nodes are on their way.",
            Query(f"sum({_of(spark.EXECUTORS_NEEDED)})", "needed at most"),
            Query(f"sum({_of(spark.EXECUTORS_TARGET)})", "asked for"),
            Query(f"count({_of(spark.SLOTS, _EXECUTORS)})", "registered"),
            unit="executors",
            width=8,
            empty="It has ended, or not begun",
        ),
        graph(
            "Are task slots used?",
            "Running tasks, and how many the executors could run at once. Few in many slots: too few partitions, or "
            "skew.",
            Query(f"sum({_of(spark.ACTIVE_TASKS, _EXECUTORS)})", "running"),
            Query(f"sum({_of(spark.SLOTS, _EXECUTORS)})", "slots", limit=True),
            unit="tasks",
            width=8,
            empty="No executor yet",
        ),
        graph(
            "How many tasks end, and how?",
            "Completed and failed tasks per second.",
            Query(f"sum({_rate(spark.COMPLETED_TASKS)})", "completed"),
            Query(f"sum({_rate(spark.FAILED_TASKS)})", "failed"),
            unit="per second",
            width=8,
            empty="It has ended, or not begun",
        ),
    ]


def _spread(what: str, unit: str) -> tuple[Query, Query, Query]:
    each = f"{_EXECUTOR} ({_rate(what, _EXECUTORS, window='5m')})"
    return (
        Query(f"max({each})", f"maximum {unit}"),
        Query(f"quantile(0.5, {each})", "median"),
        Query(f"min({each})", "minimum"),
    )


def _skew() -> list[Panel]:
    return [
        graph(
            "Is work spread evenly?",
            "Task time of the busiest, the median and the idlest executor, each second. Far apart for long: a few "
            "partitions hold most of the data.",
            *_spread(spark.TASK_SECONDS, "task time"),
            unit="seconds",
            width=8,
            empty="No executor yet",
        ),
        graph(
            "Is shuffled data spread evenly?",
            "What the executors read of the shuffle: the maximum, the median, the minimum.",
            *_spread(spark.SHUFFLE_READ, "read"),
            unit="bytes/s",
            width=8,
            empty="No executor yet",
        ),
        graph(
            "How skewed is it?",
            "Task time of the busiest executor, as a multiple of the median one's: 1 is even, from 3 on look for keys "
            "that hold most of the data.",
            Query(
                f"max({_EXECUTOR} ({_of(spark.TASK_SECONDS, _EXECUTORS)}))"
                f" / (quantile(0.5, {_EXECUTOR} ({_of(spark.TASK_SECONDS, _EXECUTORS)})) > 0)",
                "task time",
            ),
            Query(
                f"max({_EXECUTOR} ({_of(spark.SHUFFLE_READ, _EXECUTORS)}))"
                f" / (quantile(0.5, {_EXECUTOR} ({_of(spark.SHUFFLE_READ, _EXECUTORS)})) > 0)",
                "shuffle read",
            ),
            unit="times",
            width=8,
            promise=3,
            empty="No task has ended",
        ),
        rows(
            "Which executors do most?",
            f"The {_LISTED} executors with the most task time; look for one that stands out.",
            {"executor_id": "Executor"},
            [
                Column("Task time", _busiest(spark.TASK_SECONDS), "seconds"),
                Column("Tasks", _busiest(spark.COMPLETED_TASKS), "tasks"),
                Column("Failed", _busiest(spark.FAILED_TASKS), "tasks"),
                Column("Garbage collection", _busiest(spark.GC_SECONDS), "seconds"),
                Column("Shuffle read", _busiest(spark.SHUFFLE_READ), "bytes"),
                Column("Shuffle written", _busiest(spark.SHUFFLE_WRITE), "bytes"),
                Column("Peak heap", _busiest(spark.PEAK_HEAP), "bytes"),
                Column("Disk", _busiest(spark.DISK_USED), "bytes"),
            ],
            empty="No executor yet",
        ),
    ]


def _busiest(what: str) -> str:
    """Of the executors in the table."""
    busiest = f"topk({_LISTED}, {_EXECUTOR} ({_of(spark.TASK_SECONDS, _EXECUTORS)}))"
    return f"{_EXECUTOR} ({_of(what, _EXECUTORS)}) and on (executor_id) {busiest}"


def _memory() -> list[Panel]:
    return [
        graph(
            "How much heap have executors needed?",
            "The highest so far on any executor and on the median one, and of that for shuffles, joins and sorts.",
            Query(f"max({_of(spark.PEAK_HEAP, _EXECUTORS)})", "maximum heap"),
            Query(f"quantile(0.5, {_of(spark.PEAK_HEAP, _EXECUTORS)})", "median heap"),
            Query(f"max({_of(spark.PEAK_EXECUTION, _EXECUTORS)})", "maximum for execution"),
            Query(f"max({_of(spark.PEAK_OFF_HEAP, _EXECUTORS)})", "maximum off the heap"),
            unit="bytes",
            width=8,
            empty="No executor yet",
        ),
        graph(
            "Who spends how long on garbage collection?",
            "Share of task time, of the worst executor and the median one, and of the worst one's major collections. "
            "Above the line: more memory an executor, or fewer cores.",
            Query(
                f"max({_EXECUTOR} ({_rate(spark.GC_SECONDS, _EXECUTORS, window='5m')})"
                f" / ({_EXECUTOR} ({_rate(spark.TASK_SECONDS, _EXECUTORS, window='5m')}) > 0))",
                "worst",
            ),
            Query(
                f"quantile(0.5, {_EXECUTOR} ({_rate(spark.GC_SECONDS, _EXECUTORS, window='5m')})"
                f" / ({_EXECUTOR} ({_rate(spark.TASK_SECONDS, _EXECUTORS, window='5m')}) > 0))",
                "median",
            ),
            Query(
                f"max({_EXECUTOR} ({_rate(spark.MAJOR_GC_SECONDS, _EXECUTORS, window='5m')})"
                f" / ({_EXECUTOR} ({_rate(spark.TASK_SECONDS, _EXECUTORS, window='5m')}) > 0))",
                "worst, major",
            ),
            unit="ratio",
            width=8,
            promise=0.1,
            empty="No task ran in 5 minutes",
        ),
        graph(
            "How much is cached, of how much room?",
            "Memory that executors use for cached data, and what they have for it, all together.",
            Query(f"sum({_of(spark.STORAGE_USED, _EXECUTORS)})", "cached"),
            Query(f"sum({_of(spark.STORAGE_MAXIMUM, _EXECUTORS)})", "room", limit=True),
            unit="bytes",
            width=8,
            empty="No executor yet",
        ),
    ]


def _shuffle() -> list[Panel]:
    return [
        graph(
            "How much is shuffled?",
            "What executors read and write of the shuffle, all together.",
            Query(f"sum({_rate(spark.SHUFFLE_READ)})", "read"),
            Query(f"sum({_rate(spark.SHUFFLE_WRITE)})", "written"),
            unit="bytes/s",
            width=8,
            empty="It has ended, or not begun",
        ),
        graph(
            "How fast is input read?",
            "What executors read from storage, all together.",
            Query(f"sum({_rate(spark.INPUT_BYTES)})", "read"),
            unit="bytes/s",
            width=8,
            empty="It has ended, or not begun",
        ),
        graph(
            "How much disk do cached blocks fill?",
            "Cached data that was put on executors' disks, of the fullest one and all together.",
            Query(f"max({_of(spark.DISK_USED, _EXECUTORS)})", "fullest"),
            Query(f"sum({_of(spark.DISK_USED, _EXECUTORS)})", "all"),
            unit="bytes",
            width=8,
            empty="No executor yet",
        ),
    ]


def _driver() -> list[Panel]:
    return [
        graph(
            "Does the driver need more memory?",
            "The maximum of heap that the driver has needed so far.",
            Query(f"max({_of(spark.PEAK_HEAP, _DRIVER)})", "heap"),
            Query(f"max({_of(spark.PEAK_OFF_HEAP, _DRIVER)})", "off the heap"),
            unit="bytes",
            width=6,
            empty="It has ended, or not begun",
        ),
        graph(
            "How many stages run, wait and failed?",
            "Stages of the application now; failed ones since it began.",
            Query(f"sum({_of(spark.RUNNING_STAGES)})", "running"),
            Query(f"sum({_of(spark.WAITING_STAGES)})", "waiting"),
            Query(f"sum({_of(spark.FAILED_STAGES)})", "failed"),
            unit="stages",
            width=6,
            empty="It has ended, or not begun",
        ),
        graph(
            "Does the driver keep up with its executors?",
            "What 99 of 100 of the scheduler's events stay below. Long: the driver has too little cpu, or too many "
            "tasks.",
            Query(f"max({_of(spark.SCHEDULER_P99)})", "99 of 100"),
            unit="nanoseconds",
            width=6,
            empty="It has ended, or not begun",
        ),
        graph(
            "Does it lose events?",
            "Events that wait for the driver's status, and those dropped: then these figures, and the history, are "
            "short.",
            Query(f"max({_of(spark.LISTENER_QUEUE)})", "waiting"),
            Query(f"max({_of(spark.LISTENER_DROPPED)})", "dropped"),
            unit="events",
            width=6,
            empty="It has ended, or not begun",
        ),
    ]
