"""The operator in a real Airflow, whose DAGs are run; jobs are played by the test."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from skate.deadlines import DEADLINE

from tests.airflow.environment import SECONDS, Airflow, wait_for
from tests.client.api_stand_in import APPLICATIONS, QUEUE, Object, StandIn


def posts(queue: StandIn) -> int:
    """How many applications were asked for."""
    return sum(method == "POST" and APPLICATIONS in path for method, path in queue.seen)


def only(queue: StandIn) -> Object:
    """The one job that is there."""
    (job,) = queue.jobs()
    return job


def name_of_only(queue: StandIn) -> str:
    """Its name."""
    return str(only(queue)["metadata"]["name"])


@contextmanager
def operator(play: Callable[[], None]) -> Iterator[None]:
    """The Spark operator, at the same time."""
    faults: list[BaseException] = []

    def played() -> None:
        try:
            play()
        except BaseException as fault:
            faults.append(fault)

    thread = Thread(target=played, daemon=True)
    thread.start()
    yield
    thread.join(SECONDS)
    assert not faults, faults


def runs_to_its_end(queue: StandIn, number: int = 1, state: str = "COMPLETED", *lines: str) -> Callable[[], None]:
    """The life of the job that is there when there are so many."""

    def play() -> None:
        wait_for(lambda: len(queue.jobs()) == number)
        name = queue.jobs()[-1]["metadata"]["name"]
        queue.run(name, *(lines or ("the driver says this",)))
        time.sleep(2)
        queue.end(name, state, "driver container failed with ExitCode: 1, Reason: Error")

    return play


@pytest.mark.parametrize("dag", ["waits", "defers"])
def test_a_job_is_submitted_waited_for_and_its_log_is_the_tasks(airflow: Airflow, queue: StandIn, dag: str) -> None:
    with operator(runs_to_its_end(queue)):
        ended = airflow.run("start", dag)
    assert ended.task["state"] == "success"
    assert posts(queue) == 1
    job = only(queue)
    assert job["spec"]["arguments"] == [dag]
    assert job["metadata"]["name"] == job["metadata"]["labels"]["elastic-spark/job-id"]
    assert job["metadata"]["name"].startswith(f"{dag}-job-")
    assert ended.log.count("the driver says this") == 1
    assert "HTTP Request" not in ended.log
    assert ("Trigger fired" in ended.log or "Trigger completed" in ended.log) == (dag == "defers")


@pytest.mark.parametrize("dag", ["waits", "defers"])
def test_the_error_of_a_failed_job_says_why_and_a_retry_is_another_job(
    airflow: Airflow, queue: StandIn, dag: str
) -> None:
    trace = (
        "Traceback (most recent call last):",
        '  File "/opt/job.py", line 3, in <module>',
        "ValueError: no such day: 2026-02-30",
    )

    def play() -> None:
        runs_to_its_end(queue, 1, "FAILED", *trace)()
        runs_to_its_end(queue, 2)()

    with operator(play):
        failed = airflow.run("start", dag)
    first, second = (job["metadata"]["name"] for job in queue.jobs())
    assert second == f"{first}-2"
    assert f"The job {first} in {QUEUE} has failed." in failed.log
    assert "Why (exception in the program)" in failed.log
    assert failed.task["state"] == "success"
    assert failed.task["try"] == 2


@pytest.mark.parametrize("dag", ["waits", "defers"])
def test_a_killed_worker_leaves_a_job_that_the_next_try_finds(airflow: Airflow, queue: StandIn, dag: str) -> None:
    worker = airflow.play("start", dag)
    wait_for(lambda: bool(queue.jobs()))
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()
    with operator(runs_to_its_end(queue)):
        again = airflow.run("retry", dag)
    assert again.task["state"] == "success"
    assert again.task["try"] == 2
    assert "was submitted before" in again.log
    assert posts(queue) == 1


def test_a_job_that_ended_well_while_no_worker_was_there_is_not_run_again(airflow: Airflow, queue: StandIn) -> None:
    worker = airflow.play("start", "waits")
    wait_for(lambda: bool(queue.jobs()))
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()
    runs_to_its_end(queue)()
    again = airflow.run("retry", "waits")
    assert again.task["state"] == "success"
    assert posts(queue) == 1


def test_a_cleared_task_stops_the_job_that_was_left_and_runs_another(airflow: Airflow, queue: StandIn) -> None:
    worker = airflow.play("start", "waits")
    wait_for(lambda: bool(queue.jobs()))
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()
    first = name_of_only(queue)

    def play() -> None:
        wait_for(lambda: posts(queue) == 2)
        assert name_of_only(queue) == f"{first}-2"
        runs_to_its_end(queue)()

    with operator(play):
        again = airflow.run("clear", "waits")
    assert again.task["state"] == "success"
    assert f"Stopped {first}" in again.log


def test_a_cleared_task_whose_job_ended_well_is_run_again(airflow: Airflow, queue: StandIn) -> None:
    with operator(runs_to_its_end(queue)):
        airflow.run("start", "waits")
    with operator(runs_to_its_end(queue, 2)):
        again = airflow.run("clear", "waits")
    assert again.task["state"] == "success"
    assert posts(queue) == 2


def test_a_lost_answer_is_one_job(airflow: Airflow, queue: StandIn) -> None:
    queue.lose = 1
    with operator(runs_to_its_end(queue)):
        assert airflow.run("start", "waits").task["state"] == "success"
    only(queue)


@pytest.mark.parametrize("dag", ["waits_not_long", "defers_not_long"])
def test_a_job_that_takes_longer_than_its_task_may_is_stopped(airflow: Airflow, queue: StandIn, dag: str) -> None:
    ended = airflow.run("start", dag)
    assert ended.task["state"] == "failed"
    assert posts(queue) == 1
    assert not queue.jobs()


def test_a_job_that_somebody_removes_fails_its_task(airflow: Airflow, queue: StandIn) -> None:
    def play() -> None:
        wait_for(lambda: bool(queue.jobs()))
        time.sleep(2)
        queue.objects.pop((APPLICATIONS, QUEUE, name_of_only(queue)))
        runs_to_its_end(queue)()

    with operator(play):
        ended = airflow.run("start", "waits")
    assert "has been stopped. Somebody removed it." in ended.log
    # Its retry.
    assert ended.task["state"] == "success"


def test_each_way_to_say_a_job_is_a_job(airflow: Airflow, queue: StandIn) -> None:
    ended = airflow.run("start", "submits", "main", "file", "given", "mapped", "of_the_connection")
    assert {task["state"] for tasks in ended.dags.values() for task in tasks} == {"success"}
    jobs = {job["metadata"]["name"]: job for job in queue.jobs()}
    assert len(jobs) == 7
    by_dag = {
        dag: [jobs[name] for name in jobs if name.startswith(f"{dag.replace('_', '-')}-job-")] for dag in ended.dags
    }
    (main,) = by_dag["main"]
    assert main["spec"]["arguments"] == ["--run", ended.dags["main"][0]["run"]]
    assert main["spec"]["dynamicAllocation"]["maxExecutors"] == 3
    (file,) = by_dag["file"]
    assert file["spec"]["arguments"] == [ended.dags["file"][0]["run"]]
    assert sorted(job["spec"]["arguments"] for job in by_dag["mapped"]) == [["a"], ["b"]]
    assert len(by_dag["of_the_connection"]) == 1
    assert [name for name in jobs if name.startswith("nightly-manual-")]
    # The queue of a job is none of Airflow's own, by which it chooses workers.
    assert {task["queue"] for tasks in ended.dags.values() for task in tasks} == {"default"}


def test_a_task_gives_its_job_a_deadline_that_a_template_may_say(airflow: Airflow, queue: StandIn) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    ended = airflow.run("start", "due", "due_soon")
    assert {task["state"] for tasks in ended.dags.values() for task in tasks} == {"success"}
    due = {
        job["spec"]["arguments"][0]: datetime.fromisoformat(job["metadata"]["annotations"][DEADLINE])
        for job in queue.jobs()
    }
    for deadline in (due["due"], due["due_soon"]):
        assert before <= deadline - timedelta(hours=4) <= datetime.now(UTC)


def test_what_is_no_job_fails_at_once_with_what_to_do(airflow: Airflow, queue: StandIn) -> None:
    wrong = [f"wrong_{number}" for number in range(7)]
    ended = airflow.run("start", *wrong)
    assert {(ended.dags[dag][0]["state"], ended.dags[dag][0]["try"]) for dag in wrong} == {("failed", 1)}
    assert not queue.jobs()
    for said in (
        "has job and main.",
        "has no job.",
        "A job has no option executers.",
        "arguments or options beside job",
        "missing.yaml can't be read",
        "do you mean mainApplicationFile?",
        "The deadline 2026-11-30T06:00:00 has no zone",
    ):
        assert said in ended.log


def test_a_job_that_admission_refuses_is_not_tried_again(airflow: Airflow, queue: StandIn) -> None:
    queue.refusal = "the image docker.io/library/python:3 is none of this queue's [application-images]"
    ended = airflow.run("start", "waits")
    assert (ended.task["state"], ended.task["try"]) == ("failed", 1)
    assert queue.refusal in ended.log
