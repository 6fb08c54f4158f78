"""`fleet capacity import csv`: a trace from a table of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.capacity.importing import After, Onto, Out, Queue, QueueOf, Skipped, Zone, finish, pairs, queues
from fleet.commands.capacity.needs import of_capacity, of_file

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity import csv jobs.csv --queue ads-batch --out t.parquet`\n\n"
    "`fleet capacity import csv jobs.csv --out t.parquet --column started=begin`\n\n"
    "`fleet capacity import csv jobs.csv --out t.parquet --time-zone Asia/Tokyo`\n\n"
    "It needs the columns name, started and ended; all others are in docs/traces.md. Exit code 0: there is a trace; "
    "1: there can't be one."
)


@of_capacity
def csv(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV file with a header.", dir_okay=False, exists=True)
    ],
    out: Out,
    queue: Queue = None,
    queue_of: QueueOf = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="OURS=THEIRS", help="What the table calls a column of the trace; repeatable."),
    ] = None,
    time_zone: Zone = None,
    onto: Onto = None,
    after: After = True,
) -> None:
    """From a table of your own."""
    from capacity.traces.tables import runs_of_table
    from capacity.traces.times import zone_named

    columns = pairs(column, "--column", "OURS=THEIRS")
    with file.open(encoding="utf-8-sig", newline="") as table:
        runs = runs_of_table(table, columns=columns, zone=zone_named(time_zone))
        with of_file(file):
            finish(runs, queues(queue, queue_of), out, Skipped(), onto, after)
