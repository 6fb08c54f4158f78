"""Every alert by promtool's unit tests: that it fires, that it does not, and what it does when its data is missing.

Series are as they are scraped, and recorded ones come from the real rules wherever that takes few lines; where it would
take many, the recorded series are given, and tests.observability.test_story shows that the rules record them.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.observability.alerts import alert_groups
from components.observability.groups import Alert, rule_file
from tests.observability.alerts import alerts_of
from tests.observability.programs import Programs

PLATFORM = "spark-dev"
ALERTS = {alert.name: alert for alert in alerts_of(alert_groups(PLATFORM))}
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
ANSWERS = 'pod_identity_http_response{pod="%s", code="%s"}'
PAUSED = 'fluentbit_input_ingestion_paused{name="%s", node="n", pod="fluent-bit-1"}'
READ = 'fluentbit_input_records_total{name="%s", node="n", pod="fluent-bit-1"}'
PLACED = f'elastic_spark:queue:pods_scheduled{{{ADS}, purpose="executor"}}'
NODES_TOLD = 'kube_node_labels{node="a", pool="system"}'
PODS_TOLD = 'kube_pod_nodeselectors{pod="a", pool="system"}'

CASES = {
    "ElasticSparkJobPastDeadline": Case(
        fires={f'elastic_spark:job:deadline_seconds{{{ADS}, pod="etl-driver"}}': "3000-60x120"},
        labels={**ADS_LABELS, "pod": "etl-driver"},
        quiet={f'elastic_spark:job:deadline_seconds{{{ADS}, pod="etl-driver"}}': "7260-60x120"},
    ),
    "ElasticSparkAutoscalerUnsafe": Case(
        fires={'cluster_autoscaler_cluster_safe_to_autoscale{pod="a"}': "0x120"},
        labels={},
        # The stand-by always says 0.
        quiet={
            'cluster_autoscaler_cluster_safe_to_autoscale{pod="a"}': "1x120",
            'cluster_autoscaler_cluster_safe_to_autoscale{pod="b"}': "0x120",
        },
    ),
    "ElasticSparkAutoscalerDown": Case(
        fires={LAST_LOOP % "a": "0x120"},
        labels={},
        quiet={LAST_LOOP % "a": "0+60x120", LAST_LOOP % "b": "0x120"},
        silent=False,
    ),
    "ElasticSparkGroupInBackoff": Case(
        fires={BACKOFF % "InsufficientInstanceCapacity": "1x120", WAITING: "3x120"},
        labels={"pool": "ads-batch-main", "node_group": GROUP, "reason": "InsufficientInstanceCapacity"},
        # Nobody waits: another group of the pool had nodes.
        quiet={BACKOFF % "InsufficientInstanceCapacity": "1x120", WAITING: "0x120"},
    ),
    "ElasticSparkNodesEmptyTooLong": Case(
        fires={f"elastic_spark:pool:nodes_empty_too_long{{{MAIN}}}": "4x120"},
        labels=MAIN_LABELS,
        quiet={f"elastic_spark:pool:nodes_empty_too_long{{{MAIN}}}": "0x120"},
    ),
    "ElasticSparkNodesTooOld": Case(
        fires={f"elastic_spark:pool:oldest_ami_seconds{{{MAIN}}}": f"{30 * 86400 + 1}x120"},
        labels=MAIN_LABELS,
        quiet={f"elastic_spark:pool:oldest_ami_seconds{{{MAIN}}}": f"{30 * 86400}x120"},
    ),
    "ElasticSparkExecutorEvicted": Case(
        fires={LOST: "0x58 2 0x60"},
        labels=ADS_LABELS,
        quiet={LOST: "0x120", EVICTED % "succeeded": "0x120", EVICTED % "failed": "0+1x120"},
    ),
    "ElasticSparkScaleOutBudgetBurningFast": Case(
        fires=burns("1h", "5m", late=1),
        labels=MAIN_LABELS,
        # The short window is over: nothing is burning any more.
        quiet={key: text for key, text in burns("1h", "5m", late=1).items() if "ratio_5m" not in key}
        | {f"elastic_spark:pool:scale_out_late:ratio_5m{{{MAIN}}}": "0x120"},
    ),
    "ElasticSparkScaleOutBudgetBurningSlowly": Case(
        fires=burns("1d", "2h", late=1),
        labels=MAIN_LABELS,
        # Nobody is late, whatever the share of a few once was.
        quiet=burns("1d", "2h", late=0),
    ),
    "ElasticSparkPoolBeyondMaximum": Case(
        fires=asked_for(nodes=13, maximum=12),
        labels=MAIN_LABELS,
        quiet=asked_for(nodes=12, maximum=12),
    ),
    "ElasticSparkPoolAtMaximum": Case(
        fires=pool(nodes=50, maximum=50, pending=8), labels=MAIN_LABELS, quiet=pool(nodes=50, maximum=50, pending=0)
    ),
    "ElasticSparkBudgetExceeded": Case(
        fires={
            'elastic_spark:tenant:cost_usd:sum30d{tenant="ads"}': "1001x120",
            'elastic_spark_tenant_budget_usd_per_month{tenant="ads"}': "1000x120",
        },
        labels={"tenant": "ads"},
        quiet={
            'elastic_spark:tenant:cost_usd:sum30d{tenant="ads"}': "1000x120",
            'elastic_spark_tenant_budget_usd_per_month{tenant="ads"}': "1000x120",
        },
    ),
    "ElasticSparkDriverPending": Case(
        fires={f"elastic_spark:queue:drivers_unschedulable{{{ADS}}}": "1x120"},
        labels=ADS_LABELS,
        # Two minutes each time: a node boots.
        quiet={f"elastic_spark:queue:drivers_unschedulable{{{ADS}}}": "0x57 1x1 0x60"},
    ),
    "ElasticSparkDriverFitsNoNode": Case(
        fires={f"elastic_spark:queue:drivers_unplaceable{{{ADS}}}": "1x120"},
        labels=ADS_LABELS,
        quiet={f"elastic_spark:queue:drivers_unplaceable{{{ADS}}}": "0x57 1x1 0x60"},
    ),
    "ElasticSparkDriverPoolNearlyFull": Case(fires=driver_pool(9), labels={}, quiet=driver_pool(8)),
    "ElasticSparkHeadroomGone": Case(
        fires={'elastic_spark:pool:headroom_drivers{pool="driver"}': "0x120"},
        labels={"pool": "driver"},
        quiet={'elastic_spark:pool:headroom_drivers{pool="driver"}': "1x120"},
    ),
    "ElasticSparkPodPreempted": Case(
        fires={PREEMPTING: "0x55 5000 0x64"}, labels=ADS_LABELS, quiet={PREEMPTING: "0x120"}
    ),
    "ElasticSparkQueueStuck": Case(
        fires=queue(pending=10, allocated=500), labels=ADS_LABELS, quiet=queue(pending=10, allocated=500, placed=1)
    ),
    "ElasticSparkPodForgotten": Case(
        fires={f"elastic_spark:queue:without_ask_cpu_cores{{{ADS}}}": "4x120"},
        labels=ADS_LABELS,
        # The pod was deleted after a while.
        quiet={f"elastic_spark:queue:without_ask_cpu_cores{{{ADS}}}": "4x50 stale"},
    ),
    "ElasticSparkYuniKornDown": Case(
        fires={'yunikorn_scheduler_node{state="failed"}': "0x120"},
        labels={"state": "active"},
        quiet={'yunikorn_scheduler_node{state="active"}': "0x120"},
        silent=False,
    ),
    "ElasticSparkYuniKornSlow": Case(fires=cycles("2"), labels={}, quiet=cycles("0")),
    "ElasticSparkOperatorDown": Case(
        fires={'controller_runtime_reconcile_total{controller="other"}': "0x120"},
        labels={"controller": "sparkapplication"},
        quiet={'controller_runtime_reconcile_total{controller="sparkapplication", result="success"}': "0x120"},
        silent=False,
    ),
    "ElasticSparkOperatorSlow": Case(fires=submissions(100), labels={}, quiet=submissions(10)),
    "ElasticSparkLogsNotRead": Case(
        fires={PAUSED % "tail.0": "1x120"},
        labels={"node": "n"},
        # A minute now and then, and what Fluent Bit hands to itself.
        quiet={PAUSED % "tail.0": "0x57 1x1 0x60", PAUSED % "emitter_for_multiline.0": "1x120"},
    ),
    "ElasticSparkEventsNotRead": Case(
        fires={PLACED: "2x120", READ % "kubernetes_events.0": "7x120", READ % "tail.0": "0+900x120"},
        labels={},
        quiet={PLACED: "2x120", READ % "kubernetes_events.0": "0+9x120"},
    ),
    "ElasticSparkLogsNotDelivered": Case(
        fires={'fluentbit_output_errors_total{name="s3-queue", pod="a"}': "0+1x120"},
        labels={"name": "s3-queue"},
        # Once: it was taken when it was tried again.
        quiet={'fluentbit_output_errors_total{name="s3-queue", pod="a"}': "0x50 1x70"},
    ),
    "ElasticSparkPodIdentityFailing": Case(
        # A burst, ten minutes ago at most.
        fires={ANSWERS % ("a", "200"): "0+60x120", ANSWERS % ("a", "429"): "0x55 40x64"},
        labels={},
        # A pod that is told no, over and over.
        quiet={ANSWERS % ("a", "200"): "0+60x120", ANSWERS % ("b", "404"): "0+30x120"},
    ),
    "ElasticSparkMetricsMissing": Case(
        fires={NODES_TOLD: "1x120"},
        labels={},
        quiet={NODES_TOLD: "1x120", PODS_TOLD: "1x120"},
        silent=False,
    ),
    "ElasticSparkTargetDown": Case(
        fires={'up{job="yunikorn", namespace="spark-system", pod="a"}': "0x120"},
        labels={"job": "yunikorn", "namespace": "spark-system"},
        # A driver that has ended is no trouble.
        quiet={
            'up{job="yunikorn", namespace="spark-system", pod="a"}': "1x120",
            'up{job="drivers", namespace="ads-batch", pod="b"}': "0x120",
        },
    ),
    "ElasticSparkApplicationsPilingUp": Case(
        fires={f'apiserver_resource_objects{{instance="a", {APPLICATIONS}}}': "60000x120"},
        labels={},
        # Those of a burst, and what else there is.
        quiet={
            f'apiserver_resource_objects{{instance="a", {APPLICATIONS}}}': "60000x30 20000x90",
            f"apiserver_resource_objects{{{SERVERS}}}": "60000x120",
        },
    ),
    "ElasticSparkStorageFilling": Case(
        fires={'apiserver_storage_size_bytes{storage_cluster_id="etcd-0"}': "7e9x120"},
        labels={},
        quiet={'apiserver_storage_size_bytes{storage_cluster_id="etcd-0"}': "6e9x120"},
    ),
    "ElasticSparkRulesFailing": Case(
        fires={'prometheus_rule_evaluation_failures_total{rule_group="f;g"}': "0+1x120"},
        labels={"rule_group": "f;g"},
        quiet={'prometheus_rule_evaluation_failures_total{rule_group="f;g"}': "7x120"},
    ),
    "ElasticSparkCertificateFailing": Case(
        fires={"certwatcher_read_certificate_errors_total": "0+1x120"},
        labels={},
        quiet={"certwatcher_read_certificate_errors_total": "3x120"},
    ),
}

FURTHER_QUIET = {
    "two requests that were throttled": (
        "ElasticSparkPodIdentityFailing",
        {ANSWERS % ("a", "200"): "0+1x120", ANSWERS % ("a", "429"): "0x55 2x64"},
    ),
    "a platform without Fluent Bit": ("ElasticSparkEventsNotRead", {PLACED: "2x120"}),
    "a cluster in which nothing happens": (
        "ElasticSparkEventsNotRead",
        {PLACED: "0x120", READ % "kubernetes_events.0": "7x120"},
    ),
    "a reader that was just restarted": (
        "ElasticSparkEventsNotRead",
        {PLACED: "2x120", READ % "kubernetes_events.0": "0+9x30 stale _x12 800x90"},
    ),
    "a queue that is full": ("ElasticSparkQueueStuck", queue(pending=10, allocated=950)),
    "a queue that waits for nodes": ("ElasticSparkQueueStuck", queue(pending=10, allocated=500, waiting=2)),
    "a queue with all the applications it may have": ("ElasticSparkQueueStuck", queue(10, 500, apps=5)),
    "twenty nodes of which one leaves at any time": (
        "ElasticSparkTargetDown",
        {
            f'up{{job="cilium-agent", namespace="kube-system", pod="{node}"}}': f"{int(node >= 1)}x120"
            for node in range(20)
        },
    ),
    "drivers that choose nodes that there are none of": (
        "ElasticSparkDriverPending",
        {
            f"elastic_spark:queue:drivers_unschedulable{{{ADS}}}": "2x120",
            f"elastic_spark:queue:drivers_unplaceable{{{ADS}}}": "2x120",
        },
    ),
    "a pool below its maximum": ("ElasticSparkPoolAtMaximum", pool(nodes=49, maximum=50, pending=8)),
}
FURTHER_FIRES = {
    "nobody gets any": (
        "ElasticSparkPodIdentityFailing",
        {ANSWERS % ("a", "200"): "900x120", ANSWERS % ("a", "400"): "0+9x120"},
        {},
    ),
    "none is renewed": (
        "ElasticSparkPodIdentityFailing",
        {'pod_identity_cache_errors{pod="a", type="Recoverable", code="ThrottlingException"}': "0+9x120"},
        {},
    ),
    "a reader that falls behind": (
        "ElasticSparkEventsNotRead",
        {PLACED: "100x120", READ % "kubernetes_events.0": "0+12x120"},
        {},
    ),
    "no reader of events, though one of logs": (
        "ElasticSparkEventsNotRead",
        {PLACED: "2x120", READ % "tail.0": "0+900x120"},
        {},
    ),
    "given up": (
        "ElasticSparkLogsNotDelivered",
        {'fluentbit_output_retries_failed_total{name="cloudwatch-queue", pod="a"}': "0x45 1x75"},
        {"name": "cloudwatch-queue"},
    ),
    "one of two drivers has no room": (
        "ElasticSparkDriverPending",
        {
            f"elastic_spark:queue:drivers_unschedulable{{{ADS}}}": "2x120",
            f"elastic_spark:queue:drivers_unplaceable{{{ADS}}}": "1x120",
        },
        ADS_LABELS,
    ),
    "the autoscaler says that it evicted": (
        "ElasticSparkExecutorEvicted",
        {EVICTED % "succeeded": "0x57 1x62"},
        {},
    ),
    "six times too fast over six hours": ("ElasticSparkScaleOutBudgetBurningFast", burns("6h", "30m", 1), MAIN_LABELS),
    "as fast as the budget over three days": (
        "ElasticSparkScaleOutBudgetBurningSlowly",
        burns("3d", "6h", 1),
        MAIN_LABELS,
    ),
    "many submissions wait": ("ElasticSparkOperatorSlow", {'workqueue_depth{name="sparkapplication"}': "101x120"}, {}),
    "a quarter of all nodes can't be scraped": (
        "ElasticSparkTargetDown",
        {
            f'up{{job="cilium-agent", namespace="kube-system", pod="{node}"}}': f"{int(node >= 5)}x120"
            for node in range(20)
        },
        {"job": "cilium-agent", "namespace": "kube-system"},
    ),
    "nodes are not told": (
        "ElasticSparkMetricsMissing",
        {PODS_TOLD: "1x120"},
        {},
    ),
}


def cases() -> Iterator[tuple[str, str, Series, Mapping[str, str] | None]]:
    """A test's title, an alert's name, series, and its labels if it fires."""
    for name, case in CASES.items():
        yield f"{name} fires", name, case.fires, case.labels
        yield f"{name} does not fire", name, case.quiet, None
        if case.silent:
            yield f"{name} is silent without data", name, {}, None
        else:
            yield f"{name} fires without data", name, {}, _labels_of_absence(name)
    for title, (name, series) in FURTHER_QUIET.items():
        yield f"{name} does not fire: {title}", name, series, None
    for title, (name, series, labels) in FURTHER_FIRES.items():
        yield f"{name} fires: {title}", name, series, labels


def _labels_of_absence(name: str) -> Mapping[str, str]:
    """`absent` gives the labels that it looked for by equality."""
    return {
        "ElasticSparkAutoscalerDown": {"activity": "main"},
        "ElasticSparkYuniKornDown": {"state": "active"},
        "ElasticSparkOperatorDown": {"controller": "sparkapplication"},
    }.get(name, {})


TESTS = list(cases())


def test_every_alert_has_its_cases() -> None:
    assert CASES.keys() == ALERTS.keys()


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The alerts alone: recorded series are given."""
    file = tmp_path_factory.mktemp("rules") / "rules.json"
    file.write_text(json.dumps(rule_file(alert_groups(PLATFORM))))
    return file


