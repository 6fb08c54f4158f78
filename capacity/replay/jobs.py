"""What a job does: phases on the slots it has, and executors by Spark's dynamic allocation."""

from __future__ import annotations

from capacity.replay.compiled import compiled
from capacity.replay.gangs import drive
from capacity.replay.reckoning import waits
from capacity.replay.runtime import phase_seconds
from capacity.replay.scheduling import admit_next, place_drivers, place_executors, release, vacate, wake_marking
from capacity.replay.state import (
    ASK,
    ENDED,
    GROW,
    IDLE,
    LEFT,
    NONE,
    RUNNING,
    STEP,
    SUBMIT,
    Event,
    State,
    lane,
    remove,
    say,
)
from capacity.replay.world import DRIVER_POOL, World


@compiled
def settle(world: World, state: State, job: int) -> None:
    """Reckons how far a job's phase has come by now, before its executors change."""
    if state.jobs[job].tasks_begun and state.jobs[job].running > 0:
        state.jobs[job].progress += (state.now[0] - state.jobs[job].since) / _seconds(world, state, job)
    state.jobs[job].since = state.now[0]


@compiled
def _seconds(world: World, state: State, job: int) -> float:
    """Seconds of the job's phase on the slots that it has."""
    phase = state.jobs[job].phase
    return max(
        1e-9,
        phase_seconds(
            world.phases[phase].tasks,
            world.phases[phase].task_seconds,
            world.phases[phase].longest,
            world.phases[phase].spread,
            state.jobs[job].running * world.jobs[job].slots,
        ),
    )


@compiled
def next_step(world: World, state: State, events: list[Event], job: int) -> None:
    """Says when the tasks of a job's phase end if nothing changes; what was said of them before is void."""
    if not state.jobs[job].tasks_begun:
        return
    state.jobs[job].step += 1
    if state.jobs[job].running > 0:
        left = max(0.0, 1.0 - state.jobs[job].progress) * _seconds(world, state, job)
        say(state.numbers, events, state.now[0] + left, STEP, job, state.jobs[job].step)


@compiled
def begin_phase(world: World, state: State, events: list[Event], job: int) -> None:
    """The driver's own work begins, or the job ends where there is no phase left."""
    phase = state.jobs[job].phase
    if phase == world.jobs[job].phases:
        end(world, state, events, job)
        return
    state.jobs[job].tasks_begun = 0
    state.jobs[job].progress = 0.0
    state.jobs[job].since = state.now[0]
    want(world, state, events, job, world.jobs[job].minimum)
    state.jobs[job].step += 1
    say(state.numbers, events, state.now[0] + world.phases[phase].driver, STEP, job, state.jobs[job].step)


@compiled
def step(world: World, state: State, events: list[Event], job: int) -> None:
    """The driver's own work has ended, and tasks begin; or all tasks have ended."""
    phase = state.jobs[job].phase
    if not state.jobs[job].tasks_begun:
        state.jobs[job].tasks_begun = 1
        state.jobs[job].progress = 0.0
        state.jobs[job].since = state.now[0]
        slots = world.jobs[job].slots
        most = (world.phases[phase].tasks + slots - 1) // slots
        want(world, state, events, job, min(world.jobs[job].maximum, max(world.jobs[job].minimum, most)))
        if world.phases[phase].tasks > 0:
            next_step(world, state, events, job)
            return
    state.jobs[job].task_seconds += world.phases[phase].task_seconds
    state.jobs[job].phase += 1
    begin_phase(world, state, events, job)


@compiled
def want(world: World, state: State, events: list[Event], job: int, executors: int) -> None:
    """A job wants as many executors from now on: more are asked for step by step, others leave once they were idle."""
    state.jobs[job].want = executors
    state.jobs[job].idle += 1
    if state.jobs[job].target < executors:
        if state.jobs[job].adding == 0:
            state.jobs[job].adding = 1
            say(state.numbers, events, state.now[0] + world.pace[0].backlog, GROW, job, 0)
        return
    state.jobs[job].target = max(executors, state.jobs[job].bound)
    surplus = state.jobs[job].bound + state.jobs[job].pending - state.jobs[job].target
    if surplus > 0:
        left = state.jobs[job].pending - surplus
        waits(world, state, job, left, min(state.jobs[job].marked, left))
    if state.jobs[job].bound > executors:
        say(state.numbers, events, state.now[0] + world.pace[0].idle, IDLE, job, state.jobs[job].idle)


@compiled
def grow(world: World, state: State, events: list[Event], job: int) -> None:
    """Dynamic allocation's round: it asks for twice as many as in the last, for as long as tasks wait.

    Source: apache/spark 4.0, ExecutorAllocationManager.scala (`addExecutors`)
    """
    if state.jobs[job].target >= state.jobs[job].want:
        state.jobs[job].adding = 0
        return
    state.jobs[job].target = min(state.jobs[job].want, state.jobs[job].target + state.jobs[job].adding)
    state.jobs[job].adding *= 2
    ask_soon(state, events, job)
    say(state.numbers, events, state.now[0] + world.pace[0].backlog, GROW, job, 0)


@compiled
def ask_soon(state: State, events: list[Event], job: int) -> None:
    """A batch of executors is asked for, unless one is due anyway."""
    if not state.jobs[job].asking:
        state.jobs[job].asking = 1
        say(state.numbers, events, state.now[0], ASK, job, 0)


