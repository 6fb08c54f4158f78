"""By when a job must have ended: its author's word in an annotation of the application, which the driver carries on.

Of the application it is any time of RFC 3339; of the driver the same in UTC, by which Prometheus can reckon: a value of
twenty letters of one form, whatever tenants write. What is submitted stays: with another annotation the driver would be
another one, and the Spark operator would start a running job again.
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import KEY, conf_of
from components.admission.patches import add, pointer
from components.admission.policy import AdmissionRule, Variable, cel_text
from sizing import names

_DATE: Final = (
    "(20[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8]))|20([02468][048]|[13579][26])-02-29)"
)
"""A day of the years 2000 to 2099, of which every fourth is a leap year."""
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
TIME: Final = f"^{_DATE}T{_TIME}([.][0-9]{{1,9}})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
"""A time of RFC 3339 in that century; CEL's `timestamp` takes all of these, and would end a policy with an error for
others. Source: https://datatracker.ietf.org/doc/html/rfc3339#section-5.6"""
IN_UTC: Final = f"^{_DATE}T{_TIME}Z$"
"""The same as `string` of CEL writes whole seconds."""
_MARK: Final = cel_text(names.DEADLINE_ANNOTATION)
_KIND: Final = "object.kind == 'SparkApplication'"


def marks(annotation: str) -> str:
    """What an application's pods would say in an annotation, by its fields and its templates: a list of texts.

    Args:
        annotation: its key, a literal of CEL.
    """
    maps = ", ".join(
        f"variables.{role}.?{field}.orValue({{}})"
        for role in ("driver", "executor")
        for field in ("annotations", "template.?metadata.?annotations")
    )
    return f"[{maps}].filter(map, {annotation} in map).map(map, string(map[{annotation}]))"


def marks_in_conf(annotation: str) -> str:
    """The same by its Spark settings."""
    return " + ".join(
        f"[{conf_of(f'{KEY}{role}.annotation.')}].filter(map, {annotation} in map).map(map, string(map[{annotation}]))"
        for role in ("driver", "executor")
    )


DEADLINE_VARIABLES: Final = (
    Variable("deadline", f"object.metadata.?annotations[?{_MARK}].orValue('')"),
    Variable(
        "deadline_before",
        f"request.operation == 'UPDATE' ? oldObject.metadata.?annotations[?{_MARK}].orValue('') : ''",
    ),
    Variable(
        "due",
        f"!({_KIND}) ? '' "
        f": request.operation == 'UPDATE' ? oldObject.?spec.?driver.?annotations[?{_MARK}].orValue('') "
        f": variables.deadline.matches({cel_text(TIME)}) ? string(timestamp(int(timestamp(variables.deadline)))) : ''",
    ),
    Variable("deadline_marks", f"{marks(_MARK)} + {marks_in_conf(_MARK)}"),
)
"""After `SPEC`.

- `deadline`, `deadline_before`: what the application says, and said before it was changed; empty where nothing.
- `due`: what its driver must say.
- `deadline_marks`: what its pods would say.
"""

DEADLINE_RULES: Final = (
    AdmissionRule(
        "application-deadline",
        "request.operation == 'UPDATE' ? variables.deadline == variables.deadline_before "
        f": variables.deadline == '' || ({_KIND} && variables.deadline.matches({cel_text(TIME)}))",
        f"the annotation {names.DEADLINE_ANNOTATION} says by when a SparkApplication must have ended: a time with its "
        'zone, in quotes, such as "2026-11-30T06:00:00Z" or "2026-11-30T07:00:00+01:00"; it stays as it was submitted, '
        "and neither a schedule nor a Spark Connect server has one",
        "variables.deadline + (request.operation == 'UPDATE' ? '; allowed: ' + variables.deadline_before : '')",
    ),
    AdmissionRule(
        "application-deadline-pods",
        "variables.deadline_marks.all(mark, mark == variables.due)",
        f"admission puts an application's deadline on its driver: write {names.DEADLINE_ANNOTATION} into "
        "metadata.annotations of the application, and leave it out of driver, executor, templates and settings",
        "variables.deadline_marks.join(', ') + '; allowed: ' + variables.due",
    ),
)


def deadline_of_driver(annotated: str) -> str:
    """Patches that put the deadline on the driver.

    Args:
        annotated: a CEL expression that says whether the driver gets annotations by an earlier mutation.
    """
    at = ("spec", "driver", "annotations")
    driver = "object.spec.driver"
    whole = f"dyn({{{_MARK}: variables.due}})"
    return (
        f"variables.due == '' || !has({driver}) || {driver}.?annotations[?{_MARK}].orValue('') == variables.due ? [] "
        f": has({driver}.annotations) || {annotated} "
        f"? [{add(pointer(*at, names.DEADLINE_ANNOTATION), 'variables.due')}] : [{add(pointer(*at), whole)}]"
    )
