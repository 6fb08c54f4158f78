"""What nodes were paid for, and why executors waited: sums over time, brought up to now before anything changes."""

from __future__ import annotations

from typing import Final

from capacity.replay.compiled import compiled
from capacity.replay.state import HAPPENED, NEVER, SERVED, State
from capacity.replay.world import Row, World

_NO_LIMIT: Final = 1 << 40


@compiled
def room(given: Row, pool: Row) -> int:
    """Nodes by which a pool may grow: its quota counts those that leave until they are gone (decision 0006)."""
    return int(max(0, given.maximum - pool.nodes - pool.leaving))


@compiled
def pods_of_a_node(given: Row) -> int:
    """Pods that a pool's node takes at most, besides those of DaemonSets."""
    return int(given.pods) if given.pods > 0 else _NO_LIMIT


@compiled
def share(given: Row, node: Row) -> float:
    """The larger share of a node's CPU and memory that its pods have."""
    return float(1.0 - min(node.cpu / given.cpu, node.memory / given.memory))


@compiled
def reckon(given: Row, pool: Row, now: float) -> None:
    """Adds up what a pool's nodes did since its last change. Of empty nodes, the minimum keeps as many as it lacks
    nodes with pods."""
    seconds = now - pool.reckoned
    if seconds <= 0.0:
        return
    pool.reckoned = now
    busy = pool.nodes - pool.booting - pool.empty
    kept = min(pool.empty, max(0, pool.minimum - busy))
    pool.kept_seconds += kept * seconds
    pool.spare_seconds += (pool.empty - kept) * seconds
    pool.leaving_seconds += pool.leaving * seconds
    pool.used_seconds += pool.used * seconds
    pool.partly_seconds += (busy - pool.used) * seconds
    if pool.booting > 0:
        pool.boot_clock += seconds
    elif room(given, pool) > 0:
        refused = min(seconds, max(0.0, pool.backoff - (now - seconds)))
        pool.refused_clock += refused
        pool.boot_clock += seconds - refused
    else:
        pool.room_clock += seconds


@compiled
def _lacks(state: State, pool: int) -> None:
    """A pool's executors lack places from now on; if they lacked them before this event too, they always did."""
    if state.pools[pool].short_event != state.numbers[HAPPENED]:
        state.pools[pool].short_since = state.now[0]
        state.pools[pool].placed = 0
    elif state.pools[pool].burst_begin != NEVER:
        state.pools[pool].burst_begin = NEVER
        state.numbers[SERVED] -= 1


@compiled
def waits(world: World, state: State, job: int, pending: int, marked: int) -> None:
    """So many of a job's executors are without a place from now on, and so many of them marked as unschedulable."""
    pool = world.jobs[job].pool
    if state.jobs[job].pending == 0 and pending > 0:
        reckon(world.pools[pool], state.pools[pool], state.now[0])
        state.jobs[job].boot_since = state.pools[pool].boot_clock
        state.jobs[job].room_since = state.pools[pool].room_clock
        state.jobs[job].refused_since = state.pools[pool].refused_clock
    elif state.jobs[job].pending > 0 and pending == 0:
        reckon(world.pools[pool], state.pools[pool], state.now[0])
        state.jobs[job].boot_wait += state.pools[pool].boot_clock - state.jobs[job].boot_since
        state.jobs[job].room_wait += state.pools[pool].room_clock - state.jobs[job].room_since
        state.jobs[job].refused_wait += state.pools[pool].refused_clock - state.jobs[job].refused_since
    before = state.pools[pool].pending
    state.pools[pool].pending += pending - state.jobs[job].pending
    state.pools[pool].marked += marked - state.jobs[job].marked
    first, most = world.jobs[job].seat, world.jobs[job].maximum
    for more in range(state.jobs[job].pending, pending):
        state.created[first + (state.jobs[job].oldest + more) % most] = state.now[0]
    state.jobs[job].pending = pending
    state.jobs[job].marked = marked
    if before == 0 and state.pools[pool].pending > 0:
        _lacks(state, pool)
    elif before > 0 and state.pools[pool].pending == 0:
        state.pools[pool].short_event = state.numbers[HAPPENED]
        if state.pools[pool].placed > 0 and state.now[0] > state.pools[pool].short_since:
            state.pools[pool].burst_begin = state.pools[pool].short_since
            state.pools[pool].burst_placed = state.pools[pool].placed
            state.numbers[SERVED] += 1


@compiled
def note_bursts(state: State, bursts: list[tuple[int, float, float, int]]) -> None:
    """Takes down those whose executors all have places since just now."""
    state.numbers[SERVED] = 0
    for pool in range(len(state.pools)):
        if state.pools[pool].burst_begin != NEVER:
            begin, placed = state.pools[pool].burst_begin, state.pools[pool].burst_placed
            bursts.append((pool, begin, state.now[0], placed))
            state.pools[pool].burst_begin = NEVER
