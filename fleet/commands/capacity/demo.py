"""`fleet capacity demo`: the sample queues on made-up jobs, compared and reported."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Column, Table

from fleet.commands.capacity.comparing import compared
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import boots, console
from fleet.commands.capacity.report import written
from fleet.commands.capacity.words import share, usd
from fleet.commands.options import Root
from fleet.errors import FleetError
from fleet.files import prepare
from fleet.formats.expected import waiting
from fleet.formats.terminal import say

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity demo`\n\n"
    "`fleet capacity demo --out /tmp/demo --platform platform-dev`\n\n"
    "Exit code 0: written; 1: a stack is wrong, or the folder can't be written; 2: wrong usage."
)
WEEKS: Final = 2
BEGIN: Final = date(2026, 9, 7)
SEED: Final = 1


@of_capacity
def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where the report goes, over the one before.")
    ] = Path("capacity-demo"),
    platform: Annotated[
        str | None,
        typer.Option("--platform", metavar="STACK", help="Only this platform's queues; default: all in AWS."),
    ] = None,
    root: Root = Path(),
) -> None:
    """Compare the stacks' queues on made-up jobs and write the report: no account, nothing asked."""
    from capacity.declared import platforms
    from capacity.demonstration import MOST_NODES, demonstration
    from capacity.traces import files
    from capacity.traces.generate import generate

    declared = platforms(root.resolve())
    chosen = [one for one in declared if platform in (None, one.stack)]
    if not chosen:
        there = ", ".join(one.stack for one in declared) or "none"
        raise FleetError(f"there is no platform {platform or 'at all'} in AWS in {root}/stacks; there is {there}")
    shows = demonstration(chosen)
    prepare(out)
    times = boots(None)
    with tempfile.TemporaryDirectory() as scratch:
        trace = Path(scratch) / "made-up.parquet"
        made = generate(shows.platforms, begin=BEGIN, weeks=WEEKS, seed=SEED, kinds=shows.kinds)[0]
        files.write_table(made, trace)
        found = compared(trace, root=root, times=times, seed=SEED, savings_plan=0.0, shared=True, paid=None)
    written(found, "made-up.parquet", out, times=times, seed=SEED, savings_plan=0.0)
    shown = console()
    table = Table(
        "queue",
        *(Column(name, justify="right") for name in ("fixed, USD", "elastic", "saved", "wait p95", "longer p95")),
    )
    for one in (each.comparison for each in found.platforms):
        for queue in one.queues:
            side = queue.sides["declared"]
            table.add_row(
                queue.namespace,
                usd(queue.before_usd, one.hours),
                usd(side.usd, one.hours),
                share(queue.saving()),
                waiting(side.result.wait.p95),
                f"{side.longer.p95:+.0%}",
            )
    shown.print(table)
    say(shown, f"USD of a month. The jobs are made up: {WEEKS} weeks, nobody's real use. Fixed: at the peak, always.")
    if shows.kinds:
        steady = ", ".join(sorted(shows.kinds))
        say(shown, f"Taken to be busy round the clock, as nodes are kept in several zones: {steady}.")
    if shows.left_out:
        say(shown, f"Left out, as replays of over {MOST_NODES} nodes take long: {', '.join(shows.left_out)}.")
    say(shown, f"All of it: {out / 'report.html'}")
