"""Shows how far a command is that prints a line for each thing done."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LOG_SECONDS: Final = 30
"""Between two lines where nobody watches a bar, such as in a log of CI."""


def show_lines(
    title: str, expected: int, command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> tuple[bool, str]:
    """Run a command and show on standard error how many lines of at most `expected` it has printed there.

    Gives whether it failed, and what it printed.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    printed: list[str] = []
    began = told = time.monotonic()
    with (
        Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bar,
        subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process,
    ):
        task = bar.add_task(title, total=expected)
        if not sys.stderr.isatty():
            console.print(f"{title} ...")
        assert process.stderr
        for line in process.stderr:
            printed.append(line)
            bar.advance(task)
            if not sys.stderr.isatty() and time.monotonic() - told > LOG_SECONDS:
                told = time.monotonic()
                console.print(f"  {len(printed)} of at most {expected} packages, {told - began:.0f} s")
        failed = process.wait() != 0
    if not failed:
        console.print(f"{title}: done in {time.monotonic() - began:.0f} s")
    return failed, "".join(printed)
