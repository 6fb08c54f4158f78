"""Traces that can't be replayed, through each command: one clear error, no traceback, nothing written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from capacity.traces import files
from capacity.traces.run import Run
from fleet.cli import app
from sizing.quantities import GIB
from tests.capacity.traces.runs import STAGES, a_run
from tests.samples import ROOT

MEASURED: Final = (
    "queue,pool,node_hours,wait_p50,wait_p95,begin,end\nads-batch,main,50,6,20,2026-11-24T00:00Z,2026-11-25T00:00Z\n"
)
COMMANDS: Final = {
    "replay": ("capacity", "replay", "TRACE"),
    "compare": ("capacity", "compare", "TRACE"),
    "recommend": ("capacity", "recommend", "TRACE"),
    "backtest": ("capacity", "backtest", "TRACE", "--measured", "MEASURED"),
    "report": ("capacity", "report", "TRACE", "--out", "OUT"),
    "preview": ("preview", "ads-dev", "--trace", "TRACE", "--out", "OUT"),
}
WITH_STACKS: Final = ("replay", "compare", "recommend", "backtest", "report")
"""Those that end where jobs and stacks don't go together; a preview tells it among its findings."""


def outcome(command: str, trace: Path) -> tuple[int, str]:
    """Exit code and what was said, of a command in the trace's folder, which is afterwards as it was before."""
    folder = trace.parent
    measured = folder / "measured.csv"
    measured.write_text(MEASURED)
    places = {"TRACE": str(trace), "MEASURED": str(measured), "OUT": str(folder / "out")}
    before = {path: path.read_bytes() for path in folder.iterdir()}
    arguments = [places.get(part, part) for part in COMMANDS[command]]
    result = CliRunner().invoke(app, [*arguments, "--root", str(ROOT)], env={"COLUMNS": "200"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert {path: path.read_bytes() for path in folder.iterdir()} == before, "nothing is written"
    return result.exit_code, " ".join(result.output.split())


def written(*runs: Run) -> Callable[[Path], object]:
    return lambda path: files.write(runs, path)


def foreign(path: Path) -> None:
    pq.write_table(pa.table({"job": ["a"], "seconds": [1.0]}), path)


def empty_rows(path: Path) -> None:
    """A trace in which a queue is null, as no writer of ours makes one."""
    table = files.table_of([a_run()])
    loose = pa.schema([field.with_nullable(True) for field in table.schema], metadata=table.schema.metadata)
    columns = [pa.nulls(1, loose.field(name).type) if name == "queue" else table[name] for name in table.column_names]
    pq.write_table(pa.table(columns, schema=loose), path)


def cut(path: Path) -> None:
    files.write([a_run()], path)
    path.write_bytes(path.read_bytes()[:-30])


def flipped(path: Path) -> None:
    """A trace of which one bit of what it holds changed."""
    files.write([a_run(str(n), n, stages=STAGES) for n in range(50)], path)
    data = bytearray(path.read_bytes())
    data[len(data) // 4] ^= 1
    path.write_bytes(data)


TRACES: Final[dict[str, tuple[Callable[[Path], object], str]]] = {
    "no job": (written(), "there is no job in it; import some first"),
    "nothing at all": (Path.touch, "is no trace that can be read"),
    "a text": (lambda path: path.write_text("queue,job\n"), "is no trace that can be read"),
    "other columns": (foreign, "it has no column queue"),
    "half a file": (cut, "is no trace that can be read"),
    "a flipped bit": (flipped, "is no trace"),
    "a row without a queue": (empty_rows, "`queue` is empty in a row; each has one"),
    "an end before its start": (written(a_run(minutes=-5)), "time goes backwards: `ended` is before `started` of a"),
    "a start before its submission": (
        written(a_run("late", submitted=a_run().started + timedelta(hours=1))),
        "`started` is before `submitted` of late",
    ),
    "a circle": (written(a_run("a", after="b"), a_run("b", after="a")), "in a circle (`after`): a -> b -> a"),
    "a job after itself": (written(a_run("a", after="a")), "in a circle (`after`): a -> a"),
    "work that is no number": (written(a_run("odd", busy_seconds=float("nan"))), "`busy_seconds` is no number of odd"),
    "endless executors": (
        written(a_run("odd", executor_seconds=float("inf"))),
        "`executor_seconds` is no number of odd",
    ),
    "a stage that is no number": (
        written(a_run("odd", stages=(dataclasses.replace(STAGES[0], task_seconds=float("nan")),))),
        "a stage has a negative number, or what is none, in odd",
    ),
    "a stage of negative length": (
        written(a_run("odd", stages=(dataclasses.replace(STAGES[0], longest_task_seconds=-1.0),))),
        "a stage has a negative number, or what is none, in odd",
    ),
    "a negative size": (written(a_run("odd", executor_memory=-1)), "`executor_memory` is negative of odd"),
    "half a century": (
        written(a_run("old", -50 * 365 * 1440), a_run("new")),
        "it lasts 50 years, from old to new, and 11 are the most",
    ),
}


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        *((command, wrong) for command in WITH_STACKS for wrong in TRACES),
        *(("preview", wrong) for wrong in ("no job", "a text", "a flipped bit", "a circle")),
    ],
)
def test_a_trace_with_something_wrong_ends_each_command_in_one_sentence(
    command: str, wrong: str, tmp_path: Path
) -> None:
    write, words = TRACES[wrong]
    trace = tmp_path / "trace.parquet"
    write(trace)
    code, said = outcome(command, trace)
    assert code == 1, said
    assert words in said
    assert said.count("error:") == 1
    assert str(trace) in said, "the file is named"


@pytest.mark.parametrize("command", WITH_STACKS)
@pytest.mark.parametrize(
    ("run", "words"),
    [
        (a_run("x", queue="gone-batch"), "no stack declares the queue gone-batch, which the trace has; there are: ads"),
        (a_run("x", pool="gpu"), "no stack declares the pool ads-batch/gpu"),
        (
            a_run("huge", executor_memory=900 * GIB, executor_cpu=4000),
            "executors fit no node of their pool: huge (4 CPU",
        ),
        (
            a_run("huge", executor_memory=GIB, executor_cpu=900_000),
            "executors fit no node of their pool: huge (900 CPU",
        ),
        (a_run("greedy", driver_cpu=900_000), "drivers fit no node of the driver pool: greedy (900 CPU"),
    ],
    ids=["queue", "pool", "memory", "CPU", "driver"],
)
def test_jobs_that_go_with_no_stack_are_named_by_each_command(
    command: str, run: Run, words: str, tmp_path: Path
) -> None:
    trace = tmp_path / "trace.parquet"
    files.write(
        [
            a_run("good", 0),
            dataclasses.replace(run, started=run.started + timedelta(days=2), ended=run.ended + timedelta(days=2)),
        ],
        trace,
    )
    code, said = outcome(command, trace)
    assert code == 1, said
    assert words in said
    assert said.count("error:") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_is_no_trace(command: str, tmp_path: Path) -> None:
    (tmp_path / "trace.parquet").mkdir()
    measured = tmp_path / "measured.csv"
    measured.write_text(MEASURED)
    places = {"TRACE": str(tmp_path / "trace.parquet"), "MEASURED": str(measured), "OUT": str(tmp_path / "out")}
    arguments = [places.get(part, part) for part in COMMANDS[command]]
    result = CliRunner().invoke(app, [*arguments, "--root", str(ROOT)], env={"COLUMNS": "200"})
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert "trace.parquet" in result.output
    assert not (tmp_path / "out").exists()
