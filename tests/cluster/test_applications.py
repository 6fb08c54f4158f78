"""Applications that nobody attacks with, and the operator that works for them."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from typing import Any

import pytest

from components.queue.folder import event_location
from components.queue.queue import DRIVER_ACCOUNT
from sizing import names
from sizing.quantities import parse_bytes
from sizing.spark.defaults import ENCRYPTION
from tests import samples
from tests.cluster.api import Object, RefusedError
from tests.cluster.application_shapes import application
from tests.cluster.cluster import OPERATOR, Cluster
from tests.cluster.completions import MIXED
from tests.cluster.pod_shapes import ENGINEER, NAMESPACE
from tests.cluster.spark import Spark
from tests.cluster.tables import PLATFORM, TENANTS

OLD = "ads-old"
_CLAIM = "spark.kubernetes.driver.volumes.persistentVolumeClaim.spark-local-dir-1"
DISK_OF_ITS_OWN = {
    f"{_CLAIM}.options.claimName": "OnDemand",
    f"{_CLAIM}.options.storageClass": "gp3",
    f"{_CLAIM}.options.sizeLimit": "100Gi",
    f"{_CLAIM}.mount.path": "/data",
}
MANY_SETTINGS = {f"spark.sql.catalog.c{i}.warehouse": f"s3a://ads-warehouse/part-{i}" for i in range(200)}


def queues() -> list[tuple[str, str]]:
    """The tenants and queues on the platform."""
    return [
        (settings["name"], queue)
        for settings in (samples.tenant(stack) for stack in TENANTS)
        for queue in sorted(settings["queues"])
    ]


@pytest.mark.parametrize("stack", TENANTS)
def test_the_job_that_a_stack_exports_is_admitted_as_it_is(cluster: Cluster, stack: str) -> None:
    for queue in samples.sample_registrations(stack).stack.outputs["queues"].values():
        cluster.admin.create(queue["sparkApplication"], dryRun="All")


@pytest.mark.parametrize(("tenant", "queue"), queues())
def test_event_logs_go_to_the_folder_that_the_tenants_stack_makes(cluster: Cluster, tenant: str, queue: str) -> None:
    bucket = samples.contract(PLATFORM).aws
    assert bucket is not None
    thing = application()
    thing["metadata"]["namespace"] = names.namespace(tenant, queue)
    conf = cluster.admin.create(thing, dryRun="All")["spec"]["sparkConf"]
    assert conf["spark.eventLog.dir"] == event_location(bucket.buckets["events"], tenant, queue)


def test_an_application_gets_its_queues_settings_and_keeps_its_own_but_those_that_are_held(cluster: Cluster) -> None:
    thing = application(sparkConf={"spark.network.crypto.enabled": "false", "spark.network.timeout": "300s"})
    thing["metadata"]["namespace"] = MIXED
    conf = cluster.admin.create(thing, dryRun="All")["spec"]["sparkConf"]
    assert ENCRYPTION.items() <= conf.items()
    assert conf["spark.network.timeout"] == "300s"


def test_a_queues_settings_come_before_the_platforms_and_after_the_applications(cluster: Cluster) -> None:
    batch, warehouse = "spark.kubernetes.allocation.batch.size", "spark.sql.catalog.lake.warehouse"
    namespace = cluster.admin.request("GET", f"/api/v1/namespaces/{MIXED}")
    key, thing, own = names.SPARK_CONF_ANNOTATION, application(), application(sparkConf={batch: "9"})
    thing["metadata"]["namespace"] = own["metadata"]["namespace"] = MIXED

    def conf_of(one: Object) -> dict[str, str]:
        conf: dict[str, str] = cluster.admin.create(one, dryRun="All")["spec"]["sparkConf"]
        return conf

    lines = f"{batch}=7\n{warehouse}=s3a://a/b?c=d"
    cluster.admin.merge(namespace, {"metadata": {"annotations": {key: lines}}})
    try:
        deadline = time.monotonic() + 30
        while warehouse not in conf_of(thing) and time.monotonic() < deadline:
            time.sleep(0.1)  # admission hears of namespaces a little later
        assert conf_of(thing).items() >= {batch: "7", warehouse: "s3a://a/b?c=d"}.items()
        assert conf_of(own)[batch] == "9"
    finally:
        cluster.admin.merge(namespace, {"metadata": {"annotations": {key: namespace["metadata"]["annotations"][key]}}})


@pytest.mark.parametrize(
    ("executor", "conf", "millicores", "memory"),
    [
        ({}, {}, 1000, "1Gi"),
        ({"cores": 3}, {}, 3000, "1Gi"),
        ({"cores": 3, "coreRequest": "2500m"}, {}, 2500, "1Gi"),
        ({}, {"spark.executor.cores": "4"}, 4000, "1Gi"),
        ({}, {"spark.kubernetes.executor.request.cores": "500m"}, 500, "1Gi"),
        ({"memory": "24g"}, {}, 1000, "24Gi"),
        ({}, {"spark.executor.memory": "24576"}, 1000, "24Gi"),
        ({}, {"spark.executor.memory": "24576MB"}, 1000, "24Gi"),
        ({"memory": "40960K"}, {}, 1000, "40Mi"),
    ],
)
def test_there_are_as_many_executors_as_the_queue_holds_by_cpu_and_by_heap(
    cluster: Cluster, executor: dict[str, Any], conf: dict[str, str], millicores: int, memory: str
) -> None:
    metadata = cluster.admin.request("GET", f"/api/v1/namespaces/{NAMESPACE}")["metadata"]
    numbers = {key.partition("/")[2]: value for key, value in metadata["annotations"].items()}

    def share(amount: str) -> int:
        drivers = int(numbers["drivers-at-once"]) * int(numbers[f"driver-{amount}"])
        return int(numbers[f"maximum-{amount}"]) - drivers

    maximum = min(share("cpu-millicores") // millicores, share("memory-bytes") // parse_bytes(memory))
    created = cluster.admin.create(application(executor=executor, sparkConf=conf), dryRun="All")
    assert created["spec"]["dynamicAllocation"]["maxExecutors"] == maximum
    cluster.admin.create(application(executor={**executor, "instances": maximum}, sparkConf=conf), dryRun="All")
    with pytest.raises(RefusedError, match=r"\[application-executors\]"):
        cluster.admin.create(application(executor={**executor, "instances": maximum + 1}, sparkConf=conf), dryRun="All")


def test_two_hundred_settings_are_no_burden(cluster: Cluster) -> None:
    created = cluster.admin.create(application(sparkConf=MANY_SETTINGS), dryRun="All")
    assert MANY_SETTINGS.items() <= created["spec"]["sparkConf"].items()


def test_completing_an_application_twice_comes_to_the_same(cluster: Cluster) -> None:
    with cluster.made(ENGINEER, application()) as made:
        again = cluster.acting(ENGINEER).merge(made, {"spec": {"arguments": ["10"]}})
    assert again["spec"] == {**made["spec"], "arguments": ["10"]}


def test_a_change_is_held_to_the_rules_too(cluster: Cluster) -> None:
    with cluster.made(ENGINEER, application()) as made, pytest.raises(RefusedError, match=r"\[application-uris\]"):
        cluster.acting(ENGINEER).merge(made, {"spec": {"mainApplicationFile": "file:///etc/passwd"}})


def test_the_operator_keeps_an_applications_status(cluster: Cluster) -> None:
    with cluster.made(ENGINEER, application()) as made:
        path = cluster.admin.path(made, "status")
        status = {**made, "status": {"applicationState": {"state": "SUBMITTED"}}}
        assert cluster.acting(OPERATOR).request("PUT", path, status)["status"] == status["status"]


@pytest.fixture
def old_application(cluster: Cluster) -> Iterator[Object]:
    """An application that breaks a rule, from before its namespace was a queue's."""
    queue = cluster.admin.request("GET", f"/api/v1/namespaces/{NAMESPACE}")["metadata"]
    namespace: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": OLD}}
    cluster.admin.create(namespace)
    try:
        thing = application(mode="client")
        thing["metadata"]["namespace"] = OLD
        made = cluster.admin.create(thing)
        marked = copy.deepcopy(namespace)
        for field in ("labels", "annotations"):
            marked["metadata"][field] = {k: v.replace(NAMESPACE, OLD) for k, v in queue[field].items()}
        cluster.admin.apply(marked)
        yield made
    finally:
        cluster.remove(namespace)


