"""Pods as Spark 4.0, the Spark operator 2.5.2 and YuniKorn 1.9.0 write them, in the queue `ads-batch`.

Source: apache/spark v4.0.1, resource-managers/kubernetes/core/src/main/scala/org/apache/spark/deploy/k8s/features;
kubeflow/spark-operator v2.5.2, internal/controller; apache/yunikorn-k8shim v1.9.0, pkg/cache/placeholder.go
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from components.software.versions import PAUSE_IMAGE
from tests.cluster.api import Object
from tests.cluster.cluster import Account, User

NAMESPACE: Final = "ads-batch"
POOL: Final = "ads-batch-main"
"""The queue's only pool."""
OTHER_POOL: Final = "research-explore-nvme"
"""Another tenant's."""
DRIVER: Final = Account(NAMESPACE, "spark-driver")
ENGINEER: Final = User("engineer", ("elastic-spark:ads:submitter",))
OWNER: Final = User("lead", ("elastic-spark:ads:owner",))
ADMINISTRATOR: Final = User("administrator", ("system:masters",))
"""Whom RBAC allows everything, also to change the policies."""
IMAGE: Final = "docker.io/apache/spark:4.0.4"
APPLICATION: Final = "spark-5f1c0a7be06d4c19b1b0d5f1d7a5e0aa"
DRIVER_UID: Final = "0b0d8a3e-7a3c-4b5e-9c39-2f5d1c7a9e10"
"""Of a driver that is not there, which matters to nobody who admits its executors."""
RESOURCES: Final = {"requests": {"cpu": "1", "memory": "1408Mi"}, "limits": {"memory": "1408Mi"}}
RESTRICTED: Final = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}

Spec = dict[str, Any]


def pod(
    prefix: str,
    labels: Mapping[str, str],
    spec: Spec,
    *,
    annotations: Mapping[str, str] | None = None,
    owners: Sequence[Object] = (),
) -> Object:
    """A pod of the queue, with a name that the API server chooses."""
    metadata: Object = {"generateName": f"{prefix}-", "namespace": NAMESPACE, "labels": dict(labels)}
    if annotations:
        metadata["annotations"] = dict(annotations)
    if owners:
        metadata["ownerReferences"] = list(owners)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def driver(
    *,
    container: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **spec: Any,  # noqa: ANN401
) -> Object:
    """A driver as spark-submit makes it.

    Args:
        container: what is different about its container.
        labels: more of them.
        annotations: there are none otherwise.
        spec: what is different about the pod; a list of containers comes beside the driver's own.
    """
    own = {
        "name": "spark-kubernetes-driver",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["driver", "--properties-file", "/opt/spark/conf/spark.properties", "--class", "Pi", "local:///x.jar"],
        "ports": [
            {"name": "driver-rpc-port", "containerPort": 7078},
            {"name": "blockmanager", "containerPort": 7079},
            {"name": "spark-ui", "containerPort": 4040},
        ],
        "env": [
            {"name": "SPARK_USER", "value": "root"},
            {"name": "SPARK_APPLICATION_ID", "value": APPLICATION},
            {"name": "SPARK_DRIVER_BIND_ADDRESS", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "SPARK_CONF_DIR", "value": "/opt/spark/conf"},
        ],
        "resources": copy.deepcopy(RESOURCES),
        "volumeMounts": [
            {"name": "spark-local-dir-1", "mountPath": "/var/data/spark-1"},
            {"name": "spark-conf-volume-driver", "mountPath": "/opt/spark/conf"},
        ],
        **(container or {}),
    }
    whole: Spec = {
        "restartPolicy": "Never",
        "serviceAccountName": "spark-driver",
        "volumes": [
            {"name": "spark-local-dir-1", "emptyDir": {}},
            {"name": "spark-conf-volume-driver", "configMap": {"name": "spark-drv-conf-map"}},
        ],
        **spec,
        "containers": [own, *spec.get("containers", [])],
    }
    found = {
        "spark-app-name": "pi",
        "spark-app-selector": APPLICATION,
        "spark-role": "driver",
        "spark-version": "4.0.4",
    }
    return pod("pi-driver", {**found, **(labels or {})}, whole, annotations=annotations)


def executor(
    *,
    container: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    owners: Sequence[Object] | None = None,
    **spec: Any,  # noqa: ANN401
) -> Object:
    """An executor as its driver makes it, with the driver's account, as long as nobody says otherwise.

    Args:
        container: what is different about its container.
        labels: more of them.
        annotations: there are none otherwise.
        owners: by default a driver.
        spec: what is different about the pod.
    """
    own = {
        "name": "spark-kubernetes-executor",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["executor"],
        "ports": [{"name": "blockmanager", "containerPort": 7079}],
        "env": [{"name": "SPARK_EXECUTOR_ID", "value": "1"}],
        "resources": {"requests": {"cpu": "3630m", "memory": "27Gi"}, "limits": {"memory": "27Gi"}},
        "volumeMounts": [{"name": "spark-local-dir-1", "mountPath": "/var/data/spark-1"}],
        **(container or {}),
    }
    whole: Spec = {
        "restartPolicy": "Never",
        "serviceAccountName": "spark-driver",
        "hostname": "pi-exec-1",
        "volumes": [{"name": "spark-local-dir-1", "emptyDir": {}}],
        **spec,
        "containers": [own, *spec.get("containers", [])],
    }
    found = {
        "spark-app-name": "pi",
        "spark-app-selector": APPLICATION,
        "spark-exec-id": "1",
        "spark-exec-resourceprofile-id": "0",
        "spark-role": "executor",
        "spark-version": "4.0.4",
    }
    owning = [owner()] if owners is None else owners
    return pod("pi-exec", {**found, **(labels or {})}, whole, annotations=annotations, owners=owning)


