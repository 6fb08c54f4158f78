"""Alerts about logs and events that nobody reads, or that reach no place."""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Alert
from components.observability.objectives import Objectives
from components.observability.promql import ON_POD, duration
from components.observability.recording.asks import PLACEHOLDERS
from components.observability.recording.waiting import JOB_PODS

FILES: Final = 'name=~"tail.*"'
EVENTS: Final = 'name=~"kubernetes_events.*"'
"""Fluent Bit's names of its inputs: the plugin's, and a number."""


def log_alerts(objectives: Objectives) -> tuple[Alert, ...]:
    """These alerts; none where nothing is told of Fluent Bit at all, as where logs are switched off."""
    window = duration(objectives.logs_window)
    return (
        Alert(
            name="ElasticSparkLogsNotRead",
            expression=f"({_unread(objectives)}) and on () {_THERE} or {_PAUSED}",
            lasting=objectives.logs_missing,
            severity="warning",
            audience="platform",
            summary="Logs of jobs on node {{ $labels.node }} are not read",
            description=(
                "Fluent Bit reads nothing there, or has stopped reading, though containers of jobs started "
                f"within {window}. What they write is gone when their pods are."
            ),
        ),
        Alert(
            name="ElasticSparkEventsNotRead",
            expression=f"({_events_behind(window)}) and on () {_THERE}",
            lasting=objectives.logs_missing,
            severity="warning",
            audience="platform",
            summary="Kubernetes events are not read, or not all of them",
            description=(
                f"In {window} {{{{ $value | humanize }}}} events were read, fewer than pods were placed, of which each "
                "has several. The API server forgets them after an hour."
            ),
        ),
        Alert(
            name="ElasticSparkLogsNotDelivered",
            expression=(
                f"sum by (name) (increase(fluentbit_output_errors_total[{duration(objectives.logs_missing // 2)}])) > 0"
                f" or sum by (name) (increase(fluentbit_output_retries_failed_total[{window}])) > 0"
            ),
            lasting=objectives.logs_missing,
            severity="warning",
            audience="platform",
            summary="Logs or events don't reach {{ $labels.name }}",
            description=(
                "{{ $value | humanize }} deliveries failed lately. They are tried again for hours; then, or when a "
                "node has no room for more, what is new is lost."
            ),
        ),
    )


_THERE: Final = "(count(fluentbit_input_records_total) > 0)"
_PAUSED: Final = f"max by (node) (fluentbit_input_ingestion_paused{{{FILES}}}) > 0"


def _unread(objectives: Objectives) -> str:
    """Nodes on which a container of a job runs, and of whose files nothing was ever read; and those on which one
    started lately, and nothing was read since.

    Fluent Bit counts from its start: where it is young, what it has counted at all is what it has read lately.
    """
    window = duration(objectives.logs_window)
    records = f"fluentbit_input_records_total{{{FILES}}}"
    read = f"increase({records}[{window}]) > 0 or {records} > 0 unless {records} offset {window}"
    started = f"kube_pod_container_state_started < time() - {objectives.logs_settling}"
    lately = f"({started}) > time() - {objectives.logs_window}"
    return (
        f"{_nodes_where(started)} unless on (node) ({records} > 0) or {_nodes_where(lately)} unless on (node) ({read})"
    )


def _nodes_where(containers: str) -> str:
    """Nodes with containers of jobs, of which those for places write nothing."""
    writing = f"({containers}) and {ON_POD} {JOB_PODS} unless {ON_POD} {JOB_PODS.replace('{', f'{{{PLACEHOLDERS}, ')}"
    return f'count by (node) (kube_pod_info{{node!=""}} and {ON_POD} ({writing}))'


def _events_behind(window: str) -> str:
    """A restart reads the last hour anew, which is no increase: what a young one has counted is read lately."""
    records = f"fluentbit_input_records_total{{{EVENTS}}}"
    read = " + ".join(
        f"(sum({part}) or vector(0))"
        for part in (f"increase({records}[{window}])", f"{records} unless {records} offset {window}")
    )
    return f"{read} < on () sum(sum_over_time({series.QUEUE_PODS_SCHEDULED}[{window}]))"
