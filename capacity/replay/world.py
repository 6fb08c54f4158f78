"""What is replayed, as rows of numbers: queues, pools, jobs and how fast the systems are.

Times are seconds from the trace's beginning, memory is in bytes, CPU in millicores.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = Any
"""An array whose rows have named fields, as in `rows[3].cpu`: numpy has no type that says which."""

Row = Any
"""One of them, through which its fields are changed. Compiled functions that are called often take rows: a world and a
state are some hundred numbers for each call."""

DRIVER_POOL: Final = 0
"""Position of the driver pool, which all queues share, among the pools."""
JOB: Final = 0
"""Kind: a driver, executors by dynamic allocation, phases."""
EXECUTOR: Final = 1
"""Kind: one executor without a driver, from its creation to an end that is given: recorded runs hold them."""

POOL: Final = np.dtype(
    [
        ("minimum", np.int64),
        ("maximum", np.int64),
        ("cpu", np.int64),  # usable, of a node
        ("memory", np.int64),
        ("pods", np.int64),  # executors or drivers of a node at most; 0 for no limit
        ("unneeded", np.float64),
        ("rank", np.int64),  # those of the lowest grow first
        ("interruptions", np.float64),  # of a node, per second
        ("spreads", np.int64),  # whether pods go to the emptiest node
    ]
)
QUEUE: Final = np.dtype([("jobs", np.int64), ("fair", np.int64)])
"""Jobs at once; whether the job that has least is served first."""
JOB_ROW: Final = np.dtype(
    [
        ("kind", np.int64),
        ("queue", np.int64),
        ("pool", np.int64),
        ("backfill", np.int64),
        ("gang", np.int64),  # whether its driver starts only with places for its first executors
        ("submitted", np.float64),  # of an executor: created; -1 where another job has to end first
        ("first_follower", np.int64),  # -1 for none
        ("next_follower", np.int64),
        ("gap", np.float64),  # from the end of the job that it follows to its submission
        ("driver_cpu", np.int64),
        ("driver_memory", np.int64),
        ("cpu", np.int64),  # of an executor
        ("memory", np.int64),
        ("slots", np.int64),
        ("minimum", np.int64),
        ("maximum", np.int64),
        ("end", np.float64),  # of an executor
        ("seat", np.int64),  # where the list of its executors' nodes begins
        ("phase", np.int64),  # its first
        ("phases", np.int64),  # where the next job's begin
    ]
)
PHASE: Final = np.dtype(
    [
        ("tasks", np.int64),
        ("task_seconds", np.float64),
        ("longest", np.float64),
        ("spread", np.float64),
        ("driver", np.float64),
    ]
)
CHANGE: Final = np.dtype([("time", np.float64), ("pool", np.int64), ("minimum", np.int64)])
"""Of a pool's minimum, by a schedule."""
PACE: Final = np.dtype(
    [
        (name, np.float64)
        for name in (
            "scan_interval",
            "loop_base",
            "loop_per_node",
            "new_pods",
            "inspection_interval",
            "mark",
            "executor_start",
            "driver_start",
            "batch_delay",
            "batch_size",
            "backlog",
            "idle",
            "removal",
            "delay_after_scale_out",
            "failure_share",
            "backoff",
            "longest_backoff",
            "outage_begin",
            "outage_seconds",
            "parallelism",
            "delay_of_all",
            "gang_timeout",
            "headroom_drivers",
            "headroom_cpu",
            "headroom_memory",
        )
    ]
)
"""How fast the systems are; what each means and where it comes from: `behaviour.py`."""


class World(NamedTuple):
    """Everything that doesn't change during a replay.

    Args:
        pools: rows of `POOL`; the first is the driver pool.
        queues: rows of `QUEUE`.
        jobs: rows of `JOB_ROW`, in order of submission where they have one.
        phases: rows of `PHASE`, each job's one after the other.
        changes: rows of `CHANGE`.
        boots: seconds from asking for a node to its being Ready, measured or drawn: one is picked for each node.
        until: when to stop looking at nodes, once all jobs have ended; one number.
        pace: one row of `PACE`.
    """

    pools: Rows
    queues: Rows
    jobs: Rows
    phases: Rows
    changes: Rows
    boots: Floats
    until: Floats
    pace: Rows


def rows(kind: np.dtype[np.void], count: int, /, **columns: object) -> Rows:
    """Rows of a kind.

    Args:
        kind: such as `POOL`.
        count: how many.
        columns: by field: a value for each row, or one for all; 0 for fields that aren't named.
    """
    made = np.zeros(count, dtype=kind)
    for name, values in columns.items():
        made[name] = values
    return made
