"""`skate why`: one cause and one remedy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from skate.command.session import ContextOption, JobArgument, JsonOption, QueueOption, connected, ends_in_words, run
from skate.command.shown.tables import as_json
from skate.command.shown.terminal import put
from skate.errors import JobNotFoundError

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.why import Cause

EPILOG: Final = """
\b
Examples:
  skate why nightly-3f2a91c0
  skate why nightly-3f2a91c0 --json | jq -r .kind

It looks at the application's status, at its pods, their events and its driver's
log. Of a job whose object is gone, after a day, the log is read from CloudWatch
or S3: with your AWS identity, and with the package's extra [aws].
"""


@ends_in_words
def why(
    job: JobArgument,
    queue: QueueOption = None,
    json: JsonOption = False,
    context: ContextOption = None,
) -> None:
    """Say why a job ended as it did, or waits: what to do, and what happened."""
    name, where, cause = run(_cause(context, job, queue))
    if json:
        as_json(_record(name, where, cause))
    else:
        put("\n".join(cause.lines() if sys.stdout.isatty() else cause.lines(width=200)))


async def _cause(context: str | None, name: str, queue: str | None) -> tuple[str, str, Cause]:
    async with connected(context) as client:
        try:
            job = await client.job(name, queue)
        except JobNotFoundError:
            return await _past(client, name, queue)
        return job.name, job.queue, await job.why()


async def _past(client: AsyncClient, name: str, queue: str | None) -> tuple[str, str, Cause]:
    from skate.command.gone import gone
    from skate.past_logs import last, past_log
    from skate.why.past import DRIVER_LINES, cause_of_past

    found = await gone(client, name, queue)
    log = await last(past_log(found.card, found.application_id), DRIVER_LINES)
    return found.name, found.card.namespace, cause_of_past(found.name, found.ended, log)


def _record(name: str, queue: str, cause: Cause) -> dict[str, Any]:
    return {
        "name": name,
        "queue": queue,
        "kind": cause.kind.value,
        "what": cause.what,
        "remedy": cause.remedy,
        "evidence": list(cause.evidence),
    }
