"""`fleet capacity import databricks`: a trace from Databricks' system tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.capacity.importing import Joined, Skipped
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.together import takes_together

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity import databricks --queries` # what to export\n\n"
    "`fleet capacity import databricks runs.csv nodes.csv --queue ads-batch --out t`\n\n"
    "A queue's place is the workspace. A node counts as an executor; stages are in event logs alone. "
    "Exit code 0: there is a trace; 1: there can't be one."
)


@takes_together
@of_capacity
def databricks(
    runs: Annotated[
        Path | None,
        typer.Argument(metavar="RUNS", help="The first query's result, as CSV.", dir_okay=False, exists=True),
    ] = None,
    nodes: Annotated[
        Path | None, typer.Argument(metavar="NODES", help="The second one's.", dir_okay=False, exists=True)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The trace to write, such as trace.parquet.", dir_okay=False),
    ] = None,
    queries: Annotated[bool, typer.Option("--queries", help="Print the queries, and end.")] = False,
    *,
    joined: Joined,
) -> None:
    """From exports of Databricks' system tables."""
    from capacity.traces.databricks import NODES_QUERY, RUNS_QUERY, runs_of_exports

    if queries:
        typer.echo(f"-- RUNS\n{RUNS_QUERY}\n-- NODES\n{NODES_QUERY}", nl=False)
        return
    if runs is None or nodes is None or out is None:
        raise typer.BadParameter("it needs both results and --out, or --queries", param_hint="RUNS NODES")
    skipped = Skipped()
    with (
        runs.open(encoding="utf-8-sig", newline="") as run_rows,
        nodes.open(encoding="utf-8-sig", newline="") as node_rows,
    ):
        found = runs_of_exports(run_rows, node_rows, skipped)
        joined.write(found, out, skipped)
