"""`fleet capacity show`: what a trace holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Column, Table

from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import console

EPILOG: Final = (
    "Examples:\n\n`fleet capacity show trace.parquet`\n\nExit code 0: it can be replayed; 1: it can't, and why."
)


@of_capacity
def show(
    trace: Annotated[Path, typer.Argument(metavar="TRACE", help="A trace.", dir_okay=False, exists=True)],
) -> None:
    """Say what a trace holds: queues, jobs, weeks, and how fine it is."""
    from capacity.traces.contents import contents
    from capacity.traces.files import read

    found = contents(read(trace))
    out = console()
    out.print(
        f"{trace}: {found.runs} runs of {found.jobs} jobs, {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d} UTC "
        f"({found.weeks:.1f} weeks)",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    queues = Table("queue", *(Column(name, justify="right") for name in ("runs", "jobs", "executor hours")))
    for row in found.queues:
        hours = "?" if row.executor_hours is None else f"{row.executor_hours:,.1f}"
        queues.add_row(row.queue, f"{row.runs:,}", f"{row.jobs:,}", hours)
    out.print(queues)
    columns = Table("column", Column("of the runs", justify="right"))
    for name, share in found.filled.items():
        columns.add_row(name, f"{share:.0%}")
    out.print(columns)
    if found.empty:
        out.print(f"Nothing is said of: {', '.join(found.empty)}.", highlight=False)
    for sentence in found.coarseness:
        out.print(sentence, highlight=False)
