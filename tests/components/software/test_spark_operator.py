import pytest

from components.software.chart import ChartSource
from components.software.operator_rights import CONTROLLER, WEBHOOK
from components.software.spark_operator import SparkOperator, SparkOperatorArgs
from fleet.offline.registration import Registrations
from sizing import names, system
from sizing.system import Workload
from tests.components.software.releases import assert_on_system_pool, chart, values
from tests.recording import registrations_of

PARTS = ("controller", "webhook")


def registrations(workload: Workload | None = None) -> Registrations:
    args = SparkOperatorArgs(
        namespace="spark-system", source=ChartSource(), workload=workload or system.operator(30), workers=30
    )
    return registrations_of(lambda: SparkOperator("so", args))


def test_it_is_installed_into_the_platforms_namespace() -> None:
    assert chart(registrations()).inputs["namespace"] == "spark-system"


def test_namespaces_come_by_a_queues_label_and_none_by_name() -> None:
    spark = values(registrations())["spark"]
    assert spark["jobNamespaceSelector"] == names.QUEUE_LABEL
    assert spark["jobNamespaces"] == []


def test_tenants_bring_their_own_service_accounts_and_rights() -> None:
    spark = values(registrations())["spark"]
    assert (spark["serviceAccount"], spark["rbac"]) == ({"create": False}, {"create": False})


def test_yunikorn_is_the_default_batch_scheduler_where_the_chart_reads_it() -> None:
    chosen = values(registrations())
    assert chosen["controller"]["batchScheduler"] == {"enable": True, "default": "yunikorn"}
    assert "batchScheduler" not in chosen


@pytest.mark.parametrize("part", PARTS)
def test_controller_and_webhook_are_highly_available_on_the_system_pool(part: str) -> None:
    chosen = values(registrations())[part]
    assert_on_system_pool(chosen)
    assert chosen["replicas"] == 2
    assert chosen["podDisruptionBudget"] == {"enable": True, "minAvailable": 1}
    assert [c["topologyKey"] for c in chosen["topologySpreadConstraints"]] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
    assert chosen["priorityClassName"] == "system-cluster-critical"


@pytest.mark.parametrize(("part", "account"), [("controller", CONTROLLER), ("webhook", WEBHOOK)])
def test_it_has_roles_of_ours_instead_of_the_charts(part: str, account: str) -> None:
    chosen = values(registrations())[part]
    assert chosen["rbac"] == {"create": False}
    assert chosen["serviceAccount"] == {"create": True, "name": account}


def test_its_rights_are_there_before_it_is() -> None:
    registered = registrations()
    bindings = [r.urn for r in registered.values() if r.type.endswith("RoleBinding")]
    assert len(bindings) == 4
    assert set(bindings) <= set(chart(registered).dependencies)


@pytest.mark.parametrize("part", PARTS)
def test_a_single_replica_has_neither_spread_nor_budget_which_the_chart_would_refuse(part: str) -> None:
    chosen = values(registrations(Workload(name="operator", replicas=1, cpu=500, memory=2**30)))[part]
    assert chosen["replicas"] == 1
    assert not chosen.keys() & {"topologySpreadConstraints", "podDisruptionBudget"}


def test_no_driver_gets_past_the_webhook() -> None:
    assert values(registrations())["webhook"]["failurePolicy"] == "Fail"


def test_hundreds_of_submissions_a_minute_are_let_through() -> None:
    controller = values(registrations())["controller"]
    assert controller["workers"] == 30
    assert (controller["kubeAPIQPS"], controller["kubeAPIBurst"]) == (100, 200)
    limiter = controller["workqueueRateLimiter"]
    assert limiter == {"bucketQPS": 500, "bucketSize": 5000, "maxDelay": {"enable": True, "duration": "2m"}}


def test_as_many_submissions_fit_the_controllers_memory_as_there_are_workers() -> None:
    controller = values(registrations())["controller"]
    (options,) = (variable for variable in controller["env"] if variable["name"] == "JAVA_TOOL_OPTIONS")
    assert "-Xmx256m" in options["value"].split()
    beside_heap = 110
    assert (256 + beside_heap) * 2**20 <= system.SUBMIT_MEMORY
    assert controller["resources"] == {
        "requests": {"cpu": "3750m", "memory": "12544Mi"},
        "limits": {"memory": "12544Mi"},
    }


def test_spark_submit_finds_its_files_on_its_class_path_where_no_driver_gets_them() -> None:
    registered = registrations()
    controller = values(registered)["controller"]
    folder = {variable["name"]: variable["value"] for variable in controller["env"]}["SPARK_DIST_CLASSPATH"]
    (mount,) = (mount for mount in controller["volumeMounts"] if mount["mountPath"] == folder)
    assert mount["readOnly"]
    (volume,) = (volume for volume in controller["volumes"] if volume["name"] == mount["name"])
    (files,) = registered.of_type("kubernetes:core/v1:ConfigMap")
    assert files.inputs["metadata"] == {"name": volume["configMap"]["name"], "namespace": "spark-system"}
    assert files.inputs["data"].keys() == {"core-site.xml"}
    assert files.urn in chart(registered).dependencies
    assert "HADOOP_CONF_DIR" not in {variable["name"] for variable in controller["env"]}


def test_it_keeps_the_folder_that_the_chart_lets_it_write_to() -> None:
    controller = values(registrations())["controller"]
    assert {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}} in controller["volumes"]
    assert {"name": "tmp", "mountPath": "/tmp", "readOnly": False} in controller["volumeMounts"]  # noqa: S108


def test_the_definitions_are_upgraded_with_the_chart_from_the_system_pool() -> None:
    hook = values(registrations())["hook"]
    assert hook["upgradeCrd"]
    assert_on_system_pool(hook)


def test_metrics_are_on_and_scraped() -> None:
    prometheus = values(registrations())["prometheus"]
    assert prometheus["metrics"]["enable"]
    assert prometheus["podMonitor"]["create"]
    assert prometheus["podMonitor"]["labels"] == {"release": "elastic-spark"}
