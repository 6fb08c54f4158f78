"""`fleet capacity replay`: what queues as declared would have done with the jobs of a trace."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.table import Column, Table

from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import Boot, Refused, Seed, Trace, boots, console, of_platforms
from fleet.commands.capacity.words import doubts, share, trust
from fleet.commands.options import Root
from fleet.formats.expected import waiting
from fleet.formats.terminal import say, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from capacity.declared import Platform
    from capacity.replay.results import PoolResult, QueueResult, Result
    from capacity.replay.scale_out import ScaleOut

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity replay trace.parquet`\n\n"
    "`fleet capacity replay trace.parquet --boot 90` # nodes take a minute and a half\n\n"
    "`fleet capacity replay trace.parquet --refused 0.2` # AWS often has none\n\n"
    "`fleet capacity replay trace.parquet --format json > replay.json`\n\n"
    "Exit code 0: replayed; 1: the trace or a stack is wrong, or jobs can never run; 2: wrong usage."
)
MEANINGS: Final = (
    "wait: from submission to the driver's start. longer: runtime against the trace's own. for the peak: nodes that "
    "would always be there for the most executors that the trace had at once. Of the hours: used by executors; partly: "
    "what they leave unused of their nodes; kept: nodes without executors that a minimum keeps; empty: other ones, "
    "until they leave. To have places: from the first executor without a place until there is none, by how many got "
    "one meanwhile, with how often that was."
)


@of_capacity
def replay(
    trace: Trace,
    boot: Boot = None,
    refused: Refused = 0.0,
    seed: Seed = 1,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to print it.")] = "text",
    root: Root = Path(),
) -> None:
    """Say what each queue, as its stack declares it, would have done with the jobs of a trace: waits, runtimes, nodes.

    Nothing is asked of AWS or a cluster. What is replayed, and what isn't: docs/capacity.md.
    """
    from capacity.replay.behaviour import Behaviour
    from capacity.replay.fleet import replay_on
    from capacity.traces.files import read

    times = boots(boot)
    errors = terminal(stderr=True)
    with errors.status("Reading the trace and the stacks"):
        table, off = read(trace), trust(trace)
        off = doubts(table, off)
        fleet = [platform for platform, _ in of_platforms(table, root)]
    with errors.status(f"Replaying {table.num_rows:,} jobs; the first time on a machine takes a minute more"):
        found = replay_on(table, fleet, Behaviour(failure_share=refused), times, seed)
    if form == "json":
        say(errors, off)
        typer.echo(json.dumps({platform.stack: asdict(result) for platform, result in found}, indent=2))
        return
    for platform, result in found:
        _print(console(), platform, result)
    say(console(), off, "dim")


def _print(console: Console, platform: Platform, result: Result) -> None:
    days = result.hours / 24
    jobs = sum(queue.jobs for queue in result.queues)
    say(console, f"{platform.stack}: {jobs:,} jobs of {days:,.1f} days, replayed on the queues as declared", "bold")
    for queue in result.queues:
        say(console, _sentence(queue))
    table = Table(
        "queue", *(Column(name, justify="right") for name in ("wait p50", "p95", "worst", "longer p50", "p95", ">20 %"))
    )
    for queue in result.queues:
        wait, runtime = queue.wait, queue.runtime
        table.add_row(
            queue.namespace,
            *(waiting(number) for number in (wait.p50, wait.p95, wait.worst)),
            *(f"{number:+.0%}" for number in (runtime.p50, runtime.p95)),
            f"{queue.slower[1]:.0%}",
        )
    console.print(table)
    pools = [pool for queue in result.queues for pool in queue.pools]
    nodes = Table("pool", *(Column(name, justify="right") for name in ("node hours", "most nodes", "for the peak")))
    for pool in pools:
        nodes.add_row(pool.identity, f"{pool.node_hours:,.0f}", f"{pool.most:,}", f"{pool.fixed_nodes:,}")
    console.print(nodes)
    console.print(_spent(pools))
    if any(size.count for pool in pools for size in pool.scale_out):
        console.print(_scaled_out(pools))
    say(console, MEANINGS, "dim")


def _spent(pools: Sequence[PoolResult]) -> Table:
    """What the node hours were spent on, in shares."""
    table = Table(
        "of the hours",
        *(Column(name, justify="right") for name in ("used", "partly", "kept", "empty", "leaving", "booting")),
    )
    for pool in pools:
        waste = pool.waste
        hours = (pool.used_hours, waste.partly, waste.kept, waste.waiting, waste.leaving, waste.booting)
        table.add_row(pool.identity, *(share(part, pool.node_hours) for part in hours))
    return table


def _scaled_out(pools: Sequence[PoolResult]) -> Table:
    """How long executors took to get places, by how many there were."""
    table = Table("to have places, p95", *(Column(_size(size), justify="right") for size in pools[0].scale_out))
    for pool in pools:
        table.add_row(
            pool.identity,
            *("-" if size.p95 is None else f"{waiting(size.p95)} ({size.count:,})" for size in pool.scale_out),
        )
    return table


def _size(of: ScaleOut) -> str:
    return f"{of.least}-{of.most}" if of.most else f">{of.least - 1}"


def _sentence(queue: QueueResult) -> str:
    """A queue in one line: what it costs, against what."""
    lost = f"; {queue.lost} executors lost to interruptions" if queue.lost else ""
    if queue.usd is None or queue.fixed_usd is None:
        return f"  {queue.namespace}: prices of its nodes are not known{lost}"
    if queue.saving is None:
        return f"  {queue.namespace}: {queue.usd:,.0f} USD{lost}"
    what = f"{queue.saving:.0%} less than" if queue.saving >= 0 else f"{-queue.saving:.0%} more than"
    return f"  {queue.namespace}: {queue.usd:,.0f} USD, {what} {queue.fixed_usd:,.0f} for nodes fixed at the peak{lost}"
