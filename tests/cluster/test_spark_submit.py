"""A real spark-submit, in a tenant's name: its pods go where they must, and what it may not have it does not get."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from components.admission.applications_defaults import EXECUTOR_CONTAINER
from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from sizing import names
from sizing.spark import defaults as spark_defaults
from sizing.spark.application import OFFICIAL
from tests.cluster.api import Object
from tests.cluster.application_shapes import connect
from tests.cluster.cluster import OPERATOR, Cluster
from tests.cluster.pod_shapes import ENGINEER
from tests.cluster.spark import TIMEOUT_SECONDS, Spark

NAMESPACE = "ads-batch"
POOL = "ads-batch-main"
DRIVER_POD = "pi-driver"
CONF = {
    "spark.kubernetes.driver.pod.name": DRIVER_POD,
    "spark.executor.instances": "1",
    **spark_defaults.ENCRYPTION,
}


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
        return _executor_of(cluster, driver, process, log)


def test_its_driver_goes_to_the_driver_nodes_by_the_queues_scheduler(driver: Object) -> None:
    assert _placement(driver) == (names.DRIVER_POOL, "yunikorn")
    assert driver["spec"]["serviceAccountName"] == DRIVER_ACCOUNT


def test_its_executor_goes_to_the_queues_own_nodes_by_the_queues_scheduler(executor: Object) -> None:
    assert _placement(executor) == (POOL, "yunikorn")
    assert executor["spec"]["serviceAccountName"] == EXECUTOR_ACCOUNT


def test_executors_of_a_spark_connect_server_have_their_account_and_container_by_their_template(
    cluster: Cluster, spark: Spark, token: str, tmp_path: Path
) -> None:
    """The server is a driver beside the pod that the operator makes; it gets no account by a setting."""
    with ExitStack() as stack:
        conn = stack.enter_context(cluster.made(ENGINEER, connect()))
        server = stack.enter_context(cluster.made(OPERATOR, _server_pod(conn)))
        _say_it_is_ready(cluster, server)
        template = tmp_path / "executor-pod-template.yaml"
        template.write_text(json.dumps(conn["spec"]["executor"]["template"]))
        conf = {
            "spark.kubernetes.driver.pod.name": server["metadata"]["name"],
            "spark.executor.instances": "1",
            "spark.kubernetes.executor.podTemplateFile": str(template),
            "spark.kubernetes.executor.podTemplateContainerName": EXECUTOR_CONTAINER,
            **dict.fromkeys((spark_defaults.DRIVER_ACCOUNT, spark_defaults.EXECUTOR_ACCOUNT)),
        }
        log = tmp_path / "log"
        with spark.driver(cluster.plane, token, NAMESPACE, conf, log) as process:
            pod = _executor_of(cluster, server, process, log)
    assert pod["spec"]["serviceAccountName"] == EXECUTOR_ACCOUNT
    assert [(c["name"], c["image"]) for c in pod["spec"]["containers"]] == [(EXECUTOR_CONTAINER, OFFICIAL.image)]
    assert _placement(pod) == (POOL, "yunikorn")


def test_its_driver_makes_the_secret_that_its_executors_authenticate_with(executor: Object) -> None:
    (container,) = executor["spec"]["containers"]
    (secret,) = (variable["value"] for variable in container["env"] if variable["name"] == "_SPARK_AUTH_SECRET")
    assert len(secret) >= 32


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


def _executor_of(cluster: Cluster, driver: Object, process: subprocess.Popen[bytes], log: Path) -> Object:
    """The first executor's pod that a driver makes."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for pod in _pods(cluster, "spark-role=executor").values():
            if pod["metadata"]["ownerReferences"][0]["uid"] == driver["metadata"]["uid"]:
                return pod
        time.sleep(0.2)
    pytest.fail(f"no executor came:\n{log.read_text()[-4000:]}")


def _server_pod(conn: Object) -> Object:
    """A Spark Connect server's pod as the operator makes it, as far as admission looks at it.

    Source: kubeflow/spark-operator v2.5.2, internal/controller/sparkconnect/reconciler.go
    """
    template = conn["spec"]["server"]["template"]
    (container,) = template["spec"]["containers"]
    spec = {**template["spec"], "containers": [{**container, "image": conn["spec"]["image"]}]}
    labels = {"spark-role": "connect-server", "sparkoperator.k8s.io/launched-by-spark-operator": "true"}
    metadata = {"name": f"{conn['metadata']['name']}-server", "namespace": NAMESPACE, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


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