@compiled
def ask(world: World, state: State, events: list[Event], job: int) -> None:
    """A driver asks for a batch of executors, and for the next one after a while.

    Source: apache/spark 4.0, ExecutorPodsAllocator.scala (`spark.kubernetes.allocation.batch.*`)
    """
    short = state.jobs[job].target - state.jobs[job].bound - state.jobs[job].pending
    if short <= 0:
        state.jobs[job].asking = 0
        return
    waits(
        world, state, job, state.jobs[job].pending + min(short, int(world.pace[0].batch_size)), state.jobs[job].marked
    )
    state.jobs[job].most = max(state.jobs[job].most, state.jobs[job].bound + state.jobs[job].pending)
    say(state.numbers, events, state.now[0] + world.pace[0].batch_delay, ASK, job, 0)
    place_executors(world, state, events, world.jobs[job].pool)
    if state.jobs[job].pending > 0:
        wake_marking(world, state, events)


@compiled
def give_places_back(world: World, state: State, events: list[Event], job: int) -> None:
    """A gang didn't get all of its places in time: it gives those for executors back, and starts like any other job.

    Source: apache/yunikorn-core v1.9.0-0, pkg/scheduler/objects/application.go (timeoutPlaceholderProcessing, style
    Soft, which is the default)
    """
    if not state.jobs[job].reserving or state.jobs[job].state == RUNNING:
        return
    pool = world.jobs[job].pool
    release(world, state, job, state.jobs[job].bound)
    waits(world, state, job, 0, 0)
    state.jobs[job].want = state.jobs[job].target = 0
    state.jobs[job].reserving = 0
    remove(state.list_head, state.list_tail, state.jobs, lane(world, job, pool), job)
    if state.jobs[job].driver_node != NONE:
        drive(world, state, events, job)
    room_appeared(world, state, events, pool)


@compiled
def executors_up(world: World, state: State, events: list[Event], job: int, count: int) -> None:
    """Executors take tasks."""
    settle(world, state, job)
    state.jobs[job].running = min(state.jobs[job].bound, state.jobs[job].running + count)
    if state.jobs[job].first < 0 and state.jobs[job].running > 0:
        state.jobs[job].first = state.now[0]
    if state.jobs[job].running > state.jobs[job].peak:
        state.jobs[job].peak = state.jobs[job].running
        state.jobs[job].all = state.now[0]
    next_step(world, state, events, job)


@compiled
def idle(world: World, state: State, events: list[Event], job: int) -> None:
    """Executors that had nothing to do for long enough go."""
    surplus = state.jobs[job].bound - state.jobs[job].want
    if surplus <= 0:
        return
    settle(world, state, job)
    release(world, state, job, surplus)
    state.jobs[job].target = state.jobs[job].bound
    next_step(world, state, events, job)
    room_appeared(world, state, events, world.jobs[job].pool)


@compiled
def room_appeared(world: World, state: State, events: list[Event], pool: int) -> None:
    """Others may take what became free in a pool."""
    place_executors(world, state, events, pool)
    wake_marking(world, state, events)


@compiled
def end(world: World, state: State, events: list[Event], job: int) -> None:
    """A job ends: its executors and its driver go, the next one's turn comes, and what follows it is submitted."""
    pool, queue = world.jobs[job].pool, world.jobs[job].queue
    release(world, state, job, state.jobs[job].bound)
    waits(world, state, job, 0, 0)
    state.jobs[job].state = ENDED
    state.jobs[job].ended = state.now[0]
    state.jobs[job].step += 1
    state.jobs[job].idle += 1
    state.numbers[LEFT] -= 1
    remove(state.list_head, state.list_tail, state.jobs, lane(world, job, pool), job)
    if state.jobs[job].driver_node != NONE:
        node = state.nodes[state.jobs[job].driver_node]
        cpu, memory = world.jobs[job].driver_cpu, world.jobs[job].driver_memory
        vacate(world.pools[DRIVER_POOL], state.pools[DRIVER_POOL], node, state.now[0], cpu, memory)
        state.running[queue] -= 1
        place_drivers(world, state, events)
        admit_next(world, state, events, queue)
    follower = world.jobs[job].first_follower
    while follower != NONE:
        say(state.numbers, events, state.now[0] + world.jobs[follower].gap, SUBMIT, follower, 0)
        follower = world.jobs[follower].next_follower
    room_appeared(world, state, events, pool)


@compiled
def lose_node(world: World, state: State, events: list[Event], place: int) -> None:
    """AWS takes a Spot node: its executors are lost, and asked for anew where the job wants them still. What they
    shuffled went to others before."""
    pool = state.nodes[place].pool
    for of in range(2 * pool, 2 * pool + 2):
        job = state.list_head[of]
        while job != NONE:
            first, lost = world.jobs[job].seat, 0
            settle(world, state, job)
            state.jobs[job].executor_seconds += state.jobs[job].bound * (state.now[0] - state.jobs[job].held_since)
            state.jobs[job].held_since = state.now[0]
            for seat in range(first + state.jobs[job].bound - 1, first - 1, -1):
                if state.seats[seat] == place:
                    lost += 1
                    state.seats[seat] = state.seats[first + state.jobs[job].bound - 1]
                    state.jobs[job].bound -= 1
            if lost:
                state.jobs[job].lost += lost
                state.jobs[job].target = max(state.jobs[job].bound, min(state.jobs[job].target, state.jobs[job].want))
                state.jobs[job].running = min(state.jobs[job].running, state.jobs[job].bound)
                if state.jobs[job].state == RUNNING and not state.jobs[job].reserving:
                    ask_soon(state, events, job)
                next_step(world, state, events, job)
            job = state.jobs[job].next
