"""`fleet capacity compare`: what the same jobs cost on queues that are declared in different ways."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.table import Column, Table

from fleet.commands.capacity.comparing import compared
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import Boot, Paid, Refused, SavingsPlan, Seed, Shared, Trace, boots, console
from fleet.commands.capacity.words import doubts, share, trust, usd, whole
from fleet.commands.options import Root
from fleet.formats.expected import waiting
from fleet.formats.terminal import say, terminal

if TYPE_CHECKING:
    from rich.console import Console

    from capacity.comparing.comparison import Comparison, QueueComparison
    from capacity.comparing.records import Row

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity compare trace.parquet`\n\n"
    "`fleet capacity compare trace.parquet --paid bill.csv`\n\n"
    "`fleet capacity compare trace.parquet --savings-plan 0.28` # on both sides\n\n"
    "`fleet capacity compare trace.parquet --format csv > ways.csv`\n\n"
    "What is in it, and what isn't: docs/capacity.md. Exit code 0: compared; 1: the trace, a bill or a stack is wrong, "
    "or jobs can never run; 2: wrong usage."
)

RISKS: Final = 5
"""Jobs at risk that are printed; the report has twenty."""


@of_capacity
def compare(
    trace: Trace,
    paid: Paid = None,
    savings_plan: SavingsPlan = 0.0,
    shared: Shared = True,
    boot: Boot = None,
    refused: Refused = 0.0,
    seed: Seed = 1,
    form: Annotated[Literal["text", "json", "csv"], typer.Option("--format", help="How to print it.")] = "text",
    root: Root = Path(),
) -> None:
    """Compare what a trace's jobs cost on nodes fixed at their peak, as declared, and declared in other ways.

    Net: with each queue's share of driver nodes and of what all queues use. Nothing is asked of AWS or a cluster.
    """
    from capacity.comparing.records import records

    off = trust(trace)
    of = compared(
        trace,
        root=root,
        times=boots(boot),
        refused=refused,
        seed=seed,
        savings_plan=savings_plan,
        shared=shared,
        paid=paid,
    )
    found, off = [one.comparison for one in of.platforms], doubts(of.table, off)
    if form == "text":
        for one in found:
            _print(console(), one)
        say(console(), off, "dim")
        return
    say(terminal(stderr=True), off)
    rows = [row for one in found for row in records(one)]
    typer.echo(json.dumps(rows, indent=2) if form == "json" else _csv(rows), nl=form == "json")


def _print(out: Console, comparison: Comparison) -> None:
    days = comparison.hours / 24
    say(out, f"{comparison.stack}: USD of a month by {days:,.1f} days of jobs, everything paid", "bold")
    for queue in comparison.queues:
        say(out, _sentence(comparison, queue))
    for queue in comparison.queues:
        table = Table(
            queue.namespace,
            *(Column(name, justify="right") for name in ("USD", "saved", "wait p95", "longer p50", "p95", ">20 %")),
        )
        for way, side in queue.sides.items():
            table.add_row(
                way,
                *(usd(side.usd, comparison.hours), share(queue.saving(way)), waiting(side.result.wait.p95)),
                *(f"{number:+.0%}" for number in (side.longer.p50, side.longer.p95)),
                f"{side.slower[1]:.0%}",
            )
        out.print(table)
    _print_risks(out, comparison)
    for way, sentence in comparison.says.items():
        say(out, f"{way}: {sentence}.", "dim")
    say(
        out,
        "wait: from submission to the driver's start. longer: runtime against the same jobs on the fixed nodes.",
        "dim",
    )


def _print_risks(out: Console, comparison: Comparison) -> None:
    """The jobs that take most longer as declared, with what would help each."""
    from capacity.comparing.risk import at_risk
    from capacity.comparing.variants import DECLARED, FIXED

    risks = at_risk(comparison.replays[DECLARED], comparison.replays[FIXED], RISKS)
    if not risks:
        return
    say(out, f"Jobs at most risk on {comparison.stack}, as declared, and what would help them:", "bold")
    for one in risks:
        price = "?" if one.usd is None else whole(one.usd)
        late = f"{one.late} of {one.runs} late, " if one.late else ""
        say(
            out,
            f"  {one.queue} {one.name}: {late}{waiting(one.longer)} ({one.share:.0%}) longer for {one.cause}; "
            f"{one.remedy}, at most {price} USD a month",
        )


def _sentence(comparison: Comparison, queue: QueueComparison) -> str:
    declared = queue.sides["declared"]
    saving = queue.saving()
    if saving is None:
        return f"  {queue.namespace}: prices of its nodes are not known"
    longer = f"95 of 100 jobs at most {declared.longer.p95:.0%} longer"
    before = "as paid today" if queue.today_usd is not None else "for nodes fixed at the peak"
    what = f"{saving:.0%} less than" if saving >= 0 else f"{-saving:.0%} more than"
    return (
        f"  {queue.namespace}: {usd(declared.usd, comparison.hours)} USD, {what} "
        f"{usd(queue.before_usd, comparison.hours)} USD {before}; {longer}"
    )


def _csv(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
