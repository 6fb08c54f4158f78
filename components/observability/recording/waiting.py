"""How long pods wait, and for what: their queue, a node, a container. docs/slo.md says the same to people.

A pod leaves its queue when YuniKorn first says that no node has room for it, or places it at once. Until then it waits
for the queue; from then on for a node; once placed, for its container. YuniKorn says nothing of a pod beyond the
queue's maximum, so waiting for the queue is never taken for a slow scale-out.

Only how things are can be scraped. What happened is found by its time, and is counted in the one interval between
evaluations that the time falls into, `settling` seconds later. These follow each other without a gap, so that each
event counts once.
"""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import FAST_BURNS, SLOW_BURNS, Objectives
from components.observability.promql import (
    DRIVER_PODS,
    EXECUTOR_PODS,
    JOB_PODS,
    ON_POD,
    POOL,
    between,
    by_pool,
    by_queue,
    duration,
    labelled,
    or_zero,
    per_pod,
    with_selector,
)

UNSCHEDULABLE: Final = "kube_pod_status_unschedulable"
"""Of pods that wait for a node: then it is there, and 1."""
SCHEDULED_TIME: Final = per_pod("max", "kube_pod_status_scheduled_time")


def waiting(objectives: Objectives) -> Group:
    """The group about waiting, one evaluation after the other."""
    return Group(
        name="elastic-spark-waiting",
        interval=objectives.interval,
        rules=(
            Record(series.POOL_UNSCHEDULABLE, or_zero(by_pool("sum", _ones(JOB_PODS)), _job_pools(), on=("pool",))),
            Record(series.QUEUE_DRIVERS_UNSCHEDULABLE, by_queue("sum", _ones(DRIVER_PODS))),
            Record(series.POOL_SCALE_OUT_SECONDS, _classed(by_pool("max", _node_waits(objectives)), objectives)),
            Record(
                series.POOL_SCALE_OUT_PODS,
                _classed(by_pool("sum", _in_time(objectives)), objectives),
                {"outcome": series.IN_TIME},
            ),
            Record(
                series.POOL_SCALE_OUT_PODS,
                _classed(f"({by_pool('sum', _late(objectives))}) {_unless_full()}", objectives),
                {"outcome": series.LATE},
            ),
            Record(series.QUEUE_WAIT_SECONDS, by_queue("max", _queue_waits(objectives))),
            Record(series.DRIVER_START_SECONDS, by_queue("max", _starts(DRIVER_PODS, objectives))),
            Record(series.EXECUTOR_ALLOCATION_SECONDS, by_queue("max", _starts(EXECUTOR_PODS, objectives))),
            Record(series.QUEUE_PODS_SCHEDULED, _scheduled(DRIVER_PODS, objectives), {"purpose": "driver"}),
            Record(series.QUEUE_PODS_SCHEDULED, _scheduled(EXECUTOR_PODS, objectives), {"purpose": "executor"}),
        ),
    )


def scale_out_objective(objectives: Objectives) -> Group:
    """The late share over all windows that its alerts look at."""
    windows = sorted({window for burn in (*FAST_BURNS, *SLOW_BURNS) for window in (burn.long, burn.short)})
    return Group(
        name="elastic-spark-scale-out-objective",
        interval=objectives.money_interval,
        rules=tuple(
            Record(series.scale_out_late_ratio(duration(window)), _late_ratio(duration(window))) for window in windows
        ),
    )


def _ones(pods: str) -> str:
    return with_selector(per_pod("max", UNSCHEDULABLE), pods)


def _job_pools() -> str:
    return f'sum by ({POOL}) ({series.POOL_NODES}{{purpose!="system"}})'


def seen_waiting(objectives: Objectives, ago: int = 0) -> str:
    """For how many seconds each pod was seen waiting for a node within `waits_window`, up to so many seconds ago.

    A scrape counts for the time until the next. It is too little by less than one scrape.
    """
    offset = f" offset {duration(ago)}" if ago else ""
    seen = f"count_over_time(kube_pod_status_unschedulable[{duration(objectives.waits_window)}]{offset})"
    return f"{per_pod('sum', seen)} * {objectives.scrape}"


