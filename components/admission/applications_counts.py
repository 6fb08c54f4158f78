"""How many executors an application may ask for."""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import found_rule
from components.admission.application_variables import ALLOCATES, CONNECT, LARGEST, counted, first_of, setting
from components.admission.policy import AdmissionRule, Variable, cel_list

_DYNAMIC: Final = "spark.dynamicAllocation."
INSTANCES: Final = "spark.executor.instances"
COUNTS: Final = (
    f"{_DYNAMIC}initialExecutors",
    f"{_DYNAMIC}maxExecutors",
    f"{_DYNAMIC}minExecutors",
    INSTANCES,
)
DEFAULT_INSTANCES: Final = 2
"""Executors of a job that neither says a number nor has them come and go.

Source: apache/spark 4.0, scheduler/cluster/SchedulerBackendUtils.scala (DEFAULT_NUMBER_EXECUTORS)
"""
_ENABLED: Final = f"(variables.allocation.?enabled.orValue(false) || {ALLOCATES})"
_UNSAID: Final = f"!has(variables.executor.instances) && !{setting(INSTANCES)}.hasValue() && !{_ENABLED}"
_FIELDS: Final = ", ".join(
    f"['{name}', string({value}.orValue(0))]"
    for name, value in (
        ("executor.instances", "variables.executor.?instances"),
        *(
            (f"dynamicAllocation.{which}Executors", f"variables.allocation.?{which}Executors")
            for which in ("initial", "min", "max")
        ),
    )
)
_SAID: Final = (
    f"[{_FIELDS}] + {cel_list(COUNTS)}.filter(key, key in variables.conf)"
    ".map(key, [key, string(variables.conf[key]).trim()]) "
    f"+ ({_UNSAID} ? [['executors of a job that says no number', '{DEFAULT_INSTANCES}']] : [])"
)


def _of(which: str) -> str:
    """The number of one kind that the operator tells Spark: a field's comes last, and wins."""
    of_field = f"variables.allocation.?{which}Executors.optMap(count, string(dyn(count)))"
    text = first_of(of_field, setting(f"{_DYNAMIC}{which}Executors"), "''")
    return f"[{text}].filter(text, text.trim().matches('^[0-9]{{1,9}}$')).map(text, int(text.trim()))"


_NO_NODE: Final = "variables.application_executor_size.size() > 0"
"""Whether the executor fits no node, which is all there is to say: how many of them a queue holds is no limit then."""
_NO_WHOLE_NUMBER: Final = LARGEST - 1
"""What only a text that is no number is above."""
_MOST: Final = (
    f"({_NO_NODE} ? (variables.a_job == {LARGEST} ? {_NO_WHOLE_NUMBER} : variables.a_job) : variables.capacity)"
)
_ALLOWED: Final = (
    f"({_NO_NODE} ? (variables.a_job == {LARGEST} ? 'a whole number' : 'up to ' + string(variables.a_job) + ' a job') "
    ": 'up to ' + string(variables.capacity) + ': the queue holds ' + string(variables.held) "
    f"+ (variables.a_job == {LARGEST} ? '' : ', a job may have ' + string(variables.a_job)))"
)


def _above(one: str, other: str) -> str:
    # Admission writes the capacity as the maximum of those that say none (`applications_defaults`).
    told = f" && !({_NO_NODE} && most == variables.capacity)" if other == "max" else ""
    return (
        f"{_of(one)}.map(count, {_of(other)}.filter(most, count > most{told})"
        f".map(most, '{one}Executors=' + string(count) + ' above {other}Executors=' + string(most))).flatten()"
    )


_OUT_OF_ORDER: Final = (
    f"!{_ENABLED} ? [] : {_above('min', 'max')} "
    f"+ {_of('max')}.filter(count, count == 0 && variables.capacity > 0).map(count, 'maxExecutors=0') "
    # The operator's webhook holds Spark Connect to more, Spark itself to the first alone.
    f"+ (object.kind == '{CONNECT}' ? {_above('min', 'initial')} + {_above('initial', 'max')} : [])"
)
_NONE: Final = (
    f"!{_ENABLED} && {setting(INSTANCES)}.orValue('').trim().matches('^0+$') && !has(variables.executor.instances) "
    f"? ['{INSTANCES}=0'] : []"
)
COUNT_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-executors",
        f"({_SAID}).filter(said, {counted('said[1]')} > {_MOST})"
        ".map(said, said[0] + '=' + said[1]) "
        f"+ ({_OUT_OF_ORDER}) + ({_NONE})",
        "there are at most as many executors as the queue can hold at its maximum, and as it gives one job; with "
        "dynamic allocation the smallest number is no more than the largest",
        _ALLOWED,
    ),
)
"""After `SIZE_RULES`, whose variables they see."""
