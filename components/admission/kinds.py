"""What may be made in a queue's namespace at all: Spark's own objects, and none that reach beyond the queue."""

from __future__ import annotations

from typing import Final

from components.admission.namespaces import IS_DEPLOYER, MAY_EDIT_POLICIES
from components.admission.policy import (
    CREATE,
    WRITE,
    AdmissionRule,
    Match,
    Requests,
    ValidatingPolicy,
    cel_list,
)
from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT, SYNC_JOB
from sizing import names

WORKLOADS: Final = ValidatingPolicy(
    name="elastic-spark-workloads",
    match=Match(
        requests=(
            Requests(
                group="apps",
                resources=("daemonsets", "deployments", "replicasets"),
                operations=CREATE,
            ),
            # One server can become many.
            Requests(group="apps", resources=("statefulsets",), operations=WRITE),
            Requests(group="batch", resources=("cronjobs", "jobs"), operations=CREATE),
            Requests(group="networking.k8s.io", resources=("ingresses",), operations=CREATE),
            Requests(group="", resources=("replicationcontrollers",), operations=CREATE),
        )
    ),
    rules=(
        AdmissionRule(
            "workloads",
            "request.kind.kind in ['Ingress', 'Job', 'StatefulSet']",
            "queues run Spark: submit a SparkApplication or a SparkConnect, and run other software elsewhere",
            "request.kind.kind",
        ),
        AdmissionRule(
            "jobs",
            f"request.kind.kind != 'Job' || (object.metadata.?name.orValue('').startsWith('{SYNC_JOB}-') "
            f"&& ({IS_DEPLOYER} || {MAY_EDIT_POLICIES}))",
            "the only Job of a queue comes with its tenant's stack and tells YuniKorn its numbers: submit a "
            "SparkApplication",
            "object.metadata.?name.orValue('')",
        ),
        AdmissionRule(
            "history-server",
            f"request.kind.kind != 'StatefulSet' || (object.metadata.?name.orValue('') == '{names.HISTORY_SERVER}' "
            f"&& dyn(object.spec).?replicas.orValue(1) <= 1 && ({IS_DEPLOYER} || {MAY_EDIT_POLICIES}))",
            f"the only StatefulSet of a queue is its history server, {names.HISTORY_SERVER}, one pod that comes with "
            "its tenant's stack: submit a SparkApplication",
            "object.metadata.?name.orValue('')",
        ),
        AdmissionRule(
            "ingresses",
            "request.kind.kind != 'Ingress'",
            "nothing in a queue is reached from outside the cluster: leave the driver's ingress out",
        ),
    ),
)
"""What would run in a queue beside Spark, or open it to the world. What is there already may be changed and removed."""

SERVICES: Final = ValidatingPolicy(
    name="elastic-spark-services",
    # A service's type can change.
    match=Match(requests=(Requests(group="", resources=("services",), operations=WRITE),)),
    rules=(
        AdmissionRule(
            "services",
            "object.spec.?type.orValue('ClusterIP') == 'ClusterIP' && object.spec.?externalIPs.orValue([]) == []",
            "a queue's services are for the cluster only: their type is ClusterIP, and they have no externalIPs",
            "object.spec.?type.orValue('')",
        ),
    ),
)
BINDERS: Final = ("system:kube-controller-manager", "system:serviceaccount:kube-system:persistent-volume-binder")
"""Who gives claims their volumes: Kubernetes' controller, with an account of its own or without.

Source: kubernetes v1.36, cmd/kube-controller-manager/app/core.go
"""
CLAIMS: Final = ValidatingPolicy(
    name="elastic-spark-claims",
    # A claim that has no volume yet may be given one.
    match=Match(requests=(Requests(group="", resources=("persistentvolumeclaims",), operations=WRITE),)),
    rules=(
        AdmissionRule(
            "claims",
            # Without a class it is given any volume that fits, with a selector one that it chooses.
            "request.operation == 'UPDATE' "
            "? object.spec.?volumeName == oldObject.spec.?volumeName "
            f"|| request.userInfo.username in {cel_list(BINDERS)} "
            ": object.spec.?volumeName.orValue('') == '' && !has(object.spec.selector) "
            "&& object.spec.?storageClassName.orValue('default') != ''",
            "a claim takes no volume that is there already, which may be somebody else's: leave volumeName and "
            "selector out, and name a storage class or none",
            "object.spec.?volumeName.orValue('')",
        ),
    ),
)


def volumes(people_groups: str | None) -> ValidatingPolicy:
    """Volumes are in no namespace, so tenants are known by their groups and their jobs' accounts.

    Args:
        people_groups: as in `components.admission.admission.AdmissionArgs`. Of groups without a prefix, some may be
            those of a cluster's administrators.
    """
    tenants = [names.OWN_GROUPS, *([people_groups] if people_groups else [])]
    return ValidatingPolicy(
        name="elastic-spark-volumes",
        match=Match(
            in_queues=False, requests=(Requests(group="", resources=("persistentvolumes",), operations=WRITE),)
        ),
        rules=(
            AdmissionRule(
                "volumes",
                f"!{cel_list(tenants)}.exists(prefix, request.userInfo.groups.exists(group, group.startsWith(prefix))) "
                "&& !(request.userInfo.username.startsWith('system:serviceaccount:') "
                f"&& request.userInfo.username.split(':')[3] in {cel_list((DRIVER_ACCOUNT, EXECUTOR_ACCOUNT))})",
                "a volume may be any folder of any node: claim one of a storage class by a PersistentVolumeClaim",
            ),
        ),
    )
