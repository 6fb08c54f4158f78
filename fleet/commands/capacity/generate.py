"""`fleet capacity generate`: a trace of jobs that were never run, for queues that nothing was recorded of."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final, cast

import typer
from rich.table import Column, Table

from capacity.traces.uses import KINDS, Kind
from fleet.commands.capacity.importing import Out, pairs
from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import console
from fleet.commands.options import Root
from fleet.files import prepare

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity generate --out trace.parquet`\n\n"
    "`fleet capacity generate --out t.parquet --weeks 12 --seed 7`\n\n"
    "`fleet capacity generate --out t.parquet --platform platform-dev`\n\n"
    "`fleet capacity generate --out t.parquet --kind ads-batch=backfill`\n\n"
    "Its parameters, and where they come from, are in docs/traces.md. Exit code 0: there is a trace; "
    "1: there can't be one."
)


@of_capacity
def generate(
    out: Out,
    weeks: Annotated[int, typer.Option("--weeks", help="How many weeks.", min=1, max=520)] = 4,
    seed: Annotated[int, typer.Option("--seed", help="Another one gives other jobs of the same kind.", min=0)] = 1,
    start: Annotated[
        str, typer.Option("--start", metavar="YYYY-MM-DD", help="The first day; a Monday by default.")
    ] = "2026-09-07",
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="TENANT-QUEUE=KIND",
            help="What a queue is used for: scheduled, ad-hoc, both, backfill or steady; by default what fits its "
            "name or its pools. Repeatable.",
        ),
    ] = None,
    platform: Annotated[
        str | None, typer.Option("--platform", metavar="STACK", help="Only the queues of this platform.")
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone",
            metavar="ZONE",
            help="Whose clock they live by, such as Europe/Berlin; by default that of a queue's schedules, or UTC.",
        ),
    ] = None,
    root: Root = Path(),
) -> None:
    """Make up a trace for the queues that stacks declare: no recorded job is in it."""
    from capacity.declared import platforms
    from capacity.errors import CapacityError
    from capacity.traces import files
    from capacity.traces.generate import generate as generated
    from capacity.traces.times import zone_named

    begin = _day(start)
    kinds = _kinds(kind)
    declared = platforms(root)
    if platform is not None:
        chosen = [one for one in declared if one.stack == platform]
        if not chosen:
            there = ", ".join(one.stack for one in declared) or "none"
            raise CapacityError([f"there is no platform {platform!r} in AWS in {root}/stacks; there is {there}"])
        declared = chosen
    prepare(out.parent)
    table, found = generated(declared, begin=begin, weeks=weeks, seed=seed, kinds=kinds, zone=zone_named(time_zone))
    if wrong := files.problems(table):
        raise CapacityError(wrong)
    files.write_table(table, out)
    shown = console()
    shown.print(f"{out}: {table.num_rows:,} generated runs", highlight=False, markup=False, soft_wrap=True)
    rows = Table("queue", "kind", *(Column(name, justify="right") for name in ("runs", "busiest hour", "maximum")))
    for one in found:
        rows.add_row(one.queue, one.kind, f"{one.runs:,}", f"{one.busiest:,.0f}", f"{one.executors:,}")
    shown.print(rows)
    shown.print(
        "Busiest hour: executors that jobs use if none of them waits; maximum: those of the queue's default pool.",
        highlight=False,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day, such as 2026-09-07", param_hint="--start") from None


def _kinds(texts: list[str] | None) -> dict[str, Kind]:
    found = pairs(texts, "--kind", "TENANT-QUEUE=KIND")
    for queue, kind in found.items():
        if kind not in KINDS:
            raise typer.BadParameter(
                f"{kind!r} of {queue} is no kind of use; there are {', '.join(KINDS)}", param_hint="--kind"
            )
    return cast("dict[str, Kind]", found)
