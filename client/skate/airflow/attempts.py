"""Which job is a task's: one for all tries, until it has failed; after a clear another one.

A job's number stands in its identifier. It follows from what is in the queue and not from who asks, so that two workers
with one task, of whichever try, ask for one job.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from skate.aio import AsyncClient
from skate.async_job import AsyncJob
from skate.identifiers import LABEL, name_for, name_of
from skate.states import DRIVER_SUFFIX, JOB_ID, Phase, job_state

if TYPE_CHECKING:
    from skate.cluster import Object

DIGEST: Final = 10
NUMBER: Final = 4
"""Letters that are left for a job's number."""
REMAINS_SECONDS: Final = 120.0
"""For a driver that is being stopped to go: its grace period, and then some."""


@dataclass(frozen=True, kw_only=True)
class Try:
    """A try of a task.

    Args:
        number: counted by Airflow from 1, through clears.
        first: the one with which it counts retries since the task was last cleared; 1 if it never was.
    """

    number: int
    first: int

    @classmethod
    def of(cls, number: int, most: int, retries: int) -> Try:
        """A try as Airflow says it.

        Args:
            number: its own.
            most: the task's `max_tries`, to which a clear adds what came before.
            retries: of the task.

        Source: apache-airflow-core 3.3.2, airflow/models/taskinstance.py (clear_task_instances)
        """
        return cls(number=number, first=max(1, min(number, most - retries + 1)))


class Told(Protocol):
    """Is told what is done."""

    def __call__(self, message: str, *args: object) -> None:
        """As a logger is."""


def task_job_id(*, installation: str, dag_id: str, task_id: str, run_id: str, map_index: int) -> str:
    """The identifier of a task's job: readable, and another one for each other task, run and Airflow.

    Args:
        installation: what tells one Airflow from another, such as its address: two may have the same runs.
        dag_id: of the DAG.
        task_id: of the task.
        run_id: of the run.
        map_index: of a mapped task; -1 for others.
    """
    whole = json.dumps([installation, dag_id, task_id, run_id, map_index])
    digest = hashlib.sha256(whole.encode()).hexdigest()[:DIGEST]
    short = name_for(f"{dag_id}-{task_id}", "0" * (DIGEST + NUMBER)).removesuffix("0" * (DIGEST + NUMBER))
    return f"{short}{digest}"


def numbered(job_id: str, number: int) -> str:
    """The identifier of a task's job of that number; the first has none."""
    if number == 1:
        return job_id
    whole = f"{job_id}-{number}"
    return whole if LABEL.fullmatch(whole) else name_of(whole)


async def find_or_submit(
    client: AsyncClient,
    queue: str,
    job_id: str,
    attempt: Try,
    make: Callable[[str], Awaitable[Object]],
    *,
    named: Callable[[str], None],
    told: Told,
) -> AsyncJob:
    """The job of a task: the one that is there and hasn't failed, or a new one.

    One that was left running when the task was cleared is stopped first.

    Args:
        client: as whom.
        queue: the queue's namespace.
        job_id: of the task's first job.
        attempt: this try.
        make: the application of an identifier.
        named: told the job's name before it is there.
        told: what is done, in words.

    Raises:
        SkateError: see `skate.aio.AsyncClient.submit`.
    """
    there = await _there(client, queue, job_id, attempt)
    usable = None
    for number, job in there.items():
        phase = job_state(job.application).phase
        if number < attempt.first:
            if phase not in (Phase.SUCCEEDED, Phase.FAILED) and await job.kill():
                told("Stopped %s, which ran when the task was cleared.", job.name)
        elif phase is not Phase.FAILED:
            usable = job
    number = min(attempt.number, max(attempt.first, max(there, default=0) + 1))
    # A job that has failed in this very try isn't run again by it.
    found = usable or there.get(number)
    if found is not None:
        named(found.name)
        found.found = True
        return found
    identifier = numbered(job_id, number)
    name = name_of(identifier)
    if attempt.number > 1:
        await _gone(client, queue, name, told)
    application = await make(identifier)
    named(name)
    return await client.submit_application(application)


async def _there(client: AsyncClient, queue: str, job_id: str, attempt: Try) -> dict[int, AsyncJob]:
    """The jobs of a task that are there, by number: a try makes one at most."""
    identifiers = {number: numbered(job_id, number) for number in range(1, attempt.number + 1)}
    found = await asyncio.gather(*(client.cluster.application(queue, name_of(each)) for each in identifiers.values()))
    return {
        number: AsyncJob(client, application)
        for (number, identifier), application in zip(identifiers.items(), found, strict=True)
        if application is not None
        and not application["metadata"].get("deletionTimestamp")
        and (application["metadata"].get("labels") or {}).get(JOB_ID) == identifier
    }


async def _gone(client: AsyncClient, queue: str, name: str, told: Told) -> None:
    """Wait until nothing is left of a job of that name that was stopped: its successor's driver has the same name."""
    until = time.monotonic() + REMAINS_SECONDS
    waits = False
    while time.monotonic() < until:
        if await client.cluster.pod(queue, name + DRIVER_SUFFIX) is None:
            return
        if not waits:
            told("Waiting for the driver of an earlier %s to end.", name)
        waits = True
        await asyncio.sleep(1)
