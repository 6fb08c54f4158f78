"""Small worlds of chance: queues of every order, jobs, recorded executors, schedules, Spot, refusals."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from capacity.replay.behaviour import Behaviour
from capacity.replay.world import CHANGE, EXECUTOR, JOB, JOB_ROW, PHASE, POOL, QUEUE, World, rows

GIB = 1 << 30


def pace(random: Random, *, failures: bool = True) -> Any:  # noqa: ANN401
    """How fast systems are; round times as often as not, so that events meet."""
    return Behaviour(
        scan_interval=random.choice([5.0, 10.0, 31.7]),
        loop_base=random.choice([0.1, 0.3, 2.0]),
        loop_per_node=random.choice([0.0, 0.004, 0.25]),
        inspection_interval=random.choice([1.0, 0.7]),
        mark=random.choice([0.06, 0.5]),
        executor_start=random.choice([0.0, 6.0, 11.3]),
        driver_start=random.choice([0.0, 8.0]),
        batch_delay=random.choice([0.5, 1.0]),
        batch_size=random.choice([1, 2, 50]),
        backlog=1.0,
        idle=random.choice([5.0, 60.0, 300.0]),
        new_pods=random.choice([0.0, 2.0, 2.0, 30.0]),
        removal=random.choice([0.0, 10.0, 45.0]),
        delay_after_scale_out=random.choice([0.0, 20.0, 120.0]),
        failure_share=random.choice([0.0, 0.0, 0.4]) if failures else 0.0,
        backoff=random.choice([5.0, 60.0, 300.0]),
        longest_backoff=random.choice([0.0, 200.0, 1800.0]),
        outage_begin=random.choice([0.0, 30.0, 310.0]),
        outage_seconds=random.choice([0.0, 0.0, 240.0]) if failures else 0.0,
        parallelism=random.choice([1, 2, 50]),
        delay_of_all=random.choice([False, False, True]),
        gang_timeout=random.choice([0.0, 40.0, 900.0]),
    ).pace(random.choice([0, 0, 1, 3]), 1000, 2 * GIB)


def drawn(
    seed: int, *, spot: bool = True, schedules: bool = True, failures: bool = True, recorded: float = 0.2
) -> World:
    """A world.

    Args:
        seed: of everything in it.
        spot: whether AWS takes nodes, often.
        schedules: whether minima change.
        failures: whether requests for nodes are refused, now and then or all for a while.
        recorded: share of jobs that are an executor of a recorded run.
    """
    random = Random(seed)  # noqa: S311
    queues = random.randint(1, 3)
    owners = [queue for queue in range(queues) for _ in range(random.randint(1, 2))]
    maxima = [random.randint(1, 4), *(random.randint(1, 6) for _ in owners)]
    number = random.randint(1, 8)
    pools = rows(
        POOL,
        len(maxima),
        minimum=[random.choice([0, 1]), *(random.choice([0, 0, random.randint(0, most)]) for most in maxima[1:])],
        maximum=maxima,
        cpu=4000,
        memory=16 * GIB,
        pods=[random.choice([0, 0, 1, 2, 110]) for _ in maxima],
        unneeded=[random.choice([10.0, 60.0, 120.0]) for _ in maxima],
        rank=[random.randint(0, 1) for _ in maxima],
        interruptions=[0.0, *(random.choice([0.0, 0.002, 0.02]) if spot else 0.0 for _ in owners)],
        spreads=random.choice([0, 0, 1]),
    )
    jobs = rows(JOB_ROW, number, first_follower=-1, next_follower=-1)
    phases: list[tuple[int, float, float, float, float]] = []
    seats, time = 0, 0.0
    for index, row in enumerate(jobs):
        pool = random.randrange(len(owners))
        time += random.choice([0.0, 0.0, 3.0, 40.5, 300.0])
        row["queue"], row["pool"], row["backfill"] = owners[pool], pool + 1, random.random() < 0.25
        row["gang"] = random.random() < 0.25
        row["kind"] = EXECUTOR if random.random() < recorded else JOB
        row["submitted"] = time
        row["driver_cpu"], row["driver_memory"] = random.choice([500, 1000, 3900]), random.choice([1, 6]) * GIB
        row["cpu"], row["memory"] = random.choice([900, 1000, 2000, 4000]), random.choice([1, 4, 7, 16]) * GIB
        row["slots"] = random.choice([1, 2, 4])
        row["maximum"] = random.randint(1, 12)
        row["minimum"] = random.choice([0, 0, 1, random.randint(0, row["maximum"])])
        row["seat"], row["phase"] = seats, len(phases)
        if row["kind"] == EXECUTOR:
            row["minimum"] = row["maximum"] = 1
            row["end"] = time + random.choice([0.0, 5.0, 100.0, 700.0])
        else:
            phases += [_phase(random) for _ in range(random.randint(0, 3))]
            before = random.randrange(index) if index and random.random() < 0.3 else None
            if before is not None and jobs[before]["kind"] == JOB:
                row["submitted"], row["gap"] = -1.0, random.choice([0.0, 20.0])
                row["next_follower"] = jobs[before]["first_follower"]
                jobs[before]["first_follower"] = index
        row["phases"] = len(phases)
        seats += int(row["maximum"])
    times = sorted(random.uniform(0, 1500) for _ in range(random.choice([0, 0, 1, 4]) if schedules else 0))
    which = [random.randrange(1, len(maxima)) for _ in times]
    return World(
        pools=pools,
        queues=rows(
            QUEUE,
            queues,
            jobs=[random.choice([1, 2, 10]) for _ in range(queues)],
            fair=[random.randint(0, 1) for _ in range(queues)],
        ),
        jobs=jobs,
        phases=_phases(phases),
        changes=rows(
            CHANGE, len(times), time=times, pool=which, minimum=[random.randint(0, maxima[pool]) for pool in which]
        ),
        boots=np.array(random.choice([[30.0], [20.0, 47.5, 90.0]])),
        until=np.array([random.choice([0.0, 600.0, 2500.0])]),
        pace=pace(random, failures=failures),
    )


def _phases(phases: list[tuple[int, float, float, float, float]]) -> Any:  # noqa: ANN401
    found = rows(PHASE, len(phases))
    for row, values in zip(found, phases, strict=True):
        for name, value in zip(("tasks", "task_seconds", "longest", "spread", "driver"), values, strict=True):
            row[name] = value
    return found


def _phase(random: Random) -> tuple[int, float, float, float, float]:
    """Its longest task is never shorter than the mean."""
    tasks = random.choice([0, 1, 3, 8, 40])
    mean = random.choice([0.5, 10.0, 33.3])
    alike = random.random() < 0.5
    longest, spread = (mean, 0.0) if alike else (mean * random.uniform(1, 4), random.uniform(0, 1.5))
    return tasks, tasks * mean, longest if tasks else 0.0, spread, random.choice([0.0, 2.0, 30.0, 400.0])
