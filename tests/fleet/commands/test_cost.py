"""`fleet cost` as its user meets it: a command in a process of its own."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from capacity.replay.compiled import CACHE
from capacity.traces.files import write
from tests.capacity.traces.runs import a_run
from tests.fleet.live.cost.stub import STEADY, Answer, Asked, Server, prometheus, serving
from tests.samples import ROOT


def fleet(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m fleet` with no credentials and no home to find any in."""
    base = {"PATH": "/nonexistent", "PYTHONPATH": str(ROOT), "COLUMNS": "200", "HOME": "/nonexistent"}
    return subprocess.run(
        [sys.executable, "-m", "fleet", *arguments],
        env={**base, "AWS_EC2_METADATA_DISABLED": "true", **environment},
        capture_output=True,
        check=False,
        timeout=300,
        text=True,
    )


def said(result: subprocess.CompletedProcess[str]) -> str:
    """What is wrong, without the frame around it."""
    assert "Traceback" not in result.stderr
    return " ".join(result.stderr.replace("│", " ").split())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(prometheus(STEADY)) as running:
        yield running


def test_a_report_of_the_last_week_is_printed(server: Server) -> None:
    result = fleet("cost", "--prometheus", server.url)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    for shown in (
        "ads-nightly",
        "1,680.00",
        "6,720.00",
        "75.0 %",
        "25.0 %",
        "Budgets: ads is over its budget for this time by 840.00 (200.0 %)",
        "over by 840.00",
        "as much as in the 7 d before",
        "Forecast of ",
        "history servers",
        "8.40",
        "jane@example.com",
        "504",
        "1,008.00",
        "60.0 %",
        "driver nodes",
        "Covers all of 7 d",
    ):
        assert shown in result.stdout


def test_a_trace_puts_expected_months_beside_what_queues_have_cost(server: Server, tmp_path: Path) -> None:
    trace = tmp_path / "t.parquet"
    write([a_run("a", queue="ads-nightly"), a_run("b", 600, queue="ads-nightly")], trace)
    cache = {"XDG_CACHE_HOME": str(Path(CACHE).parent.parent)}
    result = fleet("cost", "--prometheus", server.url, "--trace", str(trace), "--format", "csv", **cache)
    assert result.returncode == 0, result.stderr
    rows = {row["queue"]: row for row in csv.DictReader(io.StringIO(result.stdout)) if row["kind"] == "queue"}
    assert float(rows["ads-nightly"]["expected_usd"]) > 0
    assert rows["ads-nightly"]["expected_made_up"] == "false"
    assert rows["search-index"]["expected_usd"] == ""


def test_a_pipe_is_as_wide_as_columns_says(server: Server) -> None:
    wide, narrow = (
        max(map(len, fleet("cost", "--prometheus", server.url, COLUMNS=columns).stdout.splitlines()))
        for columns in ("200", "80")
    )
    assert narrow <= 80 < wide


def test_the_address_may_be_in_the_environment(server: Server) -> None:
    result = fleet("cost", "--since", "1h", "--format", "csv", FLEET_PROMETHEUS_URL=server.url)
    assert result.returncode == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert float(rows[0]["cost_usd"]) == pytest.approx(10)


def test_some_queues_are_chosen_by_tenant_and_by_name(server: Server) -> None:
    for chosen in (("--tenant", "ads"), ("--queue", "ads-nightly")):
        result = fleet("cost", "--prometheus", server.url, "--format", "json", *chosen)
        lines = json.loads(result.stdout)["lines"]
        assert {line["queue"] for line in lines} == {"ads-nightly", ""}
        assert "platform" not in {line["kind"] for line in lines}


def test_all_formats_are_written_into_a_folder(server: Server, tmp_path: Path) -> None:
    out = tmp_path / "new" / "november"
    result = fleet(
        "cost", "--prometheus", server.url, "--since", "2026-11-01", "--until", "2026-11-02", "--out", str(out)
    )
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["cost.csv", "cost.html", "cost.json", "cost.txt"]
    assert result.stdout.split() == [str(out / name) for name in ("cost.txt", "cost.csv", "cost.json", "cost.html")]
    assert b"\r\n" in (out / "cost.csv").read_bytes()
    assert "2026-11-01 00:00 to 2026-11-02 00:00 UTC" in (out / "cost.txt").read_text()


def test_where_there_can_be_no_report_nothing_is_written(tmp_path: Path) -> None:
    with serving(lambda _: Answer(status=503, body="no", headers={"Content-Type": "text/plain"})) as broken:
        result = fleet("cost", "--prometheus", broken.url, "--out", str(tmp_path))
    assert result.returncode == 1
    assert said(result) == f"error: {broken.url} is not ready: 503 Service Unavailable; try again in a minute"
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_prometheus_is_told_as_such_and_no_folder_is_made(tmp_path: Path) -> None:
    with serving(lambda _: Answer(body="no", headers={"Content-Type": "text/plain"})) as other:
        result = fleet("cost", "--prometheus", other.url, "--out", str(tmp_path / "new" / "folder"))
    assert result.returncode == 1
    assert said(result).startswith(f"error: {other.url} answers, with 200 and text/plain, but not as Prometheus does")
    assert list(tmp_path.iterdir()) == []


