"""How commands begin and end: one way to log in, to choose a queue, and to say what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial, wraps
from typing import TYPE_CHECKING, Annotated, Any, Final, ParamSpec, TypeVar

import typer

from skate.command.shown.terminal import complain, complain_of
from skate.command.signals import exit_code, terminated, when_terminated
from skate.errors import InputError, SkateError

if TYPE_CHECKING:
    from skate.aio import AsyncClient

P = ParamSpec("P")
T = TypeVar("T")
QUEUE_VARIABLE: Final = "SKATE_QUEUE"
QueueOption = Annotated[
    str | None,
    typer.Option(
        "--queue", "-q", envvar=QUEUE_VARIABLE, metavar="TENANT-QUEUE", help="The queue; if you have one, that one."
    ),
]
ContextOption = Annotated[
    str | None,
    typer.Option(
        "--context",
        envvar="SKATE_CONTEXT",
        metavar="NAME",
        help="The context of your kubeconfig; else what `skate login` remembers, or the current one.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's name or id.", show_default=False)]


def ends_in_words(command: Callable[P, None]) -> Callable[P, None]:
    """A command that ends with what an error says, and its exit code."""

    @wraps(command)
    def ending(*args: P.args, **options: P.kwargs) -> None:
        try:
            command(*args, **options)
        except SkateError as error:
            complain_of(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            complain("Interrupted.")
            raise typer.Exit(exit_code()) from None

    return ending


def run(work: Coroutine[Any, Any, T]) -> T:
    """What some asynchronous work gives.

    A request to terminate cancels it, so that it lets go of what it holds. asyncio does that at an interrupt; it knows
    nothing of the other signal.

    Raises:
        KeyboardInterrupt: the command is ended from outside.
    """
    try:
        return asyncio.run(_heeding(work))
    except asyncio.CancelledError:
        if terminated():
            raise KeyboardInterrupt from None
        raise


async def _heeding(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio runs it as one
    when_terminated(partial(asyncio.get_running_loop().call_soon_threadsafe, task.cancel))
    try:
        return await work
    finally:
        when_terminated(None)


@asynccontextmanager
async def connected(context: str | None) -> AsyncIterator[AsyncClient]:
    """A client with the person's login."""
    from skate.aio import AsyncClient

    async with AsyncClient(context=context) as client:
        yield client


async def chosen_queue(client: AsyncClient, given: str | None) -> str:
    """The queue that was named, or the only one that the person has.

    Raises:
        InputError: they have none, or several.
    """
    if given:
        return given
    from skate.config import load_config

    remembered = load_config().queues
    mine = remembered if len(remembered) == 1 else await client.my_queues()
    if len(mine) == 1:
        return mine[0]
    if not mine:
        raise InputError(
            "You named no queue, and none is known that you may use.",
            "Name it: --queue TENANT-QUEUE, or once and for all: `skate login --queue TENANT-QUEUE`.",
        )
    raise InputError(
        f"You may use {len(mine)} queues and named none.",
        f"Name one: --queue, or SKATE_QUEUE in the environment. Yours: {', '.join(mine)}.",
    )
