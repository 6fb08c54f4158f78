"""A Prometheus of one's own: started on a free port, fed, asked."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import urllib3

from tests.observability.programs import Programs
from tests.observability.samples import Samples

START_SECONDS: Final = 30
OLDEST: Final = "30d"
"""How old samples may be, beside newer ones of the same series: what is computed afterwards is old."""


class PrometheusError(Exception):
    """Prometheus refused something; the message is its own."""


@dataclass(frozen=True)
class Point:
    """One series of an answer at one time."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class Line:
    """One series of an answer over time: values by time in seconds."""

    labels: Mapping[str, str]
    values: Mapping[float, float]


class Prometheus:
    """A running Prometheus."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        self.process = process
        self._http = urllib3.PoolManager()

    def write(self, samples: Samples) -> None:
        """Feed it.

        Raises:
            PrometheusError: it takes none of them, or not all.
        """
        headers = {
            "Content-Encoding": "snappy",
            "Content-Type": "application/x-protobuf",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        }
        for body in samples.requests():
            answer = self._http.request("POST", f"{self.address}/api/v1/write", body=body, headers=headers)
            if answer.status not in (200, 204):
                raise PrometheusError(f"{answer.status}: {answer.data.decode()}")

    def query(self, expression: object, at: float) -> list[Point]:
        """What an expression gives at a time.

        Raises:
            PrometheusError: it is wrong.
        """
        data = self._get("query", query=str(expression), time=f"{at:.3f}")
        if data["resultType"] == "scalar":
            return [Point({}, float(data["result"][1]))]
        return [Point(found["metric"], float(found["value"][1])) for found in data["result"]]

    def query_range(self, expression: object, start: float, end: float, step: float) -> list[Line]:
        """What an expression gives at each step of a time.

        Raises:
            PrometheusError: it is wrong.
        """
        data = self._get("query_range", query=str(expression), start=f"{start:.3f}", end=f"{end:.3f}", step=str(step))
        return [
            Line(found["metric"], {float(at): float(value) for at, value in found["values"]})
            for found in data["result"]
        ]

    def rules(self) -> list[dict[str, Any]]:
        """The groups of rules that it evaluates, with their health and timing."""
        groups: list[dict[str, Any]] = self._get("rules")["groups"]
        return groups

    def load_rules(self, rules: Mapping[str, Any]) -> None:
        """Give it a rule file, and wait until every rule was evaluated."""
        (self.folder / "rules.json").write_text(json.dumps(rules))
        self.process.send_signal(signal.SIGHUP)
        expected = sum(len(group["rules"]) for group in rules["groups"])
        longest = 120
        for _ in _until(longest):
            known = [rule for group in self.rules() for rule in group["rules"]]
            if len(known) == expected and all(rule["health"] != "unknown" for rule in known):
                return
        raise PrometheusError(f"not all of {expected} rules were evaluated within {longest} s")

    def memory(self) -> int:
        """Bytes of memory that the process has now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def _get(self, what: str, **parameters: str) -> Any:  # noqa: ANN401
        url = f"{self.address}/api/v1/{what}"
        if parameters:
            # Expressions are too long for an address.
            answer = self._http.request("POST", url, fields=parameters, encode_multipart=False)
        else:
            answer = self._http.request("GET", url)
        body = json.loads(answer.data)
        if body["status"] != "success":
            raise PrometheusError(f"{body['error']}\n{parameters.get('query', '')}")
        return body["data"]


@contextmanager
def prometheus(
    programs: Programs,
    folder: Path,
    *,
    out_of_order: bool = True,
    scrape: Sequence[Mapping[str, Any]] = (),
) -> Iterator[Prometheus]:
    """A Prometheus that stops at the end.

    Args:
        programs: which.
        folder: for its data; empty.
        out_of_order: take samples that are older than others; it makes queries slower.
        scrape: configurations of what it scrapes.
    """
    configuration = folder / "prometheus.json"
    configuration.write_text(
        json.dumps(
            {
                "rule_files": [str(folder / "rules.json")],
                "scrape_configs": list(scrape),
                "storage": {"tsdb": {"out_of_order_time_window": OLDEST if out_of_order else "0s"}},
            }
        )
    )
    port = free_port()
    command = [
        str(programs.prometheus),
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
        "--storage.tsdb.retention.time=90d",
        "--query.max-samples=200000000",
        "--log.level=warn",
    ]
    log = folder / "prometheus.log"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            _wait_until_ready(process, port, log)
            yield Prometheus(folder, port, process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=START_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    http = urllib3.PoolManager(retries=False)
    for _ in _until(START_SECONDS):
        if process.poll() is not None:
            break
        try:
            if http.request("GET", f"http://127.0.0.1:{port}/-/ready").status == 200:
                return
        except urllib3.exceptions.HTTPError:
            continue
    raise PrometheusError(f"Prometheus does not start:\n{log.read_text()}")


def _until(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
