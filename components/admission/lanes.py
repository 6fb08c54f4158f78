"""The lane for backfill: pods of a lower priority, which get what nobody else of their queue waits for.

YuniKorn sorts a queue's applications by the highest priority of what they wait for, then in the queue's order; it takes
no running pod for any of them, since its preemption is off (`components.software.yunikorn`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from components.admission.patches import add, pointer
from components.admission.pod_variables import GANG_LABEL, PLACEHOLDER, YUNIKORN, label, of_namespace
from components.admission.policy import AdmissionRule, cel_text
from sizing import names

PREEMPTION_POLICY: Final = "Never"


@dataclass(frozen=True)
class Lane:
    """A class of priority.

    Args:
        priority_class: its name.
        priority: below -10 the autoscaler would neither keep nor add a node for the pod
            (`--expendable-pods-priority-cutoff`).
        description: what it is for.
    """

    priority_class: str
    priority: int
    description: str


JOBS: Final = Lane("elastic-spark-job", 0, "Pods of queues, none of which takes another's place")
"""Its priority is that of pods without a class."""
BACKFILL: Final = Lane(
    "elastic-spark-backfill", -5, "Pods of queues that wait for all others of their queue, and take nobody's place"
)
LANES: Final = (JOBS, BACKFILL)

IN_BACKFILL: Final = f"{label(names.LANE_LABEL)} == {cel_text(names.BACKFILL)}"
"""Whether a pod's label puts it into the lane for backfill."""
OFFERS_BACKFILL: Final = f"{of_namespace(names.BACKFILL_ANNOTATION)} == 'true'"
"""Whether the queue has that lane."""
KEEPS_ORDER: Final = f"!{of_namespace(f'{YUNIKORN}parentqueue')}.startsWith({cel_text(f'{names.FAIR_ROOT_QUEUE}.')})"
"""Whether the queue's order is `fifo`, without which YuniKorn refuses gangs.

Source: apache/yunikorn-core v1.9.0-0, pkg/scheduler/partition.go (AddApplication)
"""
_CLASS: Final = "object.spec.?priorityClassName.orValue('')"
_OWN_CLASS: Final = f"({IN_BACKFILL} ? {cel_text(BACKFILL.priority_class)} : {cel_text(JOBS.priority_class)})"

LACKS_PRIORITY: Final = f"{_CLASS} == '' || ({_CLASS} == {_OWN_CLASS} && !has(object.spec.priority))"
"""Whether a pod has no class, or its lane's class without what that says."""
# All three at once: the plugin that derives two of them from the name has already run.
PRIORITY_PATCHES: Final = (
    f"[{add(pointer('spec', 'priorityClassName'), _OWN_CLASS)}, "
    f"{add(pointer('spec', 'priority'), f'({IN_BACKFILL} ? {BACKFILL.priority} : {JOBS.priority})')}, "
    f"{add(pointer('spec', 'preemptionPolicy'), cel_text(PREEMPTION_POLICY))}]"
)


def _of(lane: Lane) -> str:
    return (
        f"({_CLASS} == {cel_text(lane.priority_class)} "
        f"&& object.spec.?priority.orValue(1) == {lane.priority} "
        f"&& object.spec.?preemptionPolicy.orValue('') == {cel_text(PREEMPTION_POLICY)})"
    )


_PLACEHOLDER: Final = f"variables.role == '{PLACEHOLDER}'"

LANE_RULES: Final = (
    AdmissionRule(
        "priority",
        # YuniKorn gives placeholders the class of their driver, but not its labels (apache/yunikorn-k8shim v1.9.0,
        # pkg/cache/placeholder.go).
        f"({_of(BACKFILL)} && ({_PLACEHOLDER} || {IN_BACKFILL})) "
        f"|| ({_of(JOBS)} && ({_PLACEHOLDER} || !({IN_BACKFILL})))",
        f"pods of queues have the priority class {JOBS.priority_class}, those with the label {names.LANE_LABEL}: "
        f"{names.BACKFILL} {BACKFILL.priority_class}: leave priorityClassName out",
        _CLASS,
    ),
    AdmissionRule(
        "lane",
        f"{label(names.LANE_LABEL)} == '' || ({IN_BACKFILL} && {OFFERS_BACKFILL})",
        f"the only lane is {names.BACKFILL}, in queues whose stack says backfill: true: leave the label "
        f"{names.LANE_LABEL} out",
        label(names.LANE_LABEL),
    ),
    AdmissionRule(
        "gang-order",
        f"{label(GANG_LABEL)} != 'true' || {KEEPS_ORDER}",
        f"YuniKorn starts gangs in queues whose stack says order: fifo, and this one's is fair: leave the label "
        f"{GANG_LABEL} out",
    ),
)
"""For pods; after `components.admission.pod_variables.pod_variables`."""
