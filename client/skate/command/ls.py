"""`skate ls`: jobs, those of the last 90 days too."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from skate.command.session import ContextOption, JsonOption, QueueOption, connected, ends_in_words, run
from skate.command.shown.tables import ago, as_json, span, table
from skate.command.shown.terminal import say
from skate.errors import InputError, SkateError
from skate.states import JobState, Phase

if TYPE_CHECKING:
    from skate.aio import AsyncClient
    from skate.history import PastJob

EPILOG: Final = """
\b
Examples:
  skate ls
  skate ls --queue ads-batch --all --limit 200
  skate ls --json | jq -r '.[] | select(.phase == "failed") | .name'

The jobs of a queue are listed for a day after their end; --all asks its history server for older ones.
"""
DAYS: Final = 90
AT_ONCE: Final = 8


@ends_in_words
def ls(
    queue: QueueOption = None,
    all_jobs: Annotated[bool, typer.Option("--all", "-a", help=f"Those of the last {DAYS} days, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Of each queue's older jobs, at most so many.")] = 50,
    json: JsonOption = False,
    context: ContextOption = None,
) -> None:
    """List the jobs of a queue, or of all that you may use, newest first."""
    jobs = run(_listed(context, queue, limit if all_jobs else 0))
    if json:
        as_json(jobs)
        return
    several = len({job.queue for job in jobs}) > 1
    rows = [
        (
            *([job.queue] if several else []),
            job.name,
            f"{job.phase} ({job.place})" if job.place else job.phase,
            f"{job.executors}/{job.most_executors or '?'}" if job.phase == Phase.RUNNING else "",
            ago(job.submitted),
            span((job.ended or datetime.now(UTC)) - job.started) if job.started else "",
            job.submitter.rpartition("/")[2],
        )
        for job in jobs
    ]
    if rows:
        heads = ("JOB", "PHASE", "EXECUTORS", "SUBMITTED", "TOOK", "BY")
        table((*(["QUEUE"] if several else []), *heads), rows)
    else:
        say("There are no jobs." if all_jobs else "There are no jobs of today; --all lists older ones.")


async def _listed(context: str | None, queue: str | None, past: int) -> list[JobState]:
    async with connected(context) as client:
        queues = [queue] if queue else await client.my_queues()
        if not queues:
            raise InputError("No queue is known that you may use.", "Name one: --queue, or `skate login --queue NAME`.")
        found = await asyncio.gather(*(_of_queue(client, name, past) for name in queues))
    latest = datetime.max.replace(tzinfo=UTC)
    every = [job for jobs in found for job in jobs]
    return sorted(every, key=lambda job: (job.submitted or latest, job.name), reverse=True)


async def _of_queue(client: AsyncClient, queue: str, past: int) -> list[JobState]:
    jobs = await client.jobs(queue)
    if not past:
        return jobs
    try:
        return [*jobs, *await _past(client, queue, past, {job.application_id for job in jobs})]
    except SkateError as error:
        say(f"Without older jobs of {queue}: {error.what}")
        return jobs


async def _past(client: AsyncClient, queue: str, most: int, known: set[str]) -> list[JobState]:
    since = datetime.now(UTC) - timedelta(days=DAYS)
    async with client.history_pages(queue) as pages:
        jobs = [job for job in await pages.applications(since) if job.application_id not in known][:most]
        turns = asyncio.Semaphore(AT_ONCE)

        async def listed(job: PastJob) -> JobState:
            async with turns:
                name = await pages.name(job.application_id)
            return JobState(
                name=name or job.application_id,
                queue=queue,
                phase=Phase.ENDED,
                submitted=job.started,
                started=job.started,
                ended=job.ended,
                application_id=job.application_id,
            )

        return list(await asyncio.gather(*map(listed, jobs)))
