"""The trigger: waits for a job in the triggerer, so that no worker does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from inspect import signature
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from skate.airflow.hook import SkateHook
from skate.airflow.watching import LOST, watched
from skate.async_job import AsyncJob
from skate.errors import SkateError
from skate.states import Phase


class SkateTrigger(BaseTrigger):
    """Fires once, when a job has ended; the event is a `skate.airflow.watching.Outcome`.

    Airflow calls `on_kill` when the deferred task is cleared, or marked as ended by a person. It does not when the
    task's time is up, which therefore the trigger sees to.

    Args:
        queue: the queue's namespace.
        name: the job's.
        skate_conn_id: the connection.
        logs: whether its driver's log goes into the task's.
        poll_interval: seconds between two looks at the job.
        deadline: when to stop it, in seconds since 1970; None for never.

    Source: apache-airflow-core 3.3.2, airflow/triggers/base.py (on_kill)
    """

    def __init__(
        self,
        *,
        queue: str,
        name: str,
        skate_conn_id: str,
        logs: bool = True,
        poll_interval: float = 10.0,
        deadline: float | None = None,
    ) -> None:
        super().__init__()
        self.queue = queue
        self.name = name
        self.skate_conn_id = skate_conn_id
        self.logs = logs
        self.poll_interval = poll_interval
        self.deadline = deadline

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """By what Airflow makes it again."""
        arguments = signature(type(self)).parameters
        return "skate.airflow.trigger.SkateTrigger", {name: getattr(self, name) for name in arguments}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait for the job."""
        yield TriggerEvent(await self._outcome())

    async def on_kill(self) -> None:
        """Stop the job: somebody has cleared the task, or said how it ended."""
        login = await SkateHook(self.skate_conn_id).alogin()
        async with login.client() as client:
            if await client.cluster.delete(self.queue, self.name):
                self.log.info("Stopped the job %s.", self.name)

    async def _outcome(self) -> dict[str, str]:
        try:
            login = await SkateHook(self.skate_conn_id).alogin()
            async with login.client() as client:
                there = await client.cluster.application(self.queue, self.name)
                if there is None:
                    return self._ended(Phase.STOPPED, f"The job {self.name} in {self.queue} was removed by somebody.")
                return await watched(
                    AsyncJob(client, there),
                    self.log,
                    logs=self.logs,
                    pause_seconds=self.poll_interval,
                    deadline=self.deadline,
                )
        except SkateError as error:
            return self._ended(LOST, f"The job {self.name} can't be watched; the next try finds it.\n{error}")

    def _ended(self, ended: str, message: str) -> dict[str, str]:
        return {"job": self.name, "queue": self.queue, "ended": str(ended), "message": message}
