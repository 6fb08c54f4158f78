"""`fleet capacity demo`, as somebody sees it who has no jobs yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.cli import app
from tests.samples import ROOT


def test_it_prints_savings_of_all_sample_queues_and_where_the_report_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["capacity", "demo", "--root", str(ROOT)])
    assert result.exit_code == 0, result.output
    of_platforms = {
        "platform-dev": {"ads-batch", "research-explore", "search-adhoc", "search-scheduled"},
        "platform-prod": {"ads-reports"},
    }
    queues = {queue for of in of_platforms.values() for queue in of}
    assert all(queue in result.stdout for queue in queues)
    assert "The jobs are made up" in result.stdout
    assert "capacity-demo/report.html" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    printed = [[cell.strip() for cell in line.strip("│").split("│")] for line in result.stdout.splitlines()]
    readme = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(tuple(f"| {queue} |" for queue in queues))
    ]
    assert len(readme) == len(queues)
    assert [row for row in readme if row not in printed] == [], "the README's table is what the demo prints"
    said = json.loads((tmp_path / "capacity-demo" / "report.json").read_text())
    assert {
        platform["platform"]: {figures["queue"] for figures in platform["figures"]} for platform in said["platforms"]
    } == of_platforms
    (saved,) = (row[3] for row in readme if row[0] == "ads-reports")
    assert int(saved.removesuffix("%")) < 5, "one queue is busy round the clock, and saves nothing"
    assert said["rests"]["made_up"] == 1.0


def test_a_platform_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    command = ["capacity", "demo", "--platform", "platform-x", "--out", str(tmp_path / "o"), "--root", str(ROOT)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "platform-dev" in result.output
    assert not (tmp_path / "o").exists()


def test_its_folder_is_not_committed() -> None:
    assert "capacity-demo/" in (ROOT / ".gitignore").read_text().splitlines()
