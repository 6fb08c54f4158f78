"""What became of each job: when it ran, and what it waited for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capacity.replay.sizes import Loaded
from capacity.replay.state import State
from capacity.replay.world import Floats, Ints

Names = NDArray[np.object_]
"""Strings."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """One entry a job, in the loaded order. Times are seconds from the replay's beginning (`Loaded.begin`).

    Args:
        job: identifiers of the runs.
        name: what they have in common with other runs.
        queue: namespaces.
        pool: identities of the pools of their executors.
        submitted: when, in the replay; not a number where the trace doesn't say it of the run, which is then submitted
            at its recorded start.
        wait: seconds from submission to the driver's start; its parts are `queue_wait`, `driver_wait` and the driver's
            own start (`Behaviour.driver_start`).
        queue_wait: seconds until the queue let it run.
        driver_wait: seconds from then on until its driver had a place on a node; of a gang, its first executors too.
        driver_refused: of these, while no driver node booted and the autoscaler didn't ask for one, because AWS had
            refused some.
        boot_wait: seconds in which some of its executors had no place while nodes of their pool booted or were about to
            be asked for.
        refused_wait: the same while no node booted and none was asked for, because AWS had refused some.
        room_wait: the same while the pool was at its maximum and all of its nodes were there.
        runtime: seconds from the driver's start to the end.
        recorded: the same in the trace.
        ended: when.
        deadline: when it must have ended; not a number for none.
        executors: that took tasks, at most at once.
        lost: executors lost to interruptions.
    """

    job: Names
    name: Names
    queue: Names
    pool: Names
    submitted: Floats
    wait: Floats
    queue_wait: Floats
    driver_wait: Floats
    driver_refused: Floats
    boot_wait: Floats
    refused_wait: Floats
    room_wait: Floats
    runtime: Floats
    recorded: Floats
    ended: Floats
    deadline: Floats
    executors: Ints
    lost: Ints

    @classmethod
    def of(cls, loaded: Loaded, state: State) -> Outcomes:
        """What became of the jobs that were loaded.

        Args:
            loaded: what was replayed.
            state: the replay's last.
        """
        rows = state.jobs
        driver_start = float(loaded.world.pace["driver_start"][0])
        return cls(
            job=np.array(loaded.read.jobs, dtype=object),
            name=np.array(loaded.read.names, dtype=object),
            queue=np.array(loaded.queues, dtype=object)[loaded.world.jobs["queue"]],
            pool=np.array(loaded.pools, dtype=object)[loaded.world.jobs["pool"]],
            submitted=np.where(loaded.read.asked, rows["submitted"], np.nan),
            wait=rows["driver"] - rows["submitted"],
            queue_wait=rows["admitted"] - rows["submitted"],
            driver_wait=np.maximum(0.0, rows["driver"] - rows["admitted"] - driver_start),
            driver_refused=rows["driver_refused"].copy(),
            boot_wait=rows["boot_wait"].copy(),
            refused_wait=rows["refused_wait"].copy(),
            room_wait=rows["room_wait"].copy(),
            runtime=rows["ended"] - rows["driver"],
            recorded=loaded.recorded,
            ended=rows["ended"].copy(),
            deadline=loaded.read.deadline,
            executors=rows["peak"].copy(),
            lost=rows["lost"].copy(),
        )
