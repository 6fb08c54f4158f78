"""`skate` about what Spark itself tells: its pages through a forwarded port, and jobs of which nothing else is left."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from tests.client.api_stand_in import QUEUE, StandIn
from tests.client.command import skate, started

APP = f"spark-{'5f' * 16}"
HISTORY = {"service": "history", "pod": "history-0", "port": 18080, "eventLogDays": 30}
HEAP = 8 * 2**30
TODAY = datetime.now(UTC).strftime("%Y-%m-%d")


def executor(number: str, hours: int, cores: int) -> dict[str, Any]:
    """As Spark's REST API lists an executor that was there from eight o'clock on."""
    return {
        "id": number,
        "totalCores": cores,
        "addTime": f"{TODAY}T00:00:00.000GMT",
        "removeTime": f"{TODAY}T0{hours}:00:00.000GMT",
        "failedTasks": 1,
        "peakMemoryMetrics": {"JVMHeapMemory": HEAP},
        "maxMemory": HEAP,
    }


ANSWERS: dict[str, Any] = {
    "/api/v1/applications": [
        {
            "id": APP,
            "name": "Daily report",
            "attempts": [
                {
                    "startTime": f"{TODAY}T00:00:00.000GMT",
                    "endTime": f"{TODAY}T02:00:00.000GMT",
                    "completed": True,
                }
            ],
        }
    ],
    f"/api/v1/applications/{APP}/environment": {
        "sparkProperties": [["spark.kubernetes.driver.pod.name", "report-0a1b2c3d-driver"]]
    },
    f"/api/v1/applications/{APP}/allexecutors": [executor("driver", 2, 1), executor("1", 2, 3), executor("2", 1, 3)],
}


class Pages(BaseHTTPRequestHandler):
    """Spark's pages, of a driver or of a history server."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        data = json.dumps(ANSWERS.get(path, f"the page {path}")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture(autouse=True)
def pages(cluster: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A queue with a history server, whose pods' ports are served."""
    monkeypatch.setenv("SKATE_QUEUE", QUEUE)
    cluster.add_card(history=HISTORY)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    cluster.ports = {4040: server.server_port, 18080: server.server_port}
    yield
    server.shutdown()
    server.server_close()


def test_older_jobs_are_listed_by_their_names(cluster: StandIn) -> None:
    cluster.add_job("today-11223344", "COMPLETED", sparkApplicationId="spark-another")
    jobs = skate("ls", "--all", "--json").json
    assert {job["name"]: job["phase"] for job in jobs} == {"today-11223344": "succeeded", "report-0a1b2c3d": "ended"}


def test_a_job_that_is_there_is_not_listed_twice(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "COMPLETED", sparkApplicationId=APP)
    assert [job["name"] for job in skate("ls", "--all", "--json").json] == ["report-0a1b2c3d"]


def test_the_status_ends_with_cost_core_hours_and_peak_memory(cluster: StandIn) -> None:
    cluster.add_job(
        "report-0a1b2c3d",
        "COMPLETED",
        sparkApplicationId=APP,
        lastSubmissionAttemptTime=f"{TODAY}T00:00:00Z",
        terminationTime=f"{TODAY}T02:00:00Z",
    )
    shown = skate("status", "report-0a1b2c3d")
    *_, cost, core_hours, peak = [" ".join(line.split()) for line in shown.out.splitlines()]
    # Nine core-hours of a node of six for 0.40 an hour, and two hours of a driver for 0.05.
    assert cost == "cost 0.70 USD"
    assert core_hours == "core-hours 9.00"
    assert peak == "peak memory 8 GiB of 27 GiB requested (30%)"


@pytest.mark.parametrize("name", ["report-0a1b2c3d", APP])
def test_a_job_that_is_gone_is_known_by_the_history_server(name: str) -> None:
    record = skate("status", name, "--json").json
    assert (record["phase"], record["applicationId"], record["spent"]["coreHours"]) == ("ended", APP, 9.0)


def test_the_pages_of_a_running_job_are_its_drivers_until_ctrl_c(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    cluster.run("report-0a1b2c3d")
    with started("ui", "report-0a1b2c3d") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert httpx2.get(f"{address}jobs/", trust_env=False).json() == "the page /jobs/"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in err


def test_the_pages_of_a_job_that_has_ended_are_the_history_servers(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "COMPLETED", sparkApplicationId=APP)
    with started("ui", "report-0a1b2c3d") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert httpx2.get(address, trust_env=False).json() == f"the page /history/{APP}/"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode in (0, 143)


def test_by_the_door_a_job_that_has_ended_has_a_link_which_needs_no_port(cluster: StandIn) -> None:
    cluster.add_card(history=HISTORY, pages="https://ads-batch.spark.example.com/")
    cluster.add_job("report-0a1b2c3d", "COMPLETED", sparkApplicationId=APP)
    link = f"https://ads-batch.spark.example.com/history/{APP}/"
    assert link in skate("status", "report-0a1b2c3d").out
    assert skate("status", "report-0a1b2c3d", "--json").json["page"] == link
    assert skate("status", APP, "--json").json["page"] == link
    assert "https://ads-batch.spark.example.com/" in skate("queues", QUEUE).out
    with started("ui", "report-0a1b2c3d") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert link in err


def test_a_job_that_has_not_ended_has_no_page_at_the_door(cluster: StandIn) -> None:
    cluster.add_card(history=HISTORY, pages="https://ads-batch.spark.example.com/")
    cluster.add_job("report-0a1b2c3d")
    assert skate("status", "report-0a1b2c3d", "--json").json["page"] is None
