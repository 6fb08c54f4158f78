"""`fleet pools patch` against a small API server over HTTP and Auto Scaling groups in moto."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3  # type: ignore[import-untyped]
import pytest
import typer
from botocore.client import BaseClient  # type: ignore[import-untyped]
from botocore.exceptions import ClientError, ConnectionClosedError  # type: ignore[import-untyped]
from moto import mock_aws
from policy_sentry.querying.actions import get_action_data
from typer.testing import CliRunner, Result

from fleet.commands.pools.patch import EPILOG, patch
from fleet.live.groups import Groups
from fleet.live.nodes import LiveError, RefusedError
from sizing.names import ami_parameter
from tests.samples import ROOT


class ApiServer(ThreadingHTTPServer):
    """Nodes and pods over HTTP, as much as the command uses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.nodes: dict[str, dict[str, Any]] = {}
        self.pods: list[dict[str, Any]] = []
        self.on_cordon: Callable[[str], None] = lambda name: None
        self.status = 200

    def add_node(
        self,
        name: str,
        instance: str,
        *,
        days: float = 3,
        pool: str = "driver",
        purpose: str = "driver",
        generation: str = "a",
        release: str = "v20991231",
        ec2: bool = True,
    ) -> None:
        created = datetime.now(UTC) - timedelta(days=days)
        self.nodes[name] = {
            "metadata": {
                "name": name,
                "creationTimestamp": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "labels": {
                    "elastic-spark/pool": pool,
                    "elastic-spark/purpose": purpose,
                    "elastic-spark/ami-release": release,
                    "elastic-spark/generation": generation,
                    **({"topology.kubernetes.io/region": "eu-central-1"} if ec2 else {}),
                },
            },
            "spec": {"providerID": f"aws:///eu-central-1a/{instance}" if ec2 else f"kind://docker/kind/{name}"},
            "status": {"conditions": [{"type": "Ready", "status": "True"}]},
        }

    def add_pod(self, name: str, on: str, *, owner: str = "", phase: str = "Running", static: bool = False) -> None:
        self.pods.append(
            {
                "metadata": {
                    "name": name,
                    "namespace": "ads-batch",
                    "annotations": {"kubernetes.io/config.mirror": "x"} if static else {},
                    "ownerReferences": (
                        [{"apiVersion": "v1", "kind": owner, "name": "o", "uid": "u", "controller": True}]
                        if owner
                        else []
                    ),
                },
                "spec": {"nodeName": on, "containers": [{"name": "c"}]},
                "status": {"phase": phase},
            }
        )

    def cordoned(self) -> set[str]:
        return {name for name, item in self.nodes.items() if item["spec"].get("unschedulable")}

    def annotations(self, name: str) -> dict[str, str]:
        return dict(self.nodes[name]["metadata"].get("annotations", {}))


class Handler(BaseHTTPRequestHandler):
    server: ApiServer

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path == "/api/v1/nodes":
            wanted = [pair.split("=") for pair in query["labelSelector"].split(",")]
            found = [(n, n["metadata"]["labels"]) for n in self.server.nodes.values()]
            self._answer(
                "NodeList",
                [
                    n
                    for n, labels in found
                    if all(labels.get(key) in (value or [labels.get(key)]) for key, *value in wanted)
                ],
            )
        elif url.path == "/api/v1/pods":
            name = query["fieldSelector"].removeprefix("spec.nodeName=")
            self._answer("PodList", [pod for pod in self.server.pods if pod["spec"]["nodeName"] == name])

    def do_PATCH(self) -> None:
        name = self.path.split("/")[-1].split("?")[0]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        node = self.server.nodes[name]
        node["spec"].update(body.get("spec", {}))
        annotations = {**node["metadata"].get("annotations", {}), **body["metadata"]["annotations"]}
        node["metadata"]["annotations"] = {key: value for key, value in annotations.items() if value is not None}
        if body.get("spec", {}).get("unschedulable"):
            self.server.on_cordon(name)
        self._send(node)

    def _answer(self, kind: str, items: list[dict[str, Any]]) -> None:
        self._send({"kind": kind, "apiVersion": "v1", "metadata": {}, "items": items})

    def _send(self, body: dict[str, Any]) -> None:
        if self.server.status != 200:
            body = {
                "kind": "Status",
                "message": 'nodes is forbidden: User "me" cannot list',
                "code": self.server.status,
            }
        data = json.dumps(body).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


