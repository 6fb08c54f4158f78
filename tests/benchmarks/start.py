"""Times what somebody waits for before anything is computed, beside the libraries that it can't do without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.benchmarks.timing import Measured, by_turns

ROOT: Final = Path(__file__).parents[2]
TURNS: Final = 11
TIMES: Final = 2.5
"""Of the libraries' time, at most."""
STACK: Final = "ads-dev"
CHECK: Final = f"""
from pathlib import Path
from infra.settings.stack_file import read_config
from infra.settings.validation import stack_settings
stack_settings({STACK!r}, read_config(Path(), {STACK!r}))
"""
PAIRS: Final[dict[str, tuple[list[str], list[str]]]] = {
    "`fleet --help`": (["-m", "fleet", "--help"], ["-c", "import typer, rich.table"]),
    f"the settings of {STACK} read and checked": (["-c", CHECK], ["-c", "import pydantic, ruamel.yaml, typer, rich"]),
}


def python(arguments: list[str]) -> None:
    """Run this Python in a process of its own, which keeps its bytecode as a user's does.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, *arguments], check=True, cwd=ROOT, stdout=subprocess.DEVNULL, env=kept)


def main() -> int:
    """Print the figures; 1 where one is over its limit."""
    failed = False
    for what, (ours, theirs) in PAIRS.items():
        found: list[Measured] = by_turns(
            {what: lambda ours=ours: python(ours), theirs[-1]: lambda theirs=theirs: python(theirs)},  # type: ignore[misc]
            TURNS,
        )
        times = found[0].median / found[1].median
        failed |= times > TIMES
        print(
            f"{what}: {found[0].median:.3f} s, {times:.2f} x `{theirs[-1]}` ({found[1].median:.3f} s), at most {TIMES}"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
