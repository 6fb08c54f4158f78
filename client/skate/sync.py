"""Jobs in queues, without asyncio: the same as `skate.aio`, which does the work in a thread of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from skate.aio import AsyncClient, Given, QueueState
from skate.async_job import PAUSE_SECONDS, AsyncJob
from skate.card import QueueCard
from skate.cluster import Cluster, Object
from skate.deadlines import Deadline
from skate.history import PastJob, Usage
from skate.states import JobState

if TYPE_CHECKING:
    from lightkube import SingleConfig

    from skate.why import Cause

P = ParamSpec("P")
T = TypeVar("T")


class Client:
    """Runs jobs as the person who is logged in. A context manager; `close` ends it otherwise.

    Args and errors are those of `skate.aio.AsyncClient`; `login`, instead of both, is a context that was read already.
    """

    def __init__(
        self,
        *,
        context: str | None = None,
        kubeconfig_file: Path | None = None,
        login: SingleConfig | None = None,
    ) -> None:
        self._opening = start_blocking_portal()
        self._portal: BlockingPortal = self._opening.__enter__()
        try:
            self._client: AsyncClient = self._portal.call(
                lambda: AsyncClient(
                    context=context, kubeconfig_file=kubeconfig_file, cluster=Cluster(login) if login else None
                )
            )
        except BaseException:
            self._opening.__exit__(None, None, None)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._portal.call(self._client.close)
        self._opening.__exit__(None, None, None)

    def card(self, queue: str) -> QueueCard:
        """See `skate.aio.AsyncClient.card`."""
        return self._portal.call(self._client.card, queue)

    def who_am_i(self) -> str:
        """The person's name, as the API server knows it."""
        return self._portal.call(self._client.cluster.who_am_i)[0]

    def my_queues(self) -> list[str]:
        """See `skate.aio.AsyncClient.my_queues`."""
        return self._portal.call(self._client.my_queues)

    def queue(self, queue: str) -> QueueState:
        """See `skate.aio.AsyncClient.queue`."""
        return self._portal.call(self._client.queue, queue)

    def application(
        self, job: Given, queue: str, job_id: str | None = None, deadline: Deadline | None = None
    ) -> Object:
        """See `skate.aio.AsyncClient.application`."""
        return self._portal.call(self._client.application, job, queue, job_id, deadline)

    def submit(self, job: Given, *, queue: str, job_id: str | None = None, deadline: Deadline | None = None) -> Job:
        """See `skate.aio.AsyncClient.submit`."""
        submitted = self._portal.call(lambda: self._client.submit(job, queue=queue, job_id=job_id, deadline=deadline))
        return Job(self._portal, submitted)

    def dry_run(self, application: Object) -> Object:
        """See `skate.aio.AsyncClient.dry_run`."""
        return self._portal.call(self._client.dry_run, application)

    def job(self, name: str, queue: str | None = None) -> Job:
        """See `skate.aio.AsyncClient.job`."""
        return Job(self._portal, self._portal.call(self._client.job, name, queue))

    def jobs(self, queue: str) -> list[JobState]:
        """See `skate.aio.AsyncClient.jobs`."""
        return self._portal.call(self._client.jobs, queue)

    def history(self, queue: str, since: timedelta = timedelta(days=90)) -> list[PastJob]:
        """See `skate.aio.AsyncClient.history`."""
        return self._portal.call(self._client.history, queue, since)


class Job:
    """A job in a queue; see `skate.async_job.AsyncJob`."""

    def __init__(self, portal: BlockingPortal, job: AsyncJob) -> None:
        self._portal = portal
        self._job = job
        self.name = job.name
        self.queue = job.queue
        self.found = job.found

    def state(self) -> JobState:
        """See `skate.async_job.AsyncJob.state`."""
        return self._portal.call(self._job.state)

    def states(self, pause_seconds: float = PAUSE_SECONDS) -> Iterator[JobState]:
        """See `skate.async_job.AsyncJob.states`."""
        return self._each(self._job.states(pause_seconds))

    def wait(self, timeout_seconds: float | None = None) -> JobState:
        """See `skate.async_job.AsyncJob.wait`."""
        return self._portal.call(self._job.wait, timeout_seconds)

    def logs(self, *, follow: bool = False, tail: int | None = None) -> Iterator[str]:
        """See `skate.async_job.AsyncJob.logs`."""
        return self._each(self._job.logs(follow=follow, tail=tail))

    def why(self) -> Cause:
        """See `skate.async_job.AsyncJob.why`."""
        return self._portal.call(self._job.why)

    def kill(self) -> bool:
        """See `skate.async_job.AsyncJob.kill`."""
        return self._portal.call(self._job.kill)

    def usage(self) -> Usage | None:
        """See `skate.async_job.AsyncJob.usage`."""
        return self._portal.call(self._job.usage)

    def _each(self, source: AsyncIterator[T]) -> Iterator[T]:
        following: Callable[[], Awaitable[T]] = source.__anext__
        while True:
            try:
                yield self._portal.call(following)
            except StopAsyncIteration:
                return
