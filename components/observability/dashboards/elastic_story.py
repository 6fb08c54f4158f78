"""Elastic story: do nodes come and go with the work, how fast, and what is that worth? For the platform's people."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models import dashboard

from components.observability import series
from components.observability.dashboards.demand import cpu_demand, memory_demand
from components.observability.dashboards.layout import Row, Variable, compose
from components.observability.dashboards.panels import Panel, Query, graph, number, pick
from components.observability.objectives import Objectives

UID: Final = "elastic-spark-story"
TENANT_MATCHER: Final = 'tenant=~"$tenant"'
QUEUE_MATCHER: Final = 'queue=~"$queue"'
QUEUES: Final = (
    Variable("tenant", "Tenant", f"label_values({series.QUEUE_MAX_APPS}, tenant)"),
    Variable("queue", "Queue", f"label_values({pick(series.QUEUE_MAX_APPS, TENANT_MATCHER)}, queue)"),
)
"""Choosing queues: of all tenants, or of some."""
_OBJECTIVES: Final = Objectives()


def elastic_story() -> dashboard.Dashboard:
    """The dashboard."""
    return compose(
        UID,
        "Elastic story",
        "Do nodes come and go with the work, how fast, and what is that worth? For the platform's people.",
        [
            Row("Now", _now()),
            Row("Demand", _demand()),
            Row("Nodes", _nodes()),
            Row("Latency", _latency()),
            Row("Cost", _cost()),
        ],
        variables=QUEUES,
    )


def _of(what: series.Series, *matchers: str) -> str:
    return pick(what, TENANT_MATCHER, QUEUE_MATCHER, *matchers)


def _now() -> list[Panel]:
    return [
        number(
            "How many executor nodes are there?",
            "Nodes of the chosen queues' pools that have joined the cluster.",
            f"sum({_of(series.POOL_NODES)})",
            unit="nodes",
            empty="No queue",
        ),
        number(
            "How many executors wait for a node?",
            "Their queue has room, no node has: each makes its pool grow. Pods beyond a queue's maximum are not among "
            "them.",
            f"sum({_of(series.POOL_UNSCHEDULABLE)})",
            unit="pods",
            empty="None waits",
        ),
        number(
            "Did pods get their node late?",
            f"Share, in the last hour, of the pods that needed a new node and got none within "
            f"{_OBJECTIVES.scale_out} s; {1 - _OBJECTIVES.scale_out_share:.0%} is promised at most.",
            f"max({_of(series.scale_out_late_ratio('1h'))})",
            unit="ratio",
            decimals=1,
            bad_from=1 - _OBJECTIVES.scale_out_share,
            empty="None needed a new node",
        ),
        number(
            "Were executors lost to scale-in?",
            "Running executors whose node the autoscaler took away in the time shown. Promised: none, ever.",
            f"round(sum(sum_over_time({_of(series.EXECUTORS_LOST)}[$__range])))",
            unit="executors",
            bad_from=1,
            over_range=True,
            empty="No queue",
        ),
        number(
            "What does an hour cost now?",
            "Executor nodes of the chosen queues, and the nodes that all queues share, at their prices.",
            f"sum({_of(series.QUEUE_COST)}) + sum({series.PLATFORM_COST})",
            unit="USD/h",
            decimals=2,
            empty="Not priced yet",
        ),
        number(
            "What is saved?",
            "Of what fixed clusters would cost, each as large as its queue's peak of the last 7 days; over these 7 "
            "days.",
            f"sum({_of(series.QUEUE_SAVING_RATIO)} * {_of(series.QUEUE_COST_AT_PEAK)})"
            f" / sum({_of(series.QUEUE_COST_AT_PEAK)})",
            unit="ratio",
            good_from=0.2,
            empty="Not priced yet",
        ),
    ]


def _demand() -> list[Panel]:
    return [
        graph(
            "How much cpu do queues use and wait for?",
            "Allocated and waiting by YuniKorn, above each other, within what the queues' settings guarantee and "
            "allow.",
            *cpu_demand(_of),
            unit="cores",
            stacked=True,
            empty="No queue",
        ),
        graph(
            "How much memory do queues use and wait for?",
            "Allocated and waiting by YuniKorn, above each other, within what the queues' settings guarantee and "
            "allow.",
            *memory_demand(_of),
            unit="bytes",
            stacked=True,
            empty="No queue",
        ),
    ]


def _nodes() -> list[Panel]:
    return [
        graph(
            "Do nodes follow demand?",
            "Executor nodes that the autoscaler has asked for, those that are ready, and the pools' bounds.",
            Query(f"sum({_of(series.POOL_NODES_TARGET)})", "asked for"),
            Query(f"""sum({_of(series.POOL_NODES_READY, 'purpose="executor"')})""", "ready"),
            Query(f"sum({_of(series.POOL_MINIMUM)})", "minimum", limit=True),
            Query(f"sum({_of(series.POOL_MAXIMUM)})", "maximum", limit=True),
            unit="nodes",
            empty="No executor pool",
        ),
        graph(
            "Which queues have how many nodes?",
            "Executor nodes by queue.",
            Query(f"""sum by (queue) ({_of(series.POOL_NODES, 'purpose="executor"')})""", "{{queue}}"),
            unit="nodes",
            stacked=True,
            empty="No executor pool",
        ),
        graph(
            "How many nodes are there for what?",
            "All nodes of the platform: system, drivers, executors, whatever queues are chosen.",
            Query(f"sum by (purpose) ({series.POOL_NODES})", "{{purpose}}"),
            unit="nodes",
            stacked=True,
            empty="No node has the platform's labels",
        ),
        graph(
            "Which nodes stand empty?",
            "Executor nodes without a pod but the DaemonSets', by queue; and, of those above the minimum, the ones "
            "that the autoscaler should have removed by now.",
            Query(f"sum by (queue) ({_of(series.POOL_NODES_EMPTY)})", "{{queue}}"),
            Query(f"sum({_of(series.POOL_NODES_EMPTY_TOO_LONG)})", "too long, all queues", limit=True),
            unit="nodes",
            empty="No executor pool",
        ),
    ]


def _latency() -> list[Panel]:
    return [
        graph(
            "How long do pods wait for a new node?",
            "The longest wait in each pool that grows, by the size of the scale-out; the line is what is promised.",
            Query(f"max by (size_class) ({_of(series.POOL_SCALE_OUT_SECONDS)})", "{{size_class}}"),
            unit="seconds",
            promise=_OBJECTIVES.scale_out,
            empty="No pod needed a new node",
        ),
        graph(
            "How long do drivers take to start?",
            "From leaving the queue to a running container: headroom means that no node has to boot for it.",
            Query(f"max by (queue) ({_of(series.DRIVER_START_SECONDS)})", "{{queue}}"),
            unit="seconds",
            promise=_OBJECTIVES.driver_start,
            empty="No driver started",
        ),
        graph(
            "How long do executors take to start?",
            "The longest, from leaving the queue to a running container; a new node included where one is needed.",
            Query(f"max by (queue) ({_of(series.EXECUTOR_ALLOCATION_SECONDS)})", "{{queue}}"),
            unit="seconds",
            promise=_OBJECTIVES.executor_allocation,
            empty="No executor started",
        ),
        graph(
            "How long do jobs wait for their queue?",
            "The longest that a driver has waited until its queue lets it run: beyond the line the queue is too small "
            "for its people's jobs.",
            Query(f"max by (queue) ({_of(series.QUEUE_WAIT_SECONDS)})", "{{queue}}"),
            unit="seconds",
            promise=_OBJECTIVES.queue_wait,
            empty="No job waited",
        ),
    ]


def _cost() -> list[Panel]:
    return [
        graph(
            "What does each queue cost?",
            "Executor nodes at their prices, and what all queues share: system and driver nodes.",
            Query(f"sum by (queue) ({_of(series.QUEUE_COST)})", "{{queue}}"),
            Query(f"sum by (purpose) ({series.PLATFORM_COST})", "shared: {{purpose}}"),
            unit="USD/h",
            stacked=True,
            empty="Not priced yet",
        ),
        graph(
            "How far below fixed clusters is the cost?",
            "What the chosen queues cost, and what fixed clusters of their peaks' size would.",
            Query(f"sum({_of(series.QUEUE_COST)})", "elastic"),
            Query(f"sum({_of(series.QUEUE_COST_AT_PEAK)})", "fixed at the peak of 7 days", limit=True),
            unit="USD/h",
            empty="Not priced yet",
        ),
    ]
