"""What production needs beside what development does is told at once, with the key to write."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from fleet.offline.preview import preview
from infra.settings.findings import SettingsError
from infra.settings.validation import stack_settings
from tests.samples import ROOT, changed, config_of, platform

KEY = "elastic-spark:platform"


def told(settings: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(SettingsError) as error:
        stack_settings("test", config_of(settings))
    return {finding.path.removeprefix(f"{KEY}."): finding.allowed for finding in error.value.findings}


def production() -> dict[str, Any]:
    return changed(platform("platform-dev"), "environment", "production")


def test_who_is_told_of_alerts_is_asked_for_with_the_key_and_the_topics_name() -> None:
    allowed = told(production())["monitoring.receivers"]
    assert 'receivers: {team: {snsTopic: "arn:aws:sns:eu-central-1:111122223333:spark-dev-alerts-team"}}' in allowed


def test_the_topic_that_is_told_is_right() -> None:
    receivers = {"team": {"snsTopic": "arn:aws:sns:eu-central-1:111122223333:spark-dev-alerts-team"}}
    settings = changed(production(), "monitoring", {**platform("platform-dev")["monitoring"], "receivers": receivers})
    stack_settings("test", config_of(settings))


@pytest.mark.parametrize("topic", ["spark-dev-alerts", "arn:aws:sns:eu-central-1:111122223333:pages"])
def test_a_wrong_topic_hides_nothing_else(topic: str) -> None:
    monitoring = {**platform("platform-dev")["monitoring"], "volumeGib": 10, "retentionDays": 400}
    settings = changed(production(), "monitoring", {**monitoring, "receivers": {"team": {"snsTopic": topic}}})
    found = told(changed(settings, "pools.system.instanceTypes", ["m7i.large"]))
    assert {"monitoring.receivers.team.snsTopic", "monitoring.volumeGib"} <= found.keys()
    assert any(path.startswith("pools.system") for path in found)


def test_what_tenants_need_of_a_platform_is_told_beside_its_own_errors(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    file = tmp_path / "stacks" / "Pulumi.platform-dev.yaml"
    text = file.read_text().replace("environment: development\n    allowed", "environment: production\n    allowed")
    file.write_text(re.sub(r"(executors:\n      nodesPerZone:) \d+", r"\1 3", text))
    found = preview(tmp_path, ["platform-dev"], 1)
    (stack,) = found.stacks
    assert stack.failure
    assert [finding.path for finding in stack.failure.findings] == [f"{KEY}.monitoring.receivers"]
    assert {finding.found for finding in found.findings} == {
        "pools that may have 32 executor nodes in eu-central-1a",
        "pools that may have 30 executor nodes in eu-central-1b",
    }