@pytest.mark.parametrize(("title", "name", "series", "labels"), TESTS, ids=[test[0] for test in TESTS])
def test_alerts(
    programs: Programs,
    rules: Path,
    tmp_path: Path,
    title: str,
    name: str,
    series: Series,
    labels: Mapping[str, str] | None,
) -> None:
    alert = ALERTS[name]
    expected = [] if labels is None else [_expected(alert, labels)]
    test = {
        "rule_files": [str(rules)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "name": title,
                "interval": "1m",
                "input_series": [{"series": key, "values": values} for key, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": f'count by (alertname) (ALERTS{{alertname="{name}", alertstate="firing"}})',
                        "eval_time": "1h",
                        "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1}] if expected else [],
                    },
                    {
                        "expr": f'ALERTS{{alertname="{name}", alertstate="firing"}}',
                        "eval_time": "1h",
                        "exp_samples": [{"labels": _as_series(labels), "value": 1} for labels in expected],
                    },
                ],
            }
        ],
    }
    file = tmp_path / "test.json"
    file.write_text(json.dumps(test))
    done = subprocess.run([programs.promtool, "test", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _expected(alert: Alert, labels: Mapping[str, str]) -> Mapping[str, str]:
    fixed = {"alertname": alert.name, "alertstate": "firing", "audience": alert.audience, "severity": alert.severity}
    return {"__name__": "ALERTS", **fixed, **labels}


def _as_series(labels: Mapping[str, str]) -> str:
    matchers = ", ".join(f"{key}={json.dumps(value)}" for key, value in labels.items() if key != "__name__")
    return f"ALERTS{{{matchers}}}"


@pytest.mark.parametrize("name", [name for name, alert in ALERTS.items() if alert.audience == "tenant"])
def test_a_tenants_alert_says_which_tenant(name: str) -> None:
    assert "tenant" in CASES[name].labels


def test_texts_say_whom_and_how_much() -> None:
    assert [alert.name for alert in ALERTS.values() if alert.summary.endswith(".")] == []
    assert [alert.name for alert in ALERTS.values() if not alert.description.endswith(".")] == []
