"""Times the replay of a week of 50,000 jobs in 20 queues: `python -m tests.benchmarks.replay [JOBS]`.

Beside it an empty loop of Python as many times as the replay had events, which says how fast the machine is just now.
"""

from __future__ import annotations

import resource
import sys
import time
from typing import Final

import numpy as np

from capacity.replay.behaviour import Behaviour
from capacity.replay.engine import replay
from capacity.replay.state import SAID
from capacity.replay.world import CHANGE, JOB_ROW, PHASE, POOL, QUEUE, World, rows

QUEUES: Final = 20
JOBS: Final = 50_000
EXECUTORS: Final = 60
"""Of a job, on average: three million in all."""
PHASES: Final = 3
WEEK: Final = 7 * 86_400.0
SECONDS: Final = 20.0
MIB: Final = 2048
"""At most."""


def world(jobs: int, seed: int = 0) -> World:
    """Jobs of all sizes at all times, as close to each other as 50,000 a week.

    Args:
        jobs: how many.
        seed: of their sizes and times.
    """
    rng = np.random.default_rng(seed)
    submitted = np.sort(rng.random(jobs)) * WEEK * jobs / JOBS
    queue = rng.integers(0, QUEUES, jobs)
    most = np.clip(rng.geometric(1 / EXECUTORS, jobs), 1, 300)
    tasks = np.repeat(most * 2, PHASES)
    return World(
        pools=rows(
            POOL,
            QUEUES + 1,
            minimum=2,
            maximum=[60, *[200] * QUEUES],
            cpu=7910,
            memory=61_000 << 20,
            unneeded=90,
        ),
        queues=rows(QUEUE, QUEUES, jobs=60),
        jobs=rows(
            JOB_ROW,
            jobs,
            queue=queue,
            pool=queue + 1,
            submitted=submitted,
            first_follower=-1,
            next_follower=-1,
            driver_cpu=1000,
            driver_memory=4 << 30,
            cpu=2510,
            memory=20_000 << 20,
            slots=2,
            maximum=most,
            seat=np.cumsum(most) - most,
            phase=np.arange(jobs) * PHASES,
            phases=np.arange(1, jobs + 1) * PHASES,
        ),
        phases=rows(PHASE, jobs * PHASES, tasks=tasks, task_seconds=tasks * 60.0, longest=90, spread=0.3, driver=5),
        changes=rows(CHANGE, 0),
        boots=rng.lognormal(np.log(60), 0.2, 100),
        until=np.array([submitted[-1]]),
        pace=Behaviour().pace(4, 1000, 4 << 30),
    )


def main() -> None:
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else JOBS
    replay(world(10), 1)
    given = world(jobs)
    begun = time.perf_counter()
    state, lives, *_ = replay(given, 1)
    took = time.perf_counter() - begun
    events = int(state.numbers[SAID])
    begun = time.perf_counter()
    for _ in range(events):
        pass
    empty = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{jobs:,} jobs, {int(state.jobs['most'].sum()):,} executors, {len(lives):,} nodes, {events:,} events")
    print(f"{took:.1f} s (at most {SECONDS:.0f}), {empty:.2f} s for an empty loop of as many turns")
    print(f"{peak:,} MiB (at most {MIB:,})")
    sys.exit(took > SECONDS or peak > MIB)


if __name__ == "__main__":
    main()
