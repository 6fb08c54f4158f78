"""Times `fleet capacity recommend`, compiled before, for one queue: `python -m tests.benchmarks.recommendation`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks.start import python
from tests.benchmarks.timing import timed

SECONDS: Final = 120.0
"""At most, for four weeks of one queue."""
QUEUE: Final = "research-explore"
"""The sample queue of `platform-dev` with most jobs."""


def main() -> int:
    """Print the figure; 1 where it is over its limit."""
    with tempfile.TemporaryDirectory() as folder:
        trace = str(Path(folder) / "trace.parquet")
        python(["-m", "fleet", "capacity", "generate", "--platform", "platform-dev", "--out", trace])
        command = ["-m", "fleet", "capacity", "recommend", trace, "--queue", QUEUE]
        found = timed("fleet capacity recommend", lambda: python(command), 1)
    print(f"`fleet capacity recommend`, four weeks of {QUEUE}: {found.median:.0f} s, at most {SECONDS:.0f}")
    return int(found.median > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
