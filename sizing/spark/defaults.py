"""What every Spark job of a queue starts with, whichever way it comes: by admission, spark-submit or a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sizing.nodes import Resources
from sizing.quantities import format_cpu
from sizing.shapes import ExecutorShape
from sizing.spark.application import SparkImage, driver_memory, mebibytes

IVY_FOLDER: Final = "/tmp/.ivy2"  # noqa: S108 - in containers, where nothing else may be written to
"""Where the packages that a job asks for are kept: in its driver, whose user has no home, and in the Spark operator,
which resolves them too."""
METRICS_NAMESPACE: Final = "spark"
"""First part of the names of Spark's metrics, which otherwise start with the application's identifier."""
CREDENTIALS: Final = "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider"
"""Class by which S3A gets what EKS Pod Identity gives: the one of the SDK that S3A can make, with every version that
fits, and that asks anew after a failure. Seen in `tests/spark/test_credentials.py`; the others: docs/decisions/0015."""
CREDENTIALS_TRIES: Final = 5
"""S3A takes one failed round as final, so it is given the class so often, each under a name of its own. A round is one
request where the agent refuses, six where it doesn't answer, of a second each where there is none yet."""
NO_NODE_ROLE: Final = "-Daws.disableEc2Metadata=true"
"""Option of a JVM whose AWS SDK then never asks the node for credentials, though its default chain ends there."""

SHUFFLE_KEPT: Final = "5m"
"""For how long an idle executor waits for a next job that uses its shuffle files: computing them anew takes less than
an hour's wait of somebody else in the queue, and somebody at a notebook thinks for a few minutes (inferred)."""

REDACTION: Final = (
    "(?i)secret|passw(or)?d|passphrase|pwd|token|(access|account|api|private)[-_.]?key"
    "|(?<!auth[.])credential(?!s?[-_.]?provider)"
)
"""Names and values of settings that Spark shows to nobody: its own default (secret, password, token, access key), and
more of what secrets are called. Which classes give credentials is none (apache/spark 4.0, Utils.redact looks for the
expression in both)."""
_SERVLET: Final = {
    "sink.prometheusServlet.class": "org.apache.spark.metrics.sink.PrometheusServlet",
    "sink.prometheusServlet.path": "/metrics/prometheus",
}
DRIVER_SERVLET: Final = tuple(f"spark.metrics.conf.driver.{name}" for name in _SERVLET)
"""What is said of the driver wins over what is said of all (`*`), and a setting over a file (`spark.metrics.conf`, or
`monitoring` of an application): so none of them moves a driver's metrics away.

Source: apache/spark 4.0, metrics/MetricsConfig.scala (initialize)
"""
ALWAYS: Final[Mapping[str, str]] = {
    "spark.redaction.regex": REDACTION,
    # 100 executors a second instead of 10: a queue that may have hundreds shall not wait for the asking. Spark takes
    # no delay of 100 ms or less (apache/spark 4.0, deploy/k8s/Config.scala).
    "spark.kubernetes.allocation.batch.size": "50",
    "spark.kubernetes.allocation.batch.delay": "500ms",
    # There is no shuffle service: an executor stays while a running job may still need what it shuffled. Once none
    # does, it goes like any other after a while, and hands its blocks to those that stay. Without an end it would stay
    # for as long as the driver remembers the shuffle, which is what Spark warns of at each start; without tracking it
    # would go in the middle of a job (docs/benchmarks.md; apache/spark 4.0,
    # scheduler/dynalloc/ExecutorMonitor.scala).
    "spark.dynamicAllocation.shuffleTracking.enabled": "true",
    "spark.dynamicAllocation.shuffleTracking.timeout": SHUFFLE_KEPT,
    # An executor that is told to go, because its Spot node goes, hands over its blocks first.
    "spark.decommission.enabled": "true",
    "spark.storage.decommission.enabled": "true",
    # Executors serve no metrics of their own: the driver answers for them.
    "spark.ui.prometheus.enabled": "true",
    **{f"spark.metrics.conf.{of}.{name}": value for of in ("*", "driver") for name, value in _SERVLET.items()},
    "spark.metrics.namespace": METRICS_NAMESPACE,
}
"""Defaults on every platform, which a job may replace one by one.

Source: https://spark.apache.org/docs/4.0.1/running-on-kubernetes.html#spark-properties and configuration.html
"""
EVENT_LOG: Final[Mapping[str, str]] = {
    "spark.eventLog.enabled": "true",
    # A log in parts can be read while a long job runs: an object of S3 can't before it is whole.
    "spark.eventLog.rolling.enabled": "true",
    "spark.eventLog.compress": "true",
}
"""Defaults where there is a place for event logs."""
ENCRYPTION: Final[Mapping[str, str]] = {
    # Driver and executors prove to each other that they know the application's secret, and encrypt by keys of it.
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.network.crypto.authEngineVersion": "2",
    "spark.network.crypto.cipher": "AES/GCM/NoPadding",
    # Else a peer may speak SASL, which need not encrypt.
    "spark.network.crypto.saslFallback": "false",
}
"""Encrypts what driver and executors say to each other, where the network doesn't.

Source: https://spark.apache.org/docs/4.0.1/security.html#encryption
"""
HELD: Final = frozenset(ENCRYPTION)
"""Settings of a queue that its applications can't replace."""
EVENT_LOG_FOLDER: Final = "spark.eventLog.dir"
NAMESPACE: Final = "spark.kubernetes.namespace"
DRIVER_ACCOUNT: Final = "spark.kubernetes.authenticate.driver.serviceAccountName"
EXECUTOR_ACCOUNT: Final = "spark.kubernetes.authenticate.executor.serviceAccountName"
IVY: Final = "spark.jars.ivy"
PACKAGES: Final = "spark.jars.packages"


