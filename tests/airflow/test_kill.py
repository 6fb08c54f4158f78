"""What a person's clear does to a job, on a worker and in the triggerer."""

from __future__ import annotations

import signal
import time

import pytest

from tests.airflow.environment import HERE, Airflow, wait_for
from tests.airflow.test_operator import name_of_only, posts
from tests.client.api_stand_in import QUEUE, StandIn


def test_a_worker_that_is_told_to_end_its_task_stops_the_job(airflow: Airflow, queue: StandIn) -> None:
    worker = airflow.play("start", "waits_once")
    wait_for(lambda: bool(queue.jobs()))
    queue.run(name_of_only(queue))
    time.sleep(2)
    # As Airflow's supervisor does when a task was cleared, or marked as ended.
    worker.send_signal(signal.SIGTERM)
    ended = airflow.ended(worker)
    assert not queue.jobs()
    assert posts(queue) == 1
    assert "Stopped the job waits-once-job-" in ended.log
    assert ended.task["state"] == "failed"


@pytest.mark.parametrize("act", ["user", "shutdown"])
def test_a_person_who_acts_on_a_deferred_task_stops_its_job_and_a_triggerer_that_ends_does_not(
    airflow: Airflow, queue: StandIn, act: str
) -> None:
    queue.add_job("nightly-1")
    queue.run("nightly-1")
    process = airflow.started(str(HERE / "act_on_deferred.py"), QUEUE, "nightly-1", act)
    log, _ = process.communicate(timeout=120)
    assert process.returncode == 0, log
    assert bool(queue.jobs()) == (act == "shutdown"), log
