"""The replay: takes what happens next, one event after another. Deterministic by its seed."""

from __future__ import annotations

from heapq import heappop
from typing import NamedTuple

import numpy as np

from capacity.replay.autoscaler import add_nodes, call, look, look_at, node_up
from capacity.replay.compiled import compiled
from capacity.replay.gangs import replace_placeholders
from capacity.replay.jobs import (
    ask,
    begin_phase,
    end,
    executors_up,
    give_places_back,
    grow,
    idle,
    lose_node,
    step,
)
from capacity.replay.reckoning import note_bursts, reckon, share, waits
from capacity.replay.sampling import COLUMNS, Samples, sample
from capacity.replay.scheduling import MARKS, admit, mark, place_drivers, place_executors, wake_marking
from capacity.replay.state import (
    ASK,
    CHANGE,
    DRIVER_UP,
    END,
    ENDED,
    EXECUTORS_UP,
    FREE,
    GANG_TIMEOUT,
    GROW,
    HAPPENED,
    IDLE,
    INTERRUPT,
    LEAVING,
    LEFT,
    LOOP,
    LOOP_NUMBER,
    MARK,
    MARKING,
    NODE_GONE,
    NODE_UP,
    READY,
    RUNNING,
    SERVED,
    STEP,
    SUBMIT,
    WAITING,
    Event,
    State,
    append,
    beginning,
    is_driver_pool,
    is_executor,
    lane,
    say,
)
from capacity.replay.world import World

Life = tuple[int, float, float, float]
"""A node's: its pool, when it was asked for, Ready (-1 for never) and gone."""


Burst = tuple[int, float, float, int]
"""A pool, from when on it had executors without a place, when all of them had one, and how many got one meanwhile."""


class Course(NamedTuple):
    """How a replay went.

    Args:
        state: the last one.
        lives: of each node.
        bursts: in the order of their ends.
        samples: of each time and pool, what `sampling.py` says; empty where none were asked for.
    """

    state: State
    lives: list[Life]
    bursts: list[Burst]
    samples: Samples


def replay(world: World, seed: int, every: float = 0.0) -> Course:
    """What happened to jobs and nodes.

    Args:
        world: jobs and what they run on; each job fits on its pool's nodes, or the replay doesn't end.
        seed: of boot times, failures, interruptions and of which executors end first.
        every: seconds between samples of the pools, the first of which is at 0; 0 for none.
    """
    state = beginning(world)
    return Course(state, *_run(world, state, seed, every))


@compiled
def _run(world: World, state: State, seed: int, every: float) -> tuple[list[Life], list[Burst], Samples]:
    np.random.seed(seed)
    events: list[Event] = [(0.0, 0, SUBMIT, 0, 0)]
    events.pop()
    lives: list[Life] = [(0, 0.0, 0.0, 0.0)]
    lives.pop()
    bursts: list[Burst] = [(0, 0.0, 0.0, 0)]
    bursts.pop()
    samples = np.zeros((1, len(world.pools), COLUMNS))
    sampled = 0
    _begin(world, state, events)
    while events:
        time, _, kind, what, number = heappop(events)
        if state.numbers[LEFT] == 0 and time > world.until[0]:
            break
        while every > 0.0 and sampled * every < time:
            samples = _room_for_one_more(samples, sampled)
            sample(world, state, samples[sampled])
            sampled += 1
        state.now[0] = time
        state.numbers[HAPPENED] += 1
        if kind == LOOP:
            if number == state.numbers[LOOP_NUMBER]:
                look(world, state, events)
        elif kind in (NODE_UP, NODE_GONE, INTERRUPT):
            if number == state.nodes[what].number:
                _node(world, state, events, lives, kind, what)
        elif kind == MARK:
            _mark(world, state, events)
        elif kind == CHANGE:
            _change(world, state, events, what)
        else:
            _job(world, state, events, kind, what, number)
        if state.numbers[SERVED]:
            note_bursts(state, bursts)
    state.now[0] = max(state.now[0], world.until[0])
    while every > 0.0 and sampled * every <= state.now[0]:
        samples = _room_for_one_more(samples, sampled)
        sample(world, state, samples[sampled])
        sampled += 1
    for pool in range(len(world.pools)):
        reckon(world.pools[pool], state.pools[pool], state.now[0])
    for place in range(len(state.nodes)):
        if state.nodes[place].state != FREE:
            lives.append(  # noqa: PERF401 - numba knows no extend by a generator
                (state.nodes[place].pool, state.nodes[place].asked, state.nodes[place].ready, state.now[0])
            )
    return lives, bursts, samples[:sampled]


@compiled
def _room_for_one_more(samples: Samples, sampled: int) -> Samples:
    """The same samples, in an array twice as large where it is full."""
    if sampled < len(samples):
        return samples
    larger = np.zeros((2 * len(samples), samples.shape[1], samples.shape[2]))
    larger[:sampled] = samples
    return larger


@compiled
def _begin(world: World, state: State, events: list[Event]) -> None:
    """Nodes of the minima are there; what is known of the future is said."""
    state.numbers[LEFT] = len(world.jobs)
    for pool in range(len(world.pools)):
        for place in range(state.pools[pool].first, state.pools[pool].first + world.pools[pool].minimum):
            state.nodes[place].asked = 0.0
            state.pools[pool].nodes += 1
            state.pools[pool].end = place + 1
            node_up(world, state, place)
            _doom(world, state, events, place)
    for change in range(len(world.changes)):
        say(state.numbers, events, world.changes[change].time, CHANGE, change, 0)
    for job in range(len(world.jobs)):
        if world.jobs[job].submitted >= 0:
            say(state.numbers, events, world.jobs[job].submitted, SUBMIT, job, 0)
    look_at(state, events, 0.0)


