"""Jobs in queues, for asyncio. `skate.sync` has the same without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from skate import kubeconfig
from skate.applications import Request, completed, requested
from skate.async_job import AsyncJob
from skate.card import CARD, CARD_KEY, QueueCard, read_card
from skate.cluster import Cluster, Object
from skate.config import load_config
from skate.deadlines import Deadline, set_deadline
from skate.errors import (
    InputError,
    JobExistsError,
    JobNotFoundError,
    NotAllowedError,
    UnknownQueueError,
    UnreachableError,
)
from skate.forwarding import forwarded
from skate.history import PastJob, SparkPages, Usage
from skate.identifiers import name_of
from skate.job_files import read_job_file
from skate.states import JOB_ID, NAME, JobState, full, job_state, waiting_drivers

SHARED_GROUP: Final = "elastic-spark:shared:"
"""How the groups of principals start that serve several queues: `elastic-spark:shared:<who>:<namespace>:<purpose>`."""
ASKED_AT_ONCE: Final = 8
SUBMIT_TRIES: Final = 3
"""Of a POST that gets no answer and has made nothing."""
Given = str | Path | Mapping[str, Any] | Request
"""A job: a job file's path, an application as in one, or a request in the manner of spark-submit."""


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """A queue as its people see it now.

    Attributes:
        card: what it is.
        drivers, executors: that run.
        waiting: jobs whose drivers have no node, in the order in which they get one.
    """

    card: QueueCard
    drivers: int
    executors: int
    waiting: tuple[str, ...]


