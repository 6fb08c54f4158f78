"""With which series each alert fires, and with which it doesn't."""

from __future__ import annotations

from tests.observability.alert_series import (
    ADS,
    ADS_LABELS,
    ANSWERS,
    APPLICATIONS,
    BACKOFF,
    DOOR_ANSWERS,
    DOOR_REJECTED,
    DOOR_UP,
    EVICTED,
    GROUP,
    LAST_LOOP,
    LOST,
    MAIN,
    MAIN_LABELS,
    NODES_TOLD,
    PAUSED,
    PLACED,
    PODS_TOLD,
    PREEMPTING,
    READ,
    SERVERS,
    WAITING,
    Case,
    asked_for,
    burns,
    cycles,
    driver_pool,
    pool,
    queue,
    submissions,
)

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
    "ElasticSparkDoorDown": Case(
        fires={DOOR_UP % "a": "0x120"},
        labels={},
        # One of two is gone.
        quiet={DOOR_UP % "a": "0x120", DOOR_UP % "b": "1x120"},
        silent=False,
    ),
    "ElasticSparkDoorFailing": Case(
        fires={DOOR_ANSWERS % "2": "0+90x120", DOOR_ANSWERS % "5": "0+10x120"},
        labels={},
        quiet={DOOR_ANSWERS % "2": "0+97x120", DOOR_ANSWERS % "5": "0+3x120"},
    ),
    "ElasticSparkDoorRefusing": Case(
        fires={DOOR_ANSWERS % "2": "0+40x120", DOOR_ANSWERS % "4": "0+60x120"},
        labels={},
        # People who open a page late have their login renewed.
        quiet={DOOR_ANSWERS % "2": "0+60x120", DOOR_ANSWERS % "4": "0+40x120"},
    ),
    "ElasticSparkDoorStale": Case(
        fires={DOOR_REJECTED: "0x55 1x64"},
        labels={},
        quiet={DOOR_REJECTED: "1x120"},
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
    "a door that somebody asks now and then, in vain": (
        "ElasticSparkDoorRefusing",
        {DOOR_ANSWERS % "4": "0+1x120"},
    ),
    "another Envoy that is down": ("ElasticSparkDoorFailing", {'envoy_http_downstream_rq_xx{job="other"}': "0+99x120"}),
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
    "Envoy Gateway fails": (
        "ElasticSparkDoorStale",
        {'watchable_panics_recovered_total{pod="a"}': "0x55 3x64"},
        {},
    ),
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
