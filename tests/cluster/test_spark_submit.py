"""A real spark-submit, in a tenant's name: its pods go where they must, and what it may not have it does not get."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from components.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from sizing import names
from tests.cluster.api import Object
from tests.cluster.cluster import Cluster
from tests.cluster.spark import TIMEOUT_SECONDS, Spark, spark_here

NAMESPACE = "ads-batch"
POOL = "ads-batch-main"
DRIVER_POD = "pi-driver"
CONF = {"spark.kubernetes.driver.pod.name": DRIVER_POD, "spark.executor.instances": "1"}


@pytest.fixture(scope="module")
def spark() -> Spark:
    found = spark_here()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture(scope="module")
def token(cluster: Cluster) -> str:
    return cluster.admin.token(NAMESPACE, DRIVER_ACCOUNT)


@pytest.fixture(scope="module")
def driver(cluster: Cluster, spark: Spark, token: str) -> Iterator[Object]:
    """The driver's pod of a job in cluster mode."""
    submitted = spark.submit(cluster.plane, token, NAMESPACE, CONF)
    assert not submitted.failed, submitted.printed
    pod = _pods(cluster, "spark-role=driver")[DRIVER_POD]
    yield pod
    cluster.remove(pod)


@pytest.fixture(scope="module")
def executor(
    cluster: Cluster, spark: Spark, token: str, driver: Object, tmp_path_factory: pytest.TempPathFactory
) -> Object:
    """The executor's pod that Spark itself makes, with a driver of its own on this machine."""
    _say_it_is_ready(cluster, driver)
    log = tmp_path_factory.mktemp("driver") / "log"
    with spark.driver(cluster.plane, token, NAMESPACE, CONF, log) as process:
        end = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < end and process.poll() is None:
            if pods := _pods(cluster, "spark-role=executor"):
                return next(iter(pods.values()))
            time.sleep(0.2)
    pytest.fail(f"no executor came:\n{log.read_text()[-4000:]}")


def test_its_driver_goes_to_the_driver_nodes_by_the_queues_scheduler(driver: Object) -> None:
    assert _placement(driver) == (names.DRIVER_POOL, "yunikorn")
    assert driver["spec"]["serviceAccountName"] == DRIVER_ACCOUNT


def test_its_executor_goes_to_the_queues_own_nodes_by_the_queues_scheduler(executor: Object) -> None:
    assert _placement(executor) == (POOL, "yunikorn")
    assert executor["spec"]["serviceAccountName"] == EXECUTOR_ACCOUNT


def test_its_executor_is_owned_by_its_driver(driver: Object, executor: Object) -> None:
    (owner,) = executor["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("Pod", driver["metadata"]["uid"], True)


def test_its_pods_are_never_evicted_by_the_autoscaler(driver: Object, executor: Object) -> None:
    for pod in (driver, executor):
        assert pod["metadata"]["annotations"]["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        (f"spark.kubernetes.driver.node.selector.{names.POOL_LABEL}", "system", "[pool]"),
        (f"spark.kubernetes.driver.label.{names.POOL_LABEL}", POOL, "[pool-label]"),
        ("spark.kubernetes.driver.scheduler.name", "mine", "[scheduler]"),
        ("spark.kubernetes.driver.label.queue", "root.tenants.search.search-adhoc", "[yunikorn-queue]"),
        ("spark.kubernetes.authenticate.driver.serviceAccountName", EXECUTOR_ACCOUNT, "[account]"),
        ("spark.driver.memory", "64g", "[driver-size]"),
        ("spark.kubernetes.driver.volumes.hostPath.root.options.path", "/", "hostPath"),
    ],
)
def test_what_it_may_not_have_is_refused(
    cluster: Cluster, spark: Spark, token: str, key: str, value: str, why: str
) -> None:
    pod = "refused"
    mount = {"spark.kubernetes.driver.volumes.hostPath.root.mount.path": "/host"} if why == "hostPath" else {}
    conf = {**CONF, "spark.kubernetes.driver.pod.name": pod, key: value, **mount}
    submitted = spark.submit(cluster.plane, token, NAMESPACE, conf)
    assert submitted.failed
    assert why in submitted.printed
    assert pod not in _pods(cluster, "spark-role=driver")


def test_a_job_in_another_tenants_queue_is_refused(cluster: Cluster, spark: Spark, token: str) -> None:
    submitted = spark.submit(cluster.plane, token, "search-adhoc", CONF)
    assert submitted.failed
    assert 'cannot create resource "pods"' in submitted.printed


def _pods(cluster: Cluster, selector: str) -> dict[str, Object]:
    found = cluster.admin.items("v1", "Pod", NAMESPACE, labelSelector=selector)
    return {pod["metadata"]["name"]: {"apiVersion": "v1", "kind": "Pod", **pod} for pod in found}


def _placement(pod: Object) -> tuple[str, str]:
    return pod["spec"]["nodeSelector"][names.POOL_LABEL], pod["spec"]["schedulerName"]


def _say_it_is_ready(cluster: Cluster, pod: Object) -> None:
    """Does the kubelet's part, for which the driver would wait."""
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    path = cluster.admin.path(pod, "status")
    cluster.admin.request("PATCH", path, {"status": status}, content_type="application/merge-patch+json")
