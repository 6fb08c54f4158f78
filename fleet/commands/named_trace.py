"""The trace by which a command says what is expected: named by an option, or once by the project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from capacity.named import FILE, named_trace, trace_file
from fleet.commands.capacity.needs import capacity_in_words
from fleet.errors import WrongUsage
from fleet.formats.terminal import terminal

if TYPE_CHECKING:
    import pyarrow as pa


NO_TRACE: Final = "--no-trace"
Trace = Annotated[
    str | None,
    typer.Option(
        "--trace",
        metavar="PATH",
        help=f"A trace of recorded jobs: say what months they make one expect. Default: the one that {FILE}, beside "
        "stacks/, names, if there is one.",
    ),
]
NoTrace = Annotated[bool, typer.Option(NO_TRACE, help=f"Say nothing of expected months, whatever {FILE} names.")]


@dataclass(frozen=True)
class Recorded:
    """A trace that somebody named.

    Attributes:
        name: as it was written.
        path: where it is.
    """

    name: str
    path: Path


def recorded_jobs(root: Path, trace: str | None, no_trace: bool) -> Recorded | None:
    """The trace that is named, if one is. It is not read yet, as what reads it has threads, and previews fork.

    Args:
        root: the project's folder.
        trace: as the option names it.
        no_trace: whether there shall be none.

    Raises:
        WrongUsage: both are asked for.
        FleetError: it isn't there, or the extra for it isn't installed.
    """
    if trace is not None and no_trace:
        raise WrongUsage("a trace, or none", NO_TRACE)
    if no_trace:
        return None
    with capacity_in_words(NO_TRACE):
        path = named_trace(root) if trace is None else trace_file(trace, Path(), "--trace")
        for library in ("numba", "pyarrow") if path else ():
            if find_spec(library) is None:
                raise ModuleNotFoundError(name=library)
    return Recorded(trace or path.relative_to(root).as_posix(), path) if path else None


@contextmanager
def replayed(recorded: Recorded) -> Iterator[pa.Table]:
    """A trace's rows, for as long as they are replayed: a terminal says so, and what goes wrong is said in words.

    Raises:
        FleetError: it is no trace that can be replayed.
    """
    with capacity_in_words(NO_TRACE), terminal(stderr=True).status(f"Reading {recorded.name}") as status:
        from capacity.traces.files import read

        table = read(recorded.path)
        status.update(f"Replaying {table.num_rows:,} jobs; the first time on a machine takes a minute more")
        yield table


def expected_months(
    root: Path, recorded: Recorded, platform: str | None
) -> tuple[dict[str, tuple[float | None, bool]], str]:
    """Of each queue, as stack files declare it, USD a month and whether made-up jobs are in it; what that rests on.

    A queue that several platforms have is left out, as neither a trace nor a Prometheus says whose it is.

    Args:
        root: the project's folder.
        recorded: the trace.
        platform: only this platform's, by its stack; None for all.
    """
    from capacity.declared import sound_platforms
    from capacity.expected import expected, made_up, weeks

    declared = [one for one in sound_platforms(root)[0] if platform in (None, one.stack)]
    with replayed(recorded) as table:
        found = expected(table, declared)
    counted = Counter(queue for _, queue in found.months)
    months = {queue: (month.usd, month.made_up) for (_, queue), month in found.months.items() if counted[queue] == 1}
    generated = made_up(table)
    return months, (
        f"Expected month: of executor nodes as the stack files declare them now, by a replay of {recorded.name}, "
        f"{table.num_rows:,} jobs of {weeks(table):.1f} weeks"
        + (f", {generated:,} of which `fleet capacity generate` made up." if generated else ".")
    )
