"""Compiles the replay, once for a machine: `python -m capacity.compiling`, as `make capacity` does."""

from __future__ import annotations

import numpy as np

from capacity.replay.behaviour import Behaviour
from capacity.replay.engine import replay
from capacity.replay.series import EVERY
from capacity.replay.world import CHANGE, JOB_ROW, PHASE, POOL, QUEUE, World, rows

_CPU, _MEMORY = 1000, 1 << 30


def main() -> None:
    """A replay of one small job: the machine code of all of it is kept (`capacity.replay.compiled`)."""
    print("Compiling the replay, which takes a minute ...", flush=True)
    world = World(
        pools=rows(POOL, 2, maximum=1, cpu=_CPU, memory=_MEMORY, unneeded=60),
        queues=rows(QUEUE, 1, jobs=1),
        jobs=rows(
            JOB_ROW,
            1,
            pool=1,
            first_follower=-1,
            next_follower=-1,
            driver_cpu=_CPU,
            driver_memory=_MEMORY,
            cpu=_CPU,
            memory=_MEMORY,
            slots=1,
            maximum=1,
            phases=1,
        ),
        phases=rows(PHASE, 1, tasks=1, task_seconds=1, longest=1),
        changes=rows(CHANGE, 0),
        boots=np.array([60.0]),
        until=np.array([600.0]),
        pace=Behaviour().pace(0, _CPU, _MEMORY),
    )
    replay(world, 1, EVERY)


if __name__ == "__main__":
    main()
