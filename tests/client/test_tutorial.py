"""`docs/tutorials/first-job.md`: its commands are called in their order, at 80 columns, and show what it says."""

from __future__ import annotations

import json
import re
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from uuid import uuid4

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer
from skate.command.app import command

from fleet.offline.queue_job import card_of
from tests import samples
from tests.client.api_stand_in import APPLICATIONS, QUEUE, StandIn, now
from tests.client.command import Terminal, skate, wait_for
from tests.examples import first_job

COLUMNS: Final = 80
APP: Final = f"spark-{'0' * 32}"
PAGE: Final = first_job()
FAILED: Final = ("FAILED", "driver container failed with ExitCode: 1, Reason: Error")
"""As the Spark operator says it of an exception."""
VARIES: Final = {
    r"[0-9a-f]{64}": "HASH",
    r"\b[0-9a-f]{8}\b": "ID",
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d": "TIME",
    r"\d+\.\d\d USD": "USD",
    r"/\w+/spark-[^/]+/": "FOLDER ",
    r"\b(\d+ min )?\d+ s\b": "SPAN",
    r"https?://\S+": "ADDRESS",
    r"\s+": " ",
}
"""What is another each time."""


class Pages(BaseHTTPRequestHandler):
    """Of a history server: four executors of three cores that were there for five minutes."""

    def do_GET(self) -> None:
        times = {"addTime": "2026-11-29T09:00:00.000GMT", "removeTime": "2026-11-29T09:05:00.000GMT"}
        heap = {"peakMemoryMetrics": {"JVMHeapMemory": 3 * 2**30}, "failedTasks": 0}
        executors = [
            {"id": name, "totalCores": 1 if name == "driver" else 3, **times, **heap}
            for name in ("driver", "1", "2", "3", "4")
        ]
        data = json.dumps(executors).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def person(cluster: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sample's queue, with its bucket and its history server, and a person in a folder of their own."""
    found = card_of("ads-dev", samples.sample_registrations("ads-dev"), "batch")
    cluster.add_card(**{key: value for key, value in found.items() if key not in ("namespace", "queues", "queue")})
    history = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=history.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    cluster.ports = {18080: history.server_port}
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "TZ": "UTC",
    }.items():
        monkeypatch.setenv(name, value)
    region = found["artifacts"]["region"]
    boto3.client("s3", region_name=region).create_bucket(
        Bucket=found["artifacts"]["bucket"], CreateBucketConfiguration={"LocationConstraint": region}
    )
    folder = tmp_path / "first"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield
    server.stop()
    history.shutdown()
    history.server_close()


@dataclass
class Cluster:
    """Lives through a job that was just submitted, one step whenever somebody has looked.

    Args:
        there: the API server.
    """

    there: StandIn

    def live(self, before: set[str], log: list[str], state: str, message: str) -> None:
        wait_for(lambda: bool(self._names() - before))
        (name,) = self._names() - before
        job = self.there.objects[APPLICATIONS, QUEUE, name]
        job["metadata"]["annotations"] = {"elastic-spark/submitter": "ana"}
        self._looked_at(name)
        driver = f"{name}-driver"
        self.there.add_pod(driver, name, "driver", phase="Pending", node="")
        self._looked_at(name)
        self.there.add_pod(driver, name, "driver", phase="Pending")
        self._looked_at(name)
        self.there.run(name, *log)
        self.there.objects["pods", QUEUE, driver]["status"]["startTime"] = now()
        self._looked_at(name)
        self.there.end(name, state, message)

    def _names(self) -> set[str]:
        return {job["metadata"]["name"] for job in self.there.jobs()}

    def _looked_at(self, name: str) -> None:
        """Twice: one look may have been on its way."""
        before = self._looks(name)
        wait_for(lambda: self._looks(name) > before + 1)

    def _looks(self, name: str) -> int:
        return sum(path.endswith(f"/sparkapplications/{name}") for _, path in self.there.seen)


def shown(line: str) -> tuple[int, str]:
    """How a command ends, and what a person sees of it."""
    words = shlex.split(line)[1:]
    if ">" in words:
        ended = skate(*words[: words.index(">")])
        Path(words[-1]).write_text(ended.out)
        return ended.code, ended.err
    with Terminal(*words, TERM="dumb") as terminal:
        code = terminal.ended()
    return code, terminal.shown.replace("\r\n", "\n")


def words_of(text: str) -> str:
    """What it says, with one word for what is another each time, however it is broken into lines."""
    for pattern, word in VARIES.items():
        text = re.sub(pattern, word, text)
    return text.strip()


@pytest.mark.usefixtures("person")
def test_its_commands_show_what_it_says(cluster: StandIn) -> None:
    world = Cluster(cluster)
    names: dict[str, str] = {}
    Path("job.py").write_text(PAGE.program)
    for step in PAGE.steps:
        line = step.command
        for theirs, ours in names.items():
            line = line.replace(theirs, ours)
        before = {job["metadata"]["name"] for job in cluster.jobs()}
        thread = None
        if step.submits:
            log = [line.replace("spark-…", f"spark-{uuid4()}") for line in step.log]
            end = FAILED if step.fails else ("COMPLETED", "")
            thread = threading.Thread(target=world.live, args=(before, log, *end))
            thread.start()
        code, output = shown(line)
        if thread:
            thread.join()
            (made,) = {job["metadata"]["name"] for job in cluster.jobs()} - before
            names[step.name] = made
        assert code == step.fails, output
        assert words_of(output) == words_of(step.output), line


def test_its_lines_fit_a_terminal() -> None:
    assert [line for step in PAGE.steps for line in step.output.splitlines() if len(line) > COLUMNS] == []


@pytest.mark.parametrize("line", PAGE.mentioned)
def test_a_command_that_it_mentions_is_one(line: str) -> None:
    name, *words = shlex.split(line)[1:]
    command(name).make_context(name, words)
