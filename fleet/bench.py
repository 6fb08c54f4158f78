"""Times the offline preview as its users meet it: whole processes, from the shell's point of view."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from infra.stack_file import stack_names

RUNS = 5


@dataclass(frozen=True)
class Measured:
    """Wall-clock seconds of several runs of a command, after one that is not counted."""

    what: str
    seconds: tuple[float, ...]


def measure(what: str, *arguments: str) -> Measured:
    """Run `fleet` with these arguments.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "fleet", *arguments]
    seconds = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 our own command
        seconds.append(time.perf_counter() - start)
    return Measured(what, tuple(seconds[1:]))


def main() -> None:
    """Print the table that docs/benchmarks.md keeps a copy of."""
    stacks = stack_names(Path())
    measured = [
        measure(f"all {len(stacks)} samples", "preview"),
        *(measure(f"{stack} alone", "preview", stack) for stack in stacks),
    ]
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("fleet preview", "median s", "min s", "max s"):
        table.add_column(column, justify="left" if column == "fleet preview" else "right")
    for row in measured:
        numbers = (statistics.median(row.seconds), min(row.seconds), max(row.seconds))
        table.add_row(row.what, *(f"{number:.2f}" for number in numbers))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    console = Console()
    console.print(table)
    console.print(f"{RUNS} runs each after a warm-up; largest process {peak:.0f} MiB")
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs")


if __name__ == "__main__":
    main()