def owner(uid: str = DRIVER_UID, **changes: Any) -> Object:  # noqa: ANN401
    """The reference to its driver that an executor has."""
    return {"apiVersion": "v1", "kind": "Pod", "name": "pi-driver", "uid": uid, "controller": True, **changes}


def operator_driver(**changes: Any) -> Object:  # noqa: ANN401
    """A driver as the Spark operator has it made: its labels, and the marks of a gang."""
    labels = {
        "sparkoperator.k8s.io/app-name": "pi",
        "sparkoperator.k8s.io/launched-by-spark-operator": "true",
        "sparkoperator.k8s.io/submission-id": "8f2c4c0e-1d6b-4f5e-8d2f-3c1c4f1f7a11",
        **changes.pop("labels", {}),
    }
    marks = {
        "yunikorn.apache.org/task-group-name": "spark-driver",
        "yunikorn.apache.org/task-groups": task_groups(),
        **changes.pop("annotations", {}),
    }
    return driver(labels=labels, annotations=marks, **changes)


def task_groups(executors: int = 2, **first: Any) -> str:  # noqa: ANN401
    """The gang of a driver and its first executors, as the Spark operator writes it."""
    resources = {"cpu": "1", "memory": "1408Mi"}
    groups: list[Object] = [{"name": "spark-driver", "minMember": 1, "minResource": resources, **first}]
    if executors:
        groups.append(
            {
                "name": "spark-executor",
                "minMember": executors,
                "minResource": {"cpu": "3630m", "memory": "27Gi"},
                "nodeSelector": {"elastic-spark/pool": POOL},
            }
        )
    return json.dumps(groups, separators=(",", ":"))


def connect_server(**spec: Any) -> Object:  # noqa: ANN401
    """A Spark Connect server as the Spark operator makes it of a template that has resources and nothing else."""
    labels = {
        "sparkoperator.k8s.io/connect-name": "notebooks",
        "sparkoperator.k8s.io/launched-by-spark-operator": "true",
        "spark-role": "connect-server",
        "spark-version": "4.0.4",
    }
    container = {
        "name": "spark-kubernetes-driver",
        "image": IMAGE,
        "command": ["bash", "-c"],
        "args": ["${SPARK_HOME}/sbin/start-connect-server.sh --master k8s://https://10.0.0.1:443"],
        "env": [{"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
        "resources": copy.deepcopy(RESOURCES),
        "lifecycle": {"preStop": {"exec": {"command": ["bash", "-c", "${SPARK_HOME}/sbin/stop-connect-server.sh"]}}},
    }
    connect = {"apiVersion": "sparkoperator.k8s.io/v1alpha1", "kind": "SparkConnect", "name": "notebooks"}
    owning = {**connect, "uid": "5b1f6f0d-94a3-4a57-8a0c-a4a1b4d1c7e2", "controller": True}
    return pod("notebooks-server", labels, {"containers": [container], **spec}, owners=[owning])


def placeholder(
    group: str = "spark-executor",
    *,
    container: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    **spec: Any,  # noqa: ANN401
) -> Object:
    """A placeholder of a gang as YuniKorn makes it, in its namespace's queue."""
    requests = {"cpu": "1", "memory": "1408Mi"}
    own = {
        "name": "pause",
        "image": PAUSE_IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "resources": {"requests": requests, "limits": requests},
        "securityContext": {"privileged": False, "readOnlyRootFilesystem": True, **RESTRICTED},
        **(container or {}),
    }
    whole = {
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "runAsGroup": 65534,
            "fsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "restartPolicy": "Never",
        "schedulerName": "yunikorn",
        "terminationGracePeriodSeconds": 0,
        "priorityClassName": "elastic-spark-job",
        **spec,
        "containers": [own, *spec.get("containers", [])],
    }
    found = {
        "yunikorn.apache.org/app-id": f"{NAMESPACE}-{DRIVER_UID}",
        "yunikorn.apache.org/queue": f"root.tenants.ads.{NAMESPACE}",
        **(labels or {}),
    }
    marks = {
        "internal.yunikorn.apache.org/placeholder": "true",
        "yunikorn.apache.org/task-group-name": group,
        "yunikorn.apache.org/task-groups": task_groups(),
    }
    return pod("tg-pi", found, whole, annotations=marks, owners=[{**owner(), "controller": False}])