def test_all_files_are_written_or_none(server: Server, tmp_path: Path) -> None:
    (tmp_path / "cost.csv").write_text("old")
    (tmp_path / "cost.html").mkdir()
    result = fleet("cost", "--prometheus", server.url, "--out", str(tmp_path))
    assert result.returncode == 1
    assert said(result) == f"error: {tmp_path / 'cost.html'} can't be written: it is a folder"
    assert {path.name for path in tmp_path.iterdir()} == {"cost.csv", "cost.html"}
    assert (tmp_path / "cost.csv").read_text() == "old"


@pytest.mark.parametrize(
    ("options", "option"),
    [
        (("--prometheus", "http://localhost:9", "--platform", "other"), "--platform"),
        (("--source", "aws", "--platform", "platform-dev", "--match", "cluster=x"), "--match"),
    ],
)
def test_an_option_that_the_source_does_not_have_is_wrong_usage(options: tuple[str, ...], option: str) -> None:
    result = fleet("cost", *options)
    assert result.returncode == 2
    assert option in result.stderr
    assert "it is for --source" in result.stderr


def test_a_folder_that_can_not_be_written_is_told_before_anything_is_asked(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    before = len(server.asked)
    result = fleet("cost", "--prometheus", server.url, "--out", str(tmp_path / "file" / "out"))
    assert result.returncode == 1
    assert "can't be written" in said(result)
    assert len(server.asked) == before


def test_a_prometheus_without_our_series_is_told_as_such() -> None:
    def empty(asked: Asked) -> Answer:
        kind = "vector" if asked.path.endswith("/query") else "matrix"
        return Answer(body=json.dumps({"status": "success", "data": {"resultType": kind, "result": []}}))

    with serving(empty) as other:
        result = fleet("cost", "--prometheus", other.url)
    assert result.returncode == 1
    assert "has no elastic_spark:platform:cost_usd_per_hour from " in said(result)
    assert "is it the platform's Prometheus" in said(result)


def test_a_value_that_is_no_number_is_told() -> None:
    with serving(prometheus({**STEADY, "elastic_spark:queue:cost_usd_per_hour": [({}, float("nan"))]})) as odd:
        result = fleet("cost", "--prometheus", odd.url)
    assert result.returncode == 1
    assert " is nan in the hour to " in said(result)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "kubectl -n spark-system port-forward service/monitoring-prometheus 9090"),
        (("--prometheus", "localhost:9090"), 1, "--prometheus is no URL"),
        (("--prometheus", "http://127.0.0.1:9"), 1, "can't be reached: Connection refused"),
        (("--since", "a week"), 2, "a length such as 7d, 24h or 90m"),
        (("--source", "aws"), 2, "--source aws needs the platform's stack"),
        (("--source", "aws", "--platform", "platform-prod"), 1, "no credentials; set AWS_PROFILE"),
        (("--source", "aws", "--platform", "spark-prod"), 2, "its stack, and that of spark-prod is platform-prod"),
        (("--source", "aws", "--platform", "ads-dev"), 2, "ads-dev is a tenant's stack; of platforms there are"),
        (("--format", "csv", "--format", "html"), 2, "several formats need --out"),
        (("--format", "xml"), 2, "'xml' is not one of"),
        (("--prometheus", "http://127.0.0.1:9", "--match", "cluster"), 1, "--match 'cluster': a label and its value"),
        (("--prometheus", "http://127.0.0.1:9", "--token-file", "/nonexistent/t"), 1, "--token-file /nonexistent/t"),
        (("--prometheus", "http://127.0.0.1:9", "--ca-file", "/nonexistent/c"), 2, "does not exist"),
    ],
)
def test_what_is_wrong_is_told_once_with_what_to_do(arguments: tuple[str, ...], code: int, message: str) -> None:
    result = fleet("cost", *arguments)
    assert result.returncode == code, result.stderr
    assert message in said(result)
    assert result.stdout == ""


def test_a_queue_that_there_is_not_is_told_with_those_that_there_are(server: Server) -> None:
    result = fleet("cost", "--prometheus", server.url, "--queue", "nightly")
    assert result.returncode == 1
    assert said(result) == "error: no queue nightly in this period; there are: ads-nightly, search-index"


def test_help_has_examples_and_exit_codes() -> None:
    result = fleet("cost", "--help")
    assert result.returncode == 0
    for shown in ("fleet cost --since 2026-11-01", "--source aws", "Exit code 0", "port-forward"):
        assert shown in result.stdout


def test_the_other_commands_do_not_wait_for_what_this_one_needs() -> None:
    code = "import sys, fleet.cli; print([name for name in ('requests', 'boto3', 'jinja2') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
