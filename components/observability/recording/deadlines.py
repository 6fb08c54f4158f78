"""How long running jobs have until their deadlines, as the annotations of their drivers say.

Who writes the annotation, admission or a spark-submit, it is a time in UTC of one form
(`components.admission.applications_deadlines`). kube-state-metrics tells it as a label of a series that drivers have
anyway, so nothing has to watch applications, of which tens of thousands that have ended may be there. A job that waits
has its driver's pod too, and counts; between two tries, and before the Spark operator has started it, a job has none.
"""

from __future__ import annotations

from typing import Final

from components.observability import series
from components.observability.groups import Group, Record
from components.observability.objectives import Objectives
from components.observability.promql import (
    ON_POD,
    POD,
    QUEUE,
    days,
    duration,
    known_queues,
    number_of,
    or_zero,
    with_queue,
)
from sizing.durations import DAY

_FORM: Final = "([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z"
_TOLD: Final = (
    f'max by ({POD}, deadline) (kube_pod_annotations{{deadline=~"{_FORM}"}}) unless {ON_POD} {series.POD_ENDED}'
)


def deadlines(objectives: Objectives) -> Group:
    """The group about deadlines, one evaluation after the other."""
    left = with_queue(f"({_since_1970()}) - time()")
    return Group(
        name="elastic-spark-deadlines",
        interval=objectives.interval,
        rules=(
            Record(series.DEADLINE, f"max by ({POD}) ({number_of(_TOLD, 'deadline', _FORM, '$1$2$3$4$5$6')})"),
            Record(series.JOB_DEADLINE, f"max by ({QUEUE}, pod) ({left})"),
            Record(series.DEADLINES_MISSED, or_zero(_newly_past(objectives), known_queues())),
        ),
    )


def _since_1970() -> str:
    """Each deadline in seconds since 1 January 1970."""
    digits = series.DEADLINE.name

    def part(place: int) -> str:
        return f"floor({digits} / {place}) % 100"

    return f"{DAY} * ({days(f'floor({digits} / 1e6)')}) + 3600 * ({part(10_000)}) + 60 * ({part(100)}) + {digits} % 100"


def _newly_past(objectives: Objectives) -> str:
    """By queue, jobs that no evaluation before found past their deadline.

    So far back is looked that nobody counts twice because Prometheus was away for a while.
    """
    window = f"[{duration(objectives.waits_window)}] offset {duration(objectives.interval)}"
    left = series.JOB_DEADLINE
    return f"count by ({QUEUE}) ({left} < 0 unless min_over_time({left}{window}) < 0)"
