"""Where logs go, who may send and who may read them, and what Fluent Bit, where it is there, makes of lines."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from components.observability.alerts.logs import log_alerts
from components.observability.logs.pipelines import (
    FOLDER,
    STATE,
    UPLOAD_SECONDS,
    Destinations,
    event_pipeline,
    files,
    node_pipeline,
)
from components.observability.logs.shipping import LogShipping, LogShippingArgs
from components.observability.objectives import Objectives
from components.software.chart import ChartSource
from fleet.offline.registration import Registration, Registrations
from sizing import daemonsets, names
from sizing.arns import Arns
from sizing.autoscaling_tags import UNNEEDED_TIME
from sizing.durations import parse_duration
from sizing.quantities import parse_bytes, parse_cpu
from sizing.system import LOG_EVENTS
from tests.components.software.releases import RELEASE, assert_on_system_pool
from tests.iam_eval import Request, allowed
from tests.observability.expressions import metric_names
from tests.recording import registrations_of

ARNS = Arns("111122223333", "eu-central-1")
BUCKET = "dev-logs-111122223333-eu-central-1"
TO = Destinations(platform="dev", region="eu-central-1", bucket=BUCKET, executors_in_cloud_watch=True)
KEY: dict[str, str | tuple[str, ...]] = {
    "kms:ResourceAliases": ("alias/dev-data",),
    "kms:ViaService": "s3.eu-central-1.amazonaws.com",
}


def shipped() -> Registrations:
    args = LogShippingArgs(
        platform="dev",
        cluster_name="dev",
        arns=ARNS,
        bucket=BUCKET,
        bucket_key_alias="alias/dev-data",
        group_key_arn="arn:aws:kms:eu-central-1:111122223333:key/1",
        retention_days=30,
        executors_in_cloud_watch=True,
        events=LOG_EVENTS,
        source=ChartSource(),
        egress_ports=(443,),
        protect=True,
    )
    return registrations_of(lambda: LogShipping("logs", args))


def chart(role: str) -> Registration:
    (found,) = (r for r in shipped().of_type(RELEASE) if r.name == f"logs-{role}-chart")
    return found


def outputs(pipeline: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [output for output in pipeline["pipeline"]["outputs"] if output["name"] == kind]


def test_log_groups_keep_what_they_get_for_as_long_as_is_said_encrypted() -> None:
    groups = {group.inputs["name"]: group for group in shipped().of_type("aws:cloudwatch/logGroup:LogGroup")}
    assert groups.keys() == {f"/elastic-spark/dev/{what}" for what in ("application-summaries", "events", "platform")}
    assert {group.inputs["retentionInDays"] for group in groups.values()} == {30}
    assert all(
        group.inputs["kmsKeyId"].startswith("arn:aws:kms:") and group.options.protect for group in groups.values()
    )


def test_every_log_group_that_is_written_to_is_there() -> None:
    made = {group.inputs["name"] for group in shipped().of_type("aws:cloudwatch/logGroup:LogGroup")}
    written = {
        output[key]
        for pipeline in (node_pipeline(TO), event_pipeline(TO))
        for output in outputs(pipeline, "cloudwatch_logs")
        for key in ("log_group_name", "log_group_template")
    }
    assert written == made | {names.queue_log_group("dev", "$namespace")}


@pytest.mark.parametrize("pipeline", [node_pipeline(TO), event_pipeline(TO)], ids=["nodes", "events"])
def test_outputs_to_s3_keep_what_waits_in_folders_of_their_own(pipeline: dict[str, Any]) -> None:
    folders = [output["store_dir"] for output in outputs(pipeline, "s3")]
    assert len(set(folders)) == len(folders)


@pytest.mark.parametrize("pipeline", [node_pipeline(TO), event_pipeline(TO)], ids=["nodes", "events"])
def test_what_waits_for_s3_and_what_was_put_aside_have_limits_each(pipeline: dict[str, Any]) -> None:
    for output in outputs(pipeline, "s3"):
        assert output["retry_exhausted_action"] == "quarantine"
        assert parse_bytes(f"{output['quarantine_dir_limit_size']}i") > 0
        # Finite: what asks for no limit gets 5. Each try is 2 s later than the last; an outage of S3 is shorter.
        assert sum(2 * tried for tried in range(1, output["retry_limit"] + 1)) > 2 * 3600


def test_what_waits_of_events_fits_their_pods_disk() -> None:
    (volume,) = chart("events").inputs["values"]["extraVolumes"]
    waiting = sum(
        parse_bytes(f"{output[limit]}i")
        for output in outputs(event_pipeline(TO), "s3")
        for limit in ("store_dir_limit_size", "quarantine_dir_limit_size")
    )
    assert waiting <= parse_bytes(volume["emptyDir"]["sizeLimit"]) / 2


def test_a_watch_of_events_that_hangs_ends_soon() -> None:
    (watch,) = event_pipeline(TO)["pipeline"]["inputs"]
    assert watch["kube_watch_timeout"] == "2m"
    assert watch["interval_sec"] <= 1


@pytest.mark.parametrize("pipeline", [node_pipeline(TO), event_pipeline(TO)], ids=["nodes", "events"])
def test_outputs_have_names_by_which_alerts_call_them(pipeline: dict[str, Any]) -> None:
    names_of_outputs = [output["alias"] for output in pipeline["pipeline"]["outputs"]]
    assert len(set(names_of_outputs)) == len(names_of_outputs)


@pytest.mark.parametrize("role", ["nodes", "events"])
def test_metrics_of_fluent_bit_say_of_which_node_they_are(role: str) -> None:
    monitor = chart(role).inputs["values"]["serviceMonitor"]
    assert {"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"} in monitor["relabelings"]
    (keep,) = monitor["metricRelabelings"]
    asked = {
        metric
        for alert in log_alerts(Objectives())
        for metric in metric_names(alert.expression)
        if metric.startswith("fluentbit_")
    }
    assert asked
    assert {metric for metric in asked if not re.fullmatch(keep["regex"], metric)} == set()


def test_keys_of_objects_start_with_the_queues_prefix_and_name_application_and_pod() -> None:
    keys = {output["match"]: output["s3_key_format"] for output in outputs(node_pipeline(TO), "s3")}
    assert keys["queue,*"].startswith("/$TAG[1]/$TAG[2]/$TAG[3]/$TAG[4]/")
    rules = next(f["rule"] for f in node_pipeline(TO)["pipeline"]["filters"] if f["name"] == "rewrite_tag")
    assert "queue,$tenant,$queue,$application,$pod,$container,$role" in rules[0]
    # No tenant is called so.
    assert all(key.startswith("/_platform/") for match, key in keys.items() if match != "queue,*")


def test_an_empty_node_has_uploaded_everything_before_the_autoscaler_takes_it() -> None:
    assert parse_duration(UNNEEDED_TIME) > UPLOAD_SECONDS
    pod = chart("nodes").inputs["values"]["podAnnotations"]
    assert pod == {"cluster-autoscaler.kubernetes.io/enable-ds-eviction": "true"}


def test_executors_logs_can_be_kept_out_of_cloud_watch() -> None:
    to = Destinations(platform="dev", region="eu-central-1", bucket=BUCKET, executors_in_cloud_watch=False)
    (queue,) = (o for o in outputs(node_pipeline(to), "cloudwatch_logs") if "match_regex" in o)
    tags = {role: f"queue,ads,batch,spark-1,pi,main,{role}" for role in ("driver", "connect-server", "other")}
    assert all(re.search(queue["match_regex"], tag) for tag in tags.values())
    assert not re.search(queue["match_regex"], "queue,ads,batch,spark-1,pi-exec-1,main,executor")
    assert "queue,*" in {o["match"] for o in outputs(node_pipeline(to), "s3")}


def test_it_runs_on_every_node_and_requests_what_usable_is_computed_with() -> None:
    found = chart("nodes").inputs
    assert (found["namespace"], found["values"]["kind"]) == ("kube-system", "DaemonSet")
    assert found["values"]["tolerations"] == [
        {"key": "elastic-spark/pool", "operator": "Exists", "effect": "NoSchedule"},
    ]
    requests = found["values"]["resources"]["requests"]
    assert parse_cpu(requests["cpu"]) == daemonsets.FLUENT_BIT.cpu
    assert parse_bytes(requests["memory"]) == daemonsets.FLUENT_BIT.memory


def test_events_are_watched_by_one_pod_on_the_system_pool() -> None:
    found = chart("events").inputs
    assert (found["namespace"], found["values"]["kind"], found["values"]["replicaCount"]) == (
        names.SYSTEM_NAMESPACE,
        "Deployment",
        1,
    )
    assert_on_system_pool(found["values"])
    assert found["values"]["rbac"]["eventsAccess"] is True


def test_the_two_releases_share_no_name_in_the_cluster() -> None:
    called = {role: chart(role).inputs["values"].get("fullnameOverride", "fluent-bit") for role in ("nodes", "events")}
    assert len(set(called.values())) == 2


@pytest.mark.parametrize("role", ["nodes", "events"])
def test_values_hold_nothing_that_helm_would_take_for_a_template(role: str) -> None:
    written = chart(role).inputs["values"]["config"]["extraFiles"]
    assert written.keys() == {"fluent-bit.yaml", "records.lua"}
    assert not any("{{" in text for text in written.values())
    assert YAML(typ="safe", pure=True).load(written["fluent-bit.yaml"])["pipeline"]["inputs"]


@pytest.mark.parametrize("role", ["fluent-bit", "fluent-bit-events"])
def test_it_may_add_to_its_platforms_logs_and_read_nothing(role: str) -> None:
    (policy,) = (
        r.inputs["policy"]
        for r in shipped().of_type("aws:iam/rolePolicy:RolePolicy")
        if r.inputs["name"] == f"dev-{role}"
    )
    stream = "arn:aws:logs:eu-central-1:111122223333:log-group:/elastic-spark/{}/queue/ads-batch:log-stream:x"
    no_context: dict[str, str | tuple[str, ...]] = {}
    for action, resource, context, may in (
        ("logs:PutLogEvents", stream.format("dev"), no_context, True),
        ("logs:PutLogEvents", stream.format("dev2"), no_context, False),
        ("logs:GetLogEvents", stream.format("dev"), no_context, False),
        ("logs:CreateLogGroup", stream.format("dev"), no_context, False),
        ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/ads/batch/x", no_context, True),
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/ads/batch/x", no_context, False),
        ("s3:PutObject", "arn:aws:s3:::dev-events-111122223333-eu-central-1/ads/batch/x", no_context, False),
        ("kms:GenerateDataKey", "arn:aws:kms:eu-central-1:111122223333:key/1", KEY, True),
        ("kms:Decrypt", "arn:aws:kms:eu-central-1:111122223333:key/1", KEY, False),
    ):
        request = Request(action=action, resource=resource, context=context)
        assert allowed(policy, request) == may, (action, resource)


def test_on_nodes_it_reaches_dns_and_https_and_only_prometheus_reaches_it() -> None:
    (policy,) = (p.inputs["spec"] for p in shipped().of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy"))
    assert policy["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "fluent-bit"}}
    assert [port["port"] for rule in policy["egress"] for port in rule["ports"]] == [53, 53, 443]
    (allowed_in,) = policy["ingress"]
    assert allowed_in["from"][0]["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "prometheus"}}


FLUENT_BIT = shutil.which("fluent-bit")
QUEUE_LABELS = {"elastic-spark/tenant": "ads", "elastic-spark/queue": "ads-batch"}
TRACE = [
    "java.lang.IllegalStateException: no",
    "\tat a.B.c(B.scala:1)",
    "Caused by: java.io.IOException: x",
    "\tat d.E.f(E.java:2)",
]
PYTHON_TRACE = ["Traceback (most recent call last):", '  File "x.py", line 1, in f', "    g()", "ValueError: bad"]
SUMMARY = (
    "2026-11-24T08:00:00.000Z\tINFO\tcore.scheduler.application.usage\tobjects/application_summary.go:60\t"
    "YK_APP_SUMMARY: {ApplicationID: ads-batch-1, SubmissionTime: 1000, StartTime: 2000, FinishTime: 62000, "
    "User: system:serviceaccount:spark-system:spark-operator-controller, Queue: root.tenants.ads.ads-batch, "
    "State: Completed, RmID: mycluster, ResourceUsage: TrackedResource{m6i.4xlarge:vcore=120000,"
    "m6i.4xlarge:memory=64424509440,m6i.4xlarge:pods=60}, PreemptedResource: TrackedResource{}, "
    "PlaceholderResource: TrackedResource{}}"
)


class Node:
    """The log files of a node's pods, and what the API server would say of them, in folders of a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("containers", "meta", "conf", "state", "out"):
            (folder / name).mkdir()
        (folder / "token").write_text("none")

    def pod(
        self, namespace: str, pod: str, lines: list[str], labels: dict[str, str], of_namespace: dict[str, str]
    ) -> None:
        self.gone(namespace, pod, lines)
        meta = {"metadata": {"name": pod, "namespace": namespace, "labels": labels}, "spec": {"nodeName": "node-1"}}
        (self.folder / "meta" / f"{namespace}_{pod}.meta").write_text(json.dumps({**meta, "status": {}}))
        about = {"metadata": {"name": namespace, "labels": of_namespace}}
        (self.folder / "meta" / f"{namespace}.namespace_meta").write_text(json.dumps(about))

    def gone(self, namespace: str, pod: str, lines: list[str]) -> None:
        """A pod that the API server no longer knows when its lines are read."""
        file = self.folder / "containers" / f"{pod}_{namespace}_main-{'a' * 64}.log"
        file.write_text("".join(f"2026-11-24T08:00:00.123456789Z stderr F {line}\n" for line in lines))

    def shipped(self) -> dict[str, list[dict[str, Any]]]:
        """The records that Fluent Bit makes of all that, by tag."""
        written = files(node_pipeline(TO))
        (self.folder / "conf" / "records.lua").write_text(written["records.lua"])
        text = written["fluent-bit.yaml"]
        for theirs, ours in ((FOLDER, "conf"), ("/var/log/containers", "containers"), (STATE, "state")):
            text = text.replace(theirs, str(self.folder / ours))
        yaml = YAML(typ="safe", pure=True)
        pipeline = yaml.load(text)
        (kubernetes,) = (f for f in pipeline["pipeline"]["filters"] if f["name"] == "kubernetes")
        kubernetes |= {
            "kube_url": "http://127.0.0.1:9",
            "kube_token_file": str(self.folder / "token"),
            "kube_meta_preload_cache_dir": str(self.folder / "meta"),
            "kube_tag_prefix": f"kube.{str(self.folder / 'containers').strip('/').replace('/', '.')}.",
            "dns_retries": 1,
            "dns_wait_time": 1,
        }
        pipeline["service"] |= {"http_server": False, "grace": 1}
        pipeline["pipeline"]["outputs"] = [
            {"name": "file", "match": "*", "path": str(self.folder / "out"), "format": "plain"}
        ]
        yaml.dump(pipeline, self.folder / "conf" / "fluent-bit.yaml")
        assert FLUENT_BIT
        with subprocess.Popen(
            [FLUENT_BIT, "-c", self.folder / "conf" / "fluent-bit.yaml"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                process.terminate()
        return {
            path.name: [json.loads(line) for line in path.read_text().splitlines()]
            for path in (self.folder / "out").iterdir()
        }


@pytest.mark.skipif(not FLUENT_BIT, reason="needs fluent-bit on PATH, which no registry that set-up uses has")
def test_a_real_fluent_bit_tells_queues_applications_and_the_platform_apart_and_joins_traces(tmp_path: Path) -> None:
    node = Node(tmp_path)
    application = {"spark-app-selector": "spark-1"}
    node.pod(
        "ads-batch", "pi-driver", ["one", *TRACE, "", "two"], {**application, "spark-role": "driver"}, QUEUE_LABELS
    )
    node.pod(
        "ads-batch", "pi-exec-1", [*PYTHON_TRACE, "three"], {**application, "spark-role": "executor"}, QUEUE_LABELS
    )
    node.pod("spark-system", "yunikorn-scheduler-0", [SUMMARY, "four"], {}, {"kubernetes.io/metadata.name": "x"})
    node.gone("ads-batch", "pi-exec-2", ["five"])
    found = node.shipped()
    messages = {tag: [record["message"] for record in records] for tag, records in found.items() if tag != "summary"}
    assert messages == {
        "queue_ads_batch_spark-1_pi-driver_main_driver": ["one", "\n".join(TRACE), "two"],
        "queue_ads_batch_spark-1_pi-exec-1_main_executor": ["\n".join(PYTHON_TRACE), "three"],
        "queue_ads_batch_no-application_pi-exec-2_main_other": ["five"],
        "platform_spark-system_yunikorn-scheduler-0_main": ["four"],
    }
    (summary,) = found["summary"]
    used = {"m6i.4xlarge": {"cpuCoreSeconds": 120, "memoryGibSeconds": 60, "podSeconds": 60}}
    assert (summary["tenant"], summary["queue"], summary["used"]) == ("ads", "ads-batch", used)
    assert (summary["cpuCoreSeconds"], summary["memoryGibSeconds"]) == (120, 60)
    assert (summary["startedMs"], summary["finishedMs"], summary["state"]) == (2000, 62000, "Completed")