def test_an_application_from_before_a_rule_can_be_labelled_and_not_changed(
    cluster: Cluster, old_application: Object
) -> None:
    labelled = cluster.admin.merge(old_application, {"metadata": {"labels": {"team": "ads"}}})
    assert labelled["spec"] == old_application["spec"]
    with pytest.raises(RefusedError, match=r"\[application-mode\]"):
        cluster.admin.merge(old_application, {"spec": {"arguments": ["10"]}})


def test_the_operators_rights_suffice_for_its_spark_submit_in_a_queue(cluster: Cluster, spark: Spark) -> None:
    token = cluster.admin.token(OPERATOR.namespace, OPERATOR.name)
    conf = {"spark.kubernetes.driver.pod.name": "operators", **DISK_OF_ITS_OWN}
    submitted = spark.submit(cluster.plane, token, NAMESPACE, conf)
    assert not submitted.failed, submitted.printed
    driver = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "operators", "namespace": NAMESPACE}}
    spec = cluster.admin.read(driver)["spec"]
    assert spec["serviceAccountName"] == DRIVER_ACCOUNT
    (claim,) = (volume["persistentVolumeClaim"] for volume in spec["volumes"] if "persistentVolumeClaim" in volume)
    assert claim["claimName"].endswith("-driver-pvc-0")
    cluster.remove(driver)


@pytest.mark.parametrize("namespace", [names.SYSTEM_NAMESPACE, "kube-system", "default"])
def test_the_operators_rights_submit_nothing_elsewhere(cluster: Cluster, spark: Spark, namespace: str) -> None:
    token = cluster.admin.token(OPERATOR.namespace, OPERATOR.name)
    submitted = spark.submit(cluster.plane, token, namespace, {})
    assert submitted.failed
    assert "cannot create resource" in submitted.printed
