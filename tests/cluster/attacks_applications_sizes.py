"""Applications whose pods are larger than they may be, or than any node, or of no size that anybody can read."""

from __future__ import annotations

from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import submitting
from tests.cluster.attempts import Attempt, Case
from tests.cluster.pod_shapes import IMAGE


def container(name: str = "logs", *, memory: str = "256Mi", limit: str = "256Mi", **more: Any) -> Object:  # noqa: ANN401
    """A container beside Spark's."""
    limits = {"limits": {"memory": limit}} if limit else {}
    return {
        "name": name,
        "image": IMAGE,
        "resources": {"requests": {"cpu": "100m", "memory": memory}, **limits},
        **more,
    }


def server(**requests: str) -> Object:
    """A Spark Connect server that says how large it is."""
    resources = {"requests": requests, "limits": {"memory": requests["memory"]}}
    return {"template": {"spec": {"containers": [{"name": "spark-kubernetes-driver", "resources": resources}]}}}


def driver(name: str, attempt: Object, twin: Object, **of_both: Any) -> Attempt:  # noqa: ANN401
    """A driver larger than the queue's may be (1 cpu and 4 GiB), and one that is not."""
    return submitting(
        name, "application-driver-size", application(driver=attempt, **of_both), application(driver=twin, **of_both)
    )


def executor(name: str, attempt: Object, twin: Object, **of_both: Any) -> Attempt:  # noqa: ANN401
    """An executor larger than a node of the pool, and one that is not."""
    wrong, right = application(executor=attempt, **of_both), application(executor=twin, **of_both)
    return submitting(name, "application-executor-size", wrong, right)


def conf(name: str, rule: str, key: str, wrong: str, right: str) -> Attempt:
    """A size by a setting, in the place of the field."""
    sizes = {"driver": {"labels": {"team": "ads"}}, "executor": {"labels": {"team": "ads"}}}
    return submitting(
        name, rule, scheduled(sparkConf={key: wrong}, **sizes), scheduled(sparkConf={key: right}, **sizes)
    )


PYTHON: Final = {"type": "Python", "mainClass": ..., "mainApplicationFile": "local:///opt/job.py"}

