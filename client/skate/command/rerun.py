"""`skate rerun`: a job again, as it was."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from skate.command.session import ContextOption, JobArgument, JsonOption, QueueOption, ends_in_words
from skate.command.submit import DeadlineOption, Detach, DryRun, Id, Quiet, checked_deadline
from skate.command.submitting import Asked, Manner, Submission
from skate.errors import JobNotFoundError, SkateError

if TYPE_CHECKING:
    from skate.aio import AsyncClient

EPILOG: Final = """
\b
Examples:
  skate rerun nightly-3f2a91c0
  skate rerun nightly-3f2a91c0 --queue ads-batch --dry-run
  skate rerun nightly-3f2a91c0 --deadline 2h

The job is submitted as it was, under a new name and without its deadline, which
was of that run: from its object, which is
there for a day after its end; later from the record that `skate submit` leaves
in the queue's folder in S3, which needs the package's extra [aws] and --queue.
"""


@ends_in_words
def rerun(
    job: JobArgument,
    queue: QueueOption = None,
    job_id: Id = None,
    deadline: DeadlineOption = None,
    detach: Detach = False,
    dry_run: DryRun = False,
    no_logs: Quiet = False,
    json: JsonOption = False,
    context: ContextOption = None,
) -> None:
    """Submit a job again, as it was, and follow it to its end."""
    due = checked_deadline(deadline)
    Submission(
        lambda client: _asked(client, job, queue, job_id, due),
        Manner(context=context, detach=detach, dry_run=dry_run, json=json, logs=not no_logs),
    ).run()


async def _asked(client: AsyncClient, name: str, queue: str | None, job_id: str | None, deadline: str | None) -> Asked:
    from skate.applications import as_submitted

    try:
        found = await client.job(name, queue)
        application, where = found.application, found.queue
    except JobNotFoundError as error:
        if queue is None:
            raise JobNotFoundError(
                error.what,
                "Its object is gone, after a day or by `skate kill`. To look for its record, say --queue.",
            ) from error
        application, where = await _recalled(client, name, queue), queue
    return Asked(queue=where, job=as_submitted(application), folder=Path(), job_id=job_id, deadline=deadline)


async def _recalled(client: AsyncClient, name: str, queue: str) -> dict[str, Any]:
    """The application that `skate submit` kept.

    Raises:
        JobNotFoundError: it kept none, or nobody can look.
    """
    from skate.artifacts import ArtifactStore
    from skate.identifiers import name_of

    card = await client.card(queue)
    what = f"There is no job {name} in {queue} any more"
    if not importlib.util.find_spec("boto3"):
        raise JobNotFoundError(
            f"{what}, and without boto3 its record can't be read.", "pip install 'elastic-spark-client[aws]'"
        )
    try:
        store = ArtifactStore(card)
        found = await store.recall(name) or await store.recall(name_of(name))
    except SkateError as error:
        raise type(error)(f"{what}, and its record can't be read: {error.what}", error.remedy) from error
    if found is None:
        raise JobNotFoundError(f"{what}, and no record of it.", "`skate ls --all` lists those that are known.")
    return found
