"""Times the offline preview as its users meet it: whole processes, beside the engine's own preview where that is."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from infra.settings.stack_file import stack_names
from tests.benchmarks.generated import write_fleet
from tests.benchmarks.timing import Measured, by_turns, timed
from tests.engine.harness import Engine

ROOT: Final = Path(__file__).parents[2]
RUNS: Final = 3
TURNS: Final = 7
FLEETS: Final = (10, 40, 70, 100)
"""Tenants of the generated fleets."""
ENGINE_STACK: Final = "platform-dev"
LIMITS: Final = {"samples": 8.0, "tenant": 4.0, "fleet": 60.0, "share": 0.25}
MAXIMUM_MIB: Final = 400


def preview(*arguments: str) -> None:
    """Run `fleet preview` in a process of its own.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "fleet", "preview", *arguments]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def samples() -> list[Measured]:
    """All sample stacks, and each alone."""
    stacks = stack_names(ROOT)
    return [
        timed(f"all {len(stacks)} samples", preview, RUNS),
        *(timed(f"{stack} alone", lambda stack=stack: preview(stack), RUNS) for stack in stacks),  # type: ignore[misc]
    ]


def fleets(folder: Path) -> list[Measured]:
    """Generated fleets of growing size, on one platform."""
    found = []
    for tenants in FLEETS:
        root = folder / str(tenants)
        write_fleet(root, tenants)
        found.append(timed(f"{tenants} tenants", lambda root=root: preview("--root", str(root)), 2, warm_up=False))  # type: ignore[misc]
    return found


def beside_the_engine(folder: Path) -> list[Measured]:
    """Our preview of a stack and the engine's, over providers that answer at once, by turns; empty without the CLI."""
    if shutil.which("pulumi") is None:
        return []
    real = Engine(folder)
    runs: dict[str, Callable[[], object]] = {
        f"fleet preview of {ENGINE_STACK}": lambda: preview(ENGINE_STACK),
        f"pulumi preview of {ENGINE_STACK}, by turns": lambda: real.preview(ENGINE_STACK),
    }
    return by_turns(runs, TURNS)


def slope(measured: Sequence[Measured], first: int, last: int) -> float:
    """Seconds for each tenant more, between two of the fleets."""
    return (measured[last].median - measured[first].median) / (FLEETS[last] - FLEETS[first])


def main() -> None:
    """Print the table that docs/benchmarks.md keeps a copy of."""
    console = Console()
    with tempfile.TemporaryDirectory() as scratch:
        few = samples()
        many = fleets(Path(scratch))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        turns = beside_the_engine(Path(scratch) / "engine")
    console.print(_table([*few, *many, *turns]))
    console.print(f"All samples: {few[0].median:.1f} s (at most {LIMITS['samples']:.0f})")
    tenants = [each for each in few[1:] if not each.what.startswith("platform")]
    slowest = max(tenants, key=lambda each: each.median)
    console.print(f"Slowest tenant: {slowest.median:.1f} s, {slowest.what} (at most {LIMITS['tenant']:.0f})")
    console.print(f"{FLEETS[-1]} tenants: {many[-1].median:.1f} s (at most {LIMITS['fleet']:.0f})")
    console.print(
        f"A tenant more: {slope(many, 0, 1):.2f} s from {FLEETS[0]} to {FLEETS[1]}, "
        f"{slope(many, -2, -1):.2f} s from {FLEETS[-2]} to {FLEETS[-1]}"
    )
    console.print(f"Largest process: {peak:.0f} MiB (at most {MAXIMUM_MIB})")
    if turns:
        share = statistics.median(ours / theirs for ours, theirs in zip(*(each.seconds for each in turns), strict=True))
        console.print(f"Of the engine's time for {ENGINE_STACK}: {share:.0%} (at most {LIMITS['share']:.0%})")
    else:
        console.print("No pulumi on the path: not compared with the engine's preview.")
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs; medians, {RUNS} runs after a warm-up")


def _table(rows: Sequence[Measured]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for column in ("fleet preview", "median s", "min s", "max s"):
        table.add_column(column, justify="left" if column == "fleet preview" else "right")
    for row in rows:
        table.add_row(row.what, *(f"{number:.2f}" for number in (row.median, min(row.seconds), max(row.seconds))))
    return table


if __name__ == "__main__":
    main()
