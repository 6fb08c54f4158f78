"""What commands that replay take in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.commands.preview import FILE_WIDTH
from fleet.errors import WrongUsage
from fleet.formats.terminal import say, terminal

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from capacity.declared import Platform

Trace = Annotated[Path, typer.Argument(metavar="TRACE", help="A trace.", dir_okay=False, exists=True)]
Boot = Annotated[
    list[float] | None,
    typer.Option(
        metavar="SECONDS",
        help="From asking for a node to its being Ready; several times for several, one of which is picked for "
        "each node. Default: about a minute, with a tail.",
    ),
]
Refused = Annotated[
    float,
    typer.Option(
        "--refused",
        metavar="SHARE",
        min=0,
        max=0.9,
        help="Of the requests for nodes, that AWS refuses because it has none. The pool asks again after 5, 10, 20 "
        "and then every 30 minutes.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Of what is random: the same seed gives the same replay.")]

Paid = Annotated[
    Path | None,
    typer.Option(
        metavar="BILL", help="What is paid today, as CSV (`fleet capacity paid`).", dir_okay=False, exists=True
    ),
]
SavingsPlan = Annotated[
    float, typer.Option(metavar="SHARE", min=0, max=0.9, help="By which a Savings Plan is cheaper than on demand.")
]
Shared = Annotated[
    bool,
    typer.Option("--shared/--no-shared", help="Share out what all queues use: control plane, system nodes, NAT."),
]


def boots(given: list[float] | None) -> Sequence[float]:
    """Boot times as given, or the usual ones.

    Raises:
        WrongUsage: one isn't more than 0 seconds.
    """
    from capacity.replay.fleet import BOOTS

    if given and min(given) <= 0:
        raise WrongUsage("a boot time is more than 0 seconds", "--boot")
    return given or BOOTS


def console() -> Console:
    """Where results are printed: as wide as the terminal, and in files as wide as previews are."""
    found = terminal()
    if not found.is_terminal:
        found.width = min(FILE_WIDTH, found.width)
    return found


def of_platforms(table: pa.Table, root: Path) -> list[tuple[Platform, pa.Table]]:
    """The platforms whose queues have jobs in a trace, each with those jobs.

    Where jobs hold more executors than there is room for, that is said.

    Args:
        table: the trace.
        root: the project's folder.

    Raises:
        CapacityError: a stack file is wrong, or a queue has no stack.
    """
    from capacity.declared import platforms
    from capacity.replay.fleet import parts_of
    from capacity.replay.loading import holding_more

    found = parts_of(table, platforms(root.resolve()))
    for platform, part in found:
        for sentence in holding_more(part, platform):
            say(terminal(stderr=True), sentence, "yellow")
    return found
