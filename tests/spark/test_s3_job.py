"""A real driver, executor and history server with all that the platform gives them, on an S3 that knows who comes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.queue.history import command
from sizing.spark.defaults import IVY
from tests.cluster.control_plane import free_ports
from tests.cluster.spark import Spark
from tests.spark.answers import TIMEOUT_SECONDS, ask
from tests.spark.pod_identity import PodIdentity, pod_identity
from tests.spark.rendered import EVENTS, EVENTS_BUCKET, HERE, HISTORY, PROPERTIES
from tests.spark.s3 import S3
from tests.spark.stand_in import REGION

DATA = "ads-data"
LINES = 1000


@dataclass(frozen=True)
class Ran:
    """What a job printed, whose agent failed once, and what its agent saw."""

    printed: str
    identity: PodIdentity


@pytest.fixture(scope="module")
def ran(spark: Spark, packages: Path, s3: S3, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    s3.make(EVENTS_BUCKET, {EVENTS.removeprefix(f"s3a://{EVENTS_BUCKET}/") + "/": ""})
    s3.make(DATA, {"in/lines.txt": "".join(f"{number}\n" for number in range(LINES))})
    conf = {**PROPERTIES, **HERE, **s3.conf, IVY: str(packages)}
    with pod_identity(tmp_path_factory.mktemp("driver"), "ASIAJOB", failures=[404]) as identity:
        s3.known[identity.key] = identity.session_token
        done = subprocess.run(
            [
                *spark.command("--master=local-cluster[1,1,1024]", "--name=on-s3", conf=conf),
                Path(__file__).with_name("s3_job.py"),
                f"s3a://{DATA}/in/",
                f"s3a://{DATA}/out/",
            ],
            env={**spark.environment(), **identity.environment},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-6000:]
    return Ran(done.stdout, identity)


def test_a_job_reads_and_writes_as_its_pods_service_account(ran: Ran, s3: S3) -> None:
    assert ran.printed.split() == [str(LINES)]
    assert [key for key in s3.keys(DATA) if key.endswith(".parquet")]
    assert {key for key, _ in s3.seen} >= {"ASIAJOB"}
    assert {region for key, region in s3.seen if key == "ASIAJOB"} == {REGION}


def test_driver_and_executor_each_ask_their_own_agent_and_neither_its_node(ran: Ran) -> None:
    assert not ran.identity.failures, "the first call failed"
    assert ran.identity.asked == 3
    assert ran.identity.node_asked == []


def test_its_event_log_is_in_the_queues_folder_in_parts_and_compressed(ran: Ran, s3: S3) -> None:
    folder = EVENTS.removeprefix(f"s3a://{EVENTS_BUCKET}/")
    parts = [key for key in s3.keys(EVENTS_BUCKET) if "/events_" in key]
    assert parts
    assert all(key.startswith(f"{folder}/eventlog_v2_") and key.endswith(".zstd") for key in parts)


@pytest.fixture(scope="module")
def history(
    spark: Spark, packages: Path, s3: S3, ran: Ran, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, PodIdentity]]:
    """The address of a history server that is started as the platform's pod starts it, and its agent."""
    folder, (port,) = tmp_path_factory.mktemp("history"), free_ports(1)
    here = {**s3.conf, IVY: str(packages), "spark.history.store.path": str(folder), "spark.history.ui.port": str(port)}
    program, *options, last = command(HISTORY)
    assert program.endswith("/bin/spark-submit")
    with (
        pod_identity(folder, "ASIAHISTORY", failures=[404]) as identity,
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [*spark.command(*options, conf=here), last],
            env={**spark.environment(), **identity.environment, "SPARK_LOCAL_IP": "127.0.0.1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        s3.known[identity.key] = identity.session_token
        try:
            yield f"http://127.0.0.1:{port}/api/v1/applications", identity
        finally:
            process.kill()


def test_a_history_server_shows_it_as_its_own_service_account(history: tuple[str, PodIdentity], s3: S3) -> None:
    address, identity = history
    listed = ask(address)
    assert isinstance(listed, list)
    (application,) = listed
    assert application["name"] == "on-s3"
    assert application["attempts"][0]["completed"]
    jobs = ask(f"{address}/{application['id']}/jobs")
    assert isinstance(jobs, list)
    assert {job["status"] for job in jobs} == {"SUCCEEDED"}
    assert ("ASIAHISTORY", REGION) in s3.seen
    assert not identity.failures, "the first call failed"
    assert identity.node_asked == []
