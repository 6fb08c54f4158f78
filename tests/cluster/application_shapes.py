"""Applications of the Spark operator as tenants write them, in the queue `ads-batch`.

Source: kubeflow/spark-operator v2.5.2, api/v1beta2/sparkapplication_types.go, api/v1alpha1/sparkconnect_types.go
"""

from __future__ import annotations

from typing import Any

from tests.cluster.api import Object
from tests.cluster.pod_shapes import IMAGE, NAMESPACE

Spec = dict[str, Any]


def application(**changes: Any) -> Object:  # noqa: ANN401
    """A SparkApplication that computes Pi, with what is different about its spec; `...` leaves a field out."""
    return _object("v1beta2", "SparkApplication", _application_spec(changes))


def scheduled(**changes: Any) -> Object:  # noqa: ANN401
    """A ScheduledSparkApplication of it, with what is different about the template."""
    return _object(
        "v1beta2", "ScheduledSparkApplication", {"schedule": "@hourly", "template": _application_spec(changes)}
    )


def connect(**changes: Any) -> Object:  # noqa: ANN401
    """A SparkConnect, with what is different about its spec."""
    return _object("v1alpha1", "SparkConnect", _changed({**_common(), "server": {"cores": 1}, "executor": {}}, changes))


def _application_spec(changes: Spec) -> Spec:
    own = {
        "type": "Scala",
        "mode": "cluster",
        "mainClass": "org.apache.spark.examples.SparkPi",
        "mainApplicationFile": "local:///opt/spark/examples/jars/spark-examples.jar",
        "restartPolicy": {"type": "Never"},
        "driver": {"cores": 1, "memory": "1g"},
        "executor": {"cores": 1, "memory": "1g"},
    }
    return _changed({**_common(), **own}, changes)


def _common() -> Spec:
    return {"sparkVersion": "4.0.4", "image": IMAGE}


def _changed(spec: Spec, changes: Spec) -> Spec:
    return {key: value for key, value in {**spec, **changes}.items() if value is not ...}


def _object(version: str, kind: str, spec: Spec) -> Object:
    return {
        "apiVersion": f"sparkoperator.k8s.io/{version}",
        "kind": kind,
        "metadata": {"generateName": "pi-", "namespace": NAMESPACE},
        "spec": spec,
    }
