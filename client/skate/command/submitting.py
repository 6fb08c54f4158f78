"""What `skate submit`, `run` and `rerun` do: from what was asked for to an application, and to a job."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from skate.command.following import Errand, Shown, follow_to_the_end, interrupted_early
from skate.command.remembering import can_remember, later, remember
from skate.command.session import connected, run
from skate.command.shown.progress import progress
from skate.command.shown.tables import as_json, clock, usd
from skate.command.shown.terminal import complain_of, put, say
from skate.errors import InputError, RefusedError

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.applications import Request
    from skate.artifacts import ArtifactStore
    from skate.async_job import AsyncJob
    from skate.card import QueueCard

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A job that somebody wants.

    Args:
        queue: its namespace.
        job: an application, or a request in the manner of spark-submit.
        folder: from which paths of this machine are meant.
        job_id: its identifier; None makes one.
        requirements: names Python packages that it takes along.
        python: version of the image's Python; None for the queue's own.
        deadline: by when it must have ended; None for what the job says itself.
    """

    queue: str
    job: Object | Request
    folder: Path
    job_id: str | None = None
    requirements: Path | None = None
    python: str | None = None
    deadline: str | None = None


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How it is submitted.

    Args:
        context: of the kubeconfig.
        detach: whether the command ends when the job is in the queue.
        dry_run: whether nothing is submitted.
        json: whether JSON is printed.
        stops: whether the job is stopped when the command is.
        logs: whether the driver's log is shown.
    """

    context: str | None
    detach: bool = False
    dry_run: bool = False
    json: bool = False
    stops: bool = False
    logs: bool = True


class Submission:
    """A job that is asked for, on its way.

    Args:
        source: says what is asked for, once there is a client.
        manner: how it is submitted.
    """

    def __init__(self, source: Callable[[AsyncClient], Awaitable[Asked]], manner: Manner) -> None:
        self._source = source
        self._manner = manner
        self._errand = Errand(context=manner.context, find=self._submit, stops=manner.stops, logs=manner.logs)
        self._store: ArtifactStore | None = None
        self._remembering: asyncio.Task[None] | None = None

    def run(self) -> None:
        """Do as the manner says.

        Raises:
            typer.Exit: as the job ended, if it was waited for.
            SkateError: see `skate.errors`.
        """
        manner = self._manner
        if manner.dry_run:
            run(self._try())
        elif manner.detach:
            self._detach()
        elif manner.json:
            raise InputError("--json prints the job that was submitted, and ends there.", "Say --detach, too.")
        else:
            follow_to_the_end(self._errand)

    def _detach(self) -> None:
        try:
            job = run(self._submitted())
        except KeyboardInterrupt:
            interrupted_early(self._errand)
        if self._manner.json:
            as_json(_record(job))
        else:
            put(job.name)

    async def _submitted(self) -> AsyncJob:
        async with connected(self._manner.context) as client:
            with progress() as shown:
                job = await self._submit(client, shown)
                if self._store is not None:
                    # It has logged in to AWS already.
                    await remember(self._store, job.application)
                elif not job.found and can_remember(card := await client.card(job.queue)):
                    later(card, job.application)
                return job

    async def _submit(self, client: AsyncClient, shown: Shown) -> AsyncJob:
        asked = await self._source(client)
        card = await client.card(asked.queue)
        application = await client.application(asked.job, asked.queue, asked.job_id, asked.deadline)
        errand = self._errand
        name, errand.queue = application["metadata"]["name"], asked.queue
        _say_if_late(application)
        there = asked.job_id and await client.cluster.application(asked.queue, name)
        if not there:
            await self._bring_files(card, asked, application, shown)
        errand.name, errand.submitting = name, True
        job = await client.submit_application(application)
        if job.found:
            say(f"The job {job.name} was submitted before; it is not submitted again.")
        else:
            say(f"Submitted {job.name} to {job.queue}.")
            if not self._manner.detach:
                self._remembering = asyncio.ensure_future(_remembered(card, self._store, application))
        return job

    async def _bring_files(self, card: QueueCard, asked: Asked, application: Object, shown: Shown) -> None:
        if not _has_files(asked, application):
            return
        from skate.artifacts import ArtifactStore
        from skate.local_files import with_files

        self._store = ArtifactStore(card)
        shown.working("bringing files to the queue")
        await with_files(
            card,
            application,
            asked.folder,
            requirements=asked.requirements,
            python=asked.python,
            store=self._store,
        )

    async def _try(self) -> None:
        """Show the application, what admission says, and what it costs."""
        async with connected(self._manner.context) as client:
            asked = await self._source(client)
            card = await client.card(asked.queue)
            application = await client.application(asked.job, asked.queue, asked.job_id, asked.deadline)
            _say_if_late(application)
            if _has_files(asked, application):
                from skate.local_files import with_files

                await with_files(
                    card,
                    application,
                    asked.folder,
                    requirements=asked.requirements,
                    python=asked.python,
                    store=None,
                )
            if asked.job_id and await client.cluster.application(asked.queue, application["metadata"]["name"]):
                say(f"The job {application['metadata']['name']} was submitted before: nothing would be submitted.")
            refused: RefusedError | None = None
            stored: Object | None = None
            try:
                stored = await client.dry_run(application)
            except RefusedError as error:
                refused = error
        _show_try(card, application, stored, refused, json=self._manner.json)


def _say_if_late(application: Object) -> None:
    from datetime import UTC, datetime

    from skate.deadlines import deadline_of

    due = deadline_of(application)
    if due is not None and due < datetime.now(UTC):
        say(f"Its deadline, {clock(due)}, has passed already: its tenant is told once it is there.")


def _show_try(
    card: QueueCard, application: Object, stored: Object | None, refused: RefusedError | None, *, json: bool
) -> None:
    import yaml

    from skate.applications import hourly_usd

    cost = hourly_usd(card, application)
    if json:
        as_json(
            {
                "application": application,
                "admission": {
                    "accepted": refused is None,
                    "faults": list(refused.faults) if refused else [],
                    "application": stored,
                },
                "usdPerHour": {"least": cost[0], "most": cost[1]} if cost else None,
            }
        )
    else:
        put(yaml.safe_dump(application, sort_keys=False).rstrip())
        say("")
        say("Nothing is submitted, and no file was sent.")
        if refused is None:
            say(_cost(cost))
            say("Admission accepts it.", style="green")
    if refused is not None:
        complain_of(refused)
        raise typer.Exit(refused.exit_code)


def _cost(cost: tuple[Decimal, Decimal] | None) -> str:
    if cost is None:
        return "What it costs is not known: the queue's card has no prices."
    least, most = cost
    return (
        f"It costs {usd(least)} an hour with its driver alone, and up to {usd(most)} with all executors, by list price."
    )


def _has_files(asked: Asked, application: Object) -> bool:
    from skate.local_files import local_files

    return asked.requirements is not None or bool(local_files(application, asked.folder))


async def _remembered(card: QueueCard, store: ArtifactStore | None, application: Object) -> None:
    """Keep the application for `rerun`, where that can be done."""
    if store is None:
        if not can_remember(card):
            return
        from skate.artifacts import ArtifactStore

        store = ArtifactStore(card)
    await remember(store, application)


def _record(job: AsyncJob) -> dict[str, Any]:
    from skate.states import JOB_ID

    return {
        "job": job.name,
        "queue": job.queue,
        "id": job.application["metadata"].get("labels", {}).get(JOB_ID),
        "found": job.found,
    }
