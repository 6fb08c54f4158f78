"""What pools look like at one time: the columns of a replay's samples."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from capacity.replay.compiled import compiled
from capacity.replay.reckoning import share
from capacity.replay.state import NONE, READY, State
from capacity.replay.world import DRIVER_POOL, Floats, World

Samples = NDArray[np.float64]
"""By time, pool and column."""
PERCENTILES: Final = (5, 25, 50, 75, 95)
"""Of nodes' shares of CPU and memory."""
MINIMUM: Final = 0
READY_NODES: Final = 1
BOOTING_NODES: Final = 2
LEAVING_NODES: Final = 3
EMPTY_NODES: Final = 4
PLACED: Final = 5
PENDING: Final = 6
DEMAND: Final = 7
CPU: Final = 8
MEMORY: Final = 9
CPU_PERCENTILES: Final = 10
MEMORY_PERCENTILES: Final = 15
COLUMNS: Final = 20
"""Positions among the columns, and how many there are; `series.py` says what each means."""


@compiled
def sample(world: World, state: State, found: Floats) -> None:
    """Fills in a row for each pool.

    Args:
        found: by pool and column; zeros.
    """
    for pool in range(len(world.pools)):
        row = found[pool]
        row[MINIMUM] = state.pools[pool].minimum
        row[READY_NODES] = state.pools[pool].nodes - state.pools[pool].booting
        row[BOOTING_NODES] = state.pools[pool].booting
        row[LEAVING_NODES] = state.pools[pool].leaving
        row[EMPTY_NODES] = state.pools[pool].empty
        _of_nodes(world, state, pool, row)
        _of_pods(world, state, pool, row)


@compiled
def _of_nodes(world: World, state: State, pool: int, row: Floats) -> None:
    ready = state.pools[pool].nodes - state.pools[pool].booting
    cpu, memory = np.zeros(ready), np.zeros(ready)
    node = 0
    for place in range(state.pools[pool].first, state.pools[pool].end):
        if state.nodes[place].state == READY:
            cpu[node] = 1.0 - state.nodes[place].cpu / world.pools[pool].cpu
            memory[node] = 1.0 - state.nodes[place].memory / world.pools[pool].memory
            row[PLACED] += state.nodes[place].pods
            row[DEMAND] += share(world.pools[pool], state.nodes[place])
            node += 1
    _spread(cpu, row, CPU, CPU_PERCENTILES)
    _spread(memory, row, MEMORY, MEMORY_PERCENTILES)


@compiled
def _spread(shares: Floats, row: Floats, mean: int, percentiles: int) -> None:
    """Mean and percentiles, between the two nearest; not a number where there is no node."""
    if len(shares) == 0:
        row[mean] = np.nan
        row[percentiles : percentiles + len(PERCENTILES)] = np.nan
        return
    row[mean] = shares.mean()
    shares.sort()
    for number, percentile in enumerate(PERCENTILES):
        at = percentile / 100.0 * (len(shares) - 1)
        below = int(at)
        above = min(below + 1, len(shares) - 1)
        row[percentiles + number] = shares[below] + (at - below) * (shares[above] - shares[below])


@compiled
def _of_pods(world: World, state: State, pool: int, row: Floats) -> None:
    """Pods without a place, and the nodes that they would fill."""
    node_cpu, node_memory = world.pools[pool].cpu, world.pools[pool].memory
    if pool == DRIVER_POOL:
        job = state.drivers[0]
        while job != NONE:
            row[PENDING] += 1
            row[DEMAND] += max(world.jobs[job].driver_cpu / node_cpu, world.jobs[job].driver_memory / node_memory)
            job = state.driver_links[job].next
        return
    row[PENDING] = state.pools[pool].pending
    for of in range(2 * pool, 2 * pool + 2):
        job = state.list_head[of]
        while job != NONE:
            larger = max(world.jobs[job].cpu / node_cpu, world.jobs[job].memory / node_memory)
            row[DEMAND] += state.jobs[job].pending * larger
            job = state.jobs[job].next
