"""Times `fleet capacity demo` once the replay is compiled: `python -m tests.benchmarks.demo`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks.start import python
from tests.benchmarks.timing import timed

SECONDS: Final = 30.0
"""At most."""
MB: Final = 8.0
"""Of the page, at most."""
RUNS: Final = 3


def main() -> int:
    """Print the figures; 1 where one is over its limit."""
    with tempfile.TemporaryDirectory() as folder:
        found = timed("fleet capacity demo", lambda: python(["-m", "fleet", "capacity", "demo", "--out", folder]), RUNS)
        size = (Path(folder) / "report.html").stat().st_size / 1e6
    print(
        f"`fleet capacity demo`: {found.median:.1f} s, at most {SECONDS:.0f}; its page: {size:.1f} MB, at most {MB:.0f}"
    )
    return int(found.median > SECONDS or size > MB)


if __name__ == "__main__":
    sys.exit(main())
