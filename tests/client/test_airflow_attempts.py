"""Which job is a task's, without an Airflow: `tests/airflow` has one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from skate.aio import AsyncClient
from skate.airflow.attempts import Try, find_or_submit, numbered, task_job_id
from skate.async_job import AsyncJob
from skate.identifiers import LABEL, LONGEST, name_of

from tests.client.api_stand_in import APPLICATIONS, QUEUE, StandIn

JOB: dict[str, Any] = {"spec": {"type": "Python", "mainApplicationFile": "local:///job.py"}}
RUN: dict[str, Any] = {
    "installation": "https://airflow",
    "dag_id": "nightly",
    "task_id": "load",
    "run_id": "scheduled__2026-11-29T00:00:00+00:00",
    "map_index": -1,
}


async def looked(job_id: str, attempt: Try) -> tuple[AsyncJob, list[str]]:
    """What a try finds or submits, and what it is told."""
    said: list[str] = []

    def told(message: str, *args: object) -> None:
        said.append(message % args)

    async with AsyncClient() as client:

        async def make(identifier: str) -> dict[str, Any]:
            return await client.application(JOB, QUEUE, identifier)

        job = await find_or_submit(client, QUEUE, job_id, attempt, make, named=lambda _: None, told=told)
    return job, said


def look(job_id: str, number: int, first: int = 1) -> AsyncJob:
    """What a try finds or submits."""
    return asyncio.run(looked(job_id, Try(number=number, first=first)))[0]


def names(cluster: StandIn) -> list[str]:
    """The jobs that are there."""
    return [job["metadata"]["name"] for job in cluster.jobs()]


@pytest.mark.parametrize("changed", ["installation", "dag_id", "task_id", "run_id", "map_index"])
def test_another_task_run_or_airflow_has_another_identifier(changed: str) -> None:
    other = 3 if changed == "map_index" else f"{RUN[changed]}x"
    assert task_job_id(**RUN) == task_job_id(**RUN)
    assert task_job_id(**RUN) != task_job_id(**{**RUN, changed: other})


@pytest.mark.parametrize("dag_id", ["nightly", "x" * 200, "7days", "Ünïcode.dag", "a.b-c_d", "-", "日本"])
def test_an_identifier_is_a_name_in_the_cluster_however_often_the_task_is_tried(dag_id: str) -> None:
    for number in (1, 2, 999):
        job_id = numbered(task_job_id(**{**RUN, "dag_id": dag_id}), number)
        assert LABEL.fullmatch(job_id)
        assert len(job_id) <= LONGEST
        assert name_of(job_id) == job_id


def test_a_long_identifier_of_ones_own_has_a_number_too() -> None:
    given = "N" * 63
    assert len({numbered(given, number) for number in (1, 2, 3)}) == 3
    assert all(LABEL.fullmatch(numbered(given, number)) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("number", "most", "retries", "first"),
    [
        (1, 2, 2, 1),
        (3, 2, 2, 1),
        (2, 3, 2, 2),  # cleared after its first try
        (4, 5, 2, 4),
        (2, 1, 2, 1),  # more retries than when the run began
        (1, 2, 0, 1),  # fewer
    ],
)
def test_a_try_knows_where_its_retries_began(number: int, most: int, retries: int, first: int) -> None:
    assert Try.of(number, most, retries).first == first


def test_tries_at_once_are_one_job_whichever_they_are(cluster: StandIn) -> None:
    async def both() -> list[AsyncJob]:
        tries = [Try(number=number, first=1) for number in (1, 1, 2, 3)]
        return [job for job, _ in await asyncio.gather(*(looked("load-1", each) for each in tries))]

    assert {job.name for job in asyncio.run(both())} == {"load-1"}
    assert names(cluster) == ["load-1"]


@pytest.mark.parametrize("state", ["", "SUBMITTED", "RUNNING", "PENDING_RERUN", "COMPLETED"])
def test_a_job_that_has_not_failed_is_found(cluster: StandIn, state: str) -> None:
    look("load-1", 1)
    cluster.set_state("load-1", state)
    again = look("load-1", 2)
    assert again.found
    assert names(cluster) == ["load-1"]


def test_after_a_failed_job_comes_another_which_the_next_tries_find(cluster: StandIn) -> None:
    look("load-1", 1)
    cluster.set_state("load-1", "FAILED")
    assert look("load-1", 1).name == "load-1"
    assert look("load-1", 2).name == "load-1-2"
    assert look("load-1", 3).name == "load-1-2"
    # Its object is gone a day after its end.
    cluster.objects.pop((APPLICATIONS, QUEUE, "load-1"))
    assert look("load-1", 3).name == "load-1-2"
    cluster.set_state("load-1-2", "FAILED")
    assert look("load-1", 3).name == "load-1-3"


def test_a_cleared_task_has_another_job_and_stops_what_was_left(cluster: StandIn) -> None:
    look("load-1", 1)
    cluster.set_state("load-1", "COMPLETED")
    assert look("load-1", 2, first=2).name == "load-1-2"
    cluster.set_state("load-1-2", "RUNNING")
    job, said = asyncio.run(looked("load-1", Try(number=4, first=4)))
    assert job.name == "load-1-4"
    assert names(cluster) == ["load-1", "load-1-4"]
    assert said == ["Stopped load-1-2, which ran when the task was cleared."]


def test_a_job_of_somebody_elses_is_left_alone(cluster: StandIn) -> None:
    cluster.add_job("load-1")["metadata"]["labels"] = {"elastic-spark/job-id": "another"}
    assert look("load-1-2", 1, first=1).name == "load-1-2"
    with pytest.raises(Exception, match="another job of the name load-1"):
        look("load-1", 1)


def test_a_job_waits_for_the_driver_of_one_that_was_stopped(cluster: StandIn) -> None:
    cluster.add_pod("load-1-driver", "load-1", "driver")

    async def both() -> list[str]:
        looking = asyncio.ensure_future(looked("load-1", Try(number=2, first=1)))
        await asyncio.sleep(1.5)
        assert not names(cluster)
        cluster.objects.pop(("pods", QUEUE, "load-1-driver"))
        return (await looking)[1]

    assert asyncio.run(both()) == ["Waiting for the driver of an earlier load-1 to end."]
    assert names(cluster) == ["load-1"]