def _just_scheduled(objectives: Objectives) -> str:
    older = objectives.settling + objectives.interval
    return per_pod("max", between("kube_pod_status_scheduled_time", older=older, younger=objectives.settling))


def _node_waits(objectives: Objectives) -> str:
    now = f"({_just_scheduled(objectives)} or {ON_POD} kube_pod_status_unschedulable)"
    return with_selector(f"({seen_waiting(objectives)} and {ON_POD} {now})", JOB_PODS)


def _in_time(objectives: Objectives) -> str:
    waited = f"({seen_waiting(objectives)} <= {objectives.scale_out} and {ON_POD} {_just_scheduled(objectives)})"
    return with_selector(f"({waited} > bool 0)", JOB_PODS)


def _late(objectives: Objectives) -> str:
    """Those that are beyond the limit now and were not yet an evaluation before."""
    now, before = (f"{seen_waiting(objectives, ago)} > {objectives.scale_out}" for ago in (0, objectives.interval))
    return with_selector(f"(({now} unless {ON_POD} ({before})) > bool 0)", JOB_PODS)


def _unless_full() -> str:
    """A pool at its maximum keeps its pods waiting because its tenant wants it so."""
    nodes = f"sum by ({POOL}) ({series.POOL_NODES})"
    return f"unless on (pool) ({nodes} >= on ({POOL}) sum by ({POOL}) ({series.POOL_MAXIMUM}))"


def _classed(pools: str, objectives: Objectives) -> str:
    """The same with the class of the pool's present scale-out: by the most nodes that it lacked meanwhile.

    A platform without an autoscaler knows of no missing nodes: there, all are small.
    """
    window = duration(objectives.waits_window)
    unknown = f"max_over_time({series.POOL_UNSCHEDULABLE}[{window}]) * 0"
    lacking = f"(max_over_time({series.POOL_NODES_MISSING}[{window}]) or on (pool) {unknown})"
    small, medium, large = series.SIZE_CLASSES
    classes = " or ".join(
        (
            labelled(f"({lacking} <= {objectives.small})", {"size_class": small}),
            labelled(f"({lacking} > {objectives.small} <= {objectives.medium})", {"size_class": medium}),
            labelled(f"({lacking} > {objectives.medium})", {"size_class": large}),
        )
    )
    return f"({pools}) * on (pool) group_left (size_class) (({classes}) * 0 + 1)"


def _queue_waits(objectives: Objectives) -> str:
    """Of drivers, since a job waits as long as its driver does: those that still wait, and those just released."""
    created = per_pod("max", "kube_pod_created")
    pending = 'kube_pod_status_phase{phase="Pending"} == 1'
    held = (
        f"(time() - ({created} unless {ON_POD} kube_pod_status_scheduled_time unless {ON_POD} {UNSCHEDULABLE})"
        f" and {ON_POD} ({pending}))"
    )
    left = f"({_just_scheduled(objectives)} - {ON_POD} {created})"
    return with_selector(f"({_less_waiting(left, objectives)} or {held})", DRIVER_PODS)


def _less_waiting(latency: str, objectives: Objectives) -> str:
    """A time that waiting for a node is part of, without it."""
    return f"({latency} - {ON_POD} {seen_waiting(objectives)} or {latency})"


def _starts(pods: str, objectives: Objectives) -> str:
    """From leaving the queue: waiting for a node, if it did, and for the last of its containers."""
    older = objectives.settling + objectives.interval
    started = per_pod("max", between("kube_pod_container_state_started", older=older, younger=objectives.settling))
    latency = f"({started} - {ON_POD} {SCHEDULED_TIME})"
    return with_selector(f"({latency} + {ON_POD} {seen_waiting(objectives)} or {latency})", pods)


def _scheduled(pods: str, objectives: Objectives) -> str:
    return by_queue("sum", with_selector(f"({_just_scheduled(objectives)} > bool 0)", pods))


def _late_ratio(window: str) -> str:
    everything = f"sum by ({POOL}) (sum_over_time({series.POOL_SCALE_OUT_PODS}[{window}]))"
    late = f'sum by ({POOL}) (sum_over_time({series.POOL_SCALE_OUT_PODS}{{outcome="{series.LATE}"}}[{window}]))'
    return f"({or_zero(late, everything)}) / ({everything} > 0)"