def run(*arguments: str, columns: int = 200) -> Result:
    app = typer.Typer()
    app.command(epilog=EPILOG)(patch)
    return CliRunner().invoke(app, arguments, env={"COLUMNS": str(columns)})


@dataclass
class Platform:
    """A driver group of three nodes: two idle and old, one with a driver."""

    api: ApiServer
    autoscaling: Any
    kubeconfig: Path
    ec2: Any
    on_sleep: Callable[[], None] = lambda: None

    def run(self, *arguments: str, platform: str = "platform-prod", columns: int = 200) -> Result:
        fixed = ("--root", str(self.kubeconfig.parent), "--kubeconfig", str(self.kubeconfig), "--settle", "0")
        return run(platform, *fixed, *arguments, columns=columns)

    def releases(self, release: str) -> None:
        """New nodes get this release of the AMI."""
        data = {"ImageId": ami_parameter("1.36", "amd64", release)}
        made = self.ec2.create_launch_template_version(LaunchTemplateName="prod-driver-a", LaunchTemplateData=data)
        self.ec2.modify_launch_template(
            LaunchTemplateName="prod-driver-a", DefaultVersion=str(made["LaunchTemplateVersion"]["VersionNumber"])
        )

    def booted(self) -> None:
        """New instances are nodes, and those of instances that ended are none."""
        there = {instance_of(self, name) for name in self.api.nodes}
        for instance in sorted(self.instances() - there):
            self.api.add_node(f"new-{instance}", instance, days=0)

    def group(self) -> dict[str, Any]:
        (found,) = self.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
        return dict(found)

    def instances(self) -> set[str]:
        return {instance["InstanceId"] for instance in self.group()["Instances"]}


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    server = ApiServer()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    (tmp_path / "stacks").mkdir()
    for name in ("prod", "dev"):
        file = tmp_path / "stacks" / f"Pulumi.platform-{name}.yaml"
        file.write_text(f"config:\n  elastic-spark:platform: {{name: {name}}}\n")
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "prod",
                "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
                "users": [{"name": "u", "user": {"token": "t"}}],
                "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}}],
            }
        )
    )
    with mock_aws():
        ec2 = boto3.client("ec2", region_name="eu-central-1")
        autoscaling = boto3.client("autoscaling", region_name="eu-central-1")
        subnet = ec2.describe_subnets()["Subnets"][0]
        template = {"ImageId": "ami-12c6146b", "InstanceType": "t3.large"}
        ec2.create_launch_template(LaunchTemplateName="prod-driver-a", LaunchTemplateData=template)
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName="prod-driver-eu-central-1a-a",
            LaunchTemplate={"LaunchTemplateName": "prod-driver-a", "Version": "1"},
            MinSize=1,
            MaxSize=9,
            DesiredCapacity=3,
            VPCZoneIdentifier=subnet["SubnetId"],
            NewInstancesProtectedFromScaleIn=True,
            Tags=[{"Key": "kubernetes.io/cluster/prod", "Value": "owned", "PropagateAtLaunch": False}],
        )
        result = Platform(server, autoscaling, kubeconfig, ec2)
        now = [datetime.now(UTC)]

        def sleep(seconds: float) -> None:
            now[0] += timedelta(seconds=seconds)
            result.on_sleep()
            result.booted()

        monkeypatch.setattr("time.sleep", sleep)
        monkeypatch.setattr("fleet.commands.pools.patch.utc_now", lambda: now[0])
        for name, instance in zip(("busy", "old", "older"), sorted(result.instances()), strict=True):
            server.add_node(name, instance, days={"busy": 9, "old": 3, "older": 4}[name])
        server.add_pod("driver", on="busy", owner="SparkApplication")
        server.add_pod("agent", on="old", owner="DaemonSet")
        server.add_pod("static", on="old", static=True)
        server.add_pod("done", on="older", phase="Succeeded")
        yield result
    server.shutdown()
    server.server_close()


def instance_of(platform: Platform, name: str) -> str:
    return str(platform.api.nodes[name]["spec"]["providerID"].rsplit("/", 1)[-1])


def test_without_yes_nothing_changes_and_each_old_node_has_its_reason(platform: Platform) -> None:
    before = platform.instances()
    result = platform.run("--older-than", "2d")
    assert result.exit_code == 0, result.output
    assert "empty" in result.stdout
    assert "runs ads-batch/driver; after" not in result.stdout
    assert "3 of 3 nodes would go; nothing was changed (--yes does it)" in result.stdout
    assert platform.instances() == before
    assert platform.api.cordoned() == set()


