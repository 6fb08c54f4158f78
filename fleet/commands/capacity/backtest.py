"""`fleet capacity backtest`: a trace's last weeks, replayed as declared, beside what was measured of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.table import Column, Table

from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import Boot, Seed, Trace, boots, console
from fleet.commands.capacity.words import trust
from fleet.commands.options import Root
from fleet.commands.prometheus import Asked, with_progress
from fleet.commands.together import takes_together
from fleet.errors import WrongUsage
from fleet.files import write_file
from fleet.formats.expected import waiting
from fleet.formats.terminal import say, terminal
from fleet.live.cost.access import LOCAL_URL, PORT_FORWARD, URL_VARIABLE

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from capacity.backtesting.comparing import BackTest
    from capacity.backtesting.measured import Measured
    from capacity.declared import Platform

EPILOG: Final = (
    "Examples:\n\n"
    f"`{PORT_FORWARD} &`\n\n"
    f"`export {URL_VARIABLE}={LOCAL_URL}`\n\n"
    "`fleet capacity backtest trace.parquet`\n\n"
    "`fleet capacity backtest trace.parquet --weeks 2 --format json`\n\n"
    "`fleet capacity backtest trace.parquet --measured table.csv`\n\n"
    "What is compared, and the table's columns: docs/capacity.md. Exit code 0: compared, and noted beside the trace; "
    "1: there is nothing to compare, the trace or a stack is wrong, or jobs can never run; 2: wrong usage."
)


@takes_together
@of_capacity
def backtest(
    trace: Trace,
    weeks: Annotated[
        int | None,
        typer.Option(min=1, max=52, help="So many last weeks of the trace, at most.", show_default="4"),
    ] = None,
    *,
    asked: Asked,
    measured: Annotated[
        Path | None,
        typer.Option(
            "--measured",
            metavar="FILE",
            help="Instead of asking a Prometheus: a table of what was measured, as CSV.",
            dir_okay=False,
            exists=True,
        ),
    ] = None,
    boot: Boot = None,
    seed: Seed = 1,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to print it.")] = "text",
    root: Root = Path(),
) -> None:
    """Hold a replay of a trace's last weeks, on queues as declared, against what was measured of these weeks.

    The day before them is replayed too. What is found stands in TRACE's name with `.backtest.json` instead of its
    ending, and `replay`, `compare` and `recommend` say it of that trace from then on.
    """
    from capacity.backtesting.comparing import backtest as compared
    from capacity.backtesting.record import path_of, record_of, text_of
    from capacity.declared import platforms
    from capacity.traces.files import read

    times = boots(boot)
    if measured and (given := asked.first_given()):
        raise WrongUsage("it is for a Prometheus, and --measured is given", given)
    if measured and weeks:
        raise WrongUsage("the file of --measured says its time", "--weeks")
    if not measured:
        asked.address(", or a file with --measured")
    errors = terminal(stderr=True)
    with errors.status("Reading the trace and the stacks"):
        table, fleet = read(trace), platforms(root.resolve())
    found = _seen(measured or asked, table, fleet, weeks)
    with errors.status(f"Replaying the last weeks of {table.num_rows:,} jobs"):
        test = compared(table, fleet, found, boots=times, seed=seed)
    record = record_of(test, datetime.now(UTC))
    write_file(path_of(trace), text_of(record))
    if form == "json":
        typer.echo(text_of(record), nl=False)
        return
    out = console()
    _print(out, test)
    say(out, trust(trace), "bold")
    say(out, f"Noted in {path_of(trace)}.", "dim")


def _seen(source: Path | Asked, table: pa.Table, fleet: list[Platform], weeks: int | None) -> Measured:
    """What a file says, or a Prometheus measured of the trace's last weeks."""
    from capacity.backtesting.comparing import WEEKS, compared_time
    from capacity.backtesting.measured import read
    from fleet.live.cost.period import Span
    from fleet.live.measurements import measure

    if isinstance(source, Path):
        return read(source)
    span = Span(*compared_time(table, weeks or WEEKS))
    server, match = source.server(), source.match or ()
    return with_progress("Asking for node hours and waits", lambda told: measure(server, span, fleet, match, told))


def _print(out: Console, test: BackTest) -> None:
    say(
        out,
        f"{test.begin:%Y-%m-%d %H:%M} to {test.end:%Y-%m-%d %H:%M} UTC ({test.weeks:.1f} weeks), replayed on the "
        f"queues as declared, beside {test.source}",
        "bold",
    )
    waits = Table(
        Column("waits of", overflow="fold"),
        *(Column(name, justify="right") for name in ("jobs", "p50", "seen", "p95", "seen", "off")),
    )
    nodes = Table(
        Column("nodes of", overflow="fold"), *(Column(name, justify="right") for name in ("node hours", "seen", "off"))
    )
    for queue in test.queues:
        one, two = queue.replayed, queue.measured
        sides = [("-", "-") if each is None else (waiting(each.p50), waiting(each.p95)) for each in (one, two)]
        waits.add_row(
            queue.namespace,
            "0" if one is None else f"{one.jobs:,}",
            *(text for both in zip(*sides, strict=True) for text in both),
            _off(queue.error),
        )
        for pool in queue.pools:
            measured = "-" if pool.measured is None else f"{pool.measured:,.1f}"
            nodes.add_row(f"{queue.namespace}-{pool.name}", f"{pool.replayed:,.1f}", measured, _off(pool.error))
    out.print(waits)
    out.print(nodes)
    say(out, "seen: what was measured. off: of p95, and of node hours.", "dim")
    for sentence in _notes(test):
        say(out, sentence, "dim")


def _notes(test: BackTest) -> list[str]:
    """What a reader must know of the numbers."""
    found = []
    if test.covered < 0.995:
        found.append(f"Measured for {test.covered:.0%} of the time; the rest is in neither number.")
    if unmeasured := test.unmeasured:
        found.append(f"Not measured: {', '.join(unmeasured)}.")
    if test.jobless:
        found.append(f"Measured, but without jobs in the trace: {', '.join(test.jobless)}.")
    for queue in test.queues:
        one, two = queue.replayed, queue.measured
        if one and two and two.jobs is not None and two.jobs != one.jobs:
            found.append(f"{queue.namespace}: {two.jobs:,} drivers were seen, and the trace has {one.jobs:,} jobs.")
        if queue.unsubmitted:
            found.append(
                f"{queue.namespace}: of {queue.unsubmitted:,} jobs no submission is known, so what they waited for "
                "their turn is in no replay: import the submissions too (docs/traces.md)."
            )
    return found


def _off(error: float | None) -> str:
    return "-" if error is None else f"{error:+,.0%}"
