"""What the tests of this folder make of the product, which needs none of the programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.software import submission
from tests import samples
from tests.end_to_end.chart_arguments import chart_values, controller_arguments, controller_environment
from tests.end_to_end.executors import executor_of, properties_of
from tests.end_to_end.nodes import nodes_of
from tests.end_to_end.platform import PLATFORM, TENANT
from tests.end_to_end.programs import VARIABLES, Programs, programs_here

POOL = "elastic-spark/pool"
TOLD = {"batchScheduler", "env", "kubeAPIBurst", "kubeAPIQPS", "logEncoder", "workers", "workqueueRateLimiter"}
OF_THE_POD = {
    "nodeSelector",
    "podDisruptionBudget",
    "priorityClassName",
    "rbac",
    "replicas",
    "resources",
    "serviceAccount",
    "tolerations",
    "topologySpreadConstraints",
    "volumeMounts",
    "volumes",
}
PROPERTIES = r"""#Java properties built from Kubernetes config map with name: spark-drv-1-conf-map
spark.executor.memory=27629m
spark.executor.memoryOverhead=2763m
spark.executor.cores=3
spark.kubernetes.executor.request.cores=3765m
spark.kubernetes.executor.label.elastic-spark/job-id=nightly
spark.kubernetes.driver.label.elastic-spark/job-id=other
spark.master=k8s\://https\://10.0.0.1\:443
"""
DRIVER = {
    "metadata": {
        "name": "nightly-driver",
        "namespace": "ads-batch",
        "uid": "1",
        "labels": {"spark-app-name": "nightly", "spark-app-selector": "spark-1", "spark-version": "4.0.4"},
    },
    "spec": {"serviceAccountName": "spark-driver", "containers": [{"image": "docker.io/apache/spark:4.0.4"}]},
}


def test_each_value_that_the_platform_gives_the_controller_is_told_to_the_program_or_is_about_its_pod() -> None:
    values = chart_values(samples.platform_registrations(PLATFORM), "spark-operator")
    assert set(values["controller"]) == TOLD | OF_THE_POD
    arguments = controller_arguments(values)
    assert {"--controller-threads=5", "--default-batch-scheduler=yunikorn"} < set(arguments)
    other = {**values, "controller": {**values["controller"], "workers": 7}}
    assert set(controller_arguments(other)) ^ set(arguments) == {"--controller-threads=5", "--controller-threads=7"}


def test_a_folder_of_the_pod_is_one_of_this_machine() -> None:
    values = chart_values(samples.platform_registrations(PLATFORM), "spark-operator")
    environment = controller_environment(values, {submission.FOLDER: "/here"})
    assert environment["SPARK_DIST_CLASSPATH"] == "/here"
    assert environment["JAVA_TOOL_OPTIONS"].startswith("-Xmx")


@pytest.mark.parametrize("stack", [PLATFORM, TENANT])
def test_nodes_have_the_labels_and_taints_of_their_pool(stack: str) -> None:
    of_tenant = stack == TENANT
    registered = samples.sample_registrations(stack) if of_tenant else samples.platform_registrations(stack)
    nodes = list(nodes_of(registered, 2))
    pools = {node["metadata"]["labels"][POOL] for node in nodes}
    assert pools == ({"ads-batch-main"} if of_tenant else {"driver", "system"})
    assert len({node["metadata"]["name"] for node in nodes}) == len(nodes)
    for node in nodes:
        pool = node["metadata"]["labels"][POOL]
        assert node["spec"]["taints"] == [{"key": POOL, "value": pool, "effect": "NoSchedule"}]
        assert {"cpu", "memory", "pods"} < set(node["status"]["allocatable"])


def test_executors_are_as_their_drivers_properties_say() -> None:
    properties = properties_of(PROPERTIES)
    assert properties["spark.master"] == "k8s://https://10.0.0.1:443"
    made = executor_of(DRIVER, properties, 2)
    assert made["metadata"]["labels"]["elastic-spark/job-id"] == "nightly"
    assert made["metadata"]["labels"]["spark-exec-id"] == "2"
    (container,) = made["spec"]["containers"]
    assert container["resources"]["requests"] == {"cpu": "3765m", "memory": "30392Mi"}
    (owner,) = made["metadata"]["ownerReferences"]
    assert (owner["name"], owner["uid"]) == ("nightly-driver", "1")


def test_what_is_not_named_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program"
    program.touch(mode=0o755)
    for variable in VARIABLES:
        monkeypatch.setenv(variable, str(program))
    assert isinstance(programs_here(), Programs)
    monkeypatch.delenv("KWOK_BINARY")
    monkeypatch.setenv("YUNIKORN_SCHEDULER_BINARY", str(tmp_path))
    monkeypatch.setenv("SPARK_OPERATOR_BINARY", str(tmp_path / "missing"))
    said = programs_here()
    assert isinstance(said, str)
    assert "KWOK_BINARY names none" in said
    assert "missing, which is no program" in said
    assert f"YUNIKORN_SCHEDULER_BINARY names {tmp_path}, which is no program" in said
