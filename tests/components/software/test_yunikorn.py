import json
from typing import Any

import pytest

from components.software.chart import ChartSource
from components.software.yunikorn import YuniKorn, YuniKornArgs, queues, settings
from fleet.offline.registration import Registrations
from sizing import names, system
from tests.components.software.releases import assert_on_system_pool, chart, values
from tests.recording import registrations_of

MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"


def registrations(max_nodes: int = 500) -> Registrations:
    args = YuniKornArgs(
        platform="demo", namespace="spark-system", source=ChartSource(), workload=system.scheduler(max_nodes)
    )
    return registrations_of(lambda: YuniKorn("yk", args))


def partition() -> dict[str, Any]:
    (only,) = queues()["partitions"]
    return dict(only)


def test_nobodys_running_pod_is_taken_for_somebody_else() -> None:
    assert partition()["preemption"] == {"enabled": False, "quotapreemptionenabled": False}


def test_the_fullest_node_is_filled_first() -> None:
    assert partition()["nodesortpolicy"] == {"type": "binpacking"}


def test_the_only_way_into_a_queue_is_the_namespace() -> None:
    (rule,) = partition()["placementrules"]
    assert (rule["name"], rule["value"], rule["create"]) == ("tag", "namespace", True)
    assert rule["parent"] == {"name": "tag", "value": "namespace.parentqueue", "create": True}


def test_no_queues_but_the_parents_of_tenants_are_written_down_one_for_each_order() -> None:
    (root,) = partition()["queues"]
    found = {f"{root['name']}.{one['name']}": one for one in root["queues"]}
    orders = {path: one["childtemplate"]["properties"]["application.sort.policy"] for path, one in found.items()}
    assert orders == {names.ROOT_QUEUE: "fifo", "root.tenants-fair": "fair"}
    assert all(set(one) == {"name", "parent", "childtemplate"} and one["parent"] is True for one in found.values())


def test_in_every_order_a_higher_priority_comes_first_without_which_there_is_no_lane_for_backfill() -> None:
    (root,) = partition()["queues"]
    assert {one["childtemplate"]["properties"]["application.sort.priority"] for one in root["queues"]} == {"enabled"}


def test_the_chart_gets_the_queues_as_text_that_is_the_same_every_time() -> None:
    given = values(registrations())["yunikornDefaults"]
    assert given == settings("demo")
    assert json.loads(given["queues.yaml"]) == queues()


def test_admission_is_limited_to_namespaces_that_ask_for_it() -> None:
    given = settings("demo")
    assert given["admissionController.filtering.processNamespaces"] == "^$"
    assert given["admissionController.filtering.bypassNamespaces"] == "^kube-system$"
    assert given["admissionController.accessControl.bypassAuth"] == "false"


def test_every_setting_is_text_as_a_config_map_demands() -> None:
    assert all(isinstance(value, str) for value in settings("demo").values())


def test_all_three_images_are_pinned_and_not_pulled_again() -> None:
    chosen = values(registrations())
    images = [part["image"] for part in (chosen, chosen["web"], chosen["admissionController"])]
    assert [image["tag"] for image in images] == ["scheduler-1.9.0", "web-1.9.0", "admission-1.9.0"]
    assert {image["pullPolicy"] for image in images} == {"IfNotPresent"}


def test_scheduler_and_admission_controller_run_on_the_system_pool_with_priority() -> None:
    chosen = values(registrations())
    for part in (chosen, chosen["admissionController"]):
        assert_on_system_pool(part)
        assert part["priorityClassName"] == "system-cluster-critical"


@pytest.mark.parametrize(("max_nodes", "cpu", "limit"), [(10, "500m", "4"), (500, "2", "4"), (2000, "8", "16")])
def test_the_scheduler_is_sized_by_the_cluster_and_never_limited_below_its_request(
    max_nodes: int, cpu: str, limit: str
) -> None:
    resources = values(registrations(max_nodes))["resources"]
    assert resources["requests"]["cpu"] == cpu
    assert resources["limits"]["cpu"] == limit
    assert resources["limits"]["memory"] == resources["requests"]["memory"]


def test_the_admission_controller_has_two_replicas_that_keep_apart_without_blocking_a_rollout() -> None:
    controller = values(registrations())["admissionController"]
    assert controller["replicaCount"] == 2
    assert controller["hostNetwork"] is False
    assert controller["affinity"]["podAntiAffinity"].keys() == {"preferredDuringSchedulingIgnoredDuringExecution"}


def test_a_drain_takes_one_admission_controller_at_a_time_and_is_not_blocked_by_the_scheduler() -> None:
    (budget,) = registrations().of_type(BUDGET)
    assert budget.inputs["spec"] == {
        "maxUnavailable": 1,
        "selector": {"matchLabels": {"app": "yunikorn", "component": "yunikorn-admission-controller"}},
    }
    assert budget.inputs["metadata"]["namespace"] == "spark-system"


def test_the_schedulers_metrics_are_scraped_after_it_is_there() -> None:
    monitor = registrations().one(MONITOR)
    assert monitor.inputs["metadata"]["labels"] == {"release": "elastic-spark"}
    (endpoint,) = monitor.inputs["spec"]["endpoints"]
    assert (endpoint["port"], endpoint["path"]) == ("yunikorn-core", "/ws/v1/metrics")
    assert chart(registrations()).urn in monitor.dependencies


def test_nothing_is_put_into_what_the_chart_ignores() -> None:
    assert not values(registrations()).keys() & {
        "configuration",
        "placeHolderImage",
        "replicaCount",
        "topologySpreadConstraints",
    }
