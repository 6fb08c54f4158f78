"""A real Airflow on a real API server with the platform's admission, as the role that the platform shares."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from fleet.cli import app as fleet
from tests.airflow.environment import Airflow, airflow_here, migrated, wait_for
from tests.cluster.cluster import Cluster, User
from tests.cluster.pod_shapes import NAMESPACE
from tests.cluster.test_skate import jobs, only, set_state

AIRFLOW: Final = User("airflow", (f"elastic-spark:shared:airflow:{NAMESPACE}:submitter",))
"""As the sample platform shares it, and the sample tenant accepts it."""
ROOT: Final = Path(__file__).parents[2]
ENDED: Final = "2026-11-29T10:00:00Z"


@pytest.fixture(scope="module")
def airflow(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """An Airflow that is logged in as its role."""
    packages = airflow_here()
    if packages is None:
        pytest.skip("there is no Airflow here: `make test-airflow` installs one")
    home = tmp_path_factory.mktemp("airflow")
    migrated(home, packages)
    login = str(cluster.plane.kubeconfig_of(AIRFLOW.name, AIRFLOW.groups))
    kubernetes = json.dumps({"conn_type": "kubernetes", "extra": {"kube_config_path": login}})
    return Airflow(
        home,
        packages,
        {"extra": {"kubeconfig_path": login, "queue": NAMESPACE}},
        {"AIRFLOW_CONN_KUBERNETES_DEFAULT": kubernetes},
    )


@pytest.fixture(autouse=True)
def empty(cluster: Cluster) -> Iterator[None]:
    """A queue without jobs, before and after."""
    yield
    for job in jobs(cluster):
        cluster.remove(job)


def test_one_job_from_the_queue_to_its_end_with_a_worker_killed_in_between(cluster: Cluster, airflow: Airflow) -> None:
    worker = airflow.play("start", "defers")
    wait_for(lambda: bool(jobs(cluster)))
    name = only(cluster)["metadata"]["name"]
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()
    assert only(cluster)["metadata"]["labels"]["elastic-spark/job-id"] == name
    again = airflow.play("retry", "defers")
    set_state(cluster, name, "RUNNING", driverInfo={"podName": f"{name}-driver"})
    set_state(cluster, name, "COMPLETED", terminationTime=ENDED)
    ended = airflow.ended(again)
    assert ended.task["state"] == "success", ended.log
    assert f"The job {name} in {NAMESPACE} was submitted before." in ended.log
    assert only(cluster)["metadata"]["name"] == name


def test_a_failed_job_is_followed_by_another_and_a_killed_task_by_none(cluster: Cluster, airflow: Airflow) -> None:
    worker = airflow.play("start", "waits")
    wait_for(lambda: bool(jobs(cluster)))
    first = only(cluster)["metadata"]["name"]
    set_state(cluster, first, "FAILED", terminationTime=ENDED)
    wait_for(lambda: len(jobs(cluster)) == 2)
    second = next(job["metadata"]["name"] for job in jobs(cluster) if job["metadata"]["name"] != first)
    assert second == f"{first}-2"
    set_state(cluster, second, "COMPLETED", terminationTime=ENDED)
    ended = airflow.ended(worker)
    assert ended.task["state"] == "success", ended.log
    assert f"The job {first} in {NAMESPACE} has failed." in ended.log

    worker = airflow.play("start", "waits_once")
    wait_for(lambda: len(jobs(cluster)) == 3)
    worker.send_signal(signal.SIGTERM)
    assert airflow.ended(worker).task["state"] == "failed"
    assert len(jobs(cluster)) == 2


def test_every_way_to_say_a_job_is_admitted(cluster: Cluster, airflow: Airflow) -> None:
    ended = airflow.run("start", "main", "file", "given", "mapped", "of_the_connection")
    assert {task["state"] for tasks in ended.dags.values() for task in tasks} == {"success"}, ended.log
    assert len(jobs(cluster)) == 6


def _here_or_ended(cluster: Cluster, worker: subprocess.Popen[str]) -> bool:
    return bool(jobs(cluster)) or worker.poll() is not None


def test_the_dag_that_fleet_job_prints_submits_by_both_operators(
    cluster: Cluster, airflow: Airflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as at_the_root:
        at_the_root.chdir(ROOT)
        printed = CliRunner().invoke(fleet, ["job", "ads-dev", "batch", "--format", "airflow"])
    assert printed.exit_code == 0, printed.output
    (tmp_path / "printed.py").write_text(printed.stdout)
    name = printed.stdout.partition('with DAG("')[2].partition('"')[0]
    there = Airflow(
        airflow.home,
        airflow.packages,
        airflow.connection,
        {**airflow.variables, "AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path)},
    )
    for dag in (name, f"{name}-skate"):
        worker = there.play("start", dag)
        wait_for(partial(_here_or_ended, cluster, worker))
        assert jobs(cluster), worker.communicate()[0]
        job = only(cluster)
        assert "spark.eventLog.dir" in job["spec"]["sparkConf"]
        set_state(cluster, job["metadata"]["name"], "FAILED", terminationTime=ENDED)
        ended = there.ended(worker)
        assert ended.task["state"] == "failed"
        assert "Spark Job Failed" in ended.log or "has failed." in ended.log, ended.log
        for left in jobs(cluster):
            cluster.remove(left)
