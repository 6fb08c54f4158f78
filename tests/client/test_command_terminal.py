"""`skate` at a pseudo-terminal, in a pipe and without colours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.api_stand_in import QUEUE, StandIn
from tests.client.command import PROGRAM, Terminal, wait_for

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are of POSIX", allow_module_level=True)

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
JOB = "spec: {type: Python, mainApplicationFile: 'local:///opt/job.py'}\n"


@pytest.fixture(autouse=True)
def queue(cluster: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The person's queue, and the folder where they are, with a job file."""
    monkeypatch.setenv("SKATE_QUEUE", QUEUE)
    monkeypatch.chdir(tmp_path)
    Path("job.yaml").write_text(JOB)


def running(cluster: StandIn, *lines: str) -> str:
    """The next job runs; its name."""
    wait_for(lambda: bool(cluster.jobs()))
    name: str = cluster.jobs()[0]["metadata"]["name"]
    cluster.run(name, *lines)
    return name


def test_progress_is_at_the_bottom_and_the_log_above_it(cluster: StandIn) -> None:
    with Terminal("submit", "job.yaml") as terminal:
        terminal.until("submitted: the Spark operator")
        name = running(cluster, "a line of the log")
        cluster.add_pod("exec-1", name, "executor", number=1)
        terminal.until("a line of the log")
        terminal.until("running with")
        cluster.end(name)
        assert terminal.ended() == 0
    assert "succeeded" in terminal.shown
    assert terminal.shown.count("a line of the log") == 1


def test_a_long_reason_keeps_to_one_line(cluster: StandIn) -> None:
    with Terminal("submit", "job.yaml") as terminal:
        wait_for(lambda: bool(cluster.jobs()))
        name = cluster.jobs()[0]["metadata"]["name"]
        cluster.set_state(name, "", message="word " * 60)
        terminal.until("word word")
        terminal.until("…")
        cluster.run(name)
        cluster.end(name)
        terminal.ended()
    lines = ESCAPE.sub("", terminal.shown).replace("\r", "\n").splitlines()
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("answer", "stays", "said"), [("y\n", 0, "is stopped"), ("n\n", 1, "goes on")])
def test_ctrl_c_asks_whether_to_stop_the_job(cluster: StandIn, answer: str, stays: int, said: str) -> None:
    with Terminal("submit", "job.yaml") as terminal:
        running(cluster, "a line")
        terminal.until("a line")
        terminal.type("\x03")
        terminal.until("Stop the job")
        terminal.type(answer)
        assert terminal.ended() == 130
    assert len(cluster.jobs()) == stays
    assert said in terminal.shown


def test_after_ctrl_c_watching_goes_on_where_it_was(cluster: StandIn) -> None:
    with Terminal("submit", "job.yaml") as terminal:
        name = running(cluster, "first")
        terminal.until("first")
        terminal.type("\x03")
        terminal.until("Stop the job")
        terminal.type("\n")
        cluster.logs[f"{name}-driver"].write("second")
        terminal.until("second")
        cluster.end(name)
        assert terminal.ended() == 0
    assert terminal.shown.count("first") == 1


def test_a_second_ctrl_c_leaves_and_the_job_goes_on(cluster: StandIn) -> None:
    with Terminal("run", "job.yaml") as terminal:
        running(cluster, "a line")
        terminal.until("a line")
        terminal.type("\x03")
        terminal.until("Stop the job")
        terminal.type("\x03")
        assert terminal.ended() == 130
    assert len(cluster.jobs()) == 1
    assert "Traceback" not in terminal.shown


def test_kill_asks(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    with Terminal("kill", "report-0a1b2c3d") as terminal:
        terminal.until("Stop it?")
        terminal.type("n\n")
        assert terminal.ended() == 1
    assert len(cluster.jobs()) == 1


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colours_are_where_they_are_wanted(variables: dict[str, str], coloured: bool) -> None:
    with Terminal("status", "none-1234", **variables) as terminal:
        assert terminal.ended() == 2
    assert "error: There is no job none-1234" in terminal.shown
    # Bold is no colour.
    colours = [found for found in COLOUR.findall(terminal.shown) if re.search(r"\[(?:.*;)?[349]\d", found)]
    assert bool(colours) == coloured


@pytest.mark.parametrize("command", [("queues",), ("queues", QUEUE), ("ls",), ("status", "report-0a1b2c3d")])
def test_what_is_shown_fits_into_80_columns(cluster: StandIn, command: tuple[str, ...]) -> None:
    cluster.add_job("report-0a1b2c3d", "FAILED", message="word " * 40)
    cluster.add_job(f"a-job-with-a-long-name-{'x' * 20}-11223344")
    with Terminal(*command) as terminal:
        assert terminal.ended() == 0
    lines = ESCAPE.sub("", terminal.shown).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) > 1


def test_what_goes_into_a_pipe_has_no_colours_and_no_progress(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "FAILED")
    ended = subprocess.run([*PROGRAM, "ls"], capture_output=True, check=True)
    assert b"\x1b" not in ended.stdout + ended.stderr


def test_a_reader_that_has_had_enough_is_no_error(cluster: StandIn) -> None:
    for number in range(300):
        cluster.add_job(f"report-{number:08}", "FAILED")
    line = f"{sys.executable} -m skate.command ls --json | head -1"
    ended = subprocess.run(line, shell=True, capture_output=True, text=True, check=True, env=os.environ)  # noqa: S602
    assert ended.stdout == "[\n"
    assert ended.stderr == ""


def test_a_reader_of_a_log_that_has_had_enough_ends_the_command(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    cluster.run("report-0a1b2c3d", *(f"line {number}" for number in range(20_000)))
    line = f"{sys.executable} -m skate.command wait report-0a1b2c3d | head -1"
    ended = subprocess.run(line, shell=True, capture_output=True, text=True, check=True, timeout=60)  # noqa: S602
    assert ended.stdout == "line 0\n"
    assert "error" not in ended.stderr


def test_a_connection_that_the_other_side_closes_does_not_end_the_command() -> None:
    program = "import socket, skate.command.signals as s; s.hear(); a, b = socket.socketpair(); b.close(); a.send(b'x')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "BrokenPipeError" in ended.stderr


def test_what_skate_does_not_expect_is_said_in_a_line(cluster: StandIn) -> None:
    cluster.add_job("broken-0a1b2c3d")["spec"] = ["no", "mapping"]
    ended = subprocess.run([*PROGRAM, "ls"], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "SKATE_DEBUG=1" in ended.stderr


def test_sentences_keep_to_the_width_and_break_between_words(cluster: StandIn) -> None:
    cluster.refusal = (
        f"ValidatingAdmissionPolicy 'x' denied request: {'too big ' * 20}for s3a://a-bucket/{'k' * 90} [rule-a]"
    )
    with Terminal("submit", "job.yaml") as terminal:
        assert terminal.ended() == 2
    lines = re.sub(r"\x1b\[[0-9?]*[A-Za-z]|\r", "", terminal.shown).split("\n")
    long = [line for line in lines if len(line) > 80 and "s3a://" not in line]
    assert long == []
    assert any(f"s3a://a-bucket/{'k' * 90}" in line for line in lines)
