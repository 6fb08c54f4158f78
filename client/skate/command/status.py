"""`skate status`: where a job is, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from skate.command.session import ContextOption, JobArgument, JsonOption, QueueOption, connected, ends_in_words, run
from skate.command.shown.jobs import phase_line
from skate.command.shown.tables import ago, as_json, clock, facts, plain, span, usd
from skate.errors import JobNotFoundError
from skate.quantities import shown_bytes

if TYPE_CHECKING:
    from skate.history import PastJob
    from skate.spent import Spent
    from skate.states import JobState

EPILOG: Final = """
\b
Examples:
  skate status nightly-3f2a91c0
  skate status nightly-2026-11-29 --queue ads-batch --json | jq .phase

A job is found for a day after its end by its object, later by the queue's history server: as long as that keeps its
events. What it took comes from Spark, minutes after the end; USD are list prices of the nodes' share.
"""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a job: by its object, or only by the history server; and where a browser shows what it did."""

    queue: str
    state: JobState | None = None
    past: PastJob | None = None
    spent: Spent | None = None
    page: str | None = None


@ends_in_words
def status(
    job: JobArgument,
    queue: QueueOption = None,
    json: JsonOption = False,
    context: ContextOption = None,
) -> None:
    """Show where a job is, and what it took: USD, core-hours, and peak memory of what was requested."""
    known = run(_known(context, job, queue))
    if json:
        as_json(_record(job, known))
    elif known.state:
        facts([*_of_state(known.state), ("page", known.page or ""), *_of_spent(known.spent)])
    elif known.past:
        facts([*_of_past(known.queue, known.past), ("page", known.page or ""), *_of_spent(known.spent)])


async def _known(context: str | None, name: str, queue: str | None) -> Known:
    from skate.command.gone import past
    from skate.spent import spent

    async with connected(context) as client:
        try:
            job = await client.job(name, queue)
        except JobNotFoundError:
            card, found, took = await past(client, name, queue)
            return Known(
                queue=card.namespace,
                past=found,
                spent=spent(card, took, started=found.started, ended=found.ended),
                page=card.history_page(found.application_id),
            )
        state = await job.state()
        usage = await job.usage()
        card = await client.card(job.queue)
        times: dict[str, Any] = {"started": state.started, "ended": state.ended}
        return Known(
            queue=job.queue,
            state=state,
            spent=spent(card, usage, application=job.application, **times) if usage else None,
            page=card.history_page(state.application_id) if state.has_ended else None,
        )


def _of_state(state: JobState) -> list[tuple[str, str]]:
    ended: datetime | None = state.ended
    return [
        ("job", state.name),
        ("queue", state.queue),
        ("id", state.job_id if state.job_id != state.name else ""),
        ("is", phase_line(state)),
        ("submitted", f"{clock(state.submitted)}, {ago(state.submitted)}" + _by(state.submitter)),
        ("started", clock(state.started)),
        ("ended", clock(ended)),
        ("took", span(ended - state.started) if ended and state.started else ""),
        ("deadline", _deadline(state)),
        ("attempts", str(state.attempts) if state.attempts > 1 else ""),
        ("driver", state.driver),
        ("Spark's id", state.application_id),
    ]


def _deadline(state: JobState) -> str:
    """By when it must have ended, and whether that is still so."""
    if state.deadline is None:
        return ""
    late = (state.ended or datetime.now(UTC)) - state.deadline
    if not state.has_ended:
        how = f"passed {span(late)} ago" if late > timedelta() else f"in {span(-late)}"
    elif state.phase == "succeeded" and state.ended:
        how = f"missed by {span(late)}" if late > timedelta() else "met"
    else:
        how = ""
    return ", ".join(filter(None, (clock(state.deadline), how)))


def _by(submitter: str) -> str:
    return f", by {submitter}" if submitter else ""


def _of_past(queue: str, job: PastJob) -> list[tuple[str, str]]:
    return [
        ("job", job.name or job.title),
        ("queue", queue),
        ("is", "ended; its object is gone" if job.ended else "gone, without an end in its event log"),
        ("started", clock(job.started)),
        ("ended", clock(job.ended)),
        ("took", span(job.ended - job.started) if job.ended else ""),
        ("Spark's id", job.application_id),
    ]


def _of_spent(spent: Spent | None) -> list[tuple[str, str]]:
    if spent is None:
        return [("cost", "not known yet: Spark tells it once the job runs, and minutes after its end")]
    return [
        (
            "executors",
            f"{spent.executors} in all" + (f", {spent.failed_tasks} failed tasks" * (spent.failed_tasks > 0)),
        ),
        ("cost", usd(spent.usd) if spent.usd is not None else ""),
        ("core-hours", f"{spent.core_hours:.2f}"),
        ("peak memory", _peak(spent.peak_heap, spent.heap)),
    ]


def _peak(peak: int | None, heap: int | None) -> str:
    if not peak:
        return "not written down by Spark"
    share = f" of {shown_bytes(heap)} requested ({peak / heap:.0%})" if heap else ""
    return f"{shown_bytes(peak)}{share}"


def _record(name: str, known: Known) -> dict[str, Any]:
    from skate.states import Phase

    record: dict[str, Any] = {"name": name, "queue": known.queue}
    if known.state:
        record |= plain(known.state)
    elif known.past:
        record |= {
            "name": known.past.name or name,
            "phase": Phase.ENDED,
            "started": known.past.started,
            "ended": known.past.ended,
            "applicationId": known.past.application_id,
        }
    return {**record, "page": known.page, "spent": known.spent}
