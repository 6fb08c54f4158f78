"""`fleet capacity recommend`: the cheapest sizes of queues for a target, and how sure that is."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.table import Column, Table

from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import Boot, Seed, Trace, boots, console, of_platforms
from fleet.commands.capacity.words import doubts, trust, whole
from fleet.commands.options import Root
from fleet.errors import FleetError, WrongUsage
from fleet.files import write_file
from fleet.formats.expected import waiting
from fleet.formats.terminal import say, terminal

if TYPE_CHECKING:
    from rich.console import Console

    from capacity.declared import Platform, Schedule
    from capacity.recommending.outcome import Figures
    from capacity.recommending.policy import Policy
    from capacity.recommending.recommendation import Recommendation

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity recommend trace.parquet`\n\n"
    "`fleet capacity recommend trace.parquet --wait 2m --longer 0.1`\n\n"
    "`fleet capacity recommend trace.parquet --queue ads-batch --write`\n\n"
    "How it is found, and how far to trust it: docs/capacity.md. Exit code 0: recommended; 1: the trace or a stack is "
    "wrong, or jobs can never run; 2: wrong usage."
)


@of_capacity
def recommend(
    trace: Trace,
    queue: Annotated[
        list[str] | None,
        typer.Option(metavar="TENANT-QUEUE", help="Only this queue; repeatable. Default: all that have jobs."),
    ] = None,
    wait: Annotated[
        str, typer.Option(metavar="TIME", help="At most, from submission to the driver's start, for 95 of 100 jobs.")
    ] = "5m",
    longer: Annotated[
        float,
        typer.Option(
            metavar="SHARE", min=0, help="By which 95 of 100 jobs may run longer than on nodes fixed at the peak."
        ),
    ] = 0.05,
    deadlines: Annotated[
        bool, typer.Option("--deadlines/--no-deadlines", help="Whether deadlines in the trace are kept.")
    ] = True,
    write: Annotated[
        bool, typer.Option("--write", help="Write the sizes into the tenants' stack files, comments kept.")
    ] = False,
    boot: Boot = None,
    seed: Seed = 1,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to print it.")] = "text",
    root: Root = Path(),
) -> None:
    """Recommend the cheapest minimum, maximum, schedule and unneeded time of each queue for what is wanted of it.

    Each queue takes a minute or so: dozens of sizes are tried, each by a replay of all its jobs. Nothing is asked of
    AWS or a cluster, and without --write nothing is changed.
    """
    import pyarrow.compute as pc

    from capacity.recommending.outcome import Target
    from capacity.recommending.recommendation import recommend as recommended
    from capacity.replay.behaviour import Behaviour
    from capacity.traces.files import read
    from sizing.durations import parse_duration

    try:
        target = Target(wait=parse_duration(wait), longer=longer, deadlines=deadlines)
    except ValueError as error:
        raise WrongUsage(str(error), "--wait") from None
    times = boots(boot)
    errors = terminal(stderr=True)
    found: list[tuple[Platform, Recommendation]] = []
    with errors.status("Reading the trace and the stacks") as status:
        table, off = read(trace), trust(trace)
        off = doubts(table, off)
        parts = [
            (platform, part, sorted(pc.unique(part["queue"]).to_pylist()))
            for platform, part in of_platforms(table, root)
        ]
        there = [name for _, _, names in parts for name in names]
        if strange := sorted(set(queue or []) - set(there)):
            raise FleetError(f"the trace has no jobs of {', '.join(strange)}; it has some of {', '.join(there)}")
        for platform, part, name in [(p, part, n) for p, part, names in parts for n in names if n in (queue or names)]:

            def said(count: int, name: str = name) -> None:
                status.update(f"{name}: {count} sizes tried")

            one = recommended(
                part, platform, name, target=target, behaviour=Behaviour(), boots=times, seed=seed, said=said
            )
            found.append((platform, one))
    out = console()
    if form == "json":
        typer.echo(json.dumps([record(platform, one) for platform, one in found], indent=2))
    else:
        for _, one in found:
            show(out, one)
    say(out if form == "text" else errors, off, "dim")
    if write:
        _write(root, [one for _, one in found])
    elif form == "text":
        say(out, "Nothing was changed: --write puts the sizes into the stack files.")


def _write(root: Path, found: list[Recommendation]) -> None:
    """Stack files with the sizes: all of them, if all stacks are right with them.

    Raises:
        CapacityError: a stack would be wrong.
    """
    from capacity.declared import platforms
    from capacity.recommending.writing import with_sizes
    from infra.settings.stack_file import STACKS, stack_path

    texts: dict[Path, str] = {}
    for one in found:
        path = stack_path(root, one.queue.stack)
        texts[path] = with_sizes(texts.get(path) or path.read_text(encoding="utf-8"), one.queue)
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(root / STACKS, Path(scratch) / STACKS)
        for path, text in texts.items():
            (Path(scratch) / STACKS / path.name).write_text(text, encoding="utf-8")
        platforms(Path(scratch))
    errors = terminal(stderr=True)
    for path, text in texts.items():
        if text == path.read_text(encoding="utf-8"):
            say(errors, f"{path}: nothing to change")
            continue
        write_file(path, text)
        say(errors, f"{path}: written. Look at `git diff {path}` and at `fleet preview`.")


def record(platform: Platform, one: Recommendation) -> dict[str, object]:
    """A recommendation as JSON. USD are of a month of 730 hours, waits in seconds, shares from 0 to 1."""
    return {
        "platform": platform.stack,
        "stack": one.queue.stack,
        "queue": one.queue.namespace,
        "met": one.met,
        "target": asdict(one.target),
        "sizes": {
            "atOnce": one.queue.jobs,
            "pools": {
                name: {
                    "minimum": pool.minimum,
                    "maxNodes": pool.maximum,
                    "unneededTime": pool.unneeded,
                    "schedules": [
                        {**asdict(schedule.hours), "timeZone": schedule.zone.key, "minimum": schedule.minimum}
                        for schedule in pool.schedules
                    ],
                }
                for name, pool in one.queue.pools.items()
            },
        },
        "now": asdict(one.now),
        "then": asdict(one.then),
        "fixed": asdict(one.fixed),
        "sure": asdict(one.sure),
        "heldOut": None if one.held_out is None else asdict(one.held_out),
        "weeks": one.weeks,
        "monthEnds": one.month_ends,
        "curve": [asdict(tried.figures) for tried in one.curve],
        "sensitivity": [asdict(other) for other in one.sensitivity],
        "kinds": [asdict(other) for other in one.kinds],
    }


def show(out: Console, one: Recommendation) -> None:
    """A recommendation: what to change first, then what that leads to, and how sure it is."""
    saving = f", {1 - one.then.usd / one.fixed.usd:.0%} less than nodes fixed at the peak" if one.fixed.usd else ""
    say(
        out,
        f"{one.queue.namespace}: {whole(one.then.usd)} USD a month for executors instead of {whole(one.now.usd)}"
        f"{saving}",
        "bold",
    )
    for line in changes(one):
        say(out, f"  {line}")
    if not changes(one):
        say(out, "  stays as it is")
    say(out, f"  {'meets' if one.met else 'comes nearest to'} the target: {_target(one)}")
    figures = Table("", *(Column(name, justify="right") for name in ("USD", "wait p95", "longer p95", "late")))
    rows: list[tuple[str, Figures | None]] = [
        ("fixed at the peak", one.fixed),
        ("now", one.now),
        ("recommended", one.then),
        ("the last weeks, unseen", one.held_out),
        *((other.what, other.figures) for other in (*one.sensitivity, *one.kinds)),
    ]
    for what, row in rows:
        if row is not None:
            figures.add_row(what, whole(row.usd), waiting(row.wait), f"{row.longer:+.1%}", f"{row.late:.0%}")
    out.print(figures)
    sure = one.sure
    say(
        out,
        f"  90 of 100 draws of {sure.blocks}: {whole(sure.usd[0])} to {whole(sure.usd[1])} USD, wait "
        f"{waiting(sure.wait[0])} to {waiting(sure.wait[1])}, {sure.longer[0]:+.1%} to {sure.longer[1]:+.1%} longer; "
        f"{one.weeks:.1f} weeks with {one.month_ends} month-end{'s' * (one.month_ends != 1)}",
    )
    curve = Table("cost and wait", *(Column(name, justify="right") for name in ("USD", "wait p95", "longer p95")))
    for tried in one.curve:
        curve.add_row(
            _ready(tried.policy),
            whole(tried.figures.usd),
            waiting(tried.figures.wait),
            f"{tried.figures.longer:+.1%}",
        )
    out.print(curve)
    say(
        out,
        "minimum: enough in so many of all hours; hours, peaks: schedules that are enough for the average, or the "
        "highest, of an hour in so many weeks; s: that nodes stay empty; maximum: of the peak. late: of the jobs with "
        "a deadline.",
        "dim",
    )


def changes(one: Recommendation) -> list[str]:
    """What differs from the declared queue, a line each, in the words of the stack file."""
    found = []
    if one.queue.jobs != one.declared.jobs:
        found.append(f"drivers.atOnce: {one.declared.jobs} -> {one.queue.jobs}")
    for name, pool in one.queue.pools.items():
        before = one.declared.pools[name]
        if pool.minimum != before.minimum:
            found.append(f"{name}: minimum of {before.minimum} -> {pool.minimum} nodes")
        if pool.maximum != before.maximum:
            found.append(f"{name}: maxNodes {before.maximum} -> {pool.maximum}")
        if pool.unneeded != before.unneeded:
            found.append(f"{name}: unneededTime {_time(before.unneeded)} -> {_time(pool.unneeded)}")
        if pool.schedules != before.schedules:
            found += [f"{name}: schedule {_schedule(schedule)}" for schedule in pool.schedules] or [
                f"{name}: no schedule"
            ]
    return found


def _schedule(schedule: Schedule) -> str:
    hours = schedule.hours
    return (
        f"{' '.join(hours.days)} {_clock(hours.start)} to {_clock(hours.end)} {schedule.zone.key}: "
        f"{schedule.minimum} nodes"
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _time(unneeded: int | None) -> str:
    return "as the platform's" if unneeded is None else f"{unneeded}s"


def _target(one: Recommendation) -> str:
    wanted = [f"95 of 100 jobs wait at most {waiting(one.target.wait)}", f"run at most {one.target.longer:.0%} longer"]
    return ", ".join([*wanted, "and meet their deadlines"] if one.target.deadlines else wanted)


def _ready(policy: Policy) -> str:
    """What a policy keeps ready, in a few words."""
    return ", ".join(
        (
            "no minimum" if policy.floor is None else f"minimum {policy.floor:.0%}",
            *(() if policy.level is None else (f"{'peaks' if policy.peaks else 'hours'} {policy.level:.0%}",)),
            *(() if policy.unneeded is None else (f"{policy.unneeded} s",)),
            *(() if policy.ceiling == 1.0 else (f"maximum {policy.ceiling:.0%}",)),
        )
    )
