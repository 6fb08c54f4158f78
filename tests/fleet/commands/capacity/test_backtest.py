"""`fleet capacity backtest`, as somebody at a terminal sees it: by a table, and by what answers as a Prometheus."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from capacity.backtesting.record import path_of, read_error
from capacity.traces.files import write
from fleet.cli import app
from tests.capacity.traces.runs import MONDAY, STAGES, a_run
from tests.fleet.live.cost.stub import Answer, Asked, Server, serving
from tests.samples import ROOT

HEADER = "queue,pool,node_hours,wait_p50,wait_p95,begin,end\n"
NODES = 3
STARTS = 4
"""Drivers that start in each hour, by the Prometheus."""


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FLEET_PROMETHEUS_URL", raising=False)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.parquet"
    times = [MONDAY + timedelta(minutes=10 + 30 * number) for number in range(48 * 3)]
    write(
        [a_run(f"j{n}", 10 + 30 * n, 5, stages=STAGES, submitted=time) for n, time in enumerate(times)]
        + [a_run("r", 2 * 1440, queue="research-explore"), a_run("first", 0), a_run("last", 3 * 1440 - 10)],
        path,
    )
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "measured.csv"
    path.write_text(f"{HEADER}ads-batch,main,50,6,20,2026-11-24T00:00Z,2026-11-25T00:00Z\n")
    return path


def run(*arguments: str | Path, command: str = "backtest") -> Result:
    return CliRunner().invoke(app, ["capacity", command, *map(str, arguments), "--root", str(ROOT)])


def said(result: Result) -> str:
    return " ".join(re.sub("[│╭╮╰╯─]", " ", result.output).split())


def answer(asked: Asked) -> Answer:
    """Three nodes all the time, each with a replica; four drivers an hour that wait for 7, 8, 9 and 10 seconds."""
    query = asked.form["query"]
    series: list[tuple[Mapping[str, str], float]]
    if "kube_pod_container_state_started" in query:
        series = [({"namespace": "ads-batch", "pod": f"job-{n}-driver", "uid": f"{n}"}, 7.0 + n) for n in range(STARTS)]
    elif query.startswith("count_over_time"):
        series = [({}, 60.0)]
    else:
        series = [({"pool": "ads-batch-main"}, 60.0 * NODES), ({"pool": "strange"}, 60.0)]
    first, last, step = (int(asked.form[name]) for name in ("start", "end", "step"))
    result = [
        {"metric": of, "values": [[at, str(value)] for at in range(first, last + 1, step)]} for of, value in series
    ]
    return Answer(body=json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}))


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(answer) as running:
        yield running


def test_by_a_table_it_says_how_far_queues_and_pools_are_apart_in_80_columns(trace: Path, table: Path) -> None:
    result = run(trace, "--measured", table)
    assert result.exit_code == 0, result.output
    assert "2026-11-24 00:00 to 2026-11-25 00:00 UTC (0.1 weeks), replayed" in result.stdout
    assert re.search(r"ads-batch +│ +48 │ +\d+ s │ +6 s │ +\d+ s │ +20 s │ +-\d+%", result.stdout)
    assert re.search(r"ads-batch-main +│ +\d+\.\d │ +50\.0 │ +[-+]\d+%", result.stdout)
    assert "Not measured: research-explore." in result.stdout
    assert re.search(r"Replays of this trace were off by [-+]\d+ % in node hours and -\d+ % in waits", said(result))
    assert max(map(len, result.stdout.replace(str(path_of(trace)), "").splitlines())) <= 80


def test_what_was_found_stands_beside_the_trace(trace: Path, table: Path) -> None:
    result = run(trace, "--measured", table, "--format", "json")
    found = read_error(trace)
    assert found is not None
    assert json.loads(result.stdout) == json.loads(path_of(trace).read_text())
    assert found.source == "measured.csv"
    assert {queue.namespace for queue in found.queues} == {"ads-batch", "research-explore"}


def test_a_prometheus_is_asked_for_the_last_weeks_of_the_trace(trace: Path, server: Server) -> None:
    result = run(trace, "--prometheus", server.url, "--match", "cluster=spark", "--format", "json")
    assert result.exit_code == 0, result.output
    found = read_error(trace)
    assert found is not None
    hours = 48
    assert (found.begin, found.end) == (MONDAY + timedelta(days=1), MONDAY + timedelta(days=3))
    batch = found.queues[0]
    assert batch.pools[0].measured == pytest.approx(NODES * hours)
    assert batch.measured is not None
    assert batch.measured.p50 == pytest.approx(8.5)
    assert batch.measured.jobs == STARTS * hours
    assert all('cluster="spark"' in asked.form["query"] for asked in server.asked)


def test_where_the_trace_and_the_prometheus_count_jobs_otherwise_that_is_said(trace: Path, server: Server) -> None:
    text = said(run(trace, "--prometheus", server.url))
    assert f"ads-batch: {STARTS * 48} drivers were seen, and the trace has" in text
    assert "ads-batch: of 2 jobs no submission is known" in text


def test_the_address_may_be_in_the_environment_and_a_table_comes_first(
    trace: Path, table: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_PROMETHEUS_URL", server.url)
    assert run(trace, "--measured", table).exit_code == 0
    assert server.asked == []
    assert run(trace, "--weeks", "1").exit_code == 0
    assert server.asked


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ((), "name the platform's Prometheus, here or in FLEET_PROMETHEUS_URL, or a file with --measured"),
        (("--measured", "{table}", "--weeks", "2"), "the file of --measured says its time"),
        (("--measured", "{table}", "--match", "a=b"), "it is for a Prometheus, and --measured is given"),
        (("--measured", "{table}", "--boot", "0"), "a boot time is more than 0 seconds"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    trace: Path, table: Path, options: tuple[str, ...], what: str
) -> None:
    result = run(trace, *(option.format(table=table) for option in options))
    assert result.exit_code == 2
    assert what in said(result)
    assert read_error(trace) is None


def test_a_prometheus_that_has_nothing_is_told_and_nothing_is_written(trace: Path) -> None:
    empty = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": []}})
    with serving(lambda _: Answer(body=empty)) as server:
        result = run(trace, "--prometheus", server.url)
    assert result.exit_code == 1
    assert "has no elastic_spark:pool:nodes from 2026-11-24 00:00 to 2026-11-26 00:00 UTC" in said(result)
    assert read_error(trace) is None


def test_a_wrong_table_is_told(trace: Path, table: Path) -> None:
    table.write_text(f"{HEADER}ads-batch,main,50,,,2026-11-23T00:00Z,2026-11-24T00:00Z\n")
    result = run(trace, "--measured", table)
    assert result.exit_code == 1
    assert "of which the first day isn't compared" in said(result)
