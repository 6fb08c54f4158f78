"""A SparkApplication that runs in a queue as it is, to try the queue with and to start one's own from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypedDict

from sizing import names
from sizing.kubernetes import SecurityContext, Toleration
from sizing.nodes import Resources
from sizing.quantities import MIB, format_cpu
from sizing.shapes import MINIMUM_OVERHEAD, OVERHEAD_PERCENT, ExecutorShape

SPARK_USER: Final = 185
"""User of the official image (apache/spark-docker, 4.0 Dockerfile)."""
MINIMUM_DRIVER_HEAP: Final = 512 * MIB
"""Spark refuses less than 450 MiB, of which the JVM keeps some (apache/spark 4.0, UnifiedMemoryManager)."""
MINIMUM_DRIVER_MEMORY: Final = MINIMUM_DRIVER_HEAP + MINIMUM_OVERHEAD
"""Of a driver's pod, in bytes."""


@dataclass(frozen=True, kw_only=True)
class SparkImage:
    """What drivers and executors run.

    Args:
        image: its name with a tag.
        spark_version: of the Spark in it.
        python: its version, without the patch, as wheels are made for it.
        packages: Maven coordinates of what it lacks to reach S3. The driver fetches them at each start; an image that
            has them starts faster and needs no way to a Maven repository.
    """

    image: str
    spark_version: str
    python: str
    packages: tuple[str, ...]


class PlacedPod(TypedDict):
    """Where a pod of an application runs and with how little."""

    nodeSelector: dict[str, str]
    tolerations: list[Toleration]
    securityContext: SecurityContext


class SparkPod(TypedDict):
    """Its driver, or each of its executors: cores as Spark counts them, memory as Spark takes it."""

    cores: int
    coreRequest: str
    memory: str
    memoryOverhead: str
    serviceAccount: str
    nodeSelector: dict[str, str]
    tolerations: list[Toleration]
    securityContext: SecurityContext


class DynamicAllocation(TypedDict):
    """How many executors it has."""

    enabled: bool
    initialExecutors: int
    minExecutors: int
    maxExecutors: int
    shuffleTrackingEnabled: bool


class RestartPolicy(TypedDict):
    """When it is started again."""

    type: Literal["Always", "Never", "OnFailure"]


class SparkApplicationSpec(TypedDict):
    """What runs, as far as the template says it."""

    type: Literal["Java", "Python", "R", "Scala"]
    mode: Literal["cluster"]
    sparkVersion: str
    image: str
    imagePullPolicy: Literal["Always", "IfNotPresent", "Never"]
    mainClass: str
    mainApplicationFile: str
    arguments: list[str]
    batchScheduler: str
    restartPolicy: RestartPolicy
    dynamicAllocation: DynamicAllocation
    driver: SparkPod
    executor: SparkPod


class ApplicationMetadata(TypedDict):
    """Its name and place."""

    name: str
    namespace: str


class SparkApplication(TypedDict):
    """The operator's object, by its own names.

    Source: https://github.com/kubeflow/spark-operator, docs/api-docs.md
    """

    apiVersion: Literal["sparkoperator.k8s.io/v1beta2"]
    kind: Literal["SparkApplication"]
    metadata: ApplicationMetadata
    spec: SparkApplicationSpec


OFFICIAL: Final = SparkImage(
    image="docker.io/apache/spark:4.0.4",
    spark_version="4.0.4",
    python="3.10",
    packages=("org.apache.hadoop:hadoop-aws:3.4.1",),
)
"""The Apache project's own image, without S3A, of which it needs the version of its Hadoop (Spark 4.0.4's pom).

Source of its Python: apache/spark-docker, 4.0.4 (on Ubuntu 22.04)
"""


def spark_application_template(
    *,
    namespace: str,
    driver_account: str,
    executor_account: str,
    pool_identity: str,
    shape: ExecutorShape,
    max_executors: int,
    driver: Resources,
    image: SparkImage,
) -> SparkApplication:
    """A SparkApplication (sparkoperator.k8s.io/v1beta2) that computes Pi.

    What it leaves out, admission adds: the platform's Spark settings, the event log's place, what S3 needs.

    Args:
        namespace: the queue's.
        driver_account: service account of drivers.
        executor_account: service account of executors.
        pool_identity: the pool whose nodes executors run on.
        shape: of one executor.
        max_executors: executors at most; there are as many as there is work for.
        driver: what one driver of the queue requests at most, overhead included.
        image: what runs.

    Raises:
        ValueError: the driver is too small for Spark.
    """
    heap, overhead = driver_memory(driver.memory)
    return {
        "apiVersion": "sparkoperator.k8s.io/v1beta2",
        "kind": "SparkApplication",
        "metadata": {"name": "spark-pi", "namespace": namespace},
        "spec": {
            "type": "Scala",
            "mode": "cluster",
            "sparkVersion": image.spark_version,
            "image": image.image,
            "imagePullPolicy": "IfNotPresent",
            "mainClass": "org.apache.spark.examples.SparkPi",
            "mainApplicationFile": "local:///opt/spark/examples/jars/spark-examples.jar",
            "arguments": ["1000"],
            "batchScheduler": "yunikorn",
            "restartPolicy": {"type": "Never"},
            "dynamicAllocation": {
                "enabled": True,
                "initialExecutors": 1,
                "minExecutors": 1,
                "maxExecutors": max_executors,
                # An executor stays while others may still need what it shuffled; there is no shuffle service.
                "shuffleTrackingEnabled": True,
            },
            "driver": {
                "cores": max(1, driver.cpu // 1000),
                "coreRequest": format_cpu(driver.cpu),
                "memory": mebibytes(heap),
                "memoryOverhead": mebibytes(overhead),
                "serviceAccount": driver_account,
                **_placement(names.DRIVER_POOL),
            },
            "executor": {
                "cores": shape.cores,
                "coreRequest": format_cpu(shape.core_request),
                "memory": mebibytes(shape.memory),
                "memoryOverhead": mebibytes(shape.memory_overhead),
                "serviceAccount": executor_account,
                **_placement(pool_identity),
            },
        },
    }


def driver_memory(pod: int) -> tuple[int, int]:
    """Heap and overhead, in bytes and whole MiB, of the driver that fits a pod of so many bytes.

    Raises:
        ValueError: there is too little for Spark.
    """
    whole = pod // MIB * MIB
    heap = min(whole * 100 // (100 + OVERHEAD_PERCENT), whole - MINIMUM_OVERHEAD) // MIB * MIB
    if heap < MINIMUM_DRIVER_HEAP:
        minimum = MINIMUM_DRIVER_MEMORY // MIB
        raise ValueError(f"a driver of {pod // MIB} MiB is too small for Spark, which takes at least {minimum} MiB")
    return heap, whole - heap


def _placement(pool: str) -> PlacedPod:
    """Where a pod runs and with how little, written out; admission may come to say the same."""
    return {
        "nodeSelector": {names.POOL_LABEL: pool},
        "tolerations": [{"key": names.POOL_LABEL, "operator": "Equal", "value": pool, "effect": "NoSchedule"}],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": SPARK_USER,
            "runAsGroup": SPARK_USER,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def mebibytes(count: int) -> str:
    """Bytes as Spark takes them, whole MiB."""
    return f"{count // MIB}m"
