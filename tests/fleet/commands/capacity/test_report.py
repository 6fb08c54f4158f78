"""`fleet capacity report`, as somebody at a terminal sees it."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from capacity.backtesting.record import path_of
from capacity.traces.files import write
from fleet.cli import app
from fleet.commands.capacity.words import trust
from tests.capacity.traces.runs import STAGES, a_run
from tests.samples import ROOT

FILES = {"report.html", "report.json", "report.csv"}


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.parquet"
    write([a_run("a", stages=STAGES), a_run("b", 30, stages=STAGES, queue="research-explore")], path)
    return path


def report(trace: Path, out: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["capacity", "report", str(trace), "--out", str(out), "--root", str(ROOT), *options])


def test_it_writes_a_page_and_its_numbers(trace: Path, tmp_path: Path) -> None:
    result = report(trace, tmp_path / "out", "--boot", "77", "--savings-plan", "0.28", "--refused", "0.1")
    assert result.exit_code == 0, result.output
    assert "report.html: written" in " ".join(result.stdout.split())
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    rests = json.loads((tmp_path / "out" / "report.json").read_text())["rests"]
    assert (rests["trace"], rests["boots"], rests["refused"]) == ("trace.parquet", [77.0], 0.1)
    assert rests["savings_plan"] == 0.28
    text = (tmp_path / "out" / "report.html").read_text()
    assert '<data value="77.0">77</data> seconds' in text


def test_it_says_how_far_replays_of_the_trace_are_from_what_was_measured(trace: Path, tmp_path: Path) -> None:
    assert report(trace, tmp_path / "out").exit_code == 0
    assert trust(trace) in (tmp_path / "out" / "report.html").read_text()
    path_of(trace).write_text("{}")
    result = report(trace, tmp_path / "other")
    assert result.exit_code == 1
    assert "fleet capacity backtest" in result.output
    assert not (tmp_path / "other").exists()


def test_a_platforms_shared_cost_can_be_left_out(trace: Path, tmp_path: Path) -> None:
    def shared(*options: str) -> float:
        assert report(trace, tmp_path / "out", *options).exit_code == 0
        return float(json.loads((tmp_path / "out" / "report.json").read_text())["platforms"][0]["shared_usd"])

    assert shared() > 0
    assert shared("--no-shared") == 0


def test_where_a_file_cannot_be_written_none_is(trace: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "report.csv").mkdir(parents=True)
    result = report(trace, out)
    assert result.exit_code == 1
    assert "it is a folder" in result.output
    assert {path.name for path in out.iterdir()} == {"report.csv"}


def test_a_queue_that_no_stack_declares_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "strange.parquet"
    write([a_run("a", queue="nobody-knows")], path)
    result = report(path, tmp_path / "out")
    assert result.exit_code == 1
    assert "nobody-knows" in result.output
    assert not (tmp_path / "out").exists()


def test_recommended_sizes_are_in_it_where_they_are_asked_for(trace: Path, tmp_path: Path) -> None:
    assert report(trace, tmp_path / "without").exit_code == 0
    result = report(trace, tmp_path / "with", "--recommend")
    assert result.exit_code == 0, result.output
    said, other = (
        json.loads((tmp_path / name / "report.json").read_text())["platforms"][0] for name in ("with", "without")
    )
    assert {one["queue"] for one in said["advice"]} == {"ads-batch", "research-explore"}
    assert other["advice"] == []
    assert all("recommended" in {point["what"] for point in queue["curve"]} for queue in said["figures"])
    page = unescape((tmp_path / "with" / "report.html").read_text())
    assert all(change in page for one in said["advice"] for change in one["changes"])
