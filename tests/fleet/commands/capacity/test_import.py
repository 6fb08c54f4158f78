"""`fleet capacity import` and `show` as their user meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from capacity.traces import files
from fleet.cli import app
from tests.capacity.traces.event_logs.written import simple, text
from tests.samples import ROOT


def run(*arguments: object, width: int = 80) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["capacity", *map(str, arguments)], env={"COLUMNS": str(width)})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "spark-1").write_bytes(text(*simple("spark-1")))
    (folder / "spark-2.inprogress").write_bytes(text(*simple("spark-2")[:-1]))
    return folder


def test_the_help_of_a_group_loads_no_library_of_the_extra() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from fleet.cli import app;"
        "assert 'events' in CliRunner().invoke(app, ['capacity', 'import', '--help']).output;"
        "CliRunner().invoke(app, ['capacity', 'import', 'events', '--help']);"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'numpy', 'pyarrow', 'numba', 'cramjam'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "[]\n"


def test_without_the_extra_the_command_says_what_installs_it(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("capacity.traces")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cramjam", None)
    code, _, said = run("import", "events", logs, "--out", logs / "t.parquet")
    assert code == 1
    assert "this needs cramjam, which isn't installed: `make capacity`, or" in said
    assert "pip install 'elastic-spark[capacity]'" in said


def test_event_logs_become_a_trace_and_what_is_left_out_is_told(logs: Path) -> None:
    out = logs.parent / "t.parquet"
    code, printed, said = run("import", "events", logs, "--out", out, "--jobs", "1")
    assert (code, printed) == (0, f"{out}: 1 run\n")
    assert "1 left out:" in said
    assert "spark-2.inprogress: unfinished; the application runs, or its driver was killed" in said
    assert files.read(out)["job"].to_pylist() == ["spark-1"]
    assert sorted(path.name for path in out.parent.iterdir()) == ["logs", "t.parquet"]


def test_unfinished_jobs_are_taken_when_asked_for(logs: Path) -> None:
    code, printed, _ = run("import", "events", logs, "--out", logs.parent / "t", "--jobs", "1", "--unfinished")
    assert (code, "2 runs" in printed) == (0, True)


def test_only_logs_written_to_since_a_time_are_taken_when_asked_for(logs: Path) -> None:
    (logs / "spark-3").write_bytes(text(*simple("spark-3")))
    weeks_ago = time.time() - 3 * 7 * 86400
    os.utime(logs / "spark-1", (weeks_ago, weeks_ago))
    out = logs.parent / "t.parquet"
    code, _, said = run("import", "events", logs, "--out", out, "--jobs", "1", "--since", "2w")
    assert code == 0, said
    assert files.read(out)["job"].to_pylist() == ["spark-3"]
    assert run("import", "events", logs, "--out", out, "--jobs", "1", "--since", "4w")[0] == 0
    assert files.read(out)["job"].to_pylist() == ["spark-1", "spark-3"]
    os.utime(logs / "spark-3", (weeks_ago, weeks_ago))
    (logs / "spark-2.inprogress").unlink()
    code, _, said = run("import", "events", logs, "--out", out, "--jobs", "1", "--since", "2w")
    assert code == 1
    assert "was written to since" in said


def test_runs_without_a_queue_are_an_error_that_says_what_to_add(tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(text(*simple("a", settings={"spark.master": "yarn", "spark.yarn.queue": "etl"})))
    code, _, said = run("import", "events", tmp_path, "--out", tmp_path / "t", "--jobs", "1")
    assert code == 1
    assert "no queue is said for 'etl' (1 run): add --queue-of 'etl=TENANT-QUEUE', or --queue for all" in said
    code, _, _ = run("import", "events", tmp_path / "app", "--out", tmp_path / "t", "--queue-of", "e*=ads-batch")
    assert code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["import", "events", "/nowhere", "--out", "t"], 1, "error: /nowhere is not there"),
        (["import", "events", "EMPTY", "--out", "t"], 1, "error: no event log is in"),
        (["import", "events", "EMPTY", "--out", "t", "--queue-of", "x"], 2, "'x' is not PLACE=TENANT-QUEUE"),
        (["import", "events", "EMPTY", "--out", "t", "--queue", "X"], 1, "'X' is no queue"),
        (["import", "events", "EMPTY", "--out", "t", "--since", "soon"], 2, "--since 'soon': a length such as"),
        (["import", "events", "--extracted", "x", "--out", "t", "--since", "8w"], 2, "it is of event logs, instead of"),
        (["import", "yarn", "EMPTY", "--out", "t", "--executor-memory", "9x"], 2, "'9x' is no size"),
        (["import", "yunikorn", "EMPTY", "--out", "t"], 1, "no run of a job was found"),
        (["show", "EMPTY/nothing"], 2, "does not exist"),
        (["import", "mesos"], 2, "No such command 'mesos'"),
    ],
)
def test_what_can_not_be_done_is_told(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    given = [part.replace("EMPTY", str(tmp_path / "empty")) for part in arguments]
    given = [str(tmp_path / "t") if part == "t" else part for part in given]
    found, _, error = run(*given, width=200)
    assert (found, said in error) == (code, True), error


def test_a_table_of_ones_own_becomes_a_trace(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("name,begin,ended\netl,2026-11-23 10:00,2026-11-23 11:00\n")
    arguments = ["import", "csv", tmp_path / "jobs.csv", "--queue", "ads-batch", "--out", tmp_path / "t"]
    code, _, said = run(*arguments)
    assert (code, "column 'started'; if another one is the `started`" in " ".join(said.split())) == (1, True)
    code, _, said = run(*arguments, "--column", "started=begin")
    assert (code, "line 2: `started`: 2026-11-23 10:00 has no time zone" in said) == (1, True)
    code, _, _ = run(*arguments, "--column", "started=begin", "--time-zone", "Europe/Berlin")
    assert code == 0


def test_yunikorn_adds_to_a_trace_when_jobs_were_submitted(logs: Path) -> None:
    folder = logs.parent
    run("import", "events", logs, "--out", folder / "events", "--jobs", "1")
    (folder / "scheduler.log").write_text(
        "YK_APP_SUMMARY: {ApplicationID: spark-1, SubmissionTime: 1794999990000, StartTime: 1795000000000, "
        "FinishTime: 1795000060000, User: u, Queue: root.tenants.ads.ads-batch, State: Completed, RmID: m, "
        "ResourceUsage: TrackedResource{}, PreemptedResource: TrackedResource{}, PlaceholderResource: "
        "TrackedResource{}}\n"
    )
    code, printed, _ = run(
        "import", "yunikorn", folder / "scheduler.log", "--onto", folder / "events", "--out", folder / "t"
    )
    assert (code, printed) == (0, f"{folder / 't'}: 1 run, 1 of them joined\n")
    assert files.read(folder / "t")["submitted"].null_count == 0


def test_airflow_is_joined_onto_a_trace(logs: Path) -> None:
    folder = logs.parent
    run("import", "events", logs, "--out", folder / "events", "--jobs", "1")
    instance = {
        "dag_id": "daily",
        "task_id": "etl",
        "dag_run_id": "r",
        "start_date": "2026-11-18T11:06:00+00:00",
        "end_date": "2026-11-18T11:08:00+00:00",
        "state": "success",
    }
    (folder / "tasks.json").write_text(json.dumps({"task_instances": [instance]}))
    arguments = ["import", "airflow", folder / "tasks.json", "--onto", folder / "events", "--out", folder / "t"]
    code, printed, said = run(*arguments, "--deadline", "daily=4h")
    assert (code, printed) == (0, f"{folder / 't'}: 1 run, 1 of them joined\n"), said
    assert files.read(folder / "t")["deadline"].null_count == 0
    assert run(*arguments, "--deadline", "daily=soon")[0] == 2


def test_show_says_what_a_trace_holds(logs: Path) -> None:
    out = logs.parent / "t.parquet"
    run("import", "events", logs, "--out", out, "--jobs", "1")
    code, printed, _ = run("show", out)
    assert code == 0
    for shown in (
        "1 runs of 1 jobs, 2026-11-18 to 2026-11-18 UTC",
        "ads-batch",
        "stages",
        "100%",
        "Nothing is said of",
    ):
        assert shown in printed
    assert max(map(len, printed.splitlines()[1:])) <= 80
