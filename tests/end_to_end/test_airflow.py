"""A DAG's run in a real Airflow whose worker is killed, on a platform whose software is the real one."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from skate import Client

from tests.airflow.environment import Airflow, airflow_here, migrated
from tests.cluster.api import Object
from tests.cluster.test_airflow import AIRFLOW
from tests.end_to_end.clock import Clock
from tests.end_to_end.platform import JOB_ID, QUEUE, Platform
from tests.end_to_end.reading import read_until
from tests.end_to_end.test_sdk import PI


@pytest.fixture(scope="module")
def airflow(whole_platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """An Airflow that is logged in as the role that the platform shares."""
    packages = airflow_here()
    if packages is None:
        pytest.skip("there is no Airflow here: `make test-airflow` installs one")
    home: Path = tmp_path_factory.mktemp("airflow")
    migrated(home, packages)
    login = str(whole_platform.cluster.plane.kubeconfig_of(AIRFLOW.name, AIRFLOW.groups))
    return Airflow(home, packages, {"extra": {"kubeconfig_path": login, "queue": QUEUE}}, {})


@pytest.mark.parametrize("dag", ["waits", "defers"])
def test_a_job_goes_on_when_its_worker_is_killed_and_the_retry_finds_it(
    there: Platform, airflow: Airflow, dag: str
) -> None:
    with Client() as client:
        other = client.submit(PI, queue=QUEUE)
    before = there.running_driver(other.name)

    with _played(airflow, "start", dag) as worker:
        job = there.eventually(lambda: _other_than(there, other.name), "the job is submitted")
        clock = Clock(f"Airflow, {dag}")
        name = job["metadata"]["name"]
        there.says(name, "the job begins")
        read_until(
            worker, worker.stdout, f"{name}: queued, place 1, as many jobs run as the queue lets run at once (1)"
        )
        clock.mark("queued")
        there.ends(before)
        driver = there.running_driver(name)
        clock.mark("runs")
        there.makes_executors(driver, 2)

    with _played(airflow, "retry", dag) as again:
        log = read_until(again, again.stdout, f"The job {name} in {QUEUE} was submitted before.")
        there.says(name, "all is done")
        there.ends(driver)
        log += read_until(again, again.stdout)
        ended = airflow.ended(again)
    clock.mark("done, by the retry")
    clock.stop()

    assert (ended.task["state"], ended.task["try"]) == ("success", 2), log
    for line in ("was submitted before", "the job begins", "all is done"):
        assert log.count(line) == 1, log
    found = _other_than(there, other.name)
    assert found is not None
    assert found["metadata"]["uid"] == job["metadata"]["uid"]
    assert found["metadata"]["labels"][JOB_ID] == name
    (same,) = there.pods(name, "driver")
    assert same["metadata"]["uid"] == driver["metadata"]["uid"]
    assert same["metadata"]["labels"][JOB_ID] == name


@contextmanager
def _played(airflow: Airflow, doing: str, dag: str) -> Iterator[subprocess.Popen[str]]:
    """A worker's process, which is killed when this is left, if it goes on."""
    process = airflow.play(doing, dag)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()


def _other_than(there: Platform, name: str) -> Object | None:
    """The one application beside that one, if it is there; fails if there are more."""
    others = [each for each in there.applications() if each["metadata"]["name"] != name]
    assert len(others) <= 1
    return next(iter(others), None)
