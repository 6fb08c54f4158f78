"""`fleet capacity report`: one page of what queues cost and how jobs fare, and its numbers as JSON and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fleet.commands.capacity.comparing import compared
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import Boot, Paid, Refused, SavingsPlan, Seed, Shared, Trace, boots, console
from fleet.commands.capacity.words import trust
from fleet.commands.options import Root
from fleet.files import prepare, write_files
from fleet.formats.terminal import say

if TYPE_CHECKING:
    from fleet.commands.capacity.comparing import Found

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity report trace.parquet --out capacity-report`\n\n"
    "`fleet capacity report trace.parquet --out capacity-report --paid bill.csv`\n\n"
    "`fleet capacity report trace.parquet --out capacity-report --recommend`\n\n"
    "What is in it: docs/capacity.md. Exit code 0: written; 1: the trace, a bill or a stack is wrong, jobs can never "
    "run, or the folder can't be written; 2: wrong usage."
)


@of_capacity
def report(
    trace: Trace,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FOLDER", help="Where report.html, report.json and report.csv go, over those before."
        ),
    ],
    paid: Paid = None,
    savings_plan: SavingsPlan = 0.0,
    shared: Shared = True,
    recommend: Annotated[
        bool,
        typer.Option(
            "--recommend", help="With recommended sizes and their curve of cost and runtime: a minute a queue."
        ),
    ] = False,
    boot: Boot = None,
    refused: Refused = 0.0,
    seed: Seed = 1,
    root: Root = Path(),
) -> None:
    """Write a report of a trace: what queues cost, the jobs at most risk, and figures, in one page that loads nothing.

    Its numbers are in report.json and report.csv too. Nothing is asked of AWS or a cluster.
    """
    times = boots(boot)
    prepare(out)
    measured = trust(trace)
    found = compared(
        trace,
        root=root,
        times=times,
        refused=refused,
        seed=seed,
        savings_plan=savings_plan,
        shared=shared,
        paid=paid,
        recommend=recommend,
    )
    written(
        found,
        trace.name,
        out,
        times=times,
        refused=refused,
        seed=seed,
        savings_plan=savings_plan,
        measured=measured,
    )
    say(console(), f"{out / 'report.html'}: written, with report.json and report.csv beside it")


def written(
    found: Found,
    trace: str,
    out: Path,
    *,
    times: Sequence[float],
    refused: float = 0.0,
    seed: int,
    savings_plan: float,
    measured: str = "",
) -> None:
    """Writes the three files of a report, or none.

    Args:
        found: what was compared.
        trace: its name.
        out: the folder.
        times: seconds that nodes boot.
        refused: share of requests for nodes that AWS refuses.
        seed: of chance.
        savings_plan: by which a Savings Plan's prices are lower.
        measured: how far replays of the trace are from what was measured, a sentence; empty where nobody can know.
    """
    from capacity.reporting.report import report_of, rests_on
    from capacity.reporting.writing import as_csv, as_json
    from fleet.formats.capacity_page import page

    rests = rests_on(
        found.table,
        trace,
        boots=times,
        refused=refused,
        seed=seed,
        savings_plan=savings_plan,
        measured=measured,
    )
    said = report_of(found.platforms, rests)
    write_files(out, {"report.html": page(said), "report.json": as_json(said), "report.csv": as_csv(said)})
