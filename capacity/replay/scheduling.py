"""What YuniKorn does: who is served first, on which node, and which pods it marks as unschedulable."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from capacity.replay.compiled import compiled
from capacity.replay.gangs import drive, reserve
from capacity.replay.reckoning import pods_of_a_node, reckon, share, waits
from capacity.replay.state import (
    DRIVER_PENDING,
    EXECUTORS_UP,
    MARK,
    MARKING,
    NO_PLACE,
    NONE,
    PASS,
    READY,
    TURN,
    Event,
    State,
    append,
    lane,
    remove,
    say,
)
from capacity.replay.world import DRIVER_POOL, Row, Rows, World

MARKS: Final = 8
"""Pods marked in one event of the replay, which spares it an event for each."""
_NOWHERE: Final = 1 << 62
"""More CPU and memory than any executor has."""


@compiled
def place_for(given: Row, pool: Row, nodes: Rows, cpu: int, memory: int) -> int:
    """The place of a pool's node on which a pod fits with least left, or with most if it spreads; -1 for none.

    The first of several.

    Source: apache/yunikorn-core v1.9.0-0, pkg/scheduler/objects/node_sorting.go (binpacking and fair, equal weights)
    """
    best, least = NONE, np.inf
    pods = pods_of_a_node(given)
    for place in range(pool.first, pool.end):
        if nodes[place].state != READY or nodes[place].cpu < cpu or nodes[place].memory < memory:
            continue
        if nodes[place].pods >= pods:
            continue
        left = nodes[place].cpu / given.cpu + nodes[place].memory / given.memory
        if given.spreads:
            left = -left
        if left < least:
            best, least = place, left
    return best


@compiled
def occupy(given: Row, pool: Row, node: Row, now: float, cpu: int, memory: int, pods: int) -> None:
    """Pods of one size begin on a node of a pool."""
    reckon(given, pool, now)
    if node.pods == 0:
        pool.empty -= 1
    before = share(given, node)
    node.cpu -= pods * cpu
    node.memory -= pods * memory
    node.pods += pods
    pool.used += share(given, node) - before


@compiled
def vacate(given: Row, pool: Row, node: Row, now: float, cpu: int, memory: int) -> None:
    """A pod on a node of a pool ends."""
    reckon(given, pool, now)
    before = share(given, node)
    node.cpu += cpu
    node.memory += memory
    node.pods -= 1
    pool.used += share(given, node) - before
    if node.pods == 0:
        pool.empty += 1


@compiled
def bind(world: World, state: State, events: list[Event], job: int, place: int, count: int) -> None:
    """Executors of a job get their place on a node."""
    pool = world.jobs[job].pool
    cpu, memory = world.jobs[job].cpu, world.jobs[job].memory
    occupy(world.pools[pool], state.pools[pool], state.nodes[place], state.now[0], cpu, memory, count)
    seat = world.jobs[job].seat + state.jobs[job].bound
    state.jobs[job].executor_seconds += state.jobs[job].bound * (state.now[0] - state.jobs[job].held_since)
    state.jobs[job].held_since = state.now[0]
    state.seats[seat : seat + count] = place
    state.jobs[job].bound += count
    state.pools[pool].placed += count
    waits(world, state, job, state.jobs[job].pending - count, max(0, state.jobs[job].marked - count))
    state.jobs[job].oldest = (state.jobs[job].oldest + count) % world.jobs[job].maximum
    if state.jobs[job].reserving:
        reserve(world, state, events, job)
    else:
        say(state.numbers, events, state.now[0] + world.pace[0].executor_start, EXECUTORS_UP, job, count)


@compiled
def fitting(world: World, state: State, job: int, place: int) -> int:
    """Pending executors of a job that go to a node before another one is looked for: one, if pods are spread."""
    if world.pools[world.jobs[job].pool].spreads:
        return 1
    by_cpu = state.nodes[place].cpu // max(1, world.jobs[job].cpu)
    by_memory = state.nodes[place].memory // max(1, world.jobs[job].memory)
    by_pods = pods_of_a_node(world.pools[world.jobs[job].pool]) - state.nodes[place].pods
    return int(min(state.jobs[job].pending, by_cpu, by_memory, by_pods))


@compiled
def place_executors(world: World, state: State, events: list[Event], pool: int) -> None:
    """A pool's pending executors get their places: those of the lane for backfill last, else in the queue's order.

    Where executors of a size fit nowhere, larger ones are not tried: meanwhile nodes only get fuller.
    """
    no_cpu, no_memory = _NOWHERE, _NOWHERE
    for of in range(2 * pool, 2 * pool + 2):
        head = state.list_head[of]
        if head == NONE or state.pools[pool].pending == 0:
            continue
        if world.queues[world.jobs[head].queue].fair:
            _fairly(world, state, events, of)
            continue
        job = head
        while job != NONE:
            cpu, memory = world.jobs[job].cpu, world.jobs[job].memory
            while state.jobs[job].pending > 0 and (cpu < no_cpu or memory < no_memory):
                place = place_for(world.pools[pool], state.pools[pool], state.nodes, cpu, memory)
                if place == NONE:
                    no_cpu, no_memory = cpu, memory
                    break
                bind(world, state, events, job, place, fitting(world, state, job, place))
            job = state.jobs[job].next


@compiled
def _fairly(world: World, state: State, events: list[Event], of: int) -> None:
    """One executor at a time, to the job that has least; the first of several.

    Source: apache/yunikorn-core v1.9.0-0, pkg/scheduler/objects/sorters.go (fair: by the largest share)
    """
    pool = of // 2
    state.numbers[PASS] += 1
    while True:
        best, least = NONE, np.inf
        job = state.list_head[of]
        while job != NONE:
            if state.jobs[job].pending > 0 and state.jobs[job].refused != state.numbers[PASS]:
                has = state.jobs[job].bound * max(
                    world.jobs[job].cpu / world.pools[pool].cpu, world.jobs[job].memory / world.pools[pool].memory
                )
                if has < least:
                    best, least = job, has
            job = state.jobs[job].next
        if best == NONE:
            return
        cpu, memory = world.jobs[best].cpu, world.jobs[best].memory
        place = place_for(world.pools[pool], state.pools[pool], state.nodes, cpu, memory)
        if place == NONE:
            state.jobs[best].refused = state.numbers[PASS]
        else:
            bind(world, state, events, best, place, 1)


@compiled
def place_drivers(world: World, state: State, events: list[Event]) -> None:
    """Pending drivers get their places, in the order in which they were admitted."""
    given, pool = world.pools[DRIVER_POOL], state.pools[DRIVER_POOL]
    job = state.drivers[0]
    while job != NONE:
        behind = state.driver_links[job].next
        cpu, memory = world.jobs[job].driver_cpu, world.jobs[job].driver_memory
        place = place_for(given, pool, state.nodes, cpu, memory)
        if place != NONE:
            remove(state.drivers[0:1], state.drivers[1:2], state.driver_links, 0, job)
            occupy(given, pool, state.nodes[place], state.now[0], cpu, memory, 1)
            state.jobs[job].driver_node = place
            state.jobs[job].driver_refused = pool.refused_clock - state.jobs[job].driver_refused_since
            state.jobs[job].driver_marked = 0
            if state.jobs[job].reserving:
                reserve(world, state, events, job)
            else:
                drive(world, state, events, job)
        job = behind


@compiled
def admit(world: World, state: State, events: list[Event], job: int) -> None:
    """An application may run: its driver waits for a node, and a gang's first executors do too."""
    state.running[world.jobs[job].queue] += 1
    state.jobs[job].admitted = state.now[0]
    state.jobs[job].state = DRIVER_PENDING
    append(state.drivers[0:1], state.drivers[1:2], state.driver_links, 0, job)
    reckon(world.pools[DRIVER_POOL], state.pools[DRIVER_POOL], state.now[0])
    state.jobs[job].driver_refused_since = state.pools[DRIVER_POOL].refused_clock
    gang = world.jobs[job].gang and world.jobs[job].minimum > 0
    if gang:
        pool, first = world.jobs[job].pool, world.jobs[job].minimum
        state.jobs[job].reserving = NO_PLACE
        state.jobs[job].held_since = state.now[0]
        state.jobs[job].want = state.jobs[job].target = state.jobs[job].most = first
        append(state.list_head, state.list_tail, state.jobs, lane(world, job, pool), job)
        waits(world, state, job, first, 0)
    place_drivers(world, state, events)
    if gang:
        place_executors(world, state, events, world.jobs[job].pool)
    wake_marking(world, state, events)


