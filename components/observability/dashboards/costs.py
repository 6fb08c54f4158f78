"""Cost and savings: what each queue costs, saves and leaves idle. For whoever pays."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models import dashboard

from components.observability import series
from components.observability.dashboards.elastic_story import QUEUE_MATCHER, QUEUES, TENANT_MATCHER
from components.observability.dashboards.layout import Row, compose
from components.observability.dashboards.panels import Column, Panel, Query, bars, dollars, graph, number, pick, rows

UID: Final = "elastic-spark-costs"


def costs() -> dashboard.Dashboard:
    """The dashboard."""
    return compose(
        UID,
        "Cost and savings",
        "What does each queue cost, what does elasticity save, what stands idle? At list prices, as settings state "
        "Spot's share; the bill is AWS's. For whoever pays.",
        [
            Row("All", _all()),
            Row("Queues", _queues()),
            Row("Over time", _over_time()),
            Row("Where it goes", _where()),
            Row("Budgets", _budgets()),
        ],
        variables=QUEUES,
        since="now-7d",
    )


def _of(what: series.Series, *matchers: str) -> str:
    return pick(what, TENANT_MATCHER, QUEUE_MATCHER, *matchers)


def _all() -> list[Panel]:
    return [
        number(
            "What does an hour cost now?",
            "Executor nodes of the chosen queues.",
            f"sum({_of(series.QUEUE_COST)})",
            unit="USD/h",
            decimals=2,
            empty="Not priced yet",
        ),
        number(
            "What do all queues share?",
            "System and driver nodes, which belong to no queue.",
            f"sum({series.PLATFORM_COST})",
            unit="USD/h",
            decimals=2,
            empty="Not priced yet",
        ),
        number(
            "What did the time shown cost?",
            "Executor nodes of the chosen queues.",
            dollars(_of(series.QUEUE_COST)),
            unit="USD",
            over_range=True,
            empty="Not priced yet",
        ),
        number(
            "What was saved in the time shown?",
            "Against fixed clusters, each as large as its queue's peak of 7 days.",
            dollars(_of(series.QUEUE_SAVING)),
            unit="USD",
            over_range=True,
            empty="Not priced yet",
        ),
        number(
            "What share is saved?",
            "Of what these fixed clusters would cost, over 7 days.",
            f"sum({_of(series.QUEUE_SAVING_RATIO)} * {_of(series.QUEUE_COST_AT_PEAK)})"
            f" / sum({_of(series.QUEUE_COST_AT_PEAK)})",
            unit="ratio",
            good_from=0.2,
            empty="Not priced yet",
        ),
        number(
            "What share stands idle?",
            "Of what queues cost now, the part of their nodes that no pod requests.",
            f"sum({_of(series.QUEUE_COST)} * {_of(series.QUEUE_IDLE)}) / (sum({_of(series.QUEUE_COST)}) > 0)",
            unit="ratio",
            bad_from=0.5,
            empty="No nodes",
        ),
    ]


def _queues() -> list[Panel]:
    by = "sum by (tenant, queue)"
    return [
        rows(
            "What does each queue cost and save?",
            "Now, but for the share saved, which is over 7 days.",
            {"tenant": "Tenant", "queue": "Queue"},
            [
                Column("Cost", f"{by} ({_of(series.QUEUE_COST)})", "USD/h"),
                Column("Fixed at its peak", f"{by} ({_of(series.QUEUE_COST_AT_PEAK)})", "USD/h"),
                Column("Saved now", f"{by} ({_of(series.QUEUE_SAVING)})", "USD/h"),
                Column("Share saved", f"{by} ({_of(series.QUEUE_SAVING_RATIO)})", "ratio"),
                Column("Idle", f"{by} ({_of(series.QUEUE_IDLE)})", "ratio"),
                Column("Nodes", f"{by} ({_of(series.POOL_NODES)})", "nodes"),
            ],
            empty="No queue",
        ),
    ]


def _over_time() -> list[Panel]:
    return [
        graph(
            "What does each queue cost?",
            "Executor nodes at their prices, and what all queues share.",
            Query(f"sum by (queue) ({_of(series.QUEUE_COST)})", "{{queue}}"),
            Query(f"sum by (purpose) ({series.PLATFORM_COST})", "shared: {{purpose}}"),
            unit="USD/h",
            stacked=True,
            empty="Not priced yet",
        ),
        graph(
            "What does each queue save?",
            "Against a fixed cluster as large as the queue's peak of the last 7 days.",
            Query(f"sum by (queue) ({_of(series.QUEUE_SAVING)})", "{{queue}}"),
            unit="USD/h",
            stacked=True,
            empty="Not priced yet",
        ),
        graph(
            "What share does each queue save?",
            "Over the last 7 days; the talk's queues saved 20 to 70 %.",
            Query(f"max by (queue) ({_of(series.QUEUE_SAVING_RATIO)})", "{{queue}}"),
            unit="ratio",
            empty="Not priced yet",
        ),
        graph(
            "What does idle capacity cost?",
            "The part of their nodes that no pod of the queue requests, at its price.",
            Query(f"sum by (queue) ({_of(series.QUEUE_COST)} * {_of(series.QUEUE_IDLE)})", "{{queue}}"),
            unit="USD/h",
            stacked=True,
            empty="No nodes",
        ),
    ]


def _priced(by: str) -> str:
    """Cost of nodes, by a label that only they have."""
    kinds = "tenant, queue, pool, instance_type, capacity"
    return (
        f"sum by ({by}) (sum by ({kinds}) ({_of(series.POOL_NODES)})"
        f" * on ({kinds}) max by ({kinds}) ({_of(series.NODE_PRICE)}))"
    )


def _where() -> list[Panel]:
    return [
        bars(
            "What do on-demand and Spot nodes cost?",
            "Executor nodes of the chosen queues, now.",
            Query(_priced("capacity"), "{{capacity}}"),
            unit="USD/h",
            width=8,
            empty="No nodes",
        ),
        bars(
            "What do instance types cost?",
            "Executor nodes of the chosen queues, now.",
            Query(_priced("instance_type"), "{{instance_type}}"),
            unit="USD/h",
            width=8,
            empty="No nodes",
        ),
        bars(
            "What do pools cost?",
            "Executor nodes of the chosen queues, now.",
            Query(_priced("pool"), "{{pool}}"),
            unit="USD/h",
            width=8,
            empty="No nodes",
        ),
    ]


def _budgets() -> list[Panel]:
    cost = pick(series.TENANT_COST_30D, TENANT_MATCHER)
    budget = pick(series.TENANT_BUDGET, TENANT_MATCHER)
    return [
        bars(
            "How much of its budget has each tenant used?",
            "Cost of the last 30 days, as share of the budget for a month. Tenants without a budget are missing.",
            Query(f"max by (tenant) ({cost}) / max by (tenant) ({budget})", "{{tenant}}"),
            unit="ratio",
            maximum=1,
            empty="No tenant has a budget",
        ),
        graph(
            "What did each tenant cost in 30 days?",
            "Executor nodes of all of its queues, over the 30 days before.",
            Query(f"max by (tenant) ({cost})", "{{tenant}}"),
            unit="USD",
            empty="Not priced yet",
        ),
    ]
