"""Executors as the driver of a job makes them, by the properties that spark-submit gave to the driver.

Source: apache/spark v4.0.4, resource-managers/kubernetes/core/src/main/scala/org/apache/spark/deploy/k8s/features
(BasicExecutorFeatureStep.scala), KubernetesConf.scala (KubernetesExecutorConf)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from tests.cluster.api import Object

PREFIX: Final = "spark.kubernetes.executor."
SETTING: Final = re.compile(r"^([^#=:\s][^=]*)=(.*)$", re.MULTILINE)
OVERHEAD_MIB: Final = 384
OVERHEAD_SHARE: Final = 0.4
"""Of a Python job's memory, of which Spark wants more."""


def properties_of(text: str) -> dict[str, str]:
    """The settings of a file of Java's properties, as Spark writes it."""
    return {name: re.sub(r"\\(.)", r"\1", value) for name, value in SETTING.findall(text)}


def executor_of(driver: Object, properties: Mapping[str, str], number: int) -> Object:
    """The executor of that number.

    Args:
        driver: its driver's pod, which owns it.
        properties: the driver's.
        number: from 1.
    """
    name, labels = driver["metadata"]["name"], driver["metadata"]["labels"]
    resources = _resources(properties)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{name.removesuffix('-driver')}-exec-{number}",
            "namespace": driver["metadata"]["namespace"],
            "labels": {
                **_given(properties, f"{PREFIX}label."),
                "spark-app-name": labels["spark-app-name"],
                "spark-app-selector": labels["spark-app-selector"],
                "spark-exec-id": str(number),
                "spark-exec-resourceprofile-id": "0",
                "spark-role": "executor",
                "spark-version": labels["spark-version"],
            },
            "annotations": _given(properties, f"{PREFIX}annotation."),
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": driver["metadata"]["uid"], "controller": True}
            ],
        },
        "spec": {
            "restartPolicy": "Never",
            "serviceAccountName": properties.get(
                "spark.kubernetes.authenticate.executor.serviceAccountName", driver["spec"]["serviceAccountName"]
            ),
            "nodeSelector": {
                **_given(properties, "spark.kubernetes.node.selector."),
                **_given(properties, f"{PREFIX}node.selector."),
            },
            **({"schedulerName": scheduler} if (scheduler := _scheduler(properties)) else {}),
            "volumes": [{"name": "spark-local-dir-1", "emptyDir": {}}],
            "containers": [
                {
                    "name": "spark-kubernetes-executor",
                    "image": driver["spec"]["containers"][0]["image"],
                    "imagePullPolicy": "IfNotPresent",
                    "args": ["executor"],
                    "ports": [{"name": "blockmanager", "containerPort": 7079}],
                    "env": [{"name": "SPARK_EXECUTOR_ID", "value": str(number)}],
                    "resources": {"requests": resources, "limits": {"memory": resources["memory"]}},
                    "volumeMounts": [{"name": "spark-local-dir-1", "mountPath": "/var/data/spark-1"}],
                }
            ],
        },
    }


def _given(properties: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in properties.items() if key.startswith(prefix)}


def _scheduler(properties: Mapping[str, str]) -> str:
    return properties.get(f"{PREFIX}scheduler.name") or properties.get("spark.kubernetes.scheduler.name", "")


def _resources(properties: Mapping[str, str]) -> dict[str, str]:
    memory = _mebibytes(properties["spark.executor.memory"])
    overhead = properties.get("spark.executor.memoryOverhead")
    more = _mebibytes(overhead) if overhead else max(OVERHEAD_MIB, round(OVERHEAD_SHARE * memory))
    cores = properties.get(f"{PREFIX}request.cores") or properties["spark.executor.cores"]
    return {"cpu": cores, "memory": f"{memory + more}Mi"}


def _mebibytes(text: str) -> int:
    """Of an amount as in Spark's settings."""
    number, unit = re.fullmatch(r"(\d+)([mg]?)i?b?", text.lower()).groups()  # type: ignore[union-attr]
    return int(number) * (1024 if unit == "g" else 1)
