"""The SDK, sync and async, from the queue to a job's end, on a platform whose software is the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar

import pytest
from skate import Client
from skate.aio import AsyncClient
from skate.async_job import AsyncJob
from skate.errors import JobNotFoundError
from skate.states import JobState, Phase

from tests.end_to_end.clock import Clock
from tests.end_to_end.platform import JOB_ID, QUEUE, Platform

T = TypeVar("T")
PI: Final[dict[str, Any]] = {
    "metadata": {"name": "nightly"},
    "spec": {
        "type": "Python",
        "mainApplicationFile": "local:///opt/spark/examples/src/main/python/pi.py",
        "arguments": ["10"],
    },
}


def is_in(phase: Phase, look: Callable[[], JobState]) -> Callable[[], JobState | None]:
    """Where a job is, if it is in a phase."""

    def found() -> JobState | None:
        state = look()
        return state if state.phase is phase else None

    return found


def test_jobs_wait_run_end_and_are_stopped(there: Platform) -> None:
    with Client() as client:
        first = client.submit(PI, queue=QUEUE, job_id="sdk-2026-11-29")
        clock = Clock("SDK, the first")
        there.says(first.name, "the first begins")
        driver = there.running_driver(first.name)
        there.makes_executors(driver, 2)
        state = there.eventually(is_in(Phase.RUNNING, first.state), "the first runs")
        clock.mark("runs")
        assert (state.executors, state.job_id) == (2, "sdk-2026-11-29")

        second = client.submit(PI, queue=QUEUE, job_id="sdk-2026-11-30")
        later = Clock("SDK, the second")
        state = there.eventually(is_in(Phase.QUEUED, second.state), "the second waits")
        later.mark("queued")
        assert state.place == 1
        assert state.reason == "as many jobs run as the queue lets run at once (1)"
        assert client.queue(QUEUE).waiting == (second.name,)

        there.says(first.name, "all is done")
        there.ends(driver)
        assert first.wait(timeout_seconds=60).phase is Phase.SUCCEEDED
        clock.mark("done")
        assert list(first.logs()) == ["the first begins", "all is done"]
        clock.stop()

        there.running_driver(second.name)
        later.mark("runs")
        later.stop()
        again = client.submit(PI, queue=QUEUE, job_id="sdk-2026-11-30")
        assert (again.name, again.found) == (second.name, True)
        assert client.job("sdk-2026-11-30", QUEUE).kill()
        there.eventually(lambda: not there.pods(second.name), "its pods are gone")
        assert second.wait(timeout_seconds=60).phase is Phase.STOPPED
        with pytest.raises(JobNotFoundError):
            client.job("sdk-2026-11-30", QUEUE)
        assert [job.name for job in client.jobs(QUEUE)] == [first.name]


def test_the_same_without_blocking(there: Platform) -> None:
    async def follow() -> tuple[list[JobState], list[str]]:
        async with AsyncClient() as client:
            job = await client.submit(PI, queue=QUEUE, job_id="async-2026-11-29")
            there.says(job.name, "it begins")
            playing = asyncio.ensure_future(asyncio.to_thread(play, job))
            states = [state async for state in job.states(pause_seconds=0.2)]
            await playing
            return states, [line async for line in job.logs()]

    def play(job: AsyncJob) -> None:
        driver = there.running_driver(job.name)
        (executor,) = there.makes_executors(driver, 1)
        assert executor["metadata"]["labels"][JOB_ID] == "async-2026-11-29"
        there.says(job.name, "all is done")
        there.ends(driver)

    states, lines = asyncio.run(follow())
    phases = list(dict.fromkeys(state.phase for state in states))
    assert phases[0] is Phase.SUBMITTED
    assert phases[-2:] == [Phase.RUNNING, Phase.SUCCEEDED]
    assert {state.job_id for state in states} == {"async-2026-11-29"}
    assert lines == ["it begins", "all is done"]
