"""How long phases take, against tasks put on slots one by one."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.replay.runtime import Phase, phase_seconds, phases_of
from capacity.traces.schema import Stage


def one_by_one(seconds: list[float], slots: int) -> float:
    """When the last task ends, if each slot takes the next task whenever it is free."""
    free = [0.0] * slots
    for task in seconds:
        heapq.heappush(free, heapq.heappop(free) + task)
    return max(free)


@pytest.mark.parametrize("spread", [0.01, 0.2, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("tasks", [8, 50, 400])
@pytest.mark.parametrize("slots", [2, 4, 8, 16, 64])
def test_it_is_within_a_sixth_of_tasks_put_on_slots_one_by_one(spread: float, tasks: int, slots: int) -> None:
    rng = np.random.default_rng(0)
    sigma = np.sqrt(np.log(1 + spread**2))
    seen, said = [], []
    for _ in range(60):
        seconds = rng.lognormal(-(sigma**2) / 2, sigma, tasks)
        seen.append(one_by_one(list(seconds), slots))
        own = float(seconds.std() / seconds.mean())
        said.append(phase_seconds(tasks, float(seconds.sum()), float(seconds.max()), own, slots))
    assert np.mean(said) == pytest.approx(np.mean(seen), rel=1 / 6)


@given(st.integers(1, 500), st.floats(0.1, 1000), st.integers(1, 600))
def test_like_tasks_run_in_waves(tasks: int, seconds: float, slots: int) -> None:
    waves = -(-tasks // slots)
    assert phase_seconds(tasks, tasks * seconds, seconds, 0.0, slots) == pytest.approx(waves * seconds)


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=60), st.integers(1, 80))
def test_it_is_never_shorter_than_the_longest_task_or_the_work_shared_out(seconds: list[float], slots: int) -> None:
    spread = float(np.std(seconds) / np.mean(seconds))
    said = phase_seconds(len(seconds), sum(seconds), max(seconds), spread, slots)
    assert said >= max(max(seconds), sum(seconds) / slots) * (1 - 1e-9)


def test_no_tasks_take_no_time() -> None:
    assert phase_seconds(0, 0.0, 0.0, 0.0, 5) == 0


def stage(tasks: int, seconds: float, *after: int, driver: float = 0.0) -> Stage:
    return Stage(
        tasks=tasks, task_seconds=tasks * seconds, longest_task_seconds=seconds, driver_seconds=driver, after=after
    )


def test_stages_side_by_side_are_one_phase_and_the_next_waits_for_both() -> None:
    found = phases_of([stage(4, 10.0), stage(6, 20.0, driver=3.0), stage(1, 5.0, 0, 1, driver=2.0)])
    assert [(phase.tasks, phase.task_seconds, phase.longest_task_seconds, phase.driver_seconds) for phase in found] == [
        (10, 160.0, 20.0, 3.0),
        (1, 5.0, 5.0, 2.0),
    ]


def test_tasks_that_are_alike_in_each_of_two_stages_differ_together() -> None:
    (found,) = phases_of([stage(5, 10.0), stage(5, 30.0)])
    assert found.spread == pytest.approx(0.5)


def test_a_job_without_stages_has_no_phase() -> None:
    assert phases_of([]) == []


def test_the_drivers_own_work_at_the_end_is_a_phase_without_tasks() -> None:
    last = phases_of([stage(2, 1.0), stage(0, 0.0, 0, driver=7.0)])[-1]
    assert last == Phase(tasks=0, task_seconds=0.0, longest_task_seconds=0.0, spread=0.0, driver_seconds=7.0)
