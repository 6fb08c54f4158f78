"""Waits for a job, on a worker or in a triggerer: where it is and its driver's log go into the task's log."""

from __future__ import annotations

import asyncio
import time
from typing import Final, Protocol

from skate.async_job import AsyncJob
from skate.errors import SkateError
from skate.following import Position, follow
from skate.states import JobState, Phase

Outcome = dict[str, str]
"""How a job ended, as a trigger's event: `job`, `queue`, `ended` (a phase, `timeout` or `lost`) and `message`."""
TIMEOUT: Final = "timeout"
"""It took longer than the task may, and was stopped."""
LOST: Final = "lost"
"""It can't be seen any more; it may go on."""


class Log(Protocol):
    """A task's log."""

    def info(self, message: str, *args: object) -> None:
        """What happens."""

    def warning(self, message: str, *args: object) -> None:
        """What doesn't work at the moment."""


class _LogWatcher:
    def __init__(self, log: Log) -> None:
        self._log = log
        self._said = ""

    def state(self, state: JobState) -> None:
        said = _words(state)
        if said != self._said:
            self._log.info("%s", said)
        self._said = said

    def line(self, text: str) -> None:
        self._log.info("%s", text)

    def trouble(self, error: SkateError) -> None:
        self._log.warning("%s", error)


async def watched(job: AsyncJob, log: Log, *, logs: bool, pause_seconds: float, deadline: float | None) -> Outcome:
    """How a job ended, once it has.

    Args:
        job: that is there.
        log: the task's.
        logs: whether its driver's log goes there.
        pause_seconds: between two looks at it.
        deadline: when to stop it, in seconds since 1970; None for never.
    """
    try:
        async with asyncio.timeout(None if deadline is None else max(0.0, deadline - time.time())) as limit:
            state = await follow(job, _LogWatcher(log), Position() if logs else None, pause_seconds)
    except TimeoutError:
        if not limit.expired():
            raise
        await job.kill()
        return outcome(job, TIMEOUT, f"The job {job.name} took longer than the task may, and was stopped.")
    except SkateError as error:
        return outcome(
            job, LOST, f"The job {job.name} can't be watched, and may go on; the next try finds it.\n{error}"
        )
    if state.phase is Phase.SUCCEEDED:
        return outcome(job, state.phase, "")
    return outcome(job, state.phase, await _why(job, state))


def outcome(job: AsyncJob, ended: str, message: str) -> Outcome:
    """How a job ended, as it can be sent."""
    return {"job": job.name, "queue": job.queue, "ended": str(ended), "message": message}


async def _why(job: AsyncJob, state: JobState) -> str:
    said = f"The job {job.name} in {job.queue} has {'been stopped' if state.phase is Phase.STOPPED else 'failed'}."
    if state.phase is Phase.STOPPED:
        return f"{said} {state.reason}"
    try:
        cause = await job.why()
    except SkateError as error:
        return f"{said} {state.reason}\nWhy can't be said: {error}"
    return "\n".join([said, *cause.lines()])


def _words(state: JobState) -> str:
    parts = [f"{state.name}: {state.phase}"]
    if state.place is not None:
        parts.append(f"place {state.place}")
    if state.phase is Phase.RUNNING:
        most = f" of {state.most_executors}" if state.most_executors is not None else ""
        parts.append(f"{state.executors}{most} executors")
    if state.reason:
        parts.append(state.reason)
    return ", ".join(parts)
