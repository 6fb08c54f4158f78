"""`skate queues`: what a person may use, how full it is, and who waits."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from skate.command.session import QUEUE_VARIABLE, ContextOption, JsonOption, connected, ends_in_words, run
from skate.command.shown.tables import ago, as_json, facts, table, usd
from skate.command.shown.terminal import put
from skate.errors import InputError

if TYPE_CHECKING:
    from skate.aio import AsyncClient, QueueState
    from skate.card import Pool, QueueCard
    from skate.states import JobState

EPILOG: Final = """
\b
Examples:
  skate queues
  skate queues ads-batch          all that the queue offers
  skate queues --json | jq -r '.[].queue'
"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A queue with its jobs."""

    state: QueueState
    jobs: list[JobState]

    @property
    def waiting(self) -> list[JobState]:
        """The jobs that wait, in the order in which they get a node."""
        by_name = {job.name: job for job in self.jobs}
        return [by_name[name] for name in self.state.waiting if name in by_name]

    @property
    def running(self) -> int:
        """How many jobs have begun and not ended."""
        return sum(not job.has_ended for job in self.jobs) - len(self.waiting)


@ends_in_words
def queues(
    queue: Annotated[str | None, typer.Argument(metavar="[QUEUE]", help="Show all of this one.")] = None,
    context: ContextOption = None,
    json: JsonOption = False,
) -> None:
    """Show which queues you may use, how full they are, and who waits."""
    seen = run(_seen(context, queue))
    if json:
        as_json([_record(each) for each in seen])
        return
    if queue:
        _show_card(seen[0].state.card)
        put("")
    _show(seen)


async def _seen(context: str | None, queue: str | None) -> list[Seen]:
    async with connected(context) as client:
        named = os.environ.get(QUEUE_VARIABLE)
        names = [queue] if queue else sorted({*await client.my_queues(), *([named] if named else [])})
        if not names:
            raise InputError(
                "No queue is known that you may use.",
                "An owner of a tenant can let you: by `people` of its stack file. Then: `skate login --queue NAME`.",
            )
        return list(await asyncio.gather(*(_look(client, name) for name in names)))


async def _look(client: AsyncClient, name: str) -> Seen:
    state, jobs = await asyncio.gather(client.queue(name), client.jobs(name))
    return Seen(state=state, jobs=jobs)


def _show(seen: list[Seen]) -> None:
    from skate.applications import shape_of

    table(
        ("QUEUE", "JOBS", "OF", "EXECUTORS", "OF", "WAITING", "ORDER"),
        [
            (
                each.state.card.namespace,
                str(each.running),
                str(each.state.card.applications_at_once),
                str(each.state.executors),
                str(sum(pool.maximum_nodes * shape_of(pool, None).per_node for pool in each.state.card.pools)),
                str(len(each.waiting)),
                each.state.card.order + (", backfill" if each.state.card.backfill else ""),
            )
            for each in seen
        ],
        right=("JOBS", "OF", "EXECUTORS", "WAITING"),
    )
    waiting = [(each.state.card.namespace, job) for each in seen for job in each.waiting]
    if waiting:
        put("")
        table(
            ("WAITING IN", "JOB", "SUBMITTED", "BY"),
            [(queue, job.name, ago(job.submitted), job.submitter) for queue, job in waiting],
        )


def _show_card(card: QueueCard) -> None:
    facts(
        [
            ("queue", f"{card.namespace}, of {card.platform}"),
            ("guaranteed", f"{card.guaranteed.cpu} CPU, {card.guaranteed.memory}"),
            ("maximum", f"{card.maximum.cpu} CPU, {card.maximum.memory}"),
            ("executors of a job", f"at most {card.maximum_executors} of the usual shape"),
            ("driver", f"at most {card.driver.cores} cores, {card.driver.memory}"),
            ("Spark", f"{card.spark.version} with Python {card.spark.python}, {card.spark.image}"),
            ("packages", ", ".join(card.spark.packages)),
            ("files go to", f"s3://{card.artifacts.bucket}/{card.artifacts.uploads}" if card.artifacts else ""),
            ("data", ", ".join(f"s3://{each.bucket}/{each.prefix} ({each.access})" for each in card.data)),
            ("catalogs", ", ".join(sorted(card.catalogs))),
            ("reaches", ", ".join(f"{each.name} ({each.host or each.cidr})" for each in card.reach)),
            ("history page", card.pages or ""),
            ("logs page", (card.logs and card.logs.page) or ""),
            ("secrets", ", ".join(f"{each.name} ({each.path or 'environment'})" for each in card.secrets)),
        ]
    )
    put("")
    table(
        ("POOL", "NODES", "EXECUTOR", "A NODE", "NODE/H", "INSTANCES"),
        [
            (
                pool.name + (" (usual)" if pool.default else ""),
                f"{pool.minimum_nodes}-{pool.maximum_nodes}",
                f"{shape.cores} cores, {shape.memory}",
                str(shape.per_node),
                _price(pool),
                ", ".join([*pool.instance_types, *([pool.capacity] if pool.capacity else [])]),
            )
            for pool in card.pools
            for shape in pool.shapes
        ],
        right=("A NODE", "NODE/H"),
    )


def _price(pool: Pool) -> str:
    return usd(pool.hourly_usd) if pool.hourly_usd is not None else ""


def _record(each: Seen) -> dict[str, Any]:
    return {
        "queue": each.state.card.namespace,
        "jobs": each.running,
        "applicationsAtOnce": each.state.card.applications_at_once,
        "executors": each.state.executors,
        "waiting": [
            {"job": job.name, "id": job.job_id, "submitter": job.submitter, "submitted": job.submitted}
            for job in each.waiting
        ],
        "card": each.state.card,
    }
