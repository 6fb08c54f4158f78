"""Series about which alerts are asked, as they are scraped or recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Series = Mapping[str, str]
"""Values by series, in promtool's notation, one a minute: `0x60` is 61 times 0."""


@dataclass(frozen=True)
class Case:
    """Two hours of series, and whether the alert fires after one of them.

    Attributes:
        fires: series with which it fires, and the labels with which it does.
        labels: those, without `audience` and `severity`.
        quiet: series with which all is well.
        silent: whether it is quiet too when nothing at all is scraped; else absence is what it is about.
    """

    fires: Series
    labels: Mapping[str, str]
    quiet: Series
    silent: bool = True


ADS = 'tenant="ads", queue="ads-batch"'
MAIN = f'{ADS}, pool="ads-batch-main"'
ADS_LABELS = {"tenant": "ads", "queue": "ads-batch"}
MAIN_LABELS = {**ADS_LABELS, "pool": "ads-batch-main"}
APPLICATIONS = 'group="sparkoperator.k8s.io", resource="sparkapplications"'
SERVERS = 'instance="a", group="sparkoperator.k8s.io", resource="sparkconnects"'
GROUP = "spark-dev-ads-batch-main-eu-central-1a-a"


def burns(long: str, short: str, late: int) -> Series:
    """Two windows at 20 % late, with so many late pods a minute."""
    name = "elastic_spark:pool:scale_out_late:ratio"
    return {
        f"{name}_{long}{{{MAIN}}}": "0.2x120",
        f"{name}_{short}{{{MAIN}}}": "0.2x120",
        f'elastic_spark:pool:scale_out_pods{{{MAIN}, size_class="large", outcome="late"}}': f"{late}x120",
    }


def submissions(seconds: int) -> Series:
    """Each minute a submission that takes so long."""
    name = "spark_application_submit_latency_seconds_histogram_bucket"
    steps = (16, 32, 64, 128)
    return {f'{name}{{le="{step}"}}': f"0+{int(seconds <= step)}x120" for step in steps} | {
        f'{name}{{le="+Inf"}}': "0+1x120"
    }


def cycles(slow_share: str) -> Series:
    """Scheduling cycles, of which that many in a hundred take more than 100 ms."""
    name = "yunikorn_scheduler_scheduling_cycle_milliseconds_bucket"
    return {
        f'{name}{{le="100"}}': f"0+{100 - int(slow_share)}x120",
        f'{name}{{le="1000"}}': "0+100x120",
        f'{name}{{le="+Inf"}}': "0+100x120",
    }


def queue(pending: int, allocated: int, placed: int = 0, waiting: int = 0, apps: int = 1) -> Series:
    """A queue with a maximum of 1,000 cores and 4,000 bytes."""
    path = "root.tenants.ads.ads-batch"
    return {
        f"elastic_spark:queue:pending_cpu_cores{{{ADS}}}": f"{pending}x120",
        f"elastic_spark:queue:allocated_cpu_cores{{{ADS}}}": f"{allocated}x120",
        f"elastic_spark:queue:allocated_memory_bytes{{{ADS}}}": f"{allocated}x120",
        f'elastic_spark_queue_maximum_cpu_millicores{{{ADS}, job="kube-state-metrics"}}': "1000000x120",
        f'elastic_spark_queue_maximum_memory_bytes{{{ADS}, job="kube-state-metrics"}}': "4000x120",
        f'elastic_spark_queue_max_apps{{{ADS}, job="kube-state-metrics"}}': "5x120",
        f'elastic_spark:queue:pods_scheduled{{{ADS}, purpose="executor"}}': f"{placed}x120",
        f"elastic_spark:pool:unschedulable_pods{{{MAIN}}}": f"{waiting}x120",
        f'yunikorn_queue_app{{queue="{path}", state="running"}}': f"{apps}x120",
    }


def pool(nodes: int, maximum: int, pending: int) -> Series:
    """A pool of a queue whose pods wait for so many cores."""
    return {
        f'elastic_spark:pool:nodes{{{MAIN}, zone="eu-central-1a"}}': f"{nodes}x120",
        f"elastic_spark_pool_maximum_nodes{{{MAIN}}}": f"{maximum}x120",
        f"elastic_spark:queue:pending_cpu_cores{{{ADS}}}": f"{pending}x120",
    }


def asked_for(nodes: int, maximum: int) -> Series:
    """A pool of which the autoscaler has asked for so many nodes."""
    return {
        f"elastic_spark:pool:nodes_target{{{MAIN}}}": f"{nodes}x120",
        f"elastic_spark_pool_maximum_nodes{{{MAIN}}}": f"{maximum}x120",
    }


def driver_pool(nodes: int) -> Series:
    """A driver pool of ten nodes at most."""
    return {
        'elastic_spark:pool:nodes{pool="driver", purpose="driver"}': f"{nodes}x120",
        'elastic_spark_pool_maximum_nodes{pool="driver"}': "10x120",
    }


LAST_LOOP = 'cluster_autoscaler_last_activity{activity="main", pod="%s"}'
BACKOFF = f'cluster_autoscaler_node_group_backoff_status{{node_group="{GROUP}", reason="%s"}}'
WAITING = f"elastic_spark:pool:unschedulable_pods{{{MAIN}}}"
EVICTED = 'cluster_autoscaler_evicted_pods_total{eviction_result="%s"}'
LOST = f"elastic_spark:queue:executors_lost_to_scale_in{{{ADS}}}"
PREEMPTING = 'yunikorn_queue_resource{queue="root.tenants.ads.ads-batch", resource="vcore", state="preempting"}'
DOOR_UP = 'up{job="spark-system/door-proxies", pod="%s"}'
DOOR_ANSWERS = (
    'envoy_http_downstream_rq_xx{job="spark-system/door-proxies", envoy_http_conn_manager_prefix="http-8080", '
    'envoy_response_code_class="%s"}'
)
DOOR_REJECTED = 'envoy_listener_manager_lds_update_rejected{job="spark-system/door-proxies", pod="a"}'
ANSWERS = 'pod_identity_http_response{pod="%s", code="%s"}'
PAUSED = 'fluentbit_input_ingestion_paused{name="%s", node="n", pod="fluent-bit-1"}'
READ = 'fluentbit_input_records_total{name="%s", node="n", pod="fluent-bit-1"}'
PLACED = f'elastic_spark:queue:pods_scheduled{{{ADS}, purpose="executor"}}'
NODES_TOLD = 'kube_node_labels{node="a", pool="system"}'
PODS_TOLD = 'kube_pod_nodeselectors{pod="a", pool="system"}'
