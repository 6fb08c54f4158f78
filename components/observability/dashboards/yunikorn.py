"""YuniKorn: whether the scheduler keeps up, and whether it packs nodes so that others can leave."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models import dashboard

from components.observability.dashboards.layout import Row, Variable, compose
from components.observability.dashboards.panels import Panel, Query, bars, graph, number, pick
from components.observability.objectives import Objectives
from sizing.sharing import ROOT_QUEUES

UID: Final = "elastic-spark-yunikorn"
_OBJECTIVES: Final = Objectives()
_SCHEDULER: Final = "yunikorn_scheduler"
_LEAVES: Final = f"(?:{'|'.join(ROOT_QUEUES.values()).replace('.', '[.]')})[.][^.]+[.].+"
"""Of queues' full names, those of tenants' queues and not their parents."""
_QUEUE: Final = 'queue=~"$queue"'


def yunikorn() -> dashboard.Dashboard:
    """The dashboard."""
    return compose(
        UID,
        "YuniKorn",
        "Does the scheduler keep up, and does it pack nodes so that others can leave? For the platform's people.",
        [
            Row("Now", _now()),
            Row("Applications", _applications()),
            Row("Queues", _queues()),
            Row("Speed", _speed()),
            Row("Nodes", _nodes()),
        ],
        variables=[
            Variable(
                "queue",
                "Queue",
                f"""label_values(yunikorn_queue_resource{{queue=~"{_LEAVES}"}}, queue)""",
                everything=_LEAVES,
            )
        ],
    )


def _now() -> list[Panel]:
    return [
        number(
            "How many applications run?",
            "Applications of all queues that have at least one pod placed.",
            f"""sum({_SCHEDULER}_application_total{{state="running"}})""",
            unit="applications",
            empty="The scheduler is silent",
        ),
        number(
            "How many pods are placed a second?",
            "In the last five minutes.",
            f"""sum(rate({_SCHEDULER}_container_allocation_attempt_total{{state="allocated"}}[5m]))""",
            unit="per second",
            empty="The scheduler is silent",
        ),
        number(
            "Did placing fail?",
            "Placements that ended in an error, in the time shown.",
            f"""round(sum(increase({_SCHEDULER}_container_allocation_attempt_total{{state="error"}}[$__range])))""",
            unit="pods",
            bad_from=1,
            over_range=True,
            empty="The scheduler is silent",
        ),
        number(
            "How long does a cycle take?",
            "What 99 of 100 scheduling cycles stay below, by a histogram in powers of ten.",
            f"histogram_quantile(0.99, sum by (le) (rate({_SCHEDULER}_scheduling_cycle_milliseconds_bucket[5m])))",
            unit="milliseconds",
            bad_from=_OBJECTIVES.scheduling_p99_ms,
            empty="Nothing was scheduled",
        ),
        number(
            "How many nodes does it know?",
            "Nodes that it may place pods on.",
            f"""sum({_SCHEDULER}_node{{state="active"}})""",
            unit="nodes",
            empty="The scheduler is silent",
        ),
        number(
            "How full is the memory of its nodes?",
            "Share of its nodes that are filled by more than 80 %, by memory.",
            f"""sum({_SCHEDULER}_memory_node_usage_total{{range=~"[(](80|90)%.*"}})"""
            f" / sum({_SCHEDULER}_memory_node_usage_total)",
            unit="ratio",
            empty="The scheduler is silent",
        ),
    ]


def _applications() -> list[Panel]:
    return [
        graph(
            "What becomes of applications?",
            "All applications that the scheduler remembers, by state.",
            Query(f"sum by (state) ({_SCHEDULER}_application_total)", "{{state}}"),
            unit="applications",
            stacked=True,
            empty="The scheduler is silent",
        ),
        graph(
            "How many are submitted?",
            "By what became of the submission; a rejected one names no queue that there is, or a gang too large for "
            "it.",
            Query(f"sum by (result) (rate({_SCHEDULER}_application_submission_total[$__rate_interval]))", "{{result}}"),
            unit="per second",
            empty="The scheduler is silent",
        ),
        graph(
            "Which queues run how many?",
            "Running applications by queue. Idle queues are missing.",
            Query(f"sum by (queue) ({pick('yunikorn_queue_app', _QUEUE, _state('running'))})", "{{queue}}"),
            unit="applications",
            stacked=True,
            empty="No queue is busy",
        ),
        graph(
            "Which queues let applications wait?",
            "Applications that were accepted and have no pod placed yet: the queue is full, or admits no more at once.",
            Query(f"""sum by (queue) ({pick("yunikorn_queue_app", _QUEUE, 'state=~"new|accepted"')})""", "{{queue}}"),
            unit="applications",
            stacked=True,
            empty="No queue is busy",
        ),
    ]


def _state(state: str) -> str:
    return f'state="{state}"'


def _share(resource: str) -> str:
    of = f'resource="{resource}"'
    allocated = pick("yunikorn_queue_resource", _QUEUE, of, _state("allocated"))
    maximum = pick("yunikorn_queue_resource", _QUEUE, of, _state("max"))
    return f"max by (queue) ({allocated}) / (max by (queue) ({maximum}) > 0)"


def _queues() -> list[Panel]:
    pending = pick("yunikorn_queue_resource", _QUEUE, 'resource="pods"', _state("pending"))
    allocated = pick("yunikorn_queue_resource", _QUEUE, 'resource="pods"', _state("allocated"))
    return [
        graph(
            "How full are queues, by cpu?",
            "Allocated, as share of the queue's maximum. Idle queues are missing.",
            Query(_share("vcore"), "{{queue}}"),
            unit="ratio",
            promise=1,
            empty="No queue is busy",
        ),
        graph(
            "How full are queues, by memory?",
            "Allocated, as share of the queue's maximum. Idle queues are missing.",
            Query(_share("memory"), "{{queue}}"),
            unit="ratio",
            promise=1,
            empty="No queue is busy",
        ),
        graph(
            "How many pods run in queues?",
            "Pods that were placed.",
            Query(f"sum by (queue) ({allocated})", "{{queue}}"),
            unit="pods",
            stacked=True,
            empty="No queue is busy",
        ),
        graph(
            "How many pods wait in queues?",
            "Pods that are not placed: the queue is full, or nodes are missing.",
            Query(f"sum by (queue) ({pending})", "{{queue}}"),
            unit="pods",
            stacked=True,
            empty="No queue is busy",
        ),
    ]


def _quantiles(histogram: str) -> tuple[Query, Query]:
    rate = f"sum by (le) (rate({_SCHEDULER}_{histogram}_bucket[5m]))"
    return (
        Query(f"histogram_quantile(0.5, {rate})", "median"),
        Query(f"histogram_quantile(0.99, {rate})", "99 of 100"),
    )


def _speed() -> list[Panel]:
    return [
        graph(
            "How long does a scheduling cycle take?",
            "A look at all that waits, by a histogram in powers of ten.",
            *_quantiles("scheduling_cycle_milliseconds"),
            unit="milliseconds",
            width=8,
            promise=_OBJECTIVES.scheduling_p99_ms,
            empty="Nothing was scheduled",
        ),
        graph(
            "How long does it look for a node?",
            "Evaluating nodes for one pod, by a histogram in powers of ten.",
            *_quantiles("trynode_evaluation_milliseconds"),
            unit="milliseconds",
            width=8,
            empty="Nothing was scheduled",
        ),
        graph(
            "How long does sorting take?",
            "Mean time in which applications and queues are put in order.",
            Query(
                f"sum by (level) (rate({_SCHEDULER}_node_sorting_latency_milliseconds_sum[5m]))"
                f" / sum by (level) (rate({_SCHEDULER}_node_sorting_latency_milliseconds_count[5m]))",
                "{{level}}",
            ),
            unit="milliseconds",
            width=8,
            empty="Nothing was scheduled",
        ),
        graph(
            "Does it keep up with what is placed and released?",
            "Pods, by what the scheduler did with them, per second.",
            Query(
                f"sum by (state) (rate({_SCHEDULER}_container_allocation_attempt_total[$__rate_interval]))", "{{state}}"
            ),
            unit="per second",
            empty="The scheduler is silent",
        ),
        graph(
            "How much memory does it use itself?",
            "Memory of the scheduler's process. It grows with nodes and pods.",
            Query(
                f"max(process_resident_memory_bytes and on (instance) {_SCHEDULER}_node)",
                "resident memory",
            ),
            unit="bytes",
            empty="The scheduler is silent",
        ),
    ]


def _nodes() -> list[Panel]:
    return [
        graph(
            "In which state are nodes?",
            "Nodes by the scheduler's state. Draining ones get no pods any more.",
            Query(f"sum by (state) ({_SCHEDULER}_node)", "{{state}}"),
            unit="nodes",
            width=8,
            empty="The scheduler is silent",
        ),
        bars(
            "Does it pack nodes, by cpu?",
            "Nodes by how full their cpu is. Packed well, most are nearly full or nearly empty: the empty ones can "
            "leave.",
            Query(f"sum by (range) ({_SCHEDULER}_vcore_node_usage_total)", "{{range}}"),
            unit="nodes",
            width=8,
            empty="The scheduler is silent",
        ),
        bars(
            "Does it pack nodes, by memory?",
            "The same by memory.",
            Query(f"sum by (range) ({_SCHEDULER}_memory_node_usage_total)", "{{range}}"),
            unit="nodes",
            width=8,
            empty="The scheduler is silent",
        ),
    ]
