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
    NO_EXECUTORS,
    ON_POD,
    POD,
    POOL,
    QUEUE,
    among,
    between,
    by_pool,
    by_queue,
    duration,
    labelled,
    or_zero,
    per_pod,
    relabel,
    with_queue,
)
from components.observability.recording.room import unplaceable
from sizing import names

JOB_PODS: Final = f'kube_pod_nodeselectors{{pool!~"|{names.SYSTEM_POOL}"}}'
"""Drivers, executors and what holds places for them: the pods that admission gave a pool."""
UNSCHEDULABLE: Final = "kube_pod_status_unschedulable"
"""Of pods that wait for a node: then it is there, and 1."""
_PODS: Final = series.POD_NODE_WAIT.name
_DRIVERS: Final = f'{_PODS}{{pool="{names.DRIVER_POOL}"}}'
_EXECUTORS: Final = f'{_PODS}{{pool!="{names.DRIVER_POOL}"}}'
_LATEST: Final = f"{series.POD_PLACED} > 0 or {among(_PODS, UNSCHEDULABLE)}"
"""The waits that just ended, and those that go on."""


def waiting(objectives: Objectives) -> Group:
    """The group about waiting, one evaluation after the other."""
    return Group(
        name="elastic-spark-waiting",
        interval=objectives.interval,
        rules=(
            Record(series.POD_NODE_WAIT, _node_wait(objectives)),
            Record(series.POD_PLACED, among(_PODS, _just("kube_pod_status_scheduled_time", objectives))),
            Record(
                series.POOL_UNSCHEDULABLE,
                or_zero(by_pool("count", among(_PODS, UNSCHEDULABLE)), _job_pools(), on=("pool",)),
            ),
            Record(series.QUEUE_DRIVERS_UNSCHEDULABLE, by_queue("count", among(_DRIVERS, UNSCHEDULABLE))),
            Record(
                series.QUEUE_DRIVERS_UNPLACEABLE,
                by_queue("count", unplaceable(among(_DRIVERS, UNSCHEDULABLE), objectives)),
            ),
            Record(series.POOL_SCALE_OUT_SECONDS, _classed(by_pool("max", _LATEST), objectives)),
            Record(
                series.POOL_SCALE_OUT_PODS,
                _classed(by_pool("count", f"{series.POD_PLACED} > 0 <= {objectives.scale_out}"), objectives),
                {"outcome": series.IN_TIME},
            ),
            Record(
                series.POOL_SCALE_OUT_PODS,
                _classed(f"({by_pool('count', late_pods(objectives))}) {_unless_full()}", objectives),
                {"outcome": series.LATE},
            ),
            Record(series.QUEUE_WAIT_SECONDS, by_queue("max", _queue_waits(objectives))),
            Record(series.DRIVER_START_SECONDS, by_queue("max", _starts(_DRIVERS, objectives, NO_EXECUTORS))),
            Record(series.EXECUTOR_ALLOCATION_SECONDS, by_queue("max", _starts(_EXECUTORS, objectives))),
            Record(series.QUEUE_PODS_SCHEDULED, _placed()),
            Record(series.SUBMITTER_JOBS, _submitted()),
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


def _node_wait(objectives: Objectives) -> str:
    """For how many seconds each pod of a job was seen waiting for a node within `waits_window`.

    A scrape counts for the time until the next. It is too little by less than one scrape.
    """
    seen = f"count_over_time({UNSCHEDULABLE}[{duration(objectives.waits_window)}])"
    waited = f"{JOB_PODS} * {ON_POD} group_left () {per_pod('sum', seen)} * {objectives.scrape}"
    return f"max by ({POD}, pool) ({or_zero(waited, JOB_PODS)})"


def _job_pools() -> str:
    return f'sum by ({POOL}) ({series.POOL_NODES}{{purpose!="system"}})'


def _just(event: str, objectives: Objectives) -> str:
    """The times of what happened to pods, if that is in the interval before `settling`."""
    return between(event, older=objectives.settling + objectives.interval, younger=objectives.settling)


def late_pods(objectives: Objectives) -> str:
    """Those that are beyond the limit now and were not yet in any evaluation before.

    So far back is looked that nobody counts twice because Prometheus was away for a while.
    """
    window = f"[{duration(objectives.waits_window)}] offset {duration(objectives.interval)}"
    return f"{_PODS} > {objectives.scale_out} unless {ON_POD} (max_over_time({_PODS}{window}) > {objectives.scale_out})"


def _unless_full() -> str:
    """A pool at its maximum keeps its pods waiting because its tenant wants it so."""
    nodes = f"sum by ({POOL}) ({series.POOL_NODES})"
    return f"unless on (pool) ({nodes} >= on ({POOL}) sum by ({POOL}) ({series.POOL_MAXIMUM}))"


def _classed(pools: str, objectives: Objectives) -> str:
    """The same with the class of the pool's present scale-out: by the maximum of nodes that it lacked meanwhile.

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
    created, scheduled = (among(f"kube_pod_{what}", _DRIVERS) for what in ("created", "status_scheduled_time"))
    held = f"({_DRIVERS} == 0) + time() unless {ON_POD} {scheduled} unless {ON_POD} {series.POD_ENDED}"
    until = per_pod("max", f"{_just(scheduled, objectives)} or {held}")
    return f"({until} - {ON_POD} {per_pod('max', created)} - {ON_POD} {_DRIVERS})"


def _starts(pods: str, objectives: Objectives, containers: str = "") -> str:
    """From leaving the queue: waiting for a node, if it did, and for the last of its containers."""
    started = per_pod("max", _just(f"kube_pod_container_state_started{{{containers}}}", objectives))
    placed = per_pod("max", "kube_pod_status_scheduled_time")
    return f"({started} - {ON_POD} {placed} + {ON_POD} {pods})"


def _placed() -> str:
    """By purpose, which the pool tells."""
    pools = f"count by (namespace, pool) ({series.POD_PLACED})"
    purposes = relabel(pools, "purpose", "executor", "", "")
    return f"sum by ({QUEUE}, purpose) ({with_queue(relabel(purposes, 'purpose', '$1', 'pool', names.DRIVER_POOL))})"


def _submitted() -> str:
    """Drivers that were just placed, by who submitted them: each start of a job once, a restart too.

    Only the Spark operator gives pods the annotation; drivers of notebooks and spark-submit are nobody's here.
    """
    submitters = f'max by ({POD}, submitter) (kube_pod_annotations{{submitter!=""}})'
    drivers = f'{series.POD_PLACED}{{pool="{names.DRIVER_POOL}"}}'
    by_namespace = f"count by (namespace, submitter) ({submitters} and {ON_POD} {drivers})"
    return f"sum by ({QUEUE}, submitter) ({with_queue(by_namespace)})"


def _late_ratio(window: str) -> str:
    late, in_time, everything = (
        f"sum by ({POOL}) (sum_over_time({series.POOL_SCALE_OUT_PODS}{outcome}[{window}]))"
        for outcome in (f'{{outcome="{series.LATE}"}}', f'{{outcome="{series.IN_TIME}"}}', "")
    )
    return f"({or_zero(late, in_time)}) / ({everything} > 0)"
