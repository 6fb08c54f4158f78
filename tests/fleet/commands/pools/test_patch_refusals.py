"""What `fleet pools patch` refuses, how it says so, and which rights it takes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.client import BaseClient  # type: ignore[import-untyped]
from botocore.exceptions import ClientError, ConnectionClosedError  # type: ignore[import-untyped]
from policy_sentry.querying.actions import get_action_data

from fleet.live.groups import Groups
from fleet.live.nodes import LiveError, RefusedError
from tests.fleet.commands.pools.stand_in import Platform, run
from tests.samples import ROOT


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