CASES: Final[tuple[Case, ...]] = (
    driver("a driver with too much memory", {"cores": 1, "memory": "8g"}, {"cores": 1, "memory": "3g"}),
    driver("a driver whose overhead is too much", {"memory": "3900m"}, {"memory": "3700m"}),
    driver(
        "a driver that says its overhead",
        {"memory": "3g", "memoryOverhead": "2g"},
        {"memory": "3g", "memoryOverhead": "1g"},
    ),
    driver("a Python driver, whose overhead is larger", {"memory": "3g"}, {"memory": "2900m"}, **PYTHON),
    driver(
        "a driver with a factor",
        {"memory": "3g"},
        {"memory": "2g"},
        memoryOverheadFactor="0.5",
    ),
    driver("a driver with too many cores", {"cores": 2, "memory": "1g"}, {"cores": 1, "memory": "1g"}),
    driver(
        "a driver that requests too many cores",
        {"cores": 1, "coreRequest": "1500m", "memory": "1g"},
        {"cores": 2, "coreRequest": "900m", "memory": "1g"},
    ),
    driver(
        "a driver with a sidecar for which there is no room",
        {"coreRequest": "800m", "memory": "3g", "sidecars": [container(memory="1Gi", limit="1Gi")]},
        {"coreRequest": "800m", "memory": "3g", "sidecars": [container()]},
    ),
    driver(
        "a driver with an init container larger than it",
        {"memory": "1g", "initContainers": [container(memory="5Gi", limit="5Gi")]},
        {"memory": "1g", "initContainers": [container(memory="2Gi", limit="2Gi")]},
    ),
    conf("a driver too large by a setting", "application-driver-size", "spark.driver.memory", "4g", "3g"),
    conf("a driver with an overhead too large", "application-driver-size", "spark.driver.memoryOverhead", "4g", "1g"),
    conf("cores of a driver by a setting", "application-driver-size", "spark.driver.cores", "2", "1"),
    conf(
        "cores of a driver by Kubernetes' setting",
        "application-driver-size",
        "spark.kubernetes.driver.request.cores",
        "1100m",
        "0.5",
    ),
    submitting(
        "a Spark Connect server too large",
        "application-driver-size",
        connect(server=server(cpu="1", memory="5Gi")),
        connect(server=server(cpu="1", memory="4Gi")),
    ),
    executor("an executor with too much memory", {"memory": "100g"}, {"memory": "40g"}),
    executor("an executor with too many cores", {"cores": 16}, {"cores": 7}),
    executor(
        "an executor with too much overhead",
        {"memory": "40g", "memoryOverhead": "30g"},
        {"memory": "40g", "memoryOverhead": "4g"},
    ),
    executor(
        "an executor with too much memory off its heap",
        {"memory": "30g"},
        {"memory": "4g"},
        sparkConf={"spark.memory.offHeap.enabled": "true", "spark.memory.offHeap.size": "30g"},
    ),
    executor(
        "an executor with too much memory for Python",
        {"memory": "30g"},
        {"memory": "4g"},
        sparkConf={"spark.executor.pyspark.memory": "20g"},
        **PYTHON,
    ),
    conf("an executor too large by a setting", "application-executor-size", "spark.executor.memory", "65536", "8192"),
    submitting(
        "a Spark Connect server's executor too large",
        "application-executor-size",
        connect(executor={"memory": "64g"}),
        connect(executor={"memory": "16g"}),
    ),
    submitting(
        "a memory limit in capital letters, which the operator's webhook can't read",
        "application-amounts",
        application(driver={"memory": "1g", "memoryLimit": "2G"}),
        application(driver={"memory": "1g", "memoryLimit": "2g"}),
    ),
    submitting(
        "a memory limit of nobody's",
        "application-amounts",
        application(memoryLimit="8G"),
        application(executor={"memory": "1g", "memoryLimit": "2Gi"}),
    ),
    submitting(
        "memory without a unit, which the operator can't read",
        "application-amounts",
        scheduled(executor={"memory": "1024"}),
        scheduled(executor={"memory": "1024m"}),
    ),
    submitting(
        "memory with a fraction",
        "application-amounts",
        application(driver={"memory": "1.5g"}),
        application(driver={"memory": "1536M"}),
    ),
    submitting(
        "cores that are no quantity",
        "application-amounts",
        application(executor={"coreRequest": "half"}),
        application(executor={"coreRequest": "0.5"}),
    ),
    submitting(
        "memory off the heap without a unit",
        "application-amounts",
        application(sparkConf={"spark.memory.offHeap.enabled": "true", "spark.memory.offHeap.size": "1073741824"}),
        application(sparkConf={"spark.memory.offHeap.enabled": "true", "spark.memory.offHeap.size": "1g"}),
    ),
    submitting(
        "a memory limit below the request",
        "application-limits",
        application(executor={"memory": "4g", "memoryLimit": "4g"}),
        application(executor={"memory": "4g", "memoryLimit": "5g"}),
    ),
    submitting(
        "a driver's memory limit above its size",
        "application-limits",
        application(driver={"memory": "2g", "memoryLimit": "8g"}),
        application(driver={"memory": "2g", "memoryLimit": "4g"}),
    ),
    submitting(
        "a limit of cores below the request",
        "application-limits",
        application(executor={"cores": 4, "coreLimit": "2"}),
        application(executor={"cores": 4, "coreLimit": "4"}),
    ),
    submitting(
        "a driver's sidecar without a memory limit",
        "application-limits",
        application(driver={"coreRequest": "500m", "memory": "1g", "sidecars": [container(limit="")]}),
        application(executor={"sidecars": [container(limit="")]}),
    ),
    submitting(
        "a Spark Connect server that may grow beyond its size",
        "application-limits",
        connect(server={"template": {"spec": {"containers": [container("spark-kubernetes-driver", limit="8Gi")]}}}),
        connect(server={"template": {"spec": {"containers": [container("spark-kubernetes-driver", limit="4Gi")]}}}),
    ),
    submitting(
        "a driver with a GPU",
        "application-resources",
        application(driver={"gpu": {"name": "nvidia.com/gpu", "quantity": 1}}),
        application(driver={"memory": "1g"}),
    ),
    submitting(
        "executors with GPUs by a setting",
        "application-resources",
        application(
            sparkConf={"spark.executor.resource.gpu.amount": "1", "spark.executor.resource.gpu.vendor": "nvidia.com"}
        ),
        application(sparkConf={"spark.executor.cores": "2"}),
    ),
)
