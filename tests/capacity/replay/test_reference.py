"""The compiled replay and the step-by-step one tell the same story, event by event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from capacity.replay.engine import replay
from capacity.replay.world import World
from tests.capacity.replay.reference import Reference
from tests.capacity.replay.worlds import drawn

TIMES = ("submitted", "admitted", "driver", "first", "all", "ended")
COUNTS = ("most", "peak", "lost")
SUMS = ("executor_seconds", "task_seconds")


@dataclass
class Told:
    """What one of the two says."""

    jobs: list[dict[str, float]]
    sums: list[list[float]]
    lives: list[tuple[int, float, float, float]]


def compiled(world: World, seed: int) -> Told:
    """By the compiled replay."""
    state, lives = replay(world, seed)
    return Told(
        [{name: job[name].item() for name in TIMES + COUNTS} for job in state.jobs],
        [[job[name].item() for name in SUMS] for job in state.jobs],
        sorted(lives),
    )


def step_by_step(world: World, seed: int) -> Told:
    """By the reference."""
    reference = Reference(world, seed)
    reference.run()
    return Told(
        [{name: getattr(job, name) for name in TIMES + COUNTS} for job in reference.jobs],
        [[getattr(job, name) for name in SUMS] for job in reference.jobs],
        sorted(reference.lives),
    )


def assert_same(world: World, seed: int) -> None:
    """Times and counts are equal to the last bit; sums of seconds but for the order of their additions."""
    fast, slow = compiled(world, seed), step_by_step(world, seed)
    assert fast.jobs == slow.jobs
    assert fast.lives == slow.lives
    assert np.allclose(fast.sums, slow.sums, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("seed", range(200))
def test_small_worlds_go_the_same_way(seed: int) -> None:
    assert_same(drawn(seed), seed)


@pytest.mark.parametrize("seed", range(1000, 1040))
def test_recorded_executors_alone_go_the_same_way(seed: int) -> None:
    assert_same(drawn(seed, recorded=1.0), seed)