@compiled
def _doom(world: World, state: State, events: list[Event], place: int) -> None:
    """Says when AWS takes a Spot node."""
    rate = world.pools[state.nodes[place].pool].interruptions
    if rate > 0:
        life = -np.log(1.0 - np.random.random()) / rate
        say(state.numbers, events, state.now[0] + life, INTERRUPT, place, state.nodes[place].number)


@compiled
def _node(world: World, state: State, events: list[Event], lives: list[Life], kind: int, place: int) -> None:
    pool = state.nodes[place].pool
    reckon(world.pools[pool], state.pools[pool], state.now[0])
    if kind == NODE_UP:
        node_up(world, state, place)
        _doom(world, state, events, place)
        if is_driver_pool(pool):
            place_drivers(world, state, events)
        else:
            place_executors(world, state, events, pool)
        return
    if kind == INTERRUPT:
        if state.nodes[place].state != READY:
            return
        lose_node(world, state, events, place)
        state.pools[pool].nodes -= 1
        if state.nodes[place].pods == 0:
            state.pools[pool].empty -= 1
        else:
            state.pools[pool].used -= share(world.pools[pool], state.nodes[place])
    if state.nodes[place].state == LEAVING:
        state.pools[pool].leaving -= 1
    lives.append((pool, state.nodes[place].asked, state.nodes[place].ready, state.now[0]))
    state.nodes[place].state = FREE
    while state.pools[pool].end > state.pools[pool].first and state.nodes[state.pools[pool].end - 1].state == FREE:
        state.pools[pool].end -= 1
    state.nodes[place].number += 1


@compiled
def _mark(world: World, state: State, events: list[Event]) -> None:
    """A piece of YuniKorn's round over what waits; when it found all, the next round is a while later."""
    marked = mark(world, state)
    if marked == 0:
        state.numbers[MARKING] = 0
        return
    after = state.now[0] + marked * world.pace[0].mark
    say(state.numbers, events, after if marked == MARKS else after + world.pace[0].inspection_interval, MARK, 0, 0)
    call(state, events)


@compiled
def _change(world: World, state: State, events: list[Event], change: int) -> None:
    """A schedule changes a pool's minimum; its group starts what lacks at once."""
    pool = world.changes[change].pool
    reckon(world.pools[pool], state.pools[pool], state.now[0])
    state.pools[pool].minimum = world.changes[change].minimum
    short = state.pools[pool].minimum - state.pools[pool].nodes
    if short > 0:
        add_nodes(world, state, events, pool, short, state.now[0])


@compiled
def _submit(world: World, state: State, events: list[Event], job: int) -> None:
    pool, queue = world.jobs[job].pool, world.jobs[job].queue
    state.jobs[job].submitted = state.now[0]
    state.jobs[job].phase = world.jobs[job].phase
    if is_executor(world, job):
        state.jobs[job].state = RUNNING
        state.jobs[job].want = state.jobs[job].target = state.jobs[job].most = 1
        waits(world, state, job, 1, 0)
        append(state.list_head, state.list_tail, state.jobs, lane(world, job, pool), job)
        say(state.numbers, events, max(state.now[0], world.jobs[job].end), END, job, 0)
        place_executors(world, state, events, pool)
        wake_marking(world, state, events)
    elif state.running[queue] < world.queues[queue].jobs:
        admit(world, state, events, job)
    else:
        state.jobs[job].state = WAITING
        append(state.queue_head, state.queue_tail, state.jobs, lane(world, job, queue), job)


@compiled
def _driver_up(world: World, state: State, events: list[Event], job: int) -> None:
    """The driver asks for its first executors at once, and begins."""
    state.jobs[job].driver = state.now[0]
    if state.jobs[job].reserving:
        replace_placeholders(world, state, events, job)
    else:
        state.jobs[job].held_since = state.now[0]
        append(state.list_head, state.list_tail, state.jobs, lane(world, job, world.jobs[job].pool), job)
    if world.jobs[job].minimum > 0:
        state.jobs[job].target = world.jobs[job].minimum
        state.jobs[job].want = state.jobs[job].target
        state.jobs[job].asking = 1
        ask(world, state, events, job)
    begin_phase(world, state, events, job)


@compiled
def _job(world: World, state: State, events: list[Event], kind: int, job: int, number: int) -> None:
    if kind == SUBMIT:
        _submit(world, state, events, job)
    elif state.jobs[job].state == ENDED:
        return
    elif kind == DRIVER_UP:
        _driver_up(world, state, events, job)
    elif kind == EXECUTORS_UP:
        executors_up(world, state, events, job, number)
    elif kind == ASK:
        ask(world, state, events, job)
    elif kind == GROW:
        grow(world, state, events, job)
    elif kind == STEP:
        if number == state.jobs[job].step:
            step(world, state, events, job)
    elif kind == IDLE:
        if number == state.jobs[job].idle:
            idle(world, state, events, job)
    elif kind == GANG_TIMEOUT:
        give_places_back(world, state, events, job)
    elif kind == END:
        end(world, state, events, job)
