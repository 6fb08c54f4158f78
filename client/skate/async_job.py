"""A job in a queue, for asyncio: where it is, its log, its cost, why it failed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from skate.cluster import Cluster, Object
from skate.errors import JobNotFoundError, SkateError, UnreachableError
from skate.states import DRIVER_CONTAINER, NAME, JobState, Phase, full, job_state, waiting_drivers

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.history import Usage
    from skate.why import Cause

PAUSE_SECONDS: Final = 2.0
"""Between two looks at a job that is waited for."""
PATIENCE_SECONDS: Final = 900.0
"""With an API server that doesn't answer, while a job runs."""
AGAIN_SECONDS: Final = 5.0
UI_PORT: Final = 4040


class AsyncJob:
    """A job in a queue.

    Attributes:
        name: of its application.
        queue: its namespace.
        found: whether it was there already when it was submitted.
    """

    def __init__(self, client: AsyncClient, application: Object, *, found: bool = False) -> None:
        self._client = client
        self._application = application
        self._last: JobState | None = None
        self.name: str = application["metadata"]["name"]
        self.queue: str = application["metadata"]["namespace"]
        self.found = found

    @property
    def application(self) -> Object:
        """Its object, as it was last seen."""
        return self._application

    @property
    def cluster(self) -> Cluster:
        """The API of the cluster where it is."""
        return self._client.cluster

    async def state(self) -> JobState:
        """Where it is now. One that somebody has removed meanwhile counts as stopped."""
        there, pods = await asyncio.gather(
            self._client.cluster.application(self.queue, self.name),
            self._client.cluster.pods(self.queue, {NAME: self.name}),
        )
        if there is None:
            last = self._last or job_state(self._application)
            return last if last.has_ended else _stopped(last)
        self._application = there
        self._last = job_state(there, pods)
        if self._last.phase is Phase.QUEUED:
            drivers = await self._client.cluster.pods(self.queue, {"spark-role": "driver"})
            at_once = (await self._client.card(self.queue)).applications_at_once
            self._last = job_state(there, pods, waiting_drivers(drivers), full(drivers, at_once))
        return self._last

    async def states(
        self, pause_seconds: float = PAUSE_SECONDS, *, trouble: Callable[[SkateError], None] | None = None
    ) -> AsyncIterator[JobState]:
        """Where it is, whenever that has changed, until it has ended; through lost connections.

        Args:
            pause_seconds: between two looks at it.
            trouble: told when the API server stops to answer.

        Raises:
            LoginError: the login has ended meanwhile. The job goes on.
            UnreachableError: the API server hasn't answered for PATIENCE_SECONDS.
        """
        before: JobState | None = None
        answered = time.monotonic()
        told = False
        while before is None or not before.has_ended:
            try:
                now = await self.state()
            except UnreachableError as error:
                if time.monotonic() - answered > PATIENCE_SECONDS:
                    raise
                if trouble is not None and not told:
                    trouble(error)
                told = True
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            answered, told = time.monotonic(), False
            if now != before:
                yield now
            before = now
            if not now.has_ended:
                await asyncio.sleep(pause_seconds)

    async def wait(self, timeout_seconds: float | None = None) -> JobState:
        """Where it ended.

        Raises:
            TimeoutError: it hasn't, after so long. It goes on.
        """
        async with asyncio.timeout(timeout_seconds):
            async for state in self.states():
                last = state
        return last

    async def logs(self, *, follow: bool = False, tail: int | None = None) -> AsyncIterator[str]:
        """The lines of its driver's log; with `follow` until its driver ends.

        Raises:
            JobNotFoundError: its driver has none yet, or is gone.
        """
        state = await self.state()
        if not state.driver or await self._client.cluster.pod(self.queue, state.driver) is None:
            raise JobNotFoundError(
                f"The driver of {self.name} has no log: it is {state.phase}.", "`skate why` says more."
            )
        async for line in self._client.cluster.log(
            self.queue, state.driver, DRIVER_CONTAINER, follow=follow, tail=tail
        ):
            yield line

    async def why(self) -> Cause:
        """Why it ended as it did, or waits: one cause and one remedy, from what is left of it.

        Raises:
            NotAllowedError, LoginError, UnreachableError: as their names say.
        """
        from skate.why import cause_of
        from skate.why.gather import gather

        return cause_of(await gather(self._client.cluster, self._application, self._kept_log))

    async def _kept_log(self, application_id: str) -> tuple[str, ...]:
        from skate.past_logs import last, past_log
        from skate.why.past import DRIVER_LINES

        return await last(past_log(await self._client.card(self.queue), application_id), DRIVER_LINES)

    async def kill(self) -> bool:
        """Stop it and remove it; whether it was there."""
        return await self._client.cluster.delete(self.queue, self.name)

    async def usage(self) -> Usage | None:
        """What it has taken so far, or in all; None as long as nobody can tell."""
        state = await self.state()
        if not state.application_id:
            return None
        try:
            if state.phase is Phase.RUNNING:
                async with self._client.pages(self.queue, state.driver, UI_PORT, f"the driver of {self.name}") as pages:
                    return await pages.usage(state.application_id, None)
            async with self._client.history_pages(self.queue) as pages:
                return await pages.usage(state.application_id, state.ended)
        except SkateError:
            return None


def _stopped(last: JobState) -> JobState:
    return replace(last, phase=Phase.STOPPED, reason="Somebody removed it.", ended=datetime.now(UTC))
