"""What a deployment would take away: the command against Auto Scaling groups in moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
import typer
from moto import mock_aws
from typer.testing import CliRunner, Result

from fleet.commands.guard import guard
from fleet.live.shrinking import POOL_TAG, TENANT_TAG
from tests.samples import ROOT

POOL = "ads-batch-main"
NAME = "spark-dev-ads-batch-main-eu-central-1a-a"

app = typer.Typer()
app.command()(guard)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--root", str(ROOT)])


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An account in which the sample tenant's group has 24 nodes."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        autoscaling = boto3.client("autoscaling", region_name="eu-central-1")
        ec2 = boto3.client("ec2", region_name="eu-central-1")
        template = {"ImageId": "ami-12c6146b", "InstanceType": "t3.large"}
        ec2.create_launch_template(LaunchTemplateName="template", LaunchTemplateData=template)
        tags = {"kubernetes.io/cluster/spark-dev": "owned", POOL_TAG: POOL, TENANT_TAG: "ads"}
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=NAME,
            LaunchTemplate={"LaunchTemplateName": "template", "Version": "$Latest"},
            MinSize=2,
            MaxSize=30,
            DesiredCapacity=24,
            VPCZoneIdentifier=ec2.describe_subnets()["Subnets"][0]["SubnetId"],
            Tags=[{"Key": key, "Value": value, "PropagateAtLaunch": False} for key, value in tags.items()],
        )
        yield autoscaling


def test_the_command_refuses_and_says_what_runs(account: Any) -> None:  # noqa: ANN401
    result = run("ads-dev")
    assert result.exit_code == 1
    assert f"pool {POOL}: 24 nodes run, and its maximum would be 20" in result.stderr
    assert "--allow-shrink" in result.stderr


def test_told_to_it_lets_them_go_and_says_which(account: Any) -> None:  # noqa: ANN401
    result = run("ads-dev", "--allow-shrink")
    assert result.exit_code == 0
    assert "24 nodes run" in result.stdout


def test_it_passes_once_the_nodes_are_gone(account: Any) -> None:  # noqa: ANN401
    account.update_auto_scaling_group(AutoScalingGroupName=NAME, DesiredCapacity=20)
    result = run("ads-dev")
    assert result.exit_code == 0, result.output
    assert "no node that runs is taken" in result.stdout
    refused = run("ads-dev", "--destroy")
    assert refused.exit_code == 1
    assert "are its minimum: the others came for work" in " ".join(refused.stderr.split())
    assert max(len(line) for line in refused.stderr.splitlines() if not line.startswith("error: ")) <= 80


def test_a_stack_without_nodes_in_aws_asks_nobody() -> None:
    result = run("demo-kind")
    assert result.exit_code == 0
    assert "no nodes of its own in AWS" in result.stdout


def test_without_credentials_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", "/nonexistent")
    result = run("ads-dev")
    assert result.exit_code == 1
    assert "no credentials" in result.stderr
