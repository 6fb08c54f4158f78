"""What is kept of what is scraped, tried with Prometheus' way of relabelling."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from components.observability import cardinality, kube_state, scraped, spark_metrics
from components.observability.drivers import spec

Labels = Mapping[str, str]


def relabelled(labels: Labels, configs: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """The labels of a sample after metric relabelling; None for one that is dropped.

    Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
    """
    left = dict(labels)
    for config in configs:
        pattern = re.compile(f"^(?:{config.get('regex', '(.*)')})$")
        text = ";".join(left.get(name, "") for name in config.get("sourceLabels", []))
        match config.get("action", "replace"):
            case "keep" if not pattern.match(text):
                return None
            case "drop" if pattern.match(text):
                return None
            case "labeldrop":
                left = {name: value for name, value in left.items() if not pattern.match(name)}
            case "replace" if found := pattern.match(text):
                value = re.sub(r"\$(\d)", r"\\\1", config.get("replacement", "$1"))
                left[config["targetLabel"]] = found.expand(value)
    return {name: value for name, value in left.items() if value}


CPU = "container_cpu_usage_seconds_total"
DISK = "container_fs_usage_bytes"
POD = "/kubepods.slice/pod1.slice"


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        ({"__name__": CPU, "id": "/"}, True),
        ({"__name__": DISK, "id": "/", "device": "/dev/nvme0n1p1"}, True),
        ({"__name__": CPU, "id": f"{POD}/c", "container": "spark-kubernetes-executor", "namespace": "ads-batch"}, True),
        ({"__name__": CPU, "id": f"{POD}/c", "container": "prometheus", "namespace": "spark-system"}, True),
        ({"__name__": DISK, "id": f"{POD}/c", "container": "spark-kubernetes-executor", "namespace": "ads"}, False),
        ({"__name__": CPU, "id": POD, "namespace": "ads-batch", "pod": "p"}, False),
        ({"__name__": CPU, "id": f"{POD}/p", "container": "POD", "namespace": "ads-batch"}, False),
        ({"__name__": CPU, "id": "/system.slice"}, False),
        ({"__name__": CPU, "id": f"{POD}/c", "container": "aws-node", "namespace": "kube-system"}, False),
        ({"__name__": "container_threads", "id": "/"}, False),
    ],
)
def test_of_cadvisor_containers_and_the_node_are_kept(labels: Labels, kept: bool) -> None:
    assert (relabelled(labels, scraped.cadvisor_relabelings()) is not None) == kept


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        ({"__name__": "kube_pod_info", "namespace": "ads-batch"}, True),
        ({"__name__": "kube_pod_info", "namespace": "kube-system"}, False),
        ({"__name__": "kube_pod_container_resource_requests", "namespace": "kube-system"}, False),
        ({"__name__": "kube_pod_container_resource_requests", "namespace": "spark-system"}, True),
        ({"__name__": "kube_pod_created", "namespace": "ads-batch", "pod": "etl-1-driver"}, True),
        ({"__name__": "kube_pod_created", "namespace": "ads-batch", "pod": "etl-1-exec-12"}, False),
        ({"__name__": "kube_pod_info", "namespace": "ads-batch", "pod": "etl-1-exec-12"}, True),
        ({"__name__": "kube_pod_status_phase", "namespace": "ads-batch", "phase": "Running"}, True),
        ({"__name__": "kube_pod_status_phase", "namespace": "ads-batch", "phase": "Pending"}, False),
        ({"__name__": "kube_pod_status_phase", "namespace": "ads-batch", "phase": "Unknown"}, False),
        ({"__name__": "kube_node_labels", "node": "n"}, True),
    ],
)
def test_of_kube_state_metrics_what_rules_look_for_is_kept(labels: Labels, kept: bool) -> None:
    assert (relabelled(labels, scraped.kube_state_relabelings()) is not None) == kept


@pytest.mark.parametrize("name", ["go_goroutines", "yunikorn_runtime_go_pause_ns", "rest_client_requests_total"])
def test_what_runtimes_say_of_themselves_is_dropped_everywhere(name: str) -> None:
    assert relabelled({"__name__": name}, [scraped.drop(*scraped.DROPPED)]) is None


def test_a_sample_of_a_driver_says_whose_it_is_and_not_what_the_job_says() -> None:
    (endpoint, _) = spec()["podMetricsEndpoints"]
    target = relabelled(
        {
            "__meta_kubernetes_pod_ip": "10.1.2.3",
            "__meta_kubernetes_pod_label_spark_app_selector": "spark-abc",
            "namespace": "ads-batch",
            "container": "spark-kubernetes-driver",
        },
        endpoint["relabelings"],
    )
    assert target is not None
    assert target["__address__"] == "10.1.2.3:4040"
    assert {name: target[name] for name in spark_metrics.ADDED_LABELS} == {
        "tenant": "ads",
        "queue": "ads-batch",
        "application_id": "spark-abc",
    }
    assert "container" not in target
    sample = {"__name__": spark_metrics.ACTIVE_JOBS, "exported_queue": "search-adhoc", "queue": "ads-batch"}
    assert relabelled(sample, endpoint["metricRelabelings"]) == {
        "__name__": spark_metrics.ACTIVE_JOBS,
        "queue": "ads-batch",
    }


@pytest.mark.parametrize(
    "start", ["metrics_", "metrics_spark_", "metrics_mine_", "metrics_ads_batch_etl_", "metrics_my_driver_job_7_"]
)
@pytest.mark.parametrize("endpoint", spec()["podMetricsEndpoints"], ids=lambda one: str(one["path"]))
def test_a_drivers_metrics_are_called_alike_whatever_a_job_calls_them(endpoint: dict[str, Any], start: str) -> None:
    for name in scraped.DRIVER:
        if "_driver_" in name:
            said = name.replace("metrics_spark_", start)
            assert relabelled({"__name__": said}, endpoint["metricRelabelings"]) == {"__name__": name}
    for name in (f"{start}driver_BlockManager_memory_maxMem_MB_Value", "metrics_executor_of_mine"):
        assert relabelled({"__name__": name}, endpoint["metricRelabelings"]) is None


def test_what_is_in_no_queues_namespace_is_no_driver() -> None:
    (endpoint, _) = spec()["podMetricsEndpoints"]
    assert relabelled({"namespace": "default", "__meta_kubernetes_pod_ip": "10.1.2.3"}, endpoint["relabelings"]) is None


@pytest.mark.parametrize("endpoint", spec()["podMetricsEndpoints"], ids=lambda one: str(one["path"]))
@pytest.mark.parametrize("name", ["kube_node_labels", "elastic_spark:queue:cost_usd_per_hour", "up"])
def test_a_job_cannot_say_anything_that_rules_believe(endpoint: dict[str, Any], name: str) -> None:
    assert relabelled({"__name__": name}, endpoint["metricRelabelings"]) is None


def test_a_job_cannot_fill_prometheus() -> None:
    assert spec()["sampleLimit"] == 200_000
    assert spec()["bodySizeLimit"]
    assert spec()["selectorMechanism"] == "RoleSelector"


def test_all_that_dashboards_take_of_spark_is_kept() -> None:
    kept = "|".join(rule["regex"] for e in spec()["podMetricsEndpoints"] for rule in e["metricRelabelings"][:1])
    assert all(re.fullmatch(kept, name) for name in spark_metrics.METRICS)


def test_every_metric_of_kube_state_metrics_is_counted() -> None:
    assert cardinality.KUBE_STATE_NODE.keys() | cardinality.KUBE_STATE_POD.keys() == kube_state.METRICS.keys()