def test_younger_nodes_stay_and_the_platform_says_from_which_age_on(platform: Platform) -> None:
    assert "0 of 3 nodes would go" in platform.run().stdout
    file = platform.kubeconfig.parent / "stacks" / "Pulumi.platform-prod.yaml"
    file.write_text("config:\n  elastic-spark:platform: {name: prod, monitoring: {nodeAgeDays: 4}}\n")
    assert "2 of 3 nodes would go" in platform.run().stdout


def test_a_node_of_an_old_ami_is_old_where_new_ones_get_a_newer(platform: Platform) -> None:
    platform.api.nodes["old"]["metadata"]["labels"]["elastic-spark/ami-release"] = "v20200102"
    assert "0 of 3 nodes would go" in platform.run().stdout
    platform.releases("v20991231")
    assert "1 of 3 nodes would go" in platform.run().stdout


def test_new_nodes_of_an_old_ami_are_told_before_any_is_replaced(platform: Platform) -> None:
    platform.releases("v20200102")
    said = " ".join(platform.run().stdout.split())
    assert "new nodes of prod-driver-a get AMI v20200102, which is" in said
    assert "name a newer cluster.amiRelease and run `pulumi up` first" in said


def test_empty_nodes_are_replaced_at_once_and_busy_ones_when_their_pods_have_ended(platform: Platform) -> None:
    before = {name: instance_of(platform, name) for name in ("busy", "old", "older")}

    def later() -> None:
        if before["old"] not in platform.instances() and before["older"] not in platform.instances():
            platform.api.pods = [pod for pod in platform.api.pods if pod["metadata"]["name"] != "driver"]

    platform.on_sleep = later
    result = platform.run("--older-than", "2d", "--yes")
    assert result.exit_code == 0, result.output
    assert "3 of 3 nodes replaced, 0 failed, 0 still to go" in result.stdout
    assert not platform.instances() & set(before.values())
    assert platform.group()["DesiredCapacity"] >= platform.group()["MinSize"]
    said = result.stderr.replace("\n", " ")
    assert max(said.index("older: ended"), said.index("old: ended")) < said.index("busy: ended")
    assert "a successor is asked for" in said


def test_time_is_up_while_a_node_is_busy_and_it_says_how_to_go_on(platform: Platform) -> None:
    result = platform.run("--older-than", "5d", "--timeout", "10m", "--yes")
    assert result.exit_code == 1
    assert "0 of 3 nodes replaced, 0 failed, 1 still to go" in result.stdout
    assert "time is up; `fleet pools patch platform-prod ... --yes` goes on" in result.stderr
    assert platform.api.cordoned() == {"busy"}
    assert platform.api.annotations("busy").keys() == {"elastic-spark/patching-since"}
    assert instance_of(platform, "busy") in platform.instances()


def test_undo_opens_what_was_cordoned_and_nothing_else(platform: Platform) -> None:
    platform.run("--older-than", "5d", "--timeout", "1m", "--yes")
    platform.api.nodes["old"]["spec"]["unschedulable"] = True
    shown = platform.run("--undo")
    assert "busy: would be open again" in shown.stdout
    assert platform.api.cordoned() == {"busy", "old"}
    assert "1 of 3 nodes are as before, 0 failed" in platform.run("--undo", "--yes").stdout
    assert platform.api.cordoned() == {"old"}
    assert platform.api.annotations("busy") == {}


def test_an_interruption_says_how_to_go_on(platform: Platform) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    platform.on_sleep = interrupted
    result = platform.run("--older-than", "5d", "--yes")
    assert result.exit_code != 0
    assert "cordoned nodes stay so: `fleet pools patch platform-prod ... --yes` goes on" in result.stderr
    assert platform.api.cordoned() == {"busy"}


