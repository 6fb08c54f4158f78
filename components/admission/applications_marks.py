"""Labels and annotations that pods of queues may not have, refused on the application that would give them."""

from __future__ import annotations

from typing import Final

from components.admission import pod_variables as pods
from components.admission.application_pods import entries, found_rule
from components.admission.pod_variables import OWN_QUEUE, PREFIX, TO_YUNIKORN
from components.admission.pods_guard import QUEUE_ANNOTATION, QUEUE_LABELS, USER_INFO, YUNIKORN_KEYS
from components.admission.pods_placement import GANG_MARKS
from components.admission.policy import cel_list, cel_text
from sizing import names

RESERVED_LABELS: Final = (
    "spark-app-name",
    "spark-app-selector",
    "spark-exec-id",
    "spark-exec-resourceprofile-id",
    "spark-role",
    "spark-version",
)
"""Spark's own, at which spark-submit or the driver stops (apache/spark 4.0, deploy/k8s/KubernetesConf.scala)."""
OPERATORS_LABELS: Final = tuple(
    f"{names.OPERATOR_GROUP}/{name}"
    for name in (
        "app-name",
        "connect-name",
        "created-by-spark-operator",
        "launched-by-spark-operator",
        "mutated-by-spark-operator",
        "submission-id",
    )
)
"""By which the operator and its webhook know pods: with another, the webhook looks for an application that isn't there.

What it writes on the run of a schedule, `scheduled-app-name`, is not among them.
Source: kubeflow/spark-operator v2.5.2, pkg/common/spark.go
"""
_RESERVED: Final = f"key in {cel_list([*RESERVED_LABELS, *OPERATORS_LABELS])}"
_KEY_WRONG: Final = "format.qualifiedName().validate(key).hasValue()"
_VALUE_WRONG: Final = "format.labelValue().validate(string(map[key])).hasValue()"
_NAMES_QUEUE: Final = f"key in {cel_list(sorted({*QUEUE_LABELS, QUEUE_ANNOTATION}))}"
_OTHERS: Final = sorted({*YUNIKORN_KEYS} - {USER_INFO, pods.APPLICATION_LABEL, *GANG_MARKS})


def _marks(condition: str) -> str:
    return f"{entries('labels', condition)} + {entries('annotations', condition)}"


_JOB_ID: Final = cel_text(names.JOB_ID_LABEL)
_OWN_ID: Final = f"object.metadata.?labels[?{_JOB_ID}].orValue('')"

MARK_RULES: Final = (
    found_rule(
        "application-labels",
        f"{entries('labels', f'{_RESERVED} || {_KEY_WRONG} || {_VALUE_WRONG}')} + {entries('annotations', _KEY_WRONG)}",
        "an application's labels are its pods' too: names and values are such as Kubernetes takes, at most 63 letters, "
        f"digits, '-', '_' and '.'; Spark sets {', '.join(RESERVED_LABELS)} itself, and its operator what starts with "
        f"{names.OPERATOR_GROUP}/",
    ),
    found_rule(
        "application-job-id",
        # The operator puts labels of an application on its pods; those of a pod alone come after, and would win.
        entries("labels", f"key == {_JOB_ID} && (string(map[key]) == '' || string(map[key]) != {_OWN_ID})"),
        f"a job has one identifier, by which its pods and logs are found: the label {names.JOB_ID_LABEL} is the "
        "application's, in metadata.labels, of at most 63 letters, digits, '-', '_' and '.', and not empty; leave it "
        "out elsewhere",
        _OWN_ID,
    ),
    found_rule(
        "application-queue",
        _marks(f"{_NAMES_QUEUE} && string(map[key]) != {OWN_QUEUE}"),
        "the namespace says which queue pods are in, and pods that name another are refused: leave the labels "
        f"{' and '.join(QUEUE_LABELS)} and the annotation {QUEUE_ANNOTATION} out, of the application too",
        OWN_QUEUE,
    ),
    found_rule(
        "application-yunikorn",
        _marks(
            f"{TO_YUNIKORN} && !(key in {cel_list(_OTHERS)}) "
            f"&& !(key == {cel_text(pods.APPLICATION_LABEL)} "
            f"&& string(map[key]) == {PREFIX} + '-{pods.OWN_UID}')"
        ),
        "what YuniKorn is told of an application, admission and the Spark operator write: leave its labels and "
        f'annotations out; for a gang, label driver and executors {pods.GANG_LABEL}: "true"',
        "'none'",
    ),
    found_rule(
        "application-eviction",
        entries("annotations", f"key == {cel_text(pods.SAFE_TO_EVICT)} && string(map[key]) != 'false'"),
        f"nobody's running pod is taken away: leave the annotation {pods.SAFE_TO_EVICT} out",
        "'false'",
    ),
)
