"""What a real Prometheus keeps of a scraped answer, and under which labels."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from components.observability import scraped
from tests.fleet.live.cost.stub import Answer, serving
from tests.observability.programs import Programs
from tests.observability.prometheus import Prometheus, prometheus

Labels = dict[str, str]
KUBE_STATE_METRICS: Final = """
kube_node_labels{node="a",label_elastic_spark_pool="ads-batch-main",label_elastic_spark_queue="ads-batch",\
label_elastic_spark_tenant="ads",label_elastic_spark_purpose="executor",label_elastic_spark_capacity="spot",\
label_node_kubernetes_io_instance_type="m7i.4xlarge",label_topology_kubernetes_io_zone="eu-central-1a"} 1
kube_node_labels{node="theirs",label_topology_kubernetes_io_zone="eu-central-1a"} 1
kube_pod_nodeselectors{namespace="ads-batch",pod="etl-exec-1",uid="1",\
nodeselector_elastic_spark_pool="ads-batch-main",nodeselector_kubernetes_io_os="linux"} 1
kube_pod_created{namespace="ads-batch",pod="etl-exec-1",uid="1"} 5
kube_pod_created{namespace="ads-batch",pod="etl-driver",uid="2"} 4
kube_pod_status_phase{namespace="ads-batch",pod="etl-driver",uid="2",phase="Pending"} 0
kube_pod_status_phase{namespace="ads-batch",pod="etl-driver",uid="2",phase="Running"} 1
kube_pod_container_resource_requests{namespace="kube-system",pod="cilium-1",uid="3",resource="cpu"} 0.1
kube_pod_annotations{namespace="ads-batch",pod="etl-driver",uid="2",\
annotation_elastic_spark_submitter="jane@example.com"} 1
kube_pod_annotations{namespace="ads-batch",pod="etl-exec-1",uid="1",annotation_elastic_spark_submitter="mallory"} 1
kube_pod_annotations{namespace="ads-batch",pod="etl-exec-2",uid="5",\
annotation_elastic_spark_deadline="2027-03-01T06:00:00Z"} 1
kube_pod_annotations{namespace="ads-batch",pod="by-hand-driver",uid="6",\
annotation_elastic_spark_deadline="2027-03-01T06:00:00Z",annotation_team="ads"} 1
kube_pod_annotations{namespace="ads-batch",pod="theirs",uid="4"} 1
"""
API_SERVER: Final = """
apiserver_resource_objects{group="sparkoperator.k8s.io",resource="sparkapplications"} 7
apiserver_resource_objects{group="",resource="pods"} 9
apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 6.02112e+06
apiserver_request_total{group="",resource="pods",verb="GET"} 9
"""
CADVISOR: Final = """
container_cpu_usage_seconds_total{id="/",image="",name=""} 7
container_cpu_usage_seconds_total{id="/kubepods/p/c",container="spark-kubernetes-executor",namespace="ads-batch",\
pod="etl-exec-1",image="spark",name="abc"} 6
container_cpu_usage_seconds_total{id="/kubepods/p",namespace="ads-batch",pod="etl-exec-1"} 6
container_cpu_usage_seconds_total{id="/kubepods/q/c",container="agent",namespace="kube-system",pod="cilium-1"} 1
container_threads{id="/"} 9
"""


def exported(text: str) -> Answer:
    """The answer of an exporter that tells this."""
    return Answer(body=text.replace("\\\n", "").lstrip(), headers={"Content-Type": "text/plain; version=0.0.4"})


def in_configuration(relabelings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """As Prometheus' operator writes them: it spells the keys otherwise."""
    return [{re.sub("([A-Z])", r"_\1", key).lower(): value for key, value in one.items()} for one in relabelings]


def kept(programs: Programs, folder: Path, answer: str, relabelings: Sequence[Mapping[str, Any]]) -> list[Labels]:
    """The labels of all series that are there after a scrape, without Prometheus' own and the target's."""
    with serving(lambda _: exported(answer)) as server:
        address = server.url.removeprefix("http://")
        job = {
            "job_name": "test",
            "scrape_interval": "1s",
            "scrape_timeout": "1s",
            "static_configs": [{"targets": [address]}],
            "metric_relabel_configs": in_configuration(relabelings),
        }
        with prometheus(programs, folder, scrape=[job]) as asked:
            _wait_for_a_scrape(asked)
            found = asked.query('{job="test", __name__!~"up|scrape_.+"}', time.time())
    target = ("job", "instance")
    return [{key: text for key, text in point.labels.items() if key not in target} for point in found]


def _wait_for_a_scrape(server: Prometheus) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if [point.value for point in server.query('up{job="test"}', time.time())] == [1]:
            return
        time.sleep(0.2)
    raise AssertionError("nothing was scraped within 30 s")


def in_order(series: list[Labels]) -> list[Labels]:
    return sorted(series, key=lambda labels: sorted(labels.items()))


def test_of_kube_state_metrics_what_rules_need_under_the_names_that_they_know(
    programs: Programs, tmp_path: Path
) -> None:
    found = kept(programs, tmp_path, KUBE_STATE_METRICS, scraped.kube_state_relabelings())
    driver = {"namespace": "ads-batch", "pod": "etl-driver", "uid": "2"}
    by_hand = {"namespace": "ads-batch", "pod": "by-hand-driver", "uid": "6"}
    executor = {"namespace": "ads-batch", "pod": "etl-exec-1", "uid": "1"}
    pool = {"pool": "ads-batch-main", "queue": "ads-batch", "tenant": "ads", "purpose": "executor", "capacity": "spot"}
    place = {"instance_type": "m7i.4xlarge", "zone": "eu-central-1a"}
    assert in_order(found) == in_order(
        [
            {"__name__": "kube_node_labels", "node": "a", **pool, **place},
            {"__name__": "kube_node_labels", "node": "theirs", "zone": "eu-central-1a"},
            {"__name__": "kube_pod_annotations", **driver, "submitter": "jane@example.com"},
            {"__name__": "kube_pod_annotations", **by_hand, "deadline": "2027-03-01T06:00:00Z"},
            {"__name__": "kube_pod_nodeselectors", **executor, "pool": "ads-batch-main"},
            {"__name__": "kube_pod_created", **driver},
            {"__name__": "kube_pod_status_phase", **driver, "phase": "Running"},
        ]
    )


def test_of_the_api_server_its_storage_and_the_applications(programs: Programs, tmp_path: Path) -> None:
    found = kept(programs, tmp_path, API_SERVER, scraped.api_server_relabelings())
    operator = {"group": "sparkoperator.k8s.io", "resource": "sparkapplications"}
    assert in_order(found) == in_order(
        [
            {"__name__": "apiserver_resource_objects", **operator},
            {"__name__": "apiserver_storage_size_bytes", "storage_cluster_id": "etcd-0"},
        ]
    )


def test_of_cadvisor_containers_and_the_node_as_a_whole(programs: Programs, tmp_path: Path) -> None:
    found = kept(programs, tmp_path, CADVISOR, scraped.cadvisor_relabelings())
    cpu = {"__name__": "container_cpu_usage_seconds_total"}
    container = {"container": "spark-kubernetes-executor", "namespace": "ads-batch", "pod": "etl-exec-1"}
    assert in_order(found) == in_order([{**cpu, "id": "/"}, {**cpu, "id": "/kubepods/p/c", **container}])
