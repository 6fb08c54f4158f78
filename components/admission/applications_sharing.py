"""Of which lane an application may be, and that its gang fits the queue's order.

What stands in labels the operator hands to the pods, whose own rules hold too (`components.admission.lanes`).
"""

from __future__ import annotations

from typing import Final

from components.admission.application_variables import CONNECT, setting
from components.admission.lanes import KEEPS_ORDER, OFFERS_BACKFILL
from components.admission.patches import add, when
from components.admission.pod_variables import GANG_LABEL
from components.admission.policy import AdmissionRule, Mutation, Variable, cel_text
from sizing import names

_LABELS: Final = (
    "object.metadata.?labels",
    *(
        f"variables.{role}.?{labels}"
        for role in ("driver", "executor")
        for labels in ("labels", "template.?metadata.?labels")
    ),
)


def _said(key: str) -> str:
    """What an application says in a label of its pods: all that it says, wherever it may.

    Source: kubeflow/spark-operator v2.5.2, internal/controller/sparkapplication/submission.go (driverConfOption,
    executorConfOption) and sparkconnect/options.go
    """
    at = [f"{labels}[?{cel_text(key)}].orValue('')" for labels in _LABELS]
    settings = [f"{setting(f'spark.kubernetes.{role}.label.{key}')}.orValue('')" for role in ("driver", "executor")]
    return f"[{', '.join((*at, *settings))}].filter(value, value != '')"


SHARING_VARIABLES: Final = (
    Variable("lanes", _said(names.LANE_LABEL)),
    Variable("gangs", _said(GANG_LABEL)),
)
"""After `components.admission.application_variables.SPEC`."""
SHARING_RULES: Final = (
    AdmissionRule(
        "application-lane",
        f"variables.lanes.all(lane, lane == {cel_text(names.BACKFILL)} && {OFFERS_BACKFILL})",
        f"the only lane is {names.BACKFILL}, in queues whose stack says backfill: true: leave the label "
        f"{names.LANE_LABEL} out",
        "variables.lanes.join(', ')",
    ),
    AdmissionRule(
        "application-gang",
        f"!variables.gangs.exists(value, value == 'true') || {KEEPS_ORDER}",
        f"YuniKorn starts gangs in queues whose stack says order: fifo, and this one's is fair: leave the label "
        f"{GANG_LABEL} out",
    ),
)

_SERVER: Final = "variables.spec.server"
_TO_SERVER: Final = "variables.path + '/server/template/metadata"
_LANE: Final = f"{_TO_SERVER}/labels/{names.LANE_LABEL.replace('/', '~1')}'"

LANE_OF_SERVER: Final = Mutation(
    "application-lane",
    # Of a SparkConnect the operator hands labels to executors only: the server is what its template says. Whatever
    # else it says there stays, and is refused.
    f"object.kind == '{CONNECT}' && has({_SERVER}) "
    f"&& object.metadata.?labels[?{cel_text(names.LANE_LABEL)}].orValue('') == {cel_text(names.BACKFILL)} "
    f"&& !{_SERVER}.?template.?metadata.?labels[?{cel_text(names.LANE_LABEL)}].hasValue() ? ("
    + when(f"!has({_SERVER}.template)", add("variables.path + '/server/template'", "dyn({})"))
    + " + "
    + when(f"!{_SERVER}.?template.?metadata.hasValue()", add(f"{_TO_SERVER}'", "dyn({})"))
    + " + "
    + when(f"!{_SERVER}.?template.?metadata.?labels.hasValue()", add(f"{_TO_SERVER}/labels'", "dyn({})"))
    + f" + [{add(_LANE, cel_text(names.BACKFILL))}]) : []",
)
"""After the mutation that gives each template an account (`components.admission.applications_defaults`)."""
