"""Follows a job at a terminal or in a pipe: until its end, or until the person has had enough."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import typer

from skate.command.session import connected, run
from skate.command.shown.progress import PipeProgress, TerminalProgress, progress
from skate.command.shown.tables import span
from skate.command.shown.terminal import complain, say, someone_is_there
from skate.command.signals import exit_code, terminated
from skate.errors import LoginError, SkateError, UnreachableError
from skate.following import Position, follow
from skate.states import JobState, Phase

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.async_job import AsyncJob

Shown = PipeProgress | TerminalProgress


@dataclass
class Errand:
    """A job that is followed.

    Args:
        context: of the kubeconfig.
        find: gives the job, by submitting it or by looking for it.
        stops: whether the job is stopped if the command is ended from outside.
        logs: whether its log is shown.

    Attributes:
        name, queue: of the job, as soon as they are known.
        submitting: whether it may be there already without this command knowing it.
        position: how far its log was shown.
    """

    context: str | None
    find: Callable[[AsyncClient, Shown], Awaitable[AsyncJob]]
    stops: bool = False
    logs: bool = True
    name: str = ""
    queue: str = ""
    submitting: bool = False
    position: Position = field(default_factory=Position)


def follow_to_the_end(errand: Errand) -> None:
    """Follow a job, and end as it does: with 0 if it succeeded, else with 1."""
    while True:
        try:
            _end(run(_followed(errand)))
        except KeyboardInterrupt:
            _interrupted(errand)
        except (LoginError, UnreachableError) as error:
            if errand.name and not errand.submitting:
                raise type(error)(error.what, f"{error.remedy} {_how_to_go_on(errand)}".strip()) from error
            raise


async def _followed(errand: Errand) -> JobState:
    async with connected(errand.context) as client:
        with progress(errand.name) as shown:
            if errand.name and not errand.submitting:
                job = await client.job(errand.name, errand.queue)
            else:
                job = await errand.find(client, shown)
                errand.name, errand.queue, errand.submitting = job.name, job.queue, False
            return await follow(job, shown, errand.position if errand.logs else None)


def _end(state: JobState) -> NoReturn:
    took = f" after {span(state.ended - state.submitted)}" if state.ended and state.submitted else ""
    if state.phase is Phase.SUCCEEDED:
        say(f"{state.name} succeeded{took}.", style="green")
        raise typer.Exit(0)
    reason = f": {' '.join(state.reason.split())}" if state.reason else "."
    if state.phase is Phase.STOPPED:
        complain(f"{state.name} was stopped{took}{reason}")
    else:
        complain(
            f"{state.name} failed{took}{reason}",
            f"`skate why {state.name} --queue {state.queue}` says what to do about it.",
        )
    raise typer.Exit(1)


def _interrupted(errand: Errand) -> None:
    """What the person wants who pressed Ctrl-C: returns if they want to go on."""
    if not errand.name or errand.submitting:
        interrupted_early(errand)
    if someone_is_there() and not terminated():
        match _answer(f"\nStop the job {errand.name}? y: stop it; n: leave it running; Enter: go on watching: "):
            case "y" | "yes":
                _stop(errand)
            case "":
                return
            case _:
                say(_how_to_go_on(errand))
    elif errand.stops:
        _stop(errand)
    else:
        say(_how_to_go_on(errand))
    raise typer.Exit(exit_code())


def interrupted_early(errand: Errand) -> NoReturn:
    """End, and say whether there is a job, as far as that is known."""
    if errand.name:
        complain(
            f"Interrupted while {errand.name} was submitted: it may be in the queue {errand.queue}, or not.",
            f"`skate status {errand.name} --queue {errand.queue}` says.",
        )
    else:
        complain("Interrupted before there was a job.")
    raise typer.Exit(exit_code())


def _answer(question: str) -> str:
    """What the person says; if they interrupt again or say nothing any more, that they leave."""
    print(question, end="", file=sys.stderr, flush=True)
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:
        print(file=sys.stderr)
    return line.strip().lower() if line else "n"


def _stop(errand: Errand) -> None:
    async def stop() -> bool:
        async with connected(errand.context) as client:
            return await client.cluster.delete(errand.queue, errand.name)

    try:
        there = run(stop())
    except SkateError as error:
        complain(f"{errand.name} could not be stopped: {error.what}", error.remedy)
        return
    say(f"{errand.name} is stopped." if there else f"{errand.name} was gone already.")


def _how_to_go_on(errand: Errand) -> str:
    return (
        f"The job {errand.name} goes on. Watch it: `skate wait {errand.name} --queue {errand.queue}`; "
        f"stop it: `skate kill {errand.name} --queue {errand.queue}`."
    )