class AsyncClient:
    """Runs jobs as the person who is logged in. An asynchronous context manager.

    Args:
        context: of the kubeconfig; by default the one that `skate login` chose, else the current one.
        kubeconfig_file: by default what KUBECONFIG names, or ~/.kube/config; in a pod, its account.
        cluster: instead of both, a cluster's API.

    Raises:
        LoginError: there is no login.
    """

    def __init__(
        self, *, context: str | None = None, kubeconfig_file: Path | None = None, cluster: Cluster | None = None
    ) -> None:
        self._config = load_config()
        self.cluster = cluster or Cluster(kubeconfig.load(context or self._config.context, kubeconfig_file))
        self._cards: dict[str, QueueCard] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self.cluster.close()

    async def card(self, queue: str) -> QueueCard:
        """What a queue is.

        Raises:
            UnknownQueueError: there is none that the person may use; theirs are named.
        """
        if queue not in self._cards:
            self._cards[queue] = await self._read_card(queue)
        return self._cards[queue]

    async def my_queues(self) -> list[str]:
        """The namespaces of the queues that the person may use, as far as they are known.

        These are the ones that they logged in to, the others of these tenants, and those that their groups name.
        """
        _, groups = await self.cluster.who_am_i()
        shared = [group.split(":")[3] for group in groups if group.startswith(SHARED_GROUP) and group.count(":") == 4]
        known = dict.fromkeys([*self._config.queues, *shared])
        cards = await asyncio.gather(*map(self._card_if_any, known))
        others = {name for card in cards if card for name in card.queues} - set(known)
        more = await asyncio.gather(*map(self._card_if_any, sorted(others)))
        return sorted(card.namespace for card in (*cards, *more) if card)

    async def queue(self, queue: str) -> QueueState:
        """A queue as it is now.

        Raises:
            UnknownQueueError: there is none that the person may use.
        """
        card = await self.card(queue)
        pods = await self.cluster.pods(queue)
        running = [
            pod["metadata"].get("labels", {}).get("spark-role")
            for pod in pods
            if pod["status"].get("phase") == "Running"
        ]
        names = [pod["metadata"]["labels"].get(NAME, pod["metadata"]["name"]) for pod in waiting_drivers(pods)]
        return QueueState(
            card=card, drivers=running.count("driver"), executors=running.count("executor"), waiting=tuple(names)
        )

    async def application(
        self, job: Given, queue: str, job_id: str | None = None, deadline: Deadline | None = None
    ) -> Object:
        """The application that `submit` would make.

        Raises:
            InputError: it asks for what the queue doesn't have, or the job file or the deadline is none.
        """
        card = await self.card(queue)
        match job:
            case Request():
                made = requested(card, job, job_id)
            case Mapping():
                made = completed(card, dict(job), job_id)
            case _:
                made = completed(card, read_job_file(Path(job)), job_id)
        set_deadline(made, deadline, datetime.now(UTC))
        return made

    async def submit(
        self, job: Given, *, queue: str, job_id: str | None = None, deadline: Deadline | None = None
    ) -> AsyncJob:
        """Submit a job.

        With an identifier it is submitted once, however often this is called: a later call, also of another program,
        gives the job that is there.

        Args:
            job: what to run.
            queue: the queue's namespace.
            job_id: its identifier, a label's value; by default a new one.
            deadline: by when it must have ended, a time with its zone or a length from now; by default what the job
                says itself. Of a job that is there already, its own stays.

        Raises:
            RefusedError: admission refuses it; each fault is named.
            JobExistsError: something else has that name.
            InputError: it asks for what the queue doesn't have, or the job file or the deadline is none.
            NotAllowedError, LoginError, UnreachableError: as their names say.
        """
        return await self.submit_application(await self.application(job, queue, job_id, deadline))

    async def submit_application(self, application: Object) -> AsyncJob:
        """Submit an application that `application` gave.

        Where no answer comes it is looked for, so that it is there once.
        """
        namespace, name = application["metadata"]["namespace"], application["metadata"]["name"]
        for left in reversed(range(SUBMIT_TRIES)):
            try:
                return AsyncJob(self, await self.cluster.create(application))
            except FileExistsError:
                break
            except UnreachableError:
                if await self.cluster.application(namespace, name) is not None:
                    break
                if not left:
                    raise
        return AsyncJob(self, await self._same(application), found=True)

    async def dry_run(self, application: Object) -> Object:
        """The application as it would be stored, with what admission adds.

        Raises:
            RefusedError: admission would refuse it; each fault is named.
        """
        try:
            return await self.cluster.create(application, dry_run=True)
        except FileExistsError:
            return await self._same(application)

    async def job(self, name: str, queue: str | None = None) -> AsyncJob:
        """A job that is there, by its name or its identifier.

        Args:
            name: either.
            queue: the queue's namespace; by default all of the person's are looked through.

        Raises:
            JobNotFoundError: there is none; older ones are in `history`.
        """
        queues = [queue] if queue else await self.my_queues()
        for namespace in queues:
            found = await self.cluster.application(namespace, name) or await self.cluster.application(
                namespace, name_of(name)
            )
            if found is None:
                found = next(iter(await self.cluster.applications(namespace, {JOB_ID: name})), None)
            if found is not None:
                return AsyncJob(self, found)
        raise JobNotFoundError(
            f"There is no job {name} in {', '.join(queues) or 'any queue of yours'}.",
            "`skate ls --all` lists those that ended before, too.",
        )

    async def jobs(self, queue: str) -> list[JobState]:
        """The jobs of a queue that are there, newest first: those that run, and those that ended lately."""
        card = await self.card(queue)
        applications, pods = await asyncio.gather(self.cluster.applications(queue), self.cluster.pods(queue))
        own: dict[str, list[Object]] = {}
        for pod in pods:
            own.setdefault((pod["metadata"].get("labels") or {}).get(NAME, ""), []).append(pod)
        waiting, held_back = waiting_drivers(pods), full(pods, card.applications_at_once)
        states = [job_state(each, own.get(each["metadata"]["name"], []), waiting, held_back) for each in applications]
        return sorted(
            states, key=lambda state: (state.submitted or datetime.max.replace(tzinfo=UTC), state.name), reverse=True
        )

    async def history(self, queue: str, since: timedelta = timedelta(days=90)) -> list[PastJob]:
        """The jobs that the queue's history server knows, newest first, without the names of their applications.

        Raises:
            InputError: the queue has no history server.
            UnreachableError: it doesn't answer.
        """
        async with self.history_pages(queue) as pages:
            return await pages.applications(datetime.now(UTC) - since)

    async def past_job(self, name: str, queue: str, around: datetime | None = None) -> tuple[PastJob, Usage]:
        """A job that is gone, by its name or by Spark's identifier, as the history server knows it.

        Args:
            name: either.
            queue: the queue's namespace.
            around: when it was submitted, if that is known; else all are looked through, newest first.

        Raises:
            JobNotFoundError: the history server doesn't know it.
        """
        async with self.history_pages(queue) as pages:
            listed = await pages.applications(around - timedelta(minutes=5) if around else None)
            found = next((job for job in listed if name in (job.application_id, job.title)), None)
            if found is None:
                found = await _named(pages, listed, name)
            if found is None:
                raise JobNotFoundError(
                    f"Neither {queue} nor its history server knows a job {name}.",
                    "`skate ls --all` lists those that they know.",
                )
            return found, await pages.usage(found.application_id, found.ended)

    @asynccontextmanager
    async def history_pages(self, queue: str) -> AsyncIterator[SparkPages]:
        """The REST API of the queue's history server, through a forwarded port."""
        card = await self.card(queue)
        if card.history is None:
            raise InputError(
                f"The queue {queue} has no history server.",
                f"An owner of {card.tenant} can switch it on: `history.enabled` of the queue.",
            )
        async with self.pages(queue, card.history.pod, card.history.port, f"the history server of {queue}") as pages:
            yield pages

    @asynccontextmanager
    async def pages(self, queue: str, pod: str, port: int, of: str) -> AsyncIterator[SparkPages]:
        """Spark's REST API at a port of a pod."""
        async with forwarded(lambda: self.cluster.socket(queue, pod, port)) as local:
            pages = SparkPages(local, of)
            try:
                yield pages
            finally:
                await pages.close()

    async def _read_card(self, queue: str) -> QueueCard:
        card = await self._card_if_any(queue)
        if card is None:
            mine = [name for name in await self.my_queues() if name != queue]
            raise UnknownQueueError(
                f"There is no queue {queue} that you may use.",
                f"You may use: {', '.join(mine)}."
                if mine
                else "An owner of a tenant can let you use its queues; `skate login --queue NAME` remembers them.",
            )
        return card

    async def _card_if_any(self, queue: str) -> QueueCard | None:
        try:
            text = await self.cluster.card_text(queue, CARD, CARD_KEY)
        except NotAllowedError:
            return None
        return None if text is None else read_card(queue, text)

    async def _same(self, application: Object) -> Object:
        namespace, name = application["metadata"]["namespace"], application["metadata"]["name"]
        there = await self.cluster.application(namespace, name)
        if there is None:
            raise JobExistsError(f"A job {name} was there and is gone again.", "Submit it again.")
        if (there["metadata"].get("labels") or {}).get(JOB_ID) != application["metadata"]["labels"][JOB_ID]:
            raise JobExistsError(f"{namespace} has another job of the name {name}.", "Give yours another id.")
        return there


async def _named(pages: SparkPages, listed: Sequence[PastJob], name: str) -> PastJob | None:
    """The job of an application's name: the event log tells it, each its own."""
    for first in range(0, len(listed), ASKED_AT_ONCE):
        some = listed[first : first + ASKED_AT_ONCE]
        for job, found in zip(
            some, await asyncio.gather(*(pages.name(job.application_id) for job in some)), strict=True
        ):
            if found in (name, name_of(name)):
                return job
    return None
