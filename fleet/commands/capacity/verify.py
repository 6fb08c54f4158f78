"""`fleet capacity verify`: runs recorded from the real scheduler and autoscaler, beside their replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Column, Table

from fleet.commands.capacity.needs import of_capacity
from fleet.commands.capacity.options import console
from fleet.errors import FleetError

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet capacity verify tests/data/recorded/as-declared.json`\n\n"
    "`fleet capacity verify tests/data/recorded`\n\n"
    "Exit code 0: all within the limits; 1: one isn't; 2: wrong usage."
)


@of_capacity
def verify(
    recorded: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Recorded runs, as JSON, or folders of them.", exists=True)
    ],
    seed: Annotated[int, typer.Option(min=0, help="Of what is random.")] = 1,
) -> None:
    """Say how far replays are from runs recorded of the real YuniKorn and cluster-autoscaler (docs/capacity.md)."""
    from capacity.replay.recorded import compare

    out = console()
    far = []
    for path in _runs(recorded):
        for found in compare(path, seed=seed):
            of = f"{path.name}, {found.pool}"
            table = Table(of, *(Column(name, justify="right") for name in ("recorded", "replay", "apart", "at most")))
            for figure in found.figures():
                if not figure.near:
                    far.append(f"{of}: {figure.what}: {figure.apart:+.0%}")
                table.add_row(
                    figure.what, f"{figure.seen:,.1f}", f"{figure.said:,.1f}", f"{figure.apart:+.1%}", figure.limit
                )
            out.print(table)
    if far:
        raise FleetError("further from what was recorded than allowed:\n" + "\n".join(f"       {one}" for one in far))


def _runs(given: list[Path]) -> list[Path]:
    """The files, and those of the folders."""
    found = []
    for path in given:
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise FleetError(f"{path} holds no recorded run: files there end in .json")
        found += inside
    return found
