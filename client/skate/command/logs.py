"""`skate logs`: what a job's driver or an executor of it writes, and wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from skate.command.session import ContextOption, JobArgument, QueueOption, connected, ends_in_words, run
from skate.command.shown.terminal import put, say
from skate.errors import JobNotFoundError, SkateError

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.card import QueueCard

EPILOG: Final = """
\b
Examples:
  skate logs nightly-3f2a91c0 -f
  skate logs nightly-3f2a91c0 --executor 7 | grep ERROR
  skate logs spark-5f1c0a7be06d4c19b1b0d5f1d7a5e0aa --queue ads-batch

Of pods that are gone, logs are read from CloudWatch or S3: with your AWS identity, and with the package's extra [aws].
Where the platform has a door, `skate queues QUEUE` says the page that shows them in a browser.
"""


@ends_in_words
def logs(
    job: JobArgument,
    queue: QueueOption = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show what comes, until the driver ends.")] = False,
    executor: Annotated[
        int | None, typer.Option("--executor", "-e", min=1, metavar="N", help="Of executor N, not of the driver.")
    ] = None,
    tail: Annotated[int | None, typer.Option(min=0, metavar="LINES", help="Only the last of it.")] = None,
    context: ContextOption = None,
) -> None:
    """Show a job's log, also after its pods are gone."""
    run(_print(context, job, queue, executor, follow=follow, tail=tail))


class _Printer:
    """Prints lines; says troubles."""

    def state(self, _state: Any) -> None:  # noqa: ANN401 - see `skate.following.Watcher`
        """Nothing to show."""

    def line(self, text: str) -> None:
        """Print it."""
        put(text)

    def trouble(self, error: SkateError) -> None:
        """Say it."""
        say(f"{error.what} Trying again.")


async def _print(
    context: str | None, name: str, queue: str | None, executor: int | None, *, follow: bool, tail: int | None
) -> None:
    from skate.command.gone import gone
    from skate.states import DRIVER_CONTAINER, EXECUTOR_CONTAINER, Phase

    async with connected(context) as client:
        try:
            job = await client.job(name, queue)
        except JobNotFoundError:
            found = await gone(client, name, queue)
            await _print_kept(found.card, found.application_id, executor, tail)
            return
        state = await job.state()
        pod = await _pod(client, job.queue, job.name, state.driver, executor)
        if pod is not None:
            container = EXECUTOR_CONTAINER if executor else DRIVER_CONTAINER
            await _print_live(client, job.queue, pod, container, follow=follow, tail=tail)
            return
        if not state.has_ended and (executor is None or state.phase is not Phase.RUNNING):
            raise JobNotFoundError(
                f"{job.name} has no log of its {f'executor {executor}' if executor else 'driver'} yet: it is "
                f"{state.phase}.",
                f"`skate wait {job.name}` shows it when it comes.",
            )
        if not state.application_id:
            raise JobNotFoundError(f"{job.name} has no log: it ended before Spark began.", "`skate why` says more.")
        card = await client.card(job.queue)
        await _print_kept(card, state.application_id, executor, tail)


async def _pod(client: AsyncClient, queue: str, name: str, driver: str, executor: int | None) -> str | None:
    """The pod that has the log, if it is there and has begun."""
    from skate.states import NAME, ROLE

    if executor is None:
        found = [await client.cluster.pod(queue, driver)] if driver else []
    else:
        found = list(await client.cluster.pods(queue, {NAME: name, ROLE: "executor", "spark-exec-id": str(executor)}))
    begun = [pod for pod in found if pod and pod.get("status", {}).get("phase") != "Pending"]
    return begun[0]["metadata"]["name"] if begun else None


async def _print_live(
    client: AsyncClient, queue: str, pod: str, container: str, *, follow: bool, tail: int | None
) -> None:
    if follow:
        from skate.following import follow_log

        await follow_log(client.cluster, queue, pod, _Printer(), container=container, tail=tail)
        return
    async for line in client.cluster.log(queue, pod, container, follow=False, tail=tail):
        put(line)


async def _print_kept(card: QueueCard, application_id: str, executor: int | None, tail: int | None) -> None:
    from skate.past_logs import last, past_log

    lines = past_log(card, application_id, executor=executor)
    try:
        if tail is None:
            async for line in lines:
                put(line)
            return
        for line in await last(lines, tail):
            put(line)
    except SkateError:
        if page := card.logs_page(application_id):
            say(f"A browser shows them to who may read logs: {page}")
        raise
