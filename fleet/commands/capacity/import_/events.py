"""`fleet capacity import events`: a trace from Spark's event logs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from fleet.commands.capacity.importing import Joined, Out, Skipped
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.together import takes_together

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity import events logs/ --queue ads-batch --out t.parquet`\n\n"
    "`fleet capacity import events s3://bucket/ads/ --out t.parquet` # this platform\n\n"
    "`fleet capacity import events s3://bucket/ --since 8w --out t.parquet`\n\n"
    "`fleet capacity import events logs/ --queue-of 'etl*=ads-batch' --out t.parquet`\n\n"
    "A queue's place is its namespace on Kubernetes, `spark.yarn.queue` on YARN, the cluster's name on Databricks. "
    "Interrupted, the same command goes on where it was. Exit code 0: there is a trace; 1: there can't be one."
)


@takes_together
@of_capacity
def events(
    out: Out,
    place: Annotated[
        str | None, typer.Argument(metavar="PATH", help="A folder, one log, or s3://BUCKET/PREFIX.")
    ] = None,
    extracted: Annotated[
        str | None,
        typer.Option("--extracted", metavar="PATH", help="Instead: what the Spark job wrote that read them."),
    ] = None,
    *,
    joined: Joined,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Take jobs that have no end too: it is then their last event.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Only logs written to since then: 8w or 24h ago, a day or a time of UTC."),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes that read.", show_default="cores")] = None,
) -> None:
    """From Spark's event logs, of any cluster, EMR and Databricks among them: the finest."""
    from capacity.errors import CapacityError
    from capacity.traces.event_logs.extraction import Options
    from capacity.traces.event_logs.finding import logs_among
    from capacity.traces.event_logs.importing import extracted as runs_of
    from capacity.traces.event_logs.importing import imported
    from capacity.traces.event_logs.storage import files_of
    from capacity.traces.lines_of import lines_of

    errors = Console(emoji=False, stderr=True, soft_wrap=True, highlight=False)
    skipped = Skipped(errors)
    joined.queues()  # a wrong one is told before anything is read
    if place and extracted:
        raise typer.BadParameter("it stands instead of event logs", param_hint="--extracted")
    if since and extracted:
        raise typer.BadParameter("it is of event logs, instead of which --extracted stands", param_hint="--since")
    begin = _begin(since)
    if extracted:
        joined.write(runs_of(lines_of(extracted, skipped), skipped), out, skipped)
        return
    if not place:
        raise typer.BadParameter("name event logs, or --extracted", param_hint="PATH")
    with errors.status(f"Looking for event logs in {place}"):
        logs = logs_among(files_of(place))
    if not logs:
        raise CapacityError([f"no event log is in {place}"])
    if begin and not (logs := [log for log in logs if log.written >= begin]):
        raise CapacityError([f"no event log in {place} was written to since {begin:%Y-%m-%d %H:%M} UTC"])
    journal = out.with_name(f".{out.name}.import")
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(f"Reading {len(logs)} logs", total=sum(log.size for log in logs))
        runs = imported(
            logs,
            journal,
            options=Options(unfinished=unfinished),
            workers=jobs or os.cpu_count() or 1,
            skip=skipped,
            progress=lambda size: progress.advance(task, size),
        )
        joined.write(runs, out, skipped)
    journal.unlink(missing_ok=True)


def _begin(since: str | None) -> datetime | None:
    """When the time begins that an option names."""
    from fleet.live.cost.period import PeriodError, period

    try:
        return period(since, None, datetime.now(UTC)).start if since else None
    except PeriodError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