def test_a_system_node_goes_when_somebody_has_drained_it(platform: Platform) -> None:
    for item in platform.api.nodes.values():
        item["metadata"]["labels"] |= {"elastic-spark/pool": "system", "elastic-spark/purpose": "system"}
    platform.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=platform.group()["AutoScalingGroupName"], MinSize=3, MaxSize=3
    )
    shown = " ".join(platform.run("--older-than", "2d").stdout.split())
    assert "a system node goes when it is drained by hand" in shown
    assert "0 of 3 nodes would go, 3 old ones stay" in shown
    platform.api.nodes["old"]["spec"]["unschedulable"] = True
    drained = instance_of(platform, "old")
    result = platform.run("--older-than", "2d", "--yes")
    assert "1 of 3 nodes replaced" in result.stdout
    assert drained not in platform.instances()
    assert platform.group()["DesiredCapacity"] == 3
    assert platform.api.cordoned() == {"old"}


def test_idle_nodes_are_given_back_and_their_group_shrinks(platform: Platform) -> None:
    result = platform.run("--give-back", "--keep", "0", "--yes")
    assert result.exit_code == 0, result.output
    assert "2 of 3 nodes given back, 0 failed, 0 still to go" in result.stdout
    assert platform.instances() == {instance_of(platform, "busy")}
    assert platform.group()["DesiredCapacity"] == 1


def test_giving_back_leaves_a_minimum_and_idle_nodes(platform: Platform) -> None:
    platform.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=platform.group()["AutoScalingGroupName"], MinSize=2
    )
    assert "one of the 1 idle nodes to keep" in platform.run("--give-back").stdout
    assert "1 of 3 nodes given back" in platform.run("--give-back", "--keep", "0", "--yes").stdout
    assert platform.group()["DesiredCapacity"] == 2
    assert instance_of(platform, "older") not in platform.instances()


def test_a_driver_scheduled_after_the_cordon_keeps_its_node(platform: Platform) -> None:
    platform.api.on_cordon = lambda name: platform.api.add_pod("late", on=name, owner="SparkApplication")
    result = platform.run("--give-back", "--yes")
    assert result.exit_code == 0, result.output
    assert "older: got work meanwhile, open again" in result.stderr
    assert "0 of 3 nodes given back, 0 failed, 0 still to go" in result.stdout
    assert len(platform.instances()) == 3
    assert platform.api.cordoned() == set()


def test_a_refusal_by_aws_fails_the_command_and_opens_the_node_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Groups, instance: str, *, shrink: bool) -> None:
        raise RefusedError("AWS: AccessDenied")

    monkeypatch.setattr(Groups, "terminate", refuse)
    result = platform.run("--give-back", "--yes")
    assert result.exit_code == 1
    assert "older: could not be ended: AWS: AccessDenied" in result.stderr
    assert platform.api.cordoned() == set()


def test_a_generation_retires_with_all_its_nodes_cordoned(platform: Platform) -> None:
    name = platform.group()["AutoScalingGroupName"]
    platform.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=0)
    platform.autoscaling.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=["Launch"])
    platform.api.add_node("young", "i-0", days=0, generation="b")
    result = platform.run("--pool", "driver", "--retire", "a", "--timeout", "1m", "--yes")
    assert result.exit_code == 1, result.output
    assert "2 of 3 nodes given back, 0 failed, 1 still to go" in result.stdout
    assert platform.instances() == {instance_of(platform, "busy")}
    assert "busy" in platform.api.cordoned()
    assert "young" not in platform.api.cordoned()


def test_a_generation_in_use_does_not_retire(platform: Platform) -> None:
    result = platform.run("--pool", "driver", "--retire", "a", "--yes")
    assert result.exit_code == 1
    assert "generation a is in use" in result.stderr
    assert platform.api.cordoned() == set()


