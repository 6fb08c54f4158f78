"""Times `fleet check`, and what the policy pack adds to the preview of a large fleet."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.benchmarks.generated import write_fleet
from tests.benchmarks.preview import ROOT

ROUNDS: Final = 3
TENANTS: Final = 100
MAXIMUM_SECONDS: Final = 8.0
"""Of `fleet check` on all samples."""
MAXIMUM_SHARE: Final = 0.15
"""That the pack may add to the preview of the large fleet."""
WITH: Final = "from fleet.__main__ import main; main()"
WITHOUT: Final = f"import fleet.offline.preview as p; p.findings_of = lambda *_: (); {WITH}"


class Took(NamedTuple):
    """What a process took, with its children."""

    wall: float
    cpu: float


def took(program: str, *arguments: str, folder: Path) -> Took:
    """Run a command of `fleet`, whose output is thrown away.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", program, *arguments]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.perf_counter() - start, cpu)


def main() -> None:
    """Print the tables that docs/benchmarks.md keeps a copy of; exits 1 where a limit is missed."""
    check = [took(WITH, "check", folder=ROOT) for _ in range(ROUNDS + 1)][1:]
    with tempfile.TemporaryDirectory() as scratch:
        write_fleet(Path(scratch), TENANTS)
        arguments = ("preview", "--root", scratch)
        rounds = [(took(WITH, *arguments, folder=ROOT), took(WITHOUT, *arguments, folder=ROOT)) for _ in range(ROUNDS)]
    table = Table(box=SIMPLE_HEAD)
    for column in ("", "wall s", "CPU s"):
        table.add_column(column, justify="right" if column else "left")
    of = (
        ("fleet check, all samples", check),
        (f"preview of {TENANTS} tenants, with the pack", [one for one, _ in rounds]),
        ("without", [other for _, other in rounds]),
    )
    for what, found in of:
        table.add_row(
            what,
            f"{statistics.median(one.wall for one in found):.2f}",
            f"{statistics.median(one.cpu for one in found):.2f}",
        )
    share = statistics.median(one.cpu / other.cpu for one, other in rounds) - 1
    seconds = statistics.median(one.wall for one in check)
    console = Console()
    console.print(table)
    console.print(f"fleet check: {seconds:.1f} s (at most {MAXIMUM_SECONDS:.0f})")
    console.print(
        f"The pack adds {share:.1%} of CPU time (at most {MAXIMUM_SHARE:.0%}); medians of {ROUNDS} rounds by turns"
    )
    sys.exit(seconds > MAXIMUM_SECONDS or share > MAXIMUM_SHARE)


if __name__ == "__main__":
    main()
