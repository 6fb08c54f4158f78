"""`fleet capacity recommend`: the cheapest sizes of queues for a target, and how sure that is."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import Boot, Seed, Trace, boots, console, of_platforms
from fleet.commands.capacity.recommended import record, show
from fleet.commands.capacity.words import trust
from fleet.commands.options import Root
from fleet.errors import FleetError, WrongUsage
from fleet.files import write_file
from fleet.formats.terminal import say, terminal

if TYPE_CHECKING:
    from capacity.declared import Platform
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

    It says what other nodes, and Spot, would cost too.

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