def test_a_generation_without_nodes_is_done(platform: Platform) -> None:
    result = platform.run("--pool", "driver", "--retire", "z", "--yes")
    assert result.exit_code == 0
    assert result.stdout == "no node of generation z of pool driver is in this cluster\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--retire", "a"), "a generation is one pool's: name it with --pool, once"),
        (("--give-back", "--undo"), "only one of --give-back, --retire and --undo"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(platform: Platform, arguments: tuple[str, ...], said: str) -> None:
    result = platform.run(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_the_table_keeps_to_80_columns(platform: Platform) -> None:
    for number, name in enumerate(list(platform.api.nodes)):
        item = platform.api.nodes.pop(name)
        item["metadata"]["name"] = f"ip-10-123-231-10{number}.eu-central-1.compute.internal"
        platform.api.nodes[item["metadata"]["name"]] = item
    result = platform.run("--older-than", "2d", columns=80)
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_another_platforms_name_stops_before_anything_changes(platform: Platform) -> None:
    result = platform.run("--yes", platform="platform-dev")
    assert result.exit_code == 1
    assert "none of the 3 nodes is in an Auto Scaling group of platform dev" in result.stderr
    assert platform.api.cordoned() == set()


def test_a_cluster_that_is_not_on_aws_is_told_so(platform: Platform) -> None:
    platform.api.nodes.clear()
    platform.api.add_node("kind-worker", "", ec2=False)
    result = platform.run()
    assert result.exit_code == 1
    assert "node kind-worker doesn't say its region" in result.stderr


def test_without_kubeconfig_the_error_says_what_to_give(platform: Platform, tmp_path: Path) -> None:
    result = replace(platform, kubeconfig=tmp_path / "absent").run()
    assert result.exit_code == 1
    assert result.stderr.startswith("error: kubeconfig: ")
    assert "--kubeconfig" in result.stderr


def test_an_unknown_context_is_an_error_of_the_kubeconfig(platform: Platform) -> None:
    result = platform.run("--context", "elsewhere")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: kubeconfig: ")


def test_what_kubernetes_refuses_is_said_in_its_words(platform: Platform) -> None:
    platform.api.status = 403
    result = platform.run()
    assert result.exit_code == 1
    assert result.stderr == 'error: Kubernetes API: 403 nodes is forbidden: User "me" cannot list\n'


def test_an_unreachable_api_server_hints_at_the_private_endpoint(platform: Platform, tmp_path: Path) -> None:
    other = tmp_path / "other"
    text = platform.kubeconfig.read_text(encoding="utf-8")
    other.write_text(text.replace(str(platform.api.server_port), "1"), encoding="utf-8")
    result = replace(platform, kubeconfig=other).run()
    assert result.exit_code == 1
    assert "a private endpoint is reached from inside its network only" in result.stderr


def test_without_aws_credentials_the_error_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "absent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "absent")
    with pytest.raises(LiveError, match="AWS: no credentials; set AWS_PROFILE"):
        Groups("prod", "eu-central-1").by_instance()


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("prod", "a platform is named by its stack, and that of prod is platform-prod"),
        ("test", "no stack test; of platforms there are: platform-dev, platform-prod"),
    ],
)
def test_a_platform_is_named_by_its_stack_alone(platform: Platform, named: str, said: str) -> None:
    result = platform.run(platform=named)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize("age", ["", "soon", "24", "-1h", "1.5d", "24H"])
def test_an_age_that_is_none_is_wrong_usage(age: str) -> None:
    result = run("platform-prod", "--older-than", age)
    assert result.exit_code == 2
    assert "is not a duration, such as 90m, 24h or 30d" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (ClientError({"Error": {"Code": "ValidationError"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "T"), True),
        (ClientError({"Error": {"Code": "InternalFailure"}, "ResponseMetadata": {"HTTPStatusCode": 500}}, "T"), False),
        (ConnectionClosedError(endpoint_url="https://example.com"), False),
    ],
)
def test_only_a_refusal_counts_as_nothing_changed(
    error: Exception, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def terminate_instance_in_auto_scaling_group(self, **_: object) -> None:
            raise error

    monkeypatch.setattr(boto3.Session, "client", lambda self, service: Broken())
    with pytest.raises(LiveError) as caught:
        Groups("prod", "eu-central-1").terminate("i-1", shrink=True)
    assert isinstance(caught.value, RefusedError) is refused


def test_the_guide_names_the_rights_in_aws_that_it_takes(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    call = BaseClient._make_api_call

    def recorded(self: Any, operation: str, parameters: Any) -> Any:  # noqa: ANN401
        asked.add(f"{self.meta.service_model.signing_name}:{operation}")
        return call(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    platform.run("--older-than", "2d", "--timeout", "5m", "--yes")
    text = (ROOT / "docs" / "guides" / "patch-nodes.md").read_text().partition("## Rights")[2]
    named = set(re.findall(r"`((?:autoscaling|ec2):\w+)`", text))
    assert named == asked
    everywhere = set(re.findall(r"`(\w+:\w+)`", text.partition(" on `*`")[0].partition("AWS:")[2]))
    for action in named:
        service, name = action.split(":")
        (row,) = get_action_data(service, name)[service]
        assert (row["resource_arn_format"] == "*") == (action in everywhere)
        if action not in everywhere:
            assert "aws:ResourceTag/${TagKey}" in row["condition_keys"]
