"""`fleet capacity replay` and `fleet capacity verify`, as somebody at a terminal sees them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from capacity.backtesting.record import path_of
from capacity.traces.files import write
from fleet.cli import app
from tests.capacity.traces.runs import STAGES, a_run
from tests.samples import ROOT

RECORDED = ROOT / "tests" / "data" / "recorded" / "as-declared.json"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.parquet"
    write([a_run("a", stages=STAGES), a_run("b", 30, stages=STAGES, queue="research-explore")], path)
    return path


def test_each_queue_has_its_cost_its_waits_and_its_nodes_in_80_columns(
    trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(app, ["capacity", "replay", str(trace), "--root", str(ROOT)])
    assert result.exit_code == 0, result.output
    assert "platform-dev: 2 jobs of" in result.stdout
    assert re.search(r"ads-batch: \d+ USD, \d+% (less|more) than \d+ for nodes fixed at the peak", result.stdout)
    assert "ads-batch-main" in result.stdout
    assert re.search(r"of the hours .* used .* partly .* kept .* empty .* leaving .* booting", result.stdout)
    assert re.search(r"to have places, p95 .* 1-10 .* 11-50 .* 51-200 .* >200", result.stdout)
    assert re.search(r"research-explore-nvme .* \d+ s \(1\)", result.stdout), "an empty pool's one burst"
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_it_says_how_far_replays_of_the_trace_were_off_and_where_nobody_looked_that(trace: Path) -> None:
    command = ["capacity", "replay", str(trace), "--root", str(ROOT)]
    assert "Never held against measurements: fleet capacity backtest." in CliRunner().invoke(app, command).stdout
    kept = path_of(trace)
    kept.write_text(
        '{"version": 1, "when": "2026-11-24T08:00:00Z", "begin": "2026-10-26T00:00:00Z", "end": "2026-11-23T00:00:00Z",'
        ' "weeks": 4, "covered": 1, "source": "x", "node_hours": 0.04, "waits": -0.08, "queues": []}'
    )
    off = "Replays of this trace were off by +4 % in node hours and -8 % in waits (4 weeks to 2026-11-23)."
    assert off in " ".join(CliRunner().invoke(app, command).stdout.split())
    as_json = CliRunner().invoke(app, [*command, "--format", "json"])
    assert off in " ".join(as_json.stderr.split())
    json.loads(as_json.stdout)
    kept.write_text("{}")
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "is no back-test as it was written" in " ".join(result.output.split())


def test_as_json_it_says_all_of_it(trace: Path) -> None:
    result = CliRunner().invoke(app, ["capacity", "replay", str(trace), "--root", str(ROOT), "--format", "json"])
    queues = {queue["namespace"]: queue for queue in json.loads(result.stdout)["platform-dev"]["queues"]}
    assert queues.keys() == {"ads-batch", "research-explore"}
    assert queues["ads-batch"]["jobs"] == 1
    (pool,) = queues["ads-batch"]["pools"]
    assert pool["node_hours"] > 0
    assert pool["used_hours"] + sum(pool["waste"].values()) == pytest.approx(pool["node_hours"])
    assert [(size["least"], size["most"]) for size in pool["scale_out"]] == [(1, 10), (11, 50), (51, 200), (201, None)]


def waits(trace: Path, *options: str) -> float:
    """The longest wait for a first executor of a queue without a minimum."""
    command = ["capacity", "replay", str(trace), "--root", str(ROOT), "--format", "json", *options]
    (explore,) = (
        queue
        for queue in json.loads(CliRunner().invoke(app, command).stdout)["platform-dev"]["queues"]
        if queue["namespace"] == "research-explore"
    )
    return float(explore["first_executor"]["worst"])


def test_a_longer_boot_makes_executors_come_later(trace: Path) -> None:
    assert waits(trace, "--boot", "300") - waits(trace, "--boot", "30") == pytest.approx(270, abs=15)


def test_where_aws_refuses_nodes_executors_wait_for_the_next_request(trace: Path) -> None:
    seldom = waits(trace)
    assert max(waits(trace, "--refused", "0.9", "--seed", str(seed)) for seed in range(3)) > seldom + 290


def test_a_boot_time_of_nothing_is_refused(trace: Path) -> None:
    result = CliRunner().invoke(app, ["capacity", "replay", str(trace), "--root", str(ROOT), "--boot", "0"])
    assert result.exit_code == 2
    assert "a boot time is more than 0 seconds" in result.output


def test_a_recorded_run_is_within_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(app, ["capacity", "verify", str(RECORDED)])
    assert result.exit_code == 0, result.output
    assert "node-seconds" in result.stdout


def test_a_run_that_was_recorded_otherwise_is_further_apart_than_allowed(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(RECORDED.read_text().replace("unneeded 2m; delay after add 2m", "unneeded 1m; delay after add 10s"))
    result = CliRunner().invoke(app, ["capacity", "verify", str(path)])
    assert result.exit_code == 1
    assert "other.json, ads-batch-main: node-seconds: -" in result.output
