"""`fleet capacity import csv`: a trace from a table of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.capacity.importing import Joined, Out, Skipped, Zone, pairs
from fleet.commands.capacity.needs import of_capacity, of_file
from fleet.commands.together import takes_together

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity import csv jobs.csv --queue ads-batch --out t.parquet`\n\n"
    "`fleet capacity import csv jobs.csv --out t.parquet --column started=begin`\n\n"
    "`fleet capacity import csv jobs.csv --out t.parquet --time-zone Asia/Tokyo`\n\n"
    "It needs the columns name, started and ended; all others are in docs/traces.md. Exit code 0: there is a trace; "
    "1: there can't be one."
)


@takes_together
@of_capacity
def csv(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV file with a header.", dir_okay=False, exists=True)
    ],
    out: Out,
    *,
    joined: Joined,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="OURS=THEIRS", help="What the table calls a column of the trace; repeatable."),
    ] = None,
    time_zone: Zone = None,
) -> None:
    """From a table of your own."""
    from capacity.traces.tables import runs_of_table
    from capacity.traces.times import zone_named

    columns = pairs(column, "--column", "OURS=THEIRS")
    with file.open(encoding="utf-8-sig", newline="") as table:
        runs = runs_of_table(table, columns=columns, zone=zone_named(time_zone))
        with of_file(file):
            joined.write(runs, out, Skipped())
