"""`fleet capacity compare`, as somebody at a terminal sees it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from capacity.comparing.variants import DECLARED, FIXED
from capacity.traces.files import write
from fleet.cli import app
from tests.capacity.traces.runs import MONDAY, STAGES, a_run
from tests.samples import ROOT

WAYS = {FIXED, DECLARED, "headroom", "schedule", "spot", "charts"}


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trace") / "trace.parquet"
    runs = [a_run(f"a{day}", 1440 * day, stages=STAGES, peak_executors=2) for day in range(14)]
    write([*runs, a_run("b", 30, stages=STAGES, queue="research-explore")], path)
    return path


def compare(trace: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["capacity", "compare", str(trace), "--root", str(ROOT), *options])


def rows_of(trace: Path, *options: str) -> dict[tuple[str, str], dict[str, Any]]:
    result = compare(trace, "--format", "json", *options)
    assert result.exit_code == 0, result.output
    return {(row["queue"], row["way"]): row for row in json.loads(result.stdout)}


@pytest.fixture(scope="module")
def rows(trace: Path) -> dict[tuple[str, str], dict[str, Any]]:
    return rows_of(trace)


def test_each_queue_begins_with_what_it_costs_net_in_80_columns(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = compare(trace)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert re.search(r"ads-batch: [\d,]+ USD, \d+% (less|more) than [\d,]+ USD for nodes fixed at the peak", text)
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_every_queue_is_there_in_every_way(rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert rows.keys() == {(queue, way) for queue in ("ads-batch", "research-explore") for way in WAYS}


def test_costs_are_sums_of_their_parts_and_savings_are_of_the_sums(
    rows: dict[tuple[str, str], dict[str, Any]],
) -> None:
    for row in rows.values():
        assert row["usd"] == pytest.approx(row["executors_usd"] + row["drivers_usd"] + row["shared_usd"])
        assert row["saving"] == pytest.approx(1 - row["usd"] / row["before_usd"])


def test_what_all_queues_use_is_shared_out_completely(trace: Path, rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    shared = sum(row["shared_usd"] for (_, way), row in rows.items() if way == DECLARED)
    fixed = sum(row["shared_usd"] for (_, way), row in rows.items() if way == FIXED)
    assert shared == pytest.approx(fixed)
    assert shared > 100
    without = rows_of(trace, "--no-shared")
    assert all(row["shared_usd"] == 0 for row in without.values())


def test_fixed_nodes_make_no_job_longer_and_are_never_fewer(rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    for (queue, way), row in rows.items():
        if way == FIXED:
            assert row["longer_worst"] == 0
            assert row["most_nodes"] >= 1
            assert rows[queue, DECLARED]["node_hours"] > 0


def test_a_savings_plan_lowers_both_sides(trace: Path, rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    plan = rows_of(trace, "--savings-plan", "0.3")
    fixed = plan["ads-batch", FIXED]["executors_usd"]
    assert fixed == pytest.approx(0.7 * rows["ads-batch", FIXED]["executors_usd"], rel=0.01)
    assert plan["ads-batch", DECLARED]["executors_usd"] < rows["ads-batch", DECLARED]["executors_usd"]
    assert plan["ads-batch", "spot"]["executors_usd"] == rows["ads-batch", "spot"]["executors_usd"]


def test_with_a_bill_savings_are_against_what_is_paid_today(trace: Path, tmp_path: Path) -> None:
    bill = tmp_path / "bill.csv"
    end = MONDAY.replace(year=2027)
    bill.write_text(f"queue,begin,end,usd\nads-batch,{MONDAY.isoformat()},{end.isoformat()},87600\n", encoding="utf-8")
    row = rows_of(trace, "--paid", str(bill))["ads-batch", DECLARED]
    assert row["before_usd"] == row["today_usd"] == pytest.approx(7300, rel=0.001)


def test_a_bill_of_half_the_time_is_not_compared_with(trace: Path, tmp_path: Path) -> None:
    bill = tmp_path / "bill.csv"
    end = MONDAY.replace(day=30)
    bill.write_text(f"queue,begin,end,usd\nads-batch,{MONDAY.isoformat()},{end.isoformat()},100\n", encoding="utf-8")
    result = compare(trace, "--format", "json", "--paid", str(bill))
    assert "of the trace's time, so it is compared with" in " ".join(result.stderr.split())
    assert json.loads(result.stdout)[0]["today_usd"] is None


def test_csv_has_the_rows_of_the_json(trace: Path, rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    read = list(csv.DictReader(io.StringIO(compare(trace, "--format", "csv").stdout)))
    assert {(row["queue"], row["way"]) for row in read} == rows.keys()
    assert all(float(row["usd"]) == rows[row["queue"], row["way"]]["usd"] for row in read)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--savings-plan", "1.5"], "--savings-plan"),
        (["--boot", "0"], "a boot time is more than 0 seconds"),
        (["--paid", "/nowhere/bill.csv"], "does not exist"),
    ],
)
def test_wrong_usage_is_told(trace: Path, options: list[str], words: str) -> None:
    result = compare(trace, *options)
    assert result.exit_code == 2
    assert words in " ".join(result.output.replace("│", " ").split())
