"""Autoscaling performance: whether the autoscaler keeps its promises, and where the time goes when it doesn't."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models import dashboard

from components.observability import series
from components.observability.dashboards.layout import Row, Variable, compose
from components.observability.dashboards.panels import Panel, Query, bars, graph, number, pick
from components.observability.objectives import Objectives

UID: Final = "elastic-spark-autoscaling"
_POOL: Final = 'pool=~"$pool"'
_OBJECTIVES: Final = Objectives()
_AUTOSCALER: Final = "cluster_autoscaler"


def autoscaling() -> dashboard.Dashboard:
    """The dashboard."""
    return compose(
        UID,
        "Autoscaling performance",
        "Does the autoscaler keep its promises, and where does the time go when it doesn't? For the platform's people.",
        [
            Row("Promises", _promises()),
            Row("Scale-out", _scale_out()),
            Row("Scale-in", _scale_in()),
            Row("Groups", _groups()),
            Row("The autoscaler itself", _itself()),
        ],
        variables=[Variable("pool", "Pool", f"label_values({series.POOL_MAXIMUM}, pool)")],
    )


def _of(what: series.Series, *matchers: str) -> str:
    return pick(what, _POOL, *matchers)


def _promises() -> list[Panel]:
    return [
        number(
            "May it scale?",
            "1 while the autoscaler finds the cluster healthy enough to act; 0 stops all scaling.",
            f"min({_AUTOSCALER}_cluster_safe_to_autoscale)",
            unit="count",
            good_from=1,
            empty="The autoscaler is silent",
        ),
        number(
            "When did it last look?",
            "Since its last loop, which starts every 10 seconds.",
            f"""time() - max({_AUTOSCALER}_last_activity{{activity="main"}})""",
            unit="seconds",
            decimals=0,
            bad_from=_OBJECTIVES.autoscaler_silent,
            empty="The autoscaler is silent",
        ),
        number(
            "How many pods got their node late?",
            f"Share, in the last hour, of the pods that needed a new node and got none within {_OBJECTIVES.scale_out} "
            f"s; {1 - _OBJECTIVES.scale_out_share:.0%} is promised at most.",
            f"max({_of(series.scale_out_late_ratio('1h'))})",
            unit="ratio",
            decimals=1,
            bad_from=1 - _OBJECTIVES.scale_out_share,
            empty="None needed a new node",
        ),
        number(
            "How many executors were lost?",
            "Running executors whose node was taken away, in the time shown; of all queues. Promised: none.",
            f"round(sum(sum_over_time({series.EXECUTORS_LOST}[$__range])))",
            unit="executors",
            bad_from=1,
            over_range=True,
            empty="No queue",
        ),
        number(
            "Did it evict pods?",
            "Pods that the autoscaler evicted in the time shown. Executors and drivers forbid it: it must stay 0.",
            f"""round(sum(increase({_AUTOSCALER}_evicted_pods_total{{eviction_result="succeeded"}}[$__range])))""",
            unit="pods",
            bad_from=1,
            over_range=True,
            empty="The autoscaler is silent",
        ),
        number(
            "Do drivers find room at once?",
            "Drivers that would fit on the driver nodes that are there.",
            f"sum({series.POOL_HEADROOM})",
            unit="drivers",
            good_from=_OBJECTIVES.headroom_drivers,
            empty="No driver node",
        ),
    ]


def _scale_out() -> list[Panel]:
    return [
        graph(
            "How long do pods wait for a new node?",
            "The longest wait in each pool; the line is what is promised.",
            Query(f"max by (pool, size_class) ({_of(series.POOL_SCALE_OUT_SECONDS)})", "{{pool}}, {{size_class}}"),
            unit="seconds",
            promise=_OBJECTIVES.scale_out,
            empty="No pod needed a new node",
        ),
        graph(
            "How many pods are in time, how many late?",
            "Pods that got a new node in time, and those that waited longer than promised, in each half minute.",
            Query(f"sum by (outcome) ({_of(series.POOL_SCALE_OUT_PODS)})", "{{outcome}}"),
            unit="pods",
            stacked=True,
            empty="No pod needed a new node",
        ),
        graph(
            "How many nodes are on their way?",
            "Nodes that were asked for and are not ready yet, by pool.",
            Query(f"sum by (pool) ({_of(series.POOL_NODES_MISSING)})", "{{pool}}"),
            unit="nodes",
            stacked=True,
            empty="No pool",
        ),
        graph(
            "How many pods wait, and does the autoscaler see them?",
            "Pods without a node by pool; and, of all pools, those that the autoscaler counts in its loop.",
            Query(f"sum by (pool) ({_of(series.POOL_UNSCHEDULABLE)})", "{{pool}}"),
            Query(f"sum({_AUTOSCALER}_unschedulable_pods_count)", "seen by the autoscaler", limit=True),
            unit="pods",
            stacked=True,
            empty="No pod waits",
        ),
        graph(
            "Why did scale-outs fail?",
            "Calls to AWS for nodes that failed, by reason, per second.",
            Query(f"sum by (reason) (rate({_AUTOSCALER}_failed_scale_ups_total[$__rate_interval]))", "{{reason}}"),
            unit="per second",
            empty="None failed",
        ),
        graph(
            "Was a scale-out or scale-in skipped, and why?",
            "By direction and reason, such as a limit on all nodes' cpu, per second.",
            Query(
                f"sum by (direction, reason) (rate({_AUTOSCALER}_skipped_scale_events_count[$__rate_interval]))",
                "{{direction}}: {{reason}}",
            ),
            unit="per second",
            empty="None was skipped",
        ),
    ]


def _scale_in() -> list[Panel]:
    return [
        graph(
            "Which nodes stand empty?",
            "Executor nodes without a pod but the DaemonSets', by pool.",
            Query(f"sum by (pool) ({_of(series.POOL_NODES_EMPTY)})", "{{pool}}"),
            unit="nodes",
            width=8,
            stacked=True,
            empty="No executor pool",
        ),
        graph(
            "Which stay too long?",
            f"Of those above the pool's minimum, the ones empty for longer than {_OBJECTIVES.empty} s: scale-in is "
            "stuck.",
            Query(f"sum by (pool) ({_of(series.POOL_NODES_EMPTY_TOO_LONG)})", "{{pool}}"),
            unit="nodes",
            width=8,
            promise=1,
            empty="No executor pool",
        ),
        graph(
            "Does it remove what it finds unneeded?",
            "Nodes that the autoscaler finds unneeded, and those that it is deleting.",
            Query(f"sum({_AUTOSCALER}_unneeded_nodes_count)", "unneeded"),
            Query(f"sum({_AUTOSCALER}_pending_node_deletions)", "being deleted"),
            Query(f"max({_AUTOSCALER}_scale_down_in_cooldown)", "1 while scale-in pauses"),
            unit="nodes",
            width=8,
            empty="The autoscaler is silent",
        ),
        graph(
            "How many nodes come and go?",
            "Nodes that the autoscaler added, and removed by reason, per second.",
            Query(f"sum(rate({_AUTOSCALER}_scaled_up_nodes_total[$__rate_interval]))", "added"),
            Query(
                f"sum by (reason) (rate({_AUTOSCALER}_scaled_down_nodes_total[$__rate_interval]))",
                "removed: {{reason}}",
            ),
            unit="per second",
            empty="The autoscaler is silent",
        ),
        graph(
            "Were executors on nodes that left?",
            "Executors on nodes that the autoscaler is taking away, and those lost with them. Promised: none.",
            Query(f"sum by (queue) ({series.EXECUTORS_DOOMED})", "{{queue}}: on leaving nodes"),
            Query(f"sum by (queue) ({series.EXECUTORS_LOST})", "{{queue}}: lost"),
            unit="executors",
            empty="No queue",
        ),
    ]


def _groups() -> list[Panel]:
    group = "node_group"
    return [
        graph(
            "How many nodes was each group asked for?",
            "The target of each Auto Scaling group: a pool in one zone.",
            Query(f"sum by ({group}) ({_AUTOSCALER}_node_group_target_count)", "{{node_group}}"),
            unit="nodes",
            stacked=True,
            empty="The autoscaler found no group",
        ),
        bars(
            "Which groups are near their maximum?",
            "Target as share of the group's maximum. The queue's maximum bounds its pools' sum, so a pool of several "
            "zones need not fill any group.",
            Query(
                f"max by ({group}) ({_AUTOSCALER}_node_group_target_count)"
                f" / (max by ({group}) ({_AUTOSCALER}_node_group_max_count) > 0)",
                "{{node_group}}",
            ),
            unit="ratio",
            maximum=1,
            empty="The autoscaler found no group",
        ),
        graph(
            "Which groups are in backoff?",
            "1 while the autoscaler leaves a group alone after AWS had no capacity or refused, by reason.",
            Query(f"max by ({group}, reason) ({_AUTOSCALER}_node_group_backoff_status)", "{{node_group}} {{reason}}"),
            unit="count",
            promise=1,
            empty="The autoscaler found no group",
        ),
        graph(
            "Are groups healthy?",
            "1 for a group whose nodes are well; 0 while too many of them are not ready.",
            Query(f"min by ({group}) ({_AUTOSCALER}_node_group_healthiness)", "{{node_group}}"),
            unit="count",
            empty="The autoscaler found no group",
        ),
    ]


def _itself() -> list[Panel]:
    function = f"{_AUTOSCALER}_function_duration_seconds_bucket"
    calls = f"{_AUTOSCALER}_aws_request_duration_seconds"
    return [
        graph(
            "How long does a loop take?",
            "A whole loop, `main`: the median, and what 99 of 100 stay below. It should end before the next one "
            "starts, after 10 seconds.",
            Query(f"""histogram_quantile(0.5, sum by (le) (rate({function}{{function="main"}}[5m])))""", "median"),
            Query(f"""histogram_quantile(0.99, sum by (le) (rate({function}{{function="main"}}[5m])))""", "99 of 100"),
            unit="seconds",
            promise=10,
            empty="The autoscaler is silent",
        ),
        graph(
            "Which step takes the time?",
            "Seconds of each second, in the five longest steps of a loop.",
            Query(
                f"""topk(5, sum by (function) (rate({_AUTOSCALER}_function_duration_seconds_sum"""
                """{function!="main"}[5m])))""",
                "{{function}}",
            ),
            unit="seconds",
            empty="The autoscaler is silent",
        ),
        graph(
            "How fast does AWS answer?",
            "Mean time of a call, by kind.",
            Query(
                f"sum by (endpoint) (rate({calls}_sum[5m])) / sum by (endpoint) (rate({calls}_count[5m]))",
                "{{endpoint}}",
            ),
            unit="seconds",
            empty="No call in the last 5 minutes",
        ),
        graph(
            "Which errors does it meet?",
            "By kind, per second; a limit of AWS's on calls shows here.",
            Query(f"sum by (type) (rate({_AUTOSCALER}_errors_total[$__rate_interval]))", "{{type}}"),
            unit="per second",
            empty="The autoscaler is silent",
        ),
        graph(
            "In which state does it see nodes?",
            "All nodes by the autoscaler's state.",
            Query(f"sum by (state) ({_AUTOSCALER}_nodes_count)", "{{state}}"),
            unit="nodes",
            stacked=True,
            width=24,
            empty="The autoscaler is silent",
        ),
    ]
