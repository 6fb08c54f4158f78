"""Who submitted an application, and for how long it stays when it has ended: admission writes both. Beside them, by
when it must have ended (`components.admission.applications_deadlines`), which pods carry in the same way.

The submitter is the user of the request that creates it, as Kubernetes knows them; no label could hold that, which has
63 letters and few signs, so it is an annotation. Whoever changes the application later, it stays. The Spark operator
hands it to driver and executors. What a schedule starts is of who submitted the schedule.
"""

from __future__ import annotations

from typing import Final

from components.admission.application_variables import APPLICATIONS, CHANGED, SCHEDULED, SPEC
from components.admission.applications_deadlines import (
    DEADLINE_RULES,
    DEADLINE_VARIABLES,
    deadline_of_driver,
    marks,
    marks_in_conf,
)
from components.admission.patches import add, when
from components.admission.policy import AdmissionRule, MutatingPolicy, Mutation, ValidatingPolicy, Variable, cel_text
from components.software.operator_rights import CONTROLLER
from sizing import names

OPERATOR_USER: Final = f"system:serviceaccount:{names.SYSTEM_NAMESPACE}:{CONTROLLER}"
"""Who makes applications of schedules, and drivers."""
_MARK: Final = cel_text(names.SUBMITTER_ANNOTATION)
_WRITTEN: Final = f"object.metadata.?annotations[?{_MARK}].orValue('')"

_VARIABLES: Final = (
    *SPEC,
    Variable("path", f"object.kind == '{SCHEDULED}' ? '/spec/template' : '/spec'"),
    # The operator has it from the schedule, in whose template nobody else could write it.
    Variable("carried", f"variables.driver.?annotations[?{_MARK}].orValue('{OPERATOR_USER}')"),
    Variable(
        "submitter",
        f"request.operation == 'UPDATE' ? oldObject.metadata.?annotations[?{_MARK}].orValue('') "
        f": request.userInfo.username == '{OPERATOR_USER}' ? variables.carried : request.userInfo.username",
    ),
    Variable("marks", marks(_MARK)),
    Variable("marks_in_conf", marks_in_conf(_MARK)),
    *DEADLINE_VARIABLES,
)
"""- `submitter`: who submitted it; empty for an application from before this was written down.
- `marks`: what its pods would say of that."""


def _at(path: str) -> str:
    return f"variables.path + {cel_text(path)}"


def _escaped(path: str) -> str:
    return _at(f"{path}/{names.SUBMITTER_ANNOTATION.replace('/', '~1')}")


def _annotated(part: str, path: str) -> str:
    """Patches for the annotations of a part of the spec, which is there."""
    whole = f"dyn({{{_MARK}: variables.submitter}})"
    return (
        f"(!has({part}.annotations) ? [{add(_at(f'{path}/annotations'), whole)}] "
        f": {part}.annotations[?{_MARK}].orValue('') != variables.submitter "
        f"? [{add(_escaped(f'{path}/annotations'), 'variables.submitter')}] : [])"
    )


def _in_template(part: str, path: str) -> str:
    """The same for a pod template, which may be missing, as may be its metadata."""
    annotations = f"dyn({{'annotations': {{{_MARK}: variables.submitter}}}})"
    template = f"dyn({{'metadata': {{'annotations': {{{_MARK}: variables.submitter}}}}}})"
    return (
        f"(!has({part}.template) ? [{add(_at(f'{path}/template'), template)}] "
        f": !has({part}.template.metadata) ? [{add(_at(f'{path}/template/metadata'), annotations)}] "
        f": {_annotated(f'{part}.template.metadata', f'{path}/template/metadata')})"
    )


def _of_pods() -> str:
    fields = " + ".join(
        f"(has(variables.spec.{role}) ? {_annotated(f'variables.spec.{role}', f'/{role}')} : [])"
        for role in ("driver", "executor")
    )
    templates = " + ".join(
        f"(has(variables.spec.{role}) ? {_in_template(f'variables.spec.{role}', f'/{role}')} : [])"
        for role in ("server", "executor")
    )
    return f"variables.submitter == '' ? [] : variables.connect ? {templates} : {fields}"


def _of_application() -> str:
    whole = f"dyn({{{_MARK}: variables.submitter}})"
    escaped = cel_text(f"/metadata/annotations/{names.SUBMITTER_ANNOTATION.replace('/', '~1')}")
    return (
        f"{_WRITTEN} == variables.submitter ? [] "
        f": variables.submitter == '' ? [JSONPatch{{op: 'remove', path: {escaped}}}] "
        f": has(object.metadata.annotations) ? [{add(escaped, 'variables.submitter')}] "
        f": [{add(cel_text('/metadata/annotations'), whole)}]"
    )


def application_submission(kept_seconds: int) -> MutatingPolicy:
    """The policy that writes down who submitted an application, by when it must have ended, and when it goes.

    Args:
        kept_seconds: how long one that ended stays, if it doesn't say.
    """
    changed = f"(request.operation == 'CREATE' || ({CHANGED.expression}))"
    return MutatingPolicy(
        name="elastic-spark-applications-submission",
        match=APPLICATIONS,
        variables=_VARIABLES,
        mutations=(
            Mutation("application-submitter", _of_application()),
            Mutation("application-submitter-pods", _of_pods()),
            # After the mutation that sees to it that the driver has annotations.
            Mutation("application-deadline-driver", deadline_of_driver("variables.submitter != ''")),
            Mutation(
                "application-kept",
                when(
                    f"{changed} && !variables.connect && !has(variables.spec.timeToLiveSeconds)",
                    add(_at("/timeToLiveSeconds"), str(kept_seconds)),
                ),
            ),
        ),
    )


SUBMITTER: Final = ValidatingPolicy(
    name="elastic-spark-applications-submitter",
    # A change of metadata alone too. What that says of the submitter, the mutation has put right.
    match=APPLICATIONS,
    variables=_VARIABLES,
    rules=(
        AdmissionRule(
            "application-submitter-pods",
            "variables.marks.all(mark, mark == variables.submitter) && variables.marks_in_conf.size() == 0",
            f"pods carry the submitter of their application, in the annotation {names.SUBMITTER_ANNOTATION} that "
            "admission writes: leave it out of templates and settings",
            "(variables.marks + variables.marks_in_conf).join(', ') + '; allowed: ' + variables.submitter",
        ),
        *DEADLINE_RULES,
    ),
)