@compiled
def admit_next(world: World, state: State, events: list[Event], queue: int) -> None:
    """The applications of a queue that wait for their turn are admitted while it has room for more."""
    for of in range(2 * queue, 2 * queue + 2):
        while state.queue_head[of] != NONE and state.running[queue] < world.queues[queue].jobs:
            job = state.queue_head[of]
            remove(state.queue_head, state.queue_tail, state.jobs, of, job)
            admit(world, state, events, job)


@compiled
def release(world: World, state: State, job: int, count: int) -> None:
    """Executors of a job end; which of them is random, as it is whose tasks end first."""
    state.jobs[job].executor_seconds += state.jobs[job].bound * (state.now[0] - state.jobs[job].held_since)
    state.jobs[job].held_since = state.now[0]
    first = world.jobs[job].seat
    everyone = count == state.jobs[job].bound
    given, pool = world.pools[world.jobs[job].pool], state.pools[world.jobs[job].pool]
    cpu, memory = world.jobs[job].cpu, world.jobs[job].memory
    for _ in range(count):
        last = first + state.jobs[job].bound - 1
        seat = last
        if not everyone:
            seat = first + int(np.random.random() * state.jobs[job].bound)
        vacate(given, pool, state.nodes[state.seats[seat]], state.now[0], cpu, memory)
        state.seats[seat] = state.seats[last]
        state.jobs[job].bound -= 1
    state.jobs[job].running = min(state.jobs[job].running, state.jobs[job].bound)


