"""The compiled replay and the step-by-step one tell the same story, event by event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from capacity.replay.engine import replay
from capacity.replay.world import World
from tests.capacity.replay.reference import Reference
from tests.capacity.replay.worlds import drawn

TIMES = ("submitted", "admitted", "driver", "first", "all", "ended")
COUNTS = ("most", "peak", "lost")
SUMS = ("executor_seconds", "task_seconds", "driver_refused", "boot_wait", "refused_wait", "room_wait")
POOL_SUMS = ("kept", "spare", "leaving", "used", "partly")
EVERY = 47.0


@dataclass
class Told:
    """What one of the two says."""

    jobs: list[dict[str, float]]
    sums: list[list[float]]
    lives: list[tuple[int, float, float, float]]
    bursts: list[tuple[int, float, float, int]]
    pools: list[list[float]]
    samples: Any


def compiled(world: World, seed: int) -> Told:
    """By the compiled replay."""
    state, lives, bursts, samples = replay(world, seed, EVERY)
    return Told(
        [{name: job[name].item() for name in TIMES + COUNTS} for job in state.jobs],
        [[job[name].item() for name in SUMS] for job in state.jobs],
        sorted(lives),
        bursts,
        [[pool[f"{name}_seconds"].item() for name in POOL_SUMS] for pool in state.pools],
        samples,
    )


def step_by_step(world: World, seed: int) -> Told:
    """By the reference."""
    reference = Reference(world, seed, EVERY)
    reference.run()
    return Told(
        [{name: getattr(job, name) for name in TIMES + COUNTS} for job in reference.jobs],
        [[getattr(job, name) for name in SUMS] for job in reference.jobs],
        sorted(reference.lives),
        reference.seen.bursts,
        [[getattr(counted, name) for name in POOL_SUMS] for counted in reference.seen.counted],
        reference.seen.samples,
    )


def assert_same(world: World, seed: int) -> None:
    """Times and counts are equal to the last bit; sums of seconds but for the order of their additions."""
    fast, slow = compiled(world, seed), step_by_step(world, seed)
    assert fast.jobs == slow.jobs
    assert fast.lives == slow.lives
    assert fast.bursts == slow.bursts
    assert np.allclose(fast.pools, slow.pools, rtol=1e-9, atol=1e-6)
    assert np.allclose(fast.samples, slow.samples, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert np.allclose(fast.sums, slow.sums, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("seed", range(200))
def test_small_worlds_go_the_same_way(seed: int) -> None:
    assert_same(drawn(seed), seed)


@pytest.mark.parametrize("seed", range(1000, 1040))
def test_recorded_executors_alone_go_the_same_way(seed: int) -> None:
    assert_same(drawn(seed, recorded=1.0), seed)
