"""What cluster-autoscaler does in one look, and what becomes of the nodes it asks for."""

from __future__ import annotations

import numpy as np

from capacity.replay.compiled import compiled
from capacity.replay.reckoning import pods_of_a_node, reckon, room
from capacity.replay.state import (
    BOOTING,
    FREE,
    LEAVING,
    LOOP,
    LOOP_NUMBER,
    NEVER,
    NODE_GONE,
    NODE_UP,
    NONE,
    READY,
    Event,
    State,
    say,
)
from capacity.replay.world import DRIVER_POOL, World


@compiled
def look_at(state: State, events: list[Event], time: float) -> None:
    """The autoscaler's next look is at this time, whatever was said before."""
    state.numbers[LOOP_NUMBER] += 1
    state.looks[0] = time
    say(state.numbers, events, time, LOOP, 0, state.numbers[LOOP_NUMBER])


@compiled
def call(state: State, events: list[Event]) -> None:
    """A pod became unschedulable: the next look is now, or when the present one has ended."""
    soon = max(state.now[0], state.looks[1])
    if soon < state.looks[0]:
        look_at(state, events, soon)


@compiled
def add_nodes(world: World, state: State, events: list[Event], pool: int, count: int, time: float) -> None:
    """Asks AWS for nodes at a time. They come after a boot time each; or none
    does, and the group isn't asked for a while."""
    reckon(world.pools[pool], state.pools[pool], state.now[0])
    if _refused(world, time):
        longest = max(world.pace[0].backoff, world.pace[0].longest_backoff)
        state.pools[pool].backoff = time + min(longest, world.pace[0].backoff * 2.0 ** state.pools[pool].refusals)
        state.pools[pool].refusals += 1
        return
    state.pools[pool].refusals = 0
    state.pools[pool].added = time
    for place in range(state.pools[pool].first, state.pools[pool].last):
        if count == 0:
            return
        if state.nodes[place].state == FREE:
            count -= 1
            state.pools[pool].end = max(state.pools[pool].end, place + 1)
            state.nodes[place].state = BOOTING
            state.nodes[place].asked = time
            state.nodes[place].ready = NEVER
            state.nodes[place].number += 1
            state.pools[pool].nodes += 1
            state.pools[pool].booting += 1
            boot = world.boots[int(np.random.random() * len(world.boots))]
            say(state.numbers, events, time + boot, NODE_UP, place, state.nodes[place].number)


@compiled
def _refused(world: World, time: float) -> bool:
    """Whether AWS has no capacity at a time."""
    since = time - world.pace[0].outage_begin
    if 0.0 <= since < world.pace[0].outage_seconds:
        return True
    return bool(world.pace[0].failure_share > 0 and np.random.random() < world.pace[0].failure_share)


@compiled
def node_up(world: World, state: State, place: int) -> None:
    """A node is Ready."""
    pool = state.nodes[place].pool
    reckon(world.pools[pool], state.pools[pool], state.now[0])
    state.pools[pool].empty += 1
    if state.nodes[place].state == BOOTING:
        state.pools[pool].booting -= 1
    state.nodes[place].state = READY
    state.nodes[place].cpu = world.pools[pool].cpu
    state.nodes[place].memory = world.pools[pool].memory
    state.nodes[place].pods = 0
    state.nodes[place].unneeded = NEVER
    state.nodes[place].ready = state.now[0]


@compiled
def needed(world: World, state: State, pool: int) -> tuple[int, float, float]:
    """Nodes that a pool's marked pods need beside those that boot, the share of them that would stay unused, and when
    the first of the pods that don't fit on those that boot was created (infinity where there is none).

    Pods are put on nodes that boot, then on new ones, each where it fits first (the estimator's bin-packing).
    """
    cpu, memory, pods = world.pools[pool].cpu, world.pools[pool].memory, pods_of_a_node(world.pools[pool])
    more = room(world.pools[pool], state.pools[pool])
    size = state.pools[pool].nodes + more
    free = np.zeros((3, size), np.int64)
    there = 0
    for place in range(state.pools[pool].first, state.pools[pool].end):
        if state.nodes[place].state == BOOTING:
            free[0, there], free[1, there], free[2, there] = cpu, memory, pods
            there += 1
        elif state.nodes[place].state == READY and pool == DRIVER_POOL:
            free[0, there], free[1, there] = state.nodes[place].cpu, state.nodes[place].memory
            free[2, there] = pods - state.nodes[place].pods
            there += 1
    used = there
    most = there + more
    oldest = np.inf
    if pool == DRIVER_POOL:
        job = state.drivers[0]
        while job != NONE:
            if state.jobs[job].driver_marked:
                of_cpu, of_memory = world.jobs[job].driver_cpu, world.jobs[job].driver_memory
                used, held = _put(free, there, used, most, cpu, memory, pods, of_cpu, of_memory, 1)
                if held == 0:
                    oldest = min(oldest, state.jobs[job].admitted)
            job = state.driver_links[job].next
        of_cpu, of_memory = int(world.pace[0].headroom_cpu), int(world.pace[0].headroom_memory)
        count = int(world.pace[0].headroom_drivers)
        used, held = _put(free, there, used, most, cpu, memory, pods, of_cpu, of_memory, count)
        if held < count:
            oldest = -np.inf
    else:
        for of in range(2 * pool, 2 * pool + 2):
            job = state.list_head[of]
            while job != NONE:
                if state.jobs[job].marked > 0:
                    of_cpu, of_memory, count = world.jobs[job].cpu, world.jobs[job].memory, state.jobs[job].marked
                    used, held = _put(free, there, used, most, cpu, memory, pods, of_cpu, of_memory, count)
                    if held < count:
                        turn = (state.jobs[job].oldest + held) % world.jobs[job].maximum
                        oldest = min(oldest, state.created[world.jobs[job].seat + turn])
                job = state.jobs[job].next
    new = used - there
    if new == 0:
        return 0, 0.0, oldest
    left = free[0, there:used].sum() / (new * cpu) + free[1, there:used].sum() / (new * memory)
    return new, left / 2, oldest


