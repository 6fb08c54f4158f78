"""How many replays go on at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from capacity.replay.sizes import Jobs

PER_JOB: Final = 3_000
"""Bytes of memory that a replay takes for each job: 300 to 800 stay of it, as measured with 43,440 jobs of a queue; the
rest is for what it holds meanwhile (assumed)."""
PER_REPLAY: Final = 64 << 20
"""Bytes beside that."""
SHARE: Final = 0.5
"""Of the memory that is free, that replays may take together."""
LIMITS: Final = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)
"""Of a container, and what it uses: version 2 of control groups, and version 1."""


def at_once(jobs: Jobs) -> int:
    """Replays of these jobs that this process may run at once: one for each of its cores, while memory allows; one at
    least.

    Args:
        jobs: what each of them replays.
    """
    free = memory()
    cores = own_cores()
    if free is None:
        return cores
    return max(1, min(cores, int(SHARE * free / (PER_REPLAY + PER_JOB * len(jobs.jobs)))))


def own_cores() -> int:
    """Cores that this process may use: those of its affinity, where the system has such a thing."""
    try:
        return len(os.sched_getaffinity(0)) or 1
    except AttributeError:
        return os.cpu_count() or 1


def memory() -> int | None:
    """Bytes of memory that are free for this process; `None` where the system doesn't say."""
    found = [room for limit, used in LIMITS if (room := _left(limit, used)) is not None]
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        found += [int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")]
    except OSError:
        pass
    return min(found, default=None)


def _left(limit: Path, used: Path) -> int | None:
    """Of a limit in a file, less what another one says is used; `None` where there is none (`max`)."""
    try:
        return max(0, int(limit.read_text(encoding="ascii")) - int(used.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return None
