"""A real Spark with the platform's settings: what it measures and logs is what dashboards, rules and history expect."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from components.observability.scraped import DRIVER
from components.observability.spark_metrics import renaming
from components.queue.history import LINKED_LOGS, history_conf
from sizing.history import history_server
from sizing.spark.defaults import ALWAYS, EVENT_LOG, EVENT_LOG_FOLDER
from tests.cluster.control_plane import free_ports
from tests.cluster.spark import Spark
from tests.spark.answers import ask

RECORDED = Path(__file__).parents[1] / "data" / "metrics"
APPLICATION = "spark-4f1c9b2e"
LOCAL = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.port": "0"}


@dataclass(frozen=True)
class Ran:
    """What a job left behind.

    Args:
        answers: of its driver, by the names of files in `RECORDED`.
        logs: the folder of event logs.
    """

    answers: dict[str, str]
    logs: Path


@pytest.fixture(scope="module")
def ran(spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A job with two executors in processes of their own, and the settings that admission gives every job."""
    folder, logs = tmp_path_factory.mktemp("answers"), tmp_path_factory.mktemp("logs")
    conf = {
        **ALWAYS,
        **EVENT_LOG,
        **LOCAL,
        EVENT_LOG_FOLDER: logs.as_uri(),
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.initialExecutors": "2",
        "spark.dynamicAllocation.maxExecutors": "2",
        "spark.executor.memory": "512m",
        # As Spark itself says it on Kubernetes.
        "spark.executorEnv.SPARK_EXECUTOR_ATTRIBUTE_APP_ID": APPLICATION,
    }
    command = spark.command("--master=local-cluster[2,1,1024]", "--name=metrics", conf=conf)
    spark.run([*command, Path(__file__).with_name("job.py"), folder])
    return Ran({path.name: path.read_text() for path in folder.iterdir()}, logs)


def series(answer: str) -> dict[str, set[str]]:
    """The labels of each series of an answer, by the series' name."""
    found: dict[str, set[str]] = {}
    for line in answer.splitlines():
        name, _, labels = line.rpartition(" ")[0].partition("{")
        found.setdefault(name, set()).update(label.partition("=")[0].strip() for label in labels[:-1].split('",'))
    return found


@pytest.mark.parametrize("file", ["spark-driver.txt", "spark-executors.txt"])
def test_it_measures_what_was_recorded(ran: Ran, file: str) -> None:
    """What listeners it has, and with them some names, is up to the moment at which it was asked."""
    now, recorded = series(ran.answers[file]), series((RECORDED / file).read_text())
    assert {name for name in recorded.keys() ^ now.keys() if "LiveListenerBus" not in name} == set()
    assert {name: now[name] for name in recorded.keys() & now.keys()} == {
        name: recorded[name] for name in recorded.keys() & now.keys()
    }


def test_names_of_metrics_start_alike_for_every_application(ran: Ran) -> None:
    assert {name.split("_")[1] for name in series(ran.answers["spark-driver.txt"])} == {"spark"}


def test_metrics_of_a_job_that_names_and_places_them_itself_are_found_all_the_same(
    spark: Spark, tmp_path: Path
) -> None:
    """As with `monitoring.prometheus`, whose file and name the Spark operator gives it."""
    file, answers = tmp_path / "metrics.properties", tmp_path / "answers"
    file.write_text(
        "driver.sink.prometheusServlet.path=/of-a-file\n*.sink.jmx.class=org.apache.spark.metrics.sink.JmxSink\n"
    )
    answers.mkdir()
    own = {
        "spark.metrics.namespace": "ads-batch.etl",
        "spark.metrics.conf": str(file),
        "spark.metrics.conf.*.sink.prometheusServlet.path": "/mine",
    }
    command = spark.command("--master=local[2]", "--name=metrics", conf={**ALWAYS, **LOCAL, **own})
    spark.run([*command, Path(__file__).with_name("job.py"), answers])
    found = series((answers / "spark-driver.txt").read_text())
    assert {name.partition("_driver_")[0] for name in found} == {"metrics_ads_batch_etl"}
    names, ours = renaming()
    renamed = {re.sub(names, ours.replace("$", "\\"), name) for name in found if re.fullmatch(names, name)}
    # Without dynamic allocation nobody counts executors.
    assert renamed == {name for name in DRIVER if "_driver_" in name and "ExecutorAllocationManager" not in name}


def test_the_driver_answers_for_its_executors(ran: Ran) -> None:
    tasks = [line for line in ran.answers["spark-executors.txt"].splitlines() if "completedTasks_total" in line]
    who = {line.partition('executor_id="')[2].partition('"')[0]: float(line.rpartition(" ")[2]) for line in tasks}
    assert who.keys() == {"driver", "0", "1"}
    assert sum(who.values()) > 0


def test_its_event_log_is_in_parts_and_compressed(ran: Ran) -> None:
    (application,) = ran.logs.iterdir()
    assert application.name.startswith("eventlog_v2_")
    assert [path.suffix for path in application.iterdir() if path.name.startswith("events_1_")] == [".zstd"]


@pytest.fixture(scope="module")
def history(spark: Spark, ran: Ran, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a history server with a queue's settings, over the job's event log."""
    folder, (port,) = tmp_path_factory.mktemp("history"), free_ports(1)
    server = history_server(applications_a_week=200, days=14)
    conf = {
        **history_conf(ran.logs.as_uri(), replace(server, refresh_seconds=5), region=None),
        **LINKED_LOGS,
        "spark.history.store.path": str(folder),
        "spark.history.ui.port": str(port),
    }
    command = spark.command("--class=org.apache.spark.deploy.history.HistoryServer", conf=conf)
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [*command, "--driver-memory=512m", "spark-internal"],
            env={**spark.environment(), "SPARK_LOCAL_IP": "127.0.0.1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield f"http://127.0.0.1:{port}/api/v1/applications"
        finally:
            process.kill()


def test_a_history_server_lists_and_opens_the_application(history: str) -> None:
    listed = ask(history)
    assert isinstance(listed, list)
    (application,) = listed
    assert application["name"] == "metrics"
    assert application["attempts"][0]["completed"]
    jobs = ask(f"{history}/{application['id']}/jobs")
    assert isinstance(jobs, list)
    assert {job["status"] for job in jobs} == {"SUCCEEDED"}


def test_executors_lead_to_the_logs_of_their_application(history: str) -> None:
    listed = ask(history)
    assert isinstance(listed, list)
    executors = ask(f"{history}/{listed[0]['id']}/allexecutors")
    assert isinstance(executors, list)
    assert {each["id"]: list(each["executorLogs"].values()) for each in executors} == {
        "driver": [],
        "0": [f"/logs/{APPLICATION}/"],
        "1": [f"/logs/{APPLICATION}/"],
    }
