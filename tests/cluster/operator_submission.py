"""The spark-submit that the Spark operator runs for an application, as far as the tests' applications have it.

Source: kubeflow/spark-operator v2.5.2, internal/controller/sparkapplication/submission.go
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.cluster.api import Object

LABELS: Final = "spark.kubernetes.driver.label.sparkoperator.k8s.io/"
DEPENDENCIES: Final = {
    "--jars": "jars",
    "--packages": "packages",
    "--py-files": "pyFiles",
    "--files": "files",
    "--archives": "archives",
}


def arguments(application: Object) -> list[str]:
    """What follows the master.

    Args:
        application: a SparkApplication as the API server stores it.
    """
    spec, name = application["spec"], application["metadata"]["name"]
    conf = dict(_settings(application)) | spec.get("sparkConf", {}) | _hadoop(spec)
    return [
        f"--deploy-mode={spec['mode']}",
        *([f"--class={spec['mainClass']}"] if "mainClass" in spec else []),
        f"--name={name}",
        *_dependencies(spec.get("deps", {})),
        *(f"--conf={key}={value}" for key, value in conf.items()),
        spec["mainApplicationFile"],
        *spec.get("arguments", []),
    ]


def _dependencies(deps: Object) -> Iterator[str]:
    for option, field in DEPENDENCIES.items():
        if deps.get(field):
            yield from (option, ",".join(deps[field]))


def _settings(application: Object) -> Iterator[tuple[str, str]]:
    spec, metadata = application["spec"], application["metadata"]
    yield "spark.kubernetes.namespace", metadata["namespace"]
    yield "spark.kubernetes.driver.pod.name", driver_pod(application)
    yield "spark.kubernetes.submission.waitAppCompletion", "false"
    yield "spark.kubernetes.container.image", spec["image"]
    yield f"{LABELS}app-name", metadata["name"]
    yield f"{LABELS}launched-by-spark-operator", "true"
    for role in ("driver", "executor"):
        pod = spec[role]
        yield f"spark.{role}.cores", str(pod["cores"])
        yield f"spark.{role}.memory", pod["memory"]
        yield f"spark.kubernetes.authenticate.{role}.serviceAccountName", pod["serviceAccount"]
    if "instances" in spec["executor"]:
        yield "spark.executor.instances", str(spec["executor"]["instances"])


def _hadoop(spec: Object) -> dict[str, str]:
    return {f"spark.hadoop.{key}": value for key, value in spec.get("hadoopConf", {}).items()}


def driver_pod(application: Object) -> str:
    """The name of its driver's pod."""
    return f"{application['metadata']['name']}-driver"
