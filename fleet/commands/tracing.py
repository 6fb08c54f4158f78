"""The trace by which a command says what is expected: named by an option, or once by the project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
class ReadTrace:
    """A trace that was read.

    Attributes:
        name: as somebody wrote it.
        table: its rows.
    """

    name: str
    table: pa.Table


def read_trace(root: Path, trace: str | None, no_trace: bool) -> ReadTrace | None:
    """The trace that is named, if one is.

    Args:
        root: the project's folder.
        trace: as the option names it.
        no_trace: whether there shall be none.

    Raises:
        WrongUsage: both are asked for.
        FleetError: it can't be read, or the extra for it isn't installed.
    """
    if trace is not None and no_trace:
        raise WrongUsage("a trace, or none", NO_TRACE)
    if no_trace:
        return None
    with capacity_in_words(NO_TRACE):
        path = named_trace(root) if trace is None else trace_file(trace, Path(), "--trace")
        if path is None:
            return None
        from capacity.traces.files import read

        return ReadTrace(trace or path.relative_to(root).as_posix(), read(path))


@contextmanager
def replaying(trace: ReadTrace) -> Iterator[None]:
    """While its jobs are replayed, a terminal says so, and what goes wrong is said in words."""
    with (
        capacity_in_words(NO_TRACE),
        terminal(stderr=True).status(
            f"Replaying {trace.table.num_rows:,} jobs; the first time on a machine takes a minute more"
        ),
    ):
        yield


def expected_months(
    root: Path, trace: ReadTrace, platform: str | None
) -> tuple[dict[str, tuple[float | None, bool]], str]:
    """Of each queue, as stack files declare it, USD a month and whether made-up jobs are in it; what that rests on.

    A queue that several platforms have is left out, as neither a trace nor a Prometheus says whose it is.

    Args:
        root: the project's folder.
        trace: of recorded jobs.
        platform: only this platform's, by its stack; None for all.
    """
    from capacity.declared import sound_platforms
    from capacity.expected import expected, made_up, weeks

    declared = [one for one in sound_platforms(root)[0] if platform in (None, one.stack)]
    with replaying(trace):
        found = expected(trace.table, declared)
    counted = Counter(queue for _, queue in found.months)
    months = {queue: (month.usd, month.made_up) for (_, queue), month in found.months.items() if counted[queue] == 1}
    generated = made_up(trace.table)
    return months, (
        f"Expected month: of executor nodes as the stack files declare them now, by a replay of {trace.name}, "
        f"{trace.table.num_rows:,} jobs of {weeks(trace.table):.1f} weeks"
        + (f", {generated:,} of which `fleet capacity generate` made up." if generated else ".")
    )
