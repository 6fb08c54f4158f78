"""A platform whose driver nodes are patched."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

from tests.fleet.commands.pools.stand_in import ApiServer, Platform


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
