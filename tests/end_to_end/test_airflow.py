"""A DAG's run in a real Airflow whose worker is killed, on a platform whose software is the real one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.airflow.environment import Airflow, airflow_here, migrated
from tests.cluster.test_airflow import AIRFLOW
from tests.end_to_end.clock import Clock
from tests.end_to_end.platform import JOB_ID, QUEUE, Platform


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
    clock = Clock(f"Airflow, {dag}")
    worker = airflow.play("start", dag)
    (job,) = there.eventually(there.applications, "the job is submitted")
    clock.mark("submitted")
    name = job["metadata"]["name"]
    there.says(name, "the job begins")
    driver = there.running_driver(name)
    clock.mark("runs")
    there.makes_executors(driver, 2)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()

    again = airflow.play("retry", dag)
    log = ""
    for line in again.stdout or ():
        log += line
        if f"The job {name} in {QUEUE} was submitted before." in line:
            there.says(name, "all is done")
            there.ends(driver)
    ended = airflow.ended(again)
    clock.mark("done")
    clock.stop()

    assert (ended.task["state"], ended.task["try"]) == ("success", 2), log
    for line in ("was submitted before", "the job begins", "all is done"):
        assert log.count(line) == 1, log
    (found,) = there.applications()
    assert found["metadata"]["uid"] == job["metadata"]["uid"]
    assert found["metadata"]["labels"][JOB_ID] == name
    (same,) = there.pods(name, "driver")
    assert same["metadata"]["uid"] == driver["metadata"]["uid"]
    assert same["metadata"]["labels"][JOB_ID] == name
