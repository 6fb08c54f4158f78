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
    "Exit code 0: all within the limits; 1: one isn't; 2: wrong usage."
)
NODE_SECONDS: Final = 0.10
WAITS: Final = 0.20
"""Shares by which a replay may differ from what was recorded."""


@of_capacity
def verify(
    recorded: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Recorded runs, as JSON.", dir_okay=False, exists=True)
    ],
    seed: Annotated[int, typer.Option(min=0, help="Of what is random.")] = 1,
) -> None:
    """Say how far replays are from runs recorded of the real YuniKorn and cluster-autoscaler (docs/capacity.md)."""
    from capacity.replay.recorded import compare

    out = console()
    far = []
    for path in recorded:
        found = compare(path, seed=seed)
        table = Table(
            str(path.name), *(Column(name, justify="right") for name in ("recorded", "replay", "apart", "at most"))
        )
        rows = {
            "node-seconds": (*found.node_seconds, NODE_SECONDS),
            "burst wait, p50, s": (found.burst_wait[0][0], found.burst_wait[1][0], WAITS),
            "burst wait, p95, s": (found.burst_wait[0][1], found.burst_wait[1][1], WAITS),
            "small wait, p50, s": (found.small_wait[0][0], found.small_wait[1][0], WAITS),
            "small wait, p95, s": (found.small_wait[0][1], found.small_wait[1][1], WAITS),
            "nodes at once": (*found.peak, NODE_SECONDS),
        }
        for what, (seen, said, limit) in rows.items():
            apart = said / seen - 1 if seen else float(said != seen)
            if abs(apart) > limit:
                far.append(f"{path.name}: {what}: {apart:+.0%}")
            table.add_row(what, f"{seen:,.1f}", f"{said:,.1f}", f"{apart:+.1%}", f"{limit:.0%}")
        out.print(table)
    if far:
        raise FleetError("further from what was recorded than allowed:\n" + "\n".join(f"       {one}" for one in far))
