"""Gangs: jobs whose driver starts only once its first executors have places too, which placeholders hold meanwhile.

Source: apache/yunikorn-core v1.9.0-0, pkg/scheduler/objects/application.go; which pods a gang has:
kubeflow/spark-operator v2.5.2, internal/scheduler/yunikorn/scheduler.go.
"""

from __future__ import annotations

from capacity.replay.compiled import compiled
from capacity.replay.state import (
    DRIVER_UP,
    EXECUTORS_UP,
    GANG_TIMEOUT,
    NO_PLACE,
    NONE,
    RUNNING,
    SOME_PLACES,
    Event,
    State,
    say,
)
from capacity.replay.world import World


@compiled
def reserve(world: World, state: State, events: list[Event], job: int) -> None:
    """A gang got a place: with the first of them its time to get all begins, with the last one its driver starts."""
    if state.jobs[job].reserving == NO_PLACE:
        state.jobs[job].reserving = SOME_PLACES
        say(state.numbers, events, state.now[0] + world.pace[0].gang_timeout, GANG_TIMEOUT, job, 0)
    if state.jobs[job].driver_node != NONE and state.jobs[job].bound == world.jobs[job].minimum:
        drive(world, state, events, job)


@compiled
def drive(world: World, state: State, events: list[Event], job: int) -> None:
    """A driver starts on the node where it has its place."""
    state.jobs[job].state = RUNNING
    say(state.numbers, events, state.now[0] + world.pace[0].driver_start, DRIVER_UP, job, 0)


@compiled
def replace_placeholders(world: World, state: State, events: list[Event], job: int) -> None:
    """A gang's driver asks for its first executors in batches, which take the places that are held for them."""
    state.jobs[job].reserving = 0
    time = state.now[0] + world.pace[0].executor_start
    left = state.jobs[job].bound
    while left > 0:
        batch = min(left, int(world.pace[0].batch_size))
        say(state.numbers, events, time, EXECUTORS_UP, job, batch)
        time += world.pace[0].batch_delay
        left -= batch