@dataclass(frozen=True, kw_only=True)
class EventLogs:
    """Where event logs go.

    Args:
        location: a folder that exists, `s3a://...`.
        region: the bucket's.
    """

    location: str
    region: str


def job_defaults(region: str | None) -> dict[str, str]:
    """What a job may replace, by Spark's names.

    Args:
        region: of the platform in AWS; `None` for one without S3 and so without event logs.
    """
    return {**ALWAYS, **(_on_s3(region) if region else {})}


def queue_properties(
    *,
    namespace: str,
    driver_account: str,
    executor_account: str,
    shape: ExecutorShape,
    max_executors: int,
    driver: Resources,
    image: SparkImage,
    events: EventLogs | None,
    of_queue: Mapping[str, str],
) -> dict[str, str]:
    """The properties of a queue for those who call Spark themselves: spark-submit's defaults, a notebook's session.

    A SparkApplication gets the same by admission.

    Args:
        namespace: the queue's.
        driver_account: service account of drivers.
        executor_account: service account of executors.
        shape: of one executor.
        max_executors: executors at most.
        driver: what one driver of the queue requests at most, overhead included.
        image: what runs.
        events: `None` for no event log.
        of_queue: settings of this queue alone.

    Raises:
        ValueError: the driver is too small for Spark.
    """
    heap, overhead = driver_memory(driver.memory)
    return {
        **job_defaults(events.region if events else None),
        **of_queue,
        NAMESPACE: namespace,
        DRIVER_ACCOUNT: driver_account,
        EXECUTOR_ACCOUNT: executor_account,
        "spark.kubernetes.container.image": image.image,
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.maxExecutors": str(max_executors),
        "spark.driver.cores": str(max(1, driver.cpu // 1000)),
        "spark.kubernetes.driver.request.cores": format_cpu(driver.cpu),
        "spark.driver.memory": mebibytes(heap),
        "spark.driver.memoryOverhead": mebibytes(overhead),
        "spark.executor.cores": str(shape.cores),
        "spark.kubernetes.executor.request.cores": format_cpu(shape.core_request),
        "spark.executor.memory": mebibytes(shape.memory),
        "spark.executor.memoryOverhead": mebibytes(shape.memory_overhead),
        **({EVENT_LOG_FOLDER: events.location} if events else {}),
        **({PACKAGES: ",".join(image.packages), IVY: IVY_FOLDER} if events and image.packages else {}),
    }


def s3_properties(region: str) -> dict[str, str]:
    """What a driver needs to reach S3 as its pod's service account, and as nothing else.

    Args:
        region: of the buckets.

    Source: apache/hadoop 3.4.1, CredentialProviderListFactory, which asks each name once, and
    AWSCredentialProviderList; aws/aws-sdk-java-v2 2.24.6, ContainerCredentialsProvider and its retry policy.
    """
    tries = [f"pod-identity-{number}" for number in range(1, CREDENTIALS_TRIES + 1)]
    return {
        "spark.hadoop.fs.s3a.aws.credentials.provider": ",".join(tries),
        "spark.hadoop.fs.s3a.aws.credentials.provider.mapping": ",".join(f"{name}={CREDENTIALS}" for name in tries),
        "spark.hadoop.fs.s3a.endpoint.region": region,
        # Prepended to what a job says in extraJavaOptions.
        "spark.driver.defaultJavaOptions": NO_NODE_ROLE,
    }


def _on_s3(region: str) -> dict[str, str]:
    return {**EVENT_LOG, **s3_properties(region), "spark.executor.defaultJavaOptions": NO_NODE_ROLE}
