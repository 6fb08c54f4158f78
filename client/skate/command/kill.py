"""`skate kill`: stops jobs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Final

import typer

from skate.command.session import ContextOption, QueueOption, connected, ends_in_words, run
from skate.command.shown.jobs import phase_line
from skate.command.shown.terminal import say, someone_is_there
from skate.errors import InputError

if TYPE_CHECKING:
    from skate.states import JobState

EPILOG: Final = """
\b
Examples:
  skate kill nightly-3f2a91c0
  skate kill --yes nightly-3f2a91c0 nightly-77c0ab12

Removes the job's object and with it its pods; `skate ls` no longer lists it. What its driver wrote stays where the
platform keeps logs (`skate logs`), what Spark wrote down of it in the history server (`skate status`). `skate rerun`
starts it again where it was submitted with the package's extra [aws]; without, submit it again.
"""


@ends_in_words
def kill(
    jobs: Annotated[list[str], typer.Argument(metavar="JOB...", help="Their names or ids.", show_default=False)],
    queue: QueueOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    context: ContextOption = None,
) -> None:
    """Stop jobs and remove them; asks before."""
    if not yes and not someone_is_there():
        run(_found(context, jobs, queue))
        raise InputError("There is nobody to ask whether to stop it.", "Say --yes.")
    found = run(_found(context, jobs, queue))
    for state in found:
        say(f"{state.name}: {phase_line(state)}")
    if not yes and not typer.confirm(f"Stop {'it' if len(found) == 1 else 'them'}?", err=True):
        raise typer.Exit(1)
    for state, there in zip(found, run(_killed(context, found)), strict=True):
        say(f"{state.name} is stopped." if there else f"{state.name} was gone already.")


async def _found(context: str | None, names: list[str], queue: str | None) -> list[JobState]:
    async with connected(context) as client:
        jobs = await asyncio.gather(*(client.job(name, queue) for name in dict.fromkeys(names)))
        return list(await asyncio.gather(*(job.state() for job in jobs)))


async def _killed(context: str | None, states: list[JobState]) -> list[bool]:
    async with connected(context) as client:
        return list(await asyncio.gather(*(client.cluster.delete(state.queue, state.name) for state in states)))
