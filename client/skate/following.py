"""Follows a job to its end, through lost connections: where it is, and each line of its driver's log once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from skate.async_job import PAUSE_SECONDS, AsyncJob
from skate.cluster import Cluster
from skate.errors import JobNotFoundError, SkateError, UnreachableError
from skate.states import DRIVER_CONTAINER, JobState, Phase

LAST_LINES_SECONDS: Final = 10.0
"""For the log to end, once the job has."""
OVERLAP_SECONDS: Final = 5
"""Read again where a log is continued; what was read is known by its time."""


class Watcher(Protocol):
    """Is told what happens to a job."""

    def state(self, state: JobState) -> None:
        """Where it is now."""

    def line(self, text: str) -> None:
        """A line of its driver's log."""

    def trouble(self, error: SkateError) -> None:
        """Something doesn't work at the moment, and is tried again."""


@dataclass
class Position:
    """How far a log was read: lines come with the kubelet's time, of which there may be several with one.

    Source: kubernetes v1.36, staging/src/k8s.io/cri-client/pkg/logs/logs.go (timeFormatOut: always nine digits)
    """

    stamp: str = ""
    seen: int = 0

    def new(self, line: str, passed: dict[str, int]) -> str | None:
        """The text of a line that was not read before.

        Args:
            line: with its time.
            passed: how often each time came in this reading; counts on.
        """
        stamp, _, text = line.partition(" ")
        passed[stamp] = passed.get(stamp, 0) + 1
        if stamp < self.stamp or (stamp == self.stamp and passed[stamp] <= self.seen):
            return None
        self.stamp, self.seen = stamp, passed[stamp]
        return text

    @property
    def since_seconds(self) -> int | None:
        """How far back to read; None for all."""
        with suppress(ValueError):
            gone = (datetime.now(UTC) - datetime.fromisoformat(self.stamp)).total_seconds()
            return max(1, int(gone) + OVERLAP_SECONDS)
        return None


async def follow(
    job: AsyncJob, watcher: Watcher, position: Position | None = None, pause_seconds: float = PAUSE_SECONDS
) -> JobState:
    """Follow a job to its end.

    Args:
        job: that is there.
        watcher: is told.
        position: how far its log was read before; None for not at all to read it.
        pause_seconds: between two looks at it.

    Raises:
        LoginError, UnreachableError: as `skate.async_job.AsyncJob.states`.
    """
    reading: asyncio.Task[None] | None = None
    try:
        async for state in job.states(pause_seconds, trouble=watcher.trouble):
            watcher.state(state)
            idle = reading is None or reading.done()
            if position is not None and idle and state.phase is Phase.RUNNING and state.driver:
                reading = asyncio.ensure_future(
                    follow_log(job.cluster, job.queue, state.driver, watcher, position=position)
                )
        if reading is not None:
            await asyncio.wait([reading], timeout=LAST_LINES_SECONDS)
        if position is not None and state.driver:
            with suppress(SkateError):
                await read(job.cluster, job.queue, state.driver, watcher, position, follow_on=False)
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    return state


async def read(
    cluster: Cluster,
    queue: str,
    pod: str,
    watcher: Watcher,
    position: Position,
    *,
    container: str = DRIVER_CONTAINER,
    tail: int | None = None,
    follow_on: bool,
) -> None:
    """Read what is new in the log of a pod, once or until its container ends or the connection does."""
    passed: dict[str, int] = {}
    lines = cluster.log(
        queue,
        pod,
        container,
        follow=follow_on,
        tail=tail,
        timestamps=True,
        since_seconds=position.since_seconds,
    )
    async for line in lines:
        text = position.new(line, passed)
        if text is not None:
            watcher.line(text)


async def follow_log(
    cluster: Cluster,
    queue: str,
    pod: str,
    watcher: Watcher,
    *,
    container: str = DRIVER_CONTAINER,
    position: Position | None = None,
    tail: int | None = None,
) -> None:
    """Read a pod's log until the pod has ended, through lost connections.

    Args:
        cluster: where it is.
        queue: its namespace.
        pod: its name.
        watcher: is told.
        container: whose log it is.
        position: how far it was read before; counts on.
        tail: of what is there, only the last so many lines.
    """
    position = position or Position()
    told = False
    while True:
        broken: UnreachableError | None = None
        try:
            last = tail if not position.stamp else None
            await read(cluster, queue, pod, watcher, position, container=container, tail=last, follow_on=True)
        except JobNotFoundError:
            pass  # it has not begun
        except UnreachableError as error:
            broken = error
        with suppress(UnreachableError, JobNotFoundError):
            there = await cluster.pod(queue, pod)
            if there is None:
                return
            if there.get("status", {}).get("phase") not in ("Pending", "Running"):
                # What came after a connection broke, and before it ended.
                await read(cluster, queue, pod, watcher, position, container=container, follow_on=False)
                return
        if broken and not told:
            watcher.trouble(broken)
        told = broken is not None
        await asyncio.sleep(1)
