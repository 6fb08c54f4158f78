"""`skate wait`: follows a job that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from skate.command.following import Errand, Shown, follow_to_the_end
from skate.command.session import ContextOption, JobArgument, QueueOption, ends_in_words

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.async_job import AsyncJob

EPILOG: Final = """
\b
Examples:
  skate wait nightly-3f2a91c0
  skate wait nightly-3f2a91c0 --no-logs && echo done

Ends with 0 if the job succeeded, else with 1. Ctrl-C asks whether to stop it; in a pipe it leaves it running.
"""


@ends_in_words
def wait(
    job: JobArgument,
    queue: QueueOption = None,
    no_logs: Annotated[bool, typer.Option("--no-logs", help="Show where the job is, and not its log.")] = False,
    context: ContextOption = None,
) -> None:
    """Follow a job that is there to its end: where it is, and its driver's log."""

    async def find(client: AsyncClient, _shown: Shown) -> AsyncJob:
        return await client.job(job, queue)

    follow_to_the_end(Errand(context=context, find=find, logs=not no_logs))