@compiled
def wake_marking(world: World, state: State, events: list[Event]) -> None:
    """Something may be marked in YuniKorn's next round. It hears of pods at the next whole interval, and its rounds
    are half an interval off.

    Source: apache/yunikorn-k8shim v1.9.0, pkg/shim/scheduler.go (asks are sent once in `schedulingInterval`, 1 s)
    """
    if not state.numbers[MARKING]:
        state.numbers[MARKING] = 1
        interval = world.pace[0].inspection_interval
        say(state.numbers, events, (math.floor(state.now[0] / interval) + 1.5) * interval, MARK, 0, 0)


@compiled
def mark(world: World, state: State) -> int:
    """Marks some of the pods that wait and that their queue's maximum has room for; returns how many.

    Drivers first, then pool by pool, each time from another one on.
    """
    left = MARKS
    job = state.drivers[0]
    while job != NONE and left:
        if not state.jobs[job].driver_marked:
            state.jobs[job].driver_marked = 1
            left -= 1
        job = state.driver_links[job].next
    pools = len(world.pools) - DRIVER_POOL - 1
    first = state.numbers[TURN]
    state.numbers[TURN] = (first + 1) % pools
    for turn in range(pools):
        if not left:
            break
        pool = DRIVER_POOL + 1 + (first + turn) % pools
        if state.pools[pool].pending == state.pools[pool].marked:
            continue
        cpu = world.pools[pool].maximum * world.pools[pool].cpu
        memory = world.pools[pool].maximum * world.pools[pool].memory
        for of in range(2 * pool, 2 * pool + 2):
            job = state.list_head[of]
            while job != NONE:
                held = state.jobs[job].bound + state.jobs[job].marked
                cpu -= held * world.jobs[job].cpu
                memory -= held * world.jobs[job].memory
                job = state.jobs[job].next
        for of in range(2 * pool, 2 * pool + 2):
            job = state.list_head[of]
            while job != NONE and left:
                room = min(cpu // max(1, world.jobs[job].cpu), memory // max(1, world.jobs[job].memory))
                more = max(0, min(left, state.jobs[job].pending - state.jobs[job].marked, room))
                waits(world, state, job, state.jobs[job].pending, state.jobs[job].marked + more)
                left -= more
                cpu -= more * world.jobs[job].cpu
                memory -= more * world.jobs[job].memory
                job = state.jobs[job].next
    return MARKS - left
