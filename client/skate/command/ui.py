"""`skate ui`: Spark's own pages of a job, through a forwarded port."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import typer

from skate.command.session import ContextOption, JobArgument, QueueOption, connected, ends_in_words, run
from skate.command.shown.terminal import put, say
from skate.errors import InputError, JobNotFoundError, UnreachableError

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.async_job import AsyncJob

EPILOG: Final = """
\b
Examples:
  skate ui nightly-3f2a91c0 --open
  skate ui nightly-3f2a91c0 --port 4040

Of a job that runs these are its driver's pages, of one that has ended those of the queue's history server. They are
there until Ctrl-C, on this machine only.
"""
PAUSE_SECONDS: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class Pages:
    """Where a job's pages are.

    Args:
        pod, port: in the queue.
        path: of the job there.
        job: which serves them itself; None for the history server.
        link: to the same in a browser, for people of the issuer's groups; None where no door has it.
    """

    queue: str
    pod: str
    port: int
    path: str
    job: AsyncJob | None = None
    link: str | None = None


@ends_in_words
def ui(
    job: JobArgument,
    queue: QueueOption = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of this machine; 0 for any that is free.")] = 0,
    open_browser: Annotated[bool, typer.Option("--open", "-o", help="Open them in your browser.")] = False,
    context: ContextOption = None,
) -> None:
    """Forward a port of this machine to Spark's pages of a job, and print their address."""
    with suppress(KeyboardInterrupt):
        run(_serve(context, job, queue, port, open_browser=open_browser))


async def _serve(context: str | None, name: str, queue: str | None, port: int, *, open_browser: bool) -> None:
    from skate.forwarding import forwarded

    async with connected(context) as client:
        pages = await _pages(client, name, queue)
        async with forwarded(lambda: client.cluster.socket(pages.queue, pages.pod, pages.port), port) as local:
            address = f"http://127.0.0.1:{local}{pages.path}"
            put(address)
            if pages.link:
                say(f"By your company's login, for anybody of the queue: {pages.link}")
            say("Ctrl-C ends it.")
            if open_browser:
                import webbrowser

                webbrowser.open(address)
            while pages.job is None or not await _has_ended(pages.job):
                await asyncio.sleep(PAUSE_SECONDS)
            say(f"{pages.job.name} has ended. Its history: `skate ui {pages.job.name} --queue {pages.queue}`")


async def _has_ended(job: AsyncJob) -> bool:
    with suppress(UnreachableError):
        return (await job.state()).has_ended
    return False


async def _pages(client: AsyncClient, name: str, queue: str | None) -> Pages:
    from skate.async_job import UI_PORT
    from skate.states import Phase

    try:
        job = await client.job(name, queue)
    except JobNotFoundError:
        from skate.command.gone import gone

        found = await gone(client, name, queue)
        return await _of_history(client, found.card.namespace, found.application_id)
    state = await job.state()
    if state.phase is Phase.RUNNING:
        return Pages(queue=job.queue, pod=state.driver, port=UI_PORT, path="/", job=job)
    if not state.application_id:
        raise InputError(
            f"{job.name} has no pages: it is {state.phase}.",
            "Its driver serves them once it runs." if not state.has_ended else "It ended before Spark began.",
        )
    return await _of_history(client, job.queue, state.application_id)


async def _of_history(client: AsyncClient, queue: str, application_id: str) -> Pages:
    card = await client.card(queue)
    if card.history is None:
        raise InputError(
            f"The queue {queue} has no history server, which shows the pages of jobs that have ended.",
            f"An owner of {card.tenant} can switch it on: `history.enabled` of the queue.",
        )
    return Pages(
        queue=queue,
        pod=card.history.pod,
        port=card.history.port,
        path=f"/history/{application_id}/",
        link=card.history_page(application_id),
    )
