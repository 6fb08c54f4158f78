"""What is refused on an application because its pods would be: by the rules for pods, by the Spark operator, by
Kubernetes, or because no node could ever take them.

A refused driver is a failed submission minutes later, and a refused executor a line in the driver's log, while the
driver waits for ever. `COUNTERPARTS` says which of these rules stands for which rule for pods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from components.admission.application_pods import POD_VARIABLES
from components.admission.applications_containers import CONTAINER_RULES
from components.admission.applications_counts import COUNT_RULES
from components.admission.applications_duplicates import DUPLICATE_RULES
from components.admission.applications_files import FILE_RULES
from components.admission.applications_marks import MARK_RULES
from components.admission.applications_metrics import METRIC_RULES
from components.admission.applications_nodes import NODE_RULES, node_variables
from components.admission.applications_runs import RUN_RULES, RUN_VARIABLES
from components.admission.applications_schedules import SCHEDULE_RULES
from components.admission.applications_security import SECURITY_RULES, SECURITY_VARIABLES
from components.admission.applications_services import SERVICE_RULES
from components.admission.applications_sizes import SIZE_RULES, SIZE_VARIABLES
from components.admission.applications_versions import VERSION_RULES
from components.admission.policy import AdmissionRule, Variable
from components.admission.secret_texts import SECRET_RULES, SECRET_VARIABLES
from sizing.node_labels import NodeLabels

_FOUND: Final = (
    *SIZE_RULES,
    *COUNT_RULES,
    *SERVICE_RULES,
    *MARK_RULES,
    *METRIC_RULES,
    *NODE_RULES,
    *SECURITY_RULES,
    *CONTAINER_RULES,
    *FILE_RULES,
    *DUPLICATE_RULES,
    *RUN_RULES,
    *VERSION_RULES,
    *SCHEDULE_RULES,
    *SECRET_RULES,
)
POD_RULES: Final[tuple[AdmissionRule, ...]] = tuple(rule for _, rule in _FOUND)

COUNTERPARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "pod-role": ("application-labels",),
    "image": ("application-images",),
    "csi-volumes": ("application-volumes",),
    "pool": ("application-pools",),
    "pool-label": ("application-pools",),
    "tolerations": ("application-tolerations",),
    "node-affinity": ("application-affinity",),
    "pod-affinity": ("application-affinity",),
    "node-name": ("application-scheduling",),
    "scheduler": ("application-scheduling", "application-scheduler"),
    "priority": ("application-scheduling",),
    "safe-to-evict": ("application-eviction",),
    "yunikorn-queue": ("application-queue", "application-scheduler"),
    "yunikorn-keys": ("application-yunikorn",),
    "user-info": ("application-yunikorn",),
    "application": ("application-yunikorn",),
    "resources-by-container": ("application-scheduling",),
    "driver-size": ("application-driver-size",),
    "driver-memory-limit": ("application-limits",),
    "driver-resources": ("application-resources", "application-scheduling"),
    "gang": ("application-yunikorn",),
    "gang-order": ("application-gang",),
    "lane": ("application-lane",),
    "secret-texts": ("application-secret-texts",),
    "submitter-mark": ("application-submitter-pods",),
    "deadline-mark": ("application-deadline", "application-deadline-pods"),
}
"""By the name of a rule for pods: those for applications that refuse the same earlier."""
WITHOUT_COUNTERPART: Final[Mapping[str, str]] = {
    "account": "admission writes the accounts into every application",
    "executor-owner": "Spark makes executors, each as its driver's",
    "placeholder": "YuniKorn makes placeholders",
    "sync": "a Job's pod, which no application makes",
}
"""By the name of a rule for pods: why no application can bring about what it refuses."""


def pod_rule_variables(driver_nodes: NodeLabels) -> tuple[Variable, ...]:
    """What the rules need, after `SPEC` and the variables of `components.admission.applications`.

    Args:
        driver_nodes: the labels of the driver pool's nodes; empty where they are somebody else's.
    """
    return (
        *POD_VARIABLES,
        *node_variables(driver_nodes),
        *SIZE_VARIABLES,
        *SECURITY_VARIABLES,
        *RUN_VARIABLES,
        *SECRET_VARIABLES,
        *(variable for variable, _ in _FOUND),
    )
