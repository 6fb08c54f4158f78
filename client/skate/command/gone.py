"""Jobs whose objects are gone: the history server knows them, by Spark's identifier what they wrote is found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from skate.errors import JobNotFoundError, SkateError

if TYPE_CHECKING:
    from datetime import datetime

    from skate.aio import AsyncClient
    from skate.card import QueueCard
    from skate.history import PastJob, Usage

SPARK_ID: Final = re.compile(r"spark-[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A job that is gone.

    Attributes:
        card: its queue's.
        name: of its application; Spark's identifier where nothing else is known.
        application_id: Spark's identifier.
        ended: when, where that is known.
    """

    card: QueueCard
    name: str
    application_id: str
    ended: datetime | None = None


async def gone(client: AsyncClient, name: str, queue: str | None) -> Gone:
    """The job of that name, or of that identifier of Spark, for which no history server is asked.

    Raises:
        JobNotFoundError: no history server knows it.
        InputError: it is an identifier, and nothing says of which queue.
    """
    if SPARK_ID.fullmatch(name):
        from skate.command.session import chosen_queue

        return Gone(card=await client.card(await chosen_queue(client, queue)), name=name, application_id=name)
    card, job, _ = await past(client, name, queue)
    return Gone(card=card, name=job.name or name, application_id=job.application_id, ended=job.ended)


async def past(client: AsyncClient, name: str, queue: str | None) -> tuple[QueueCard, PastJob, Usage]:
    """What history servers know of a job that is gone: of which queue it was, and what it took.

    Raises:
        JobNotFoundError: none knows it.
    """
    queues = [queue] if queue else await client.my_queues()
    said: list[str] = []
    for namespace in queues:
        try:
            job, usage = await client.past_job(name, namespace)
        except SkateError as error:
            said.append(error.what)
            continue
        return await client.card(namespace), job, usage
    raise JobNotFoundError(
        "\n".join([f"There is no job {name} in {', '.join(queues) or 'any queue of yours'}.", *said]),
        "`skate ls --all` lists those of the last 90 days.",
    )