@compiled
def _put(
    free: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    there: int,
    used: int,
    most: int,
    node_cpu: int,
    node_memory: int,
    node_pods: int,
    cpu: int,
    memory: int,
    count: int,
) -> tuple[int, int]:
    """Puts pods of one size on nodes, on new ones where they must; returns how many nodes are used then, and how many
    of the pods are on the nodes that are there.

    `free` is CPU, memory and pods of each node.
    """
    node, held = 0, 0
    while count > 0 and node < most:
        if node == used:
            if node_cpu < cpu or node_memory < memory:
                break
            free[0, node], free[1, node], free[2, node] = node_cpu, node_memory, node_pods
            used += 1
        if free[0, node] >= cpu and free[1, node] >= memory:
            here = min(count, free[0, node] // max(1, cpu), free[1, node] // max(1, memory), free[2, node])
            free[0, node] -= here * cpu
            free[1, node] -= here * memory
            free[2, node] -= here
            count -= here
            if node < there:
                held += here
        node += 1
    return used, held


@compiled
def look(world: World, state: State, events: list[Event]) -> None:
    """One look: one pool grows, empty nodes go, then minima.

    The next one is at once where this one or the one before changed the size of a pool, else when the interval has
    passed since its end, or a pod is marked.

    Source: kubernetes/autoscaler 1.36.1, core/static_autoscaler.go (`RunOnce`), main.go and loop/trigger.go (`Wait` is
    given when the look before the last one began)
    """
    ends = state.now[0] + world.pace[0].loop_base + world.pace[0].loop_per_node * state.pools.nodes.sum()
    state.looks[1] = ends
    grew, waits = _grow(world, state, events, ends)
    shrank = _shrink(world, state, events, ends, waits)
    filled = False
    for pool in range(len(world.pools)):
        short = state.pools[pool].minimum - state.pools[pool].nodes
        if short > 0 and state.now[0] >= state.pools[pool].backoff:
            add_nodes(world, state, events, pool, short, ends)
            filled = True
    acted = grew or shrank or filled
    again = acted or state.looks[2] > 0.0
    state.looks[2] = 1.0 if acted else 0.0
    look_at(state, events, ends if again else ends + world.pace[0].scan_interval)


@compiled
def _grow(world: World, state: State, events: list[Event], ends: float) -> tuple[bool, bool]:
    """The pool of the first rank that would be filled best grows by what it needs; says whether one did, and whether
    it waits for more pods, because all that need a node are new. Pods of the headroom never are.

    Source: kubernetes/autoscaler 1.36.1, core/static_autoscaler.go (`allPodsAreNew`), by creation in whole
        seconds
    """
    best, best_count, best_waste, oldest = NONE, 0, np.inf, np.inf
    for pool in range(len(world.pools)):
        if pool != DRIVER_POOL and state.pools[pool].marked == 0:
            continue
        count, waste, created = needed(world, state, pool)
        oldest = min(oldest, created)
        if count == 0 or state.now[0] < state.pools[pool].backoff:
            continue
        rank, best_rank = world.pools[pool].rank, world.pools[max(best, 0)].rank
        if best == NONE or rank < best_rank or (rank == best_rank and waste < best_waste):
            best, best_count, best_waste = pool, count, waste
    if oldest < np.inf and np.floor(oldest) + world.pace[0].new_pods > state.now[0]:
        return False, True
    if best == NONE:
        return False, False
    add_nodes(world, state, events, best, best_count, ends)
    return True, False


@compiled
def _shrink(world: World, state: State, events: list[Event], ends: float, waits: bool) -> bool:
    """Nodes that were empty in every look for the unneeded time go, so many at once; none while the autoscaler waits
    for more pods.

    The delay of a pool ends what is known of its empty nodes, the delay of all doesn't.

    Source: kubernetes/autoscaler 1.36.1, processors/scaledowncandidates (`ScaleDownCandidatesDelayProcessor`),
        core/static_autoscaler.go (`isScaleDownInCooldown`, asked after nodes were found unneeded)
    """
    budget = int(world.pace[0].parallelism) - state.pools.leaving.sum()
    acted = False
    of_all = world.pace[0].delay_of_all > 0
    cooldown = waits or (of_all and ends < state.pools.added.max() + world.pace[0].delay_after_scale_out)
    for pool in range(DRIVER_POOL + 1, len(world.pools)):
        delayed = not of_all and ends < state.pools[pool].added + world.pace[0].delay_after_scale_out
        for place in range(state.pools[pool].first, state.pools[pool].end):
            if state.nodes[place].state != READY:
                continue
            if delayed or state.nodes[place].pods > 0:
                state.nodes[place].unneeded = NEVER
                continue
            if state.nodes[place].unneeded == NEVER:
                state.nodes[place].unneeded = state.now[0]
            if (
                not cooldown
                and budget > 0
                and state.now[0] - state.nodes[place].unneeded >= world.pools[pool].unneeded
                and state.pools[pool].nodes > state.pools[pool].minimum
            ):
                budget -= 1
                acted = True
                reckon(world.pools[pool], state.pools[pool], state.now[0])
                state.nodes[place].state = LEAVING
                state.pools[pool].empty -= 1
                state.pools[pool].nodes -= 1
                state.pools[pool].leaving += 1
                say(state.numbers, events, ends + world.pace[0].removal, NODE_GONE, place, state.nodes[place].number)
    return acted
