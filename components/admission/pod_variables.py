"""What admission knows of a new pod in a queue, as variables of CEL: its role, its pool, its application.

A role is told by who asks, where that alone is trusted, and otherwise by Spark's own label: whatever a tenant writes
there leads to nodes, an account and an application of its own queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission.policy import CREATE, Match, Requests, Variable, cel_list, cel_text
from sizing import names

ROLE_LABEL: Final = "spark-role"
"""Spark's and the Spark operator's (apache/spark 4.0, deploy/k8s/Constants.scala; kubeflow/spark-operator v2.5.2,
pkg/common/spark.go)."""
EXECUTOR: Final = "executor"
DRIVERS: Final = ("connect-server", "driver")
"""A Spark Connect server is a driver that serves many."""
PLACEHOLDER: Final = "placeholder"
SYNC: Final = "sync"
JOB_CONTROLLER: Final = "system:serviceaccount:kube-system:job-controller"
"""Who makes the pods of Jobs; queues have no Jobs but the one that tells YuniKorn their numbers."""
HISTORY: Final = "history"
STATEFUL_SET_CONTROLLER: Final = "system:serviceaccount:kube-system:statefulset-controller"
"""Who makes the pods of StatefulSets; queues have none but the history server's."""
DRIVER_TASK_GROUP: Final = "spark-driver"
EXECUTOR_TASK_GROUP: Final = "spark-executor"
"""Of gangs (kubeflow/spark-operator v2.5.2, internal/scheduler/yunikorn/scheduler.go)."""
GANG_LABEL: Final = "elastic-spark/gang"
"""Pod label, `true` on driver and executors of a job that is to be scheduled as a gang."""
YUNIKORN: Final = "yunikorn.apache.org/"
TASK_GROUP_NAME: Final = f"{YUNIKORN}task-group-name"
TASK_GROUPS: Final = f"{YUNIKORN}task-groups"
SCHEDULING_POLICY: Final = f"{YUNIKORN}schedulingPolicyParameters"
"""Annotations that make a gang (apache/yunikorn-k8shim v1.9.0, pkg/common/constants)."""
APPLICATION_LABEL: Final = f"{YUNIKORN}app-id"
"""By which YuniKorn knows a pod's application, before any other label or annotation."""
OWN_UID: Final = "uniqueautogen"
"""At the end of an application's identifier YuniKorn puts the pod's own UID in its place.

Source: apache/yunikorn-k8shim v1.9.0, pkg/common/utils/utils.go (GetApplicationIDFromPod)
"""
UID_LENGTH: Final = 36
SAFE_TO_EVICT: Final = "cluster-autoscaler.kubernetes.io/safe-to-evict"

NEW_PODS: Final = Match(requests=(Requests(group="", resources=("pods",), operations=CREATE),))


def of_namespace(annotation: str) -> str:
    """The value of an annotation of the request's namespace; empty where it has none."""
    return f"namespaceObject.metadata.?annotations[?{cel_text(annotation)}].orValue('')"


def label(key: str) -> str:
    """The value of a pod's label; empty where it has none."""
    return f"object.metadata.?labels[?{cel_text(key)}].orValue('')"


def annotation(key: str) -> str:
    """The value of a pod's annotation; empty where it has none."""
    return f"object.metadata.?annotations[?{cel_text(key)}].orValue('')"


def is_one_of(roles: Sequence[str]) -> str:
    """Whether the pod has one of these roles."""
    return f"variables.role in {cel_list(roles)}"


LABELS: Final = "object.metadata.?labels.orValue({})"
ANNOTATIONS: Final = "object.metadata.?annotations.orValue({})"
SELECTED: Final = f"object.spec.?nodeSelector[?{cel_text(names.POOL_LABEL)}].orValue('')"
"""The pool that the pod's node selector names, or empty."""
OWN_QUEUE: Final = f"{of_namespace(f'{YUNIKORN}parentqueue')} + '.' + namespaceObject.metadata.name"
"""The full name of the namespace's queue in YuniKorn."""
TO_YUNIKORN: Final = "(key.contains('yunikorn.apache.org/') || key == 'placeholder')"
"""Whether a label or annotation `key` is for YuniKorn."""
PREFIX: Final = of_namespace(names.APPLICATION_PREFIX_ANNOTATION)
"""How the identifiers of the queue's applications start."""
DRIVER_UID: Final = (
    "object.metadata.?ownerReferences.orValue([])"
    ".filter(owner, owner.apiVersion == 'v1' && owner.kind == 'Pod' && owner.?controller.orValue(false) "
    f"&& size(owner.uid) == {UID_LENGTH}).map(owner, owner.uid)[?0].orValue('')"
)
"""Of the pod that owns this one, without which an executor belongs to no driver; or empty."""


def pod_variables(scheduler_user: str) -> tuple[Variable, ...]:
    """What policies for new pods share, each of which takes the API server as long as several simple expressions.

    - `role`: one of those above, empty if unknown.
    - `on_driver_nodes`: whether the pod belongs on the nodes that all queues' drivers share.
    - `pool`: the pool on whose nodes it belongs.
    - `application`: what its application label must be, or empty if that is for others to say.

    Args:
        scheduler_user: YuniKorn's own user, which makes the placeholders of gangs.
    """
    role = label(ROLE_LABEL)
    chosen = f"object.metadata.?labels[?{cel_text(names.POOL_LABEL)}]"
    return (
        Variable(
            "role",
            f"request.userInfo.username == {cel_text(scheduler_user)} ? '{PLACEHOLDER}' "
            f": request.userInfo.username == {cel_text(JOB_CONTROLLER)} ? '{SYNC}' "
            f": request.userInfo.username == {cel_text(STATEFUL_SET_CONTROLLER)} ? '{HISTORY}' "
            f": {role} in {cel_list((*DRIVERS, EXECUTOR))} ? {role} : ''",
        ),
        Variable(
            "on_driver_nodes",
            f"{is_one_of((*DRIVERS, SYNC, HISTORY))} "
            f"|| (variables.role == '{PLACEHOLDER}' && {annotation(TASK_GROUP_NAME)} == '{DRIVER_TASK_GROUP}')",
        ),
        Variable(
            "pool",
            f"variables.on_driver_nodes ? '{names.DRIVER_POOL}' : {SELECTED} != '' ? {SELECTED} "
            f": {chosen}.orValue({of_namespace(names.DEFAULT_POOL_ANNOTATION)})",
        ),
        Variable(
            "application",
            f"{is_one_of(DRIVERS)} ? {PREFIX} + '-{OWN_UID}' "
            f": variables.role == '{EXECUTOR}' && {DRIVER_UID} != '' ? {PREFIX} + '-' + {DRIVER_UID} : ''",
        ),
    )
