"""What holds in every replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.replay.engine import Life, replay
from capacity.replay.series import Series
from capacity.replay.state import LEFT, READY
from capacity.replay.waste import Waste
from capacity.replay.world import EXECUTOR, JOB, World
from tests.capacity.replay.worlds import drawn

SEEDS = st.integers(0, 2**32 - 1)
CASES = settings(deadline=None, max_examples=80)


def at_once(spans: Iterable[tuple[float, float]]) -> list[int]:
    """How many spans there are from each of their beginnings and ends on; what ends is gone when another begins."""
    steps = Counter[float]()
    for begin, end in spans:
        if end > begin:
            steps[begin] += 1
            steps[end] -= 1
    return [int(number) for number in np.cumsum([steps[time] for time in sorted(steps)])]


def of_pool(lives: list[Life], pool: int) -> list[tuple[float, float]]:
    """When nodes of a pool were asked for and gone."""
    return [(asked, gone) for of, asked, _, gone in lives if of == pool]


def demanded(world: World) -> list[float]:
    """Task-seconds of each job's phases."""
    seconds = world.phases["task_seconds"]
    return [float(sum(seconds[job["phase"] : job["phases"]])) for job in world.jobs]


@CASES
@given(SEEDS)
def test_all_jobs_end_and_leave_nothing_on_nodes(seed: int) -> None:
    world = drawn(seed)
    state, *_ = replay(world, seed)
    assert state.numbers[LEFT] == 0
    assert (state.jobs["ended"] >= state.jobs["submitted"]).all()
    ready = state.nodes[state.nodes["state"] == READY]
    assert (ready["pods"] == 0).all()
    assert (ready["cpu"] == world.pools["cpu"][ready["pool"]]).all()
    assert (ready["memory"] == world.pools["memory"][ready["pool"]]).all()
    assert (state.pools["pending"] == 0).all()
    assert (state.pools["marked"] == 0).all()


@CASES
@given(SEEDS)
def test_what_happens_to_a_job_happens_in_order(seed: int) -> None:
    world = drawn(seed)
    state, *_ = replay(world, seed)
    for given_job, job in zip(world.jobs, state.jobs, strict=True):
        names = ["submitted", "first", "all", "ended"]
        if given_job["kind"] == JOB:
            names[1:1] = ["admitted", "driver"]
        times = [job[name] for name in names if job[name] >= 0]
        assert times == sorted(times)
        assert (job["first"] >= 0) == (job["peak"] > 0)
        assert job["peak"] <= job["most"] <= max(given_job["maximum"], given_job["minimum"])


@CASES
@given(SEEDS)
def test_every_task_second_that_was_demanded_is_served(seed: int) -> None:
    world = drawn(seed)
    state, *_ = replay(world, seed)
    served = state.jobs["task_seconds"]
    assert np.allclose(served, demanded(world))
    held = state.jobs["executor_seconds"] * world.jobs["slots"]
    assert (held >= served - 1e-6).all()


@CASES
@given(SEEDS)
def test_a_job_takes_no_less_than_its_drivers_work_and_its_tasks_on_all_executors(seed: int) -> None:
    world = drawn(seed, recorded=0.0)
    state, *_ = replay(world, seed)
    for row, job, work in zip(world.jobs, state.jobs, demanded(world), strict=True):
        alone = float(sum(world.phases["driver"][row["phase"] : row["phases"]]))
        widest = work / (row["maximum"] * row["slots"])
        assert job["ended"] - job["driver"] >= alone + widest - 1e-6


@CASES
@given(SEEDS)
def test_a_queue_never_runs_more_jobs_than_it_may(seed: int) -> None:
    world = drawn(seed, recorded=0.0)
    state, *_ = replay(world, seed)
    for queue, most in enumerate(world.queues["jobs"]):
        of = state.jobs[world.jobs["queue"] == queue]
        assert max(at_once(zip(of["admitted"], of["ended"], strict=True)), default=0) <= most


@CASES
@given(SEEDS)
def test_a_pool_never_has_more_nodes_than_its_maximum(seed: int) -> None:
    world = drawn(seed, schedules=False)
    _, lives, *_ = replay(world, seed)
    for pool, most in enumerate(world.pools["maximum"]):
        assert max(at_once(of_pool(lives, pool)), default=0) <= most


@CASES
@given(SEEDS)
def test_a_pool_never_has_fewer_nodes_than_its_minimum(seed: int) -> None:
    world = drawn(seed, spot=False, schedules=False)
    state, lives, *_ = replay(world, seed)
    for pool, least in enumerate(world.pools["minimum"]):
        spans = of_pool(lives, pool)
        assert sum(asked == 0 for asked, _ in spans) >= least
        assert all(number >= least for number in at_once(spans)[:-1])
        assert sum(gone == state.now[0] for _, gone in spans) >= least


@CASES
@given(SEEDS)
def test_without_spot_no_executor_is_lost_and_nodes_that_are_ready_hold_what_runs(seed: int) -> None:
    world = drawn(seed, spot=False, recorded=1.0)
    world.jobs["kind"] = EXECUTOR
    state, lives, *_ = replay(world, seed)
    assert (state.jobs["lost"] == 0).all()
    start, moment = world.pace["executor_start"][0], 1e-6
    ran = state.jobs["first"] >= 0
    begins, ends = state.jobs["first"] - start + moment, state.jobs["ended"] - moment
    for pool, row in enumerate(world.pools):
        of = ran & (world.jobs["pool"] == pool)
        for now in begins[of]:
            there = of & (begins <= now) & (now < ends)
            nodes = sum(of_pool == pool and 0 <= ready <= now < gone for of_pool, _, ready, gone in lives)
            assert world.jobs["cpu"][there].sum() <= nodes * row["cpu"]
            assert world.jobs["memory"][there].sum() <= nodes * row["memory"]


@CASES
@given(SEEDS)
def test_the_same_seed_gives_the_same_result(seed: int) -> None:
    world = drawn(seed)
    state, lives, *_ = replay(world, seed)
    again, lives_again, *_ = replay(world, seed)
    assert lives == lives_again
    assert state.jobs.tobytes() == again.jobs.tobytes()


@CASES
@given(SEEDS)
def test_nodes_live_until_the_trace_or_the_last_job_ends(seed: int) -> None:
    world = drawn(seed)
    state, lives, *_ = replay(world, seed)
    over = max(float(world.until[0]), float(state.jobs["ended"].max()))
    assert state.now[0] == over
    assert all(asked <= gone or ready < 0 for _, asked, ready, gone in lives)
    assert max((gone for *_, gone in lives), default=over) <= over


@CASES
@given(SEEDS)
def test_what_node_hours_were_spent_on_adds_up_to_all_of_them(seed: int) -> None:
    world = drawn(seed)
    state, lives, *_ = replay(world, seed)
    for pool, row in enumerate(state.pools):
        mine = [(asked, gone if ready < 0 else ready, gone) for of, asked, ready, gone in lives if of == pool]
        booting = sum(max(0.0, up - asked) for asked, up, _ in mine)
        waste = Waste.of(state, pool, booting / 3600)
        parts = [row["used_seconds"] / 3600, waste.booting, waste.kept, waste.waiting, waste.leaving, waste.partly]
        assert min(parts) >= -1e-9
        assert sum(parts) == pytest.approx(sum(max(0.0, gone - asked) for asked, _, gone in mine) / 3600, abs=1e-6)
        assert waste.hours == pytest.approx(sum(parts[1:]))


@CASES
@given(SEEDS)
def test_executors_wait_for_nodes_for_capacity_or_for_room_no_longer_than_their_job_runs(seed: int) -> None:
    world = drawn(seed, recorded=0.0)
    state, *_ = replay(world, seed)
    waited = state.jobs["boot_wait"] + state.jobs["refused_wait"] + state.jobs["room_wait"]
    assert (waited >= 0).all()
    since = np.where(world.jobs["gang"] & (world.jobs["minimum"] > 0), state.jobs["admitted"], state.jobs["driver"])
    assert (waited <= state.jobs["ended"] - since + 1e-6).all()


@CASES
@given(SEEDS)
def test_a_burst_lasts_and_bursts_of_a_pool_follow_each_other(seed: int) -> None:
    world = drawn(seed)
    _, _, bursts, _ = replay(world, seed)
    for pool in range(len(world.pools)):
        mine = [(begin, end) for of, begin, end, placed in bursts if of == pool and placed > 0]
        assert len(mine) == sum(of == pool for of, *_ in bursts)
        assert all(begin < end for begin, end in mine)
        assert all(end <= begin for (_, end), (begin, _) in pairwise(mine))


@CASES
@given(SEEDS)
def test_samples_change_nothing_and_are_at_regular_times_until_the_end(seed: int) -> None:
    world = drawn(seed)
    without, with_samples = replay(world, seed), replay(world, seed, 30.0)
    assert without.lives == with_samples.lives
    assert len(without.samples) == 0
    series = Series.of(with_samples.samples, 30.0, [str(pool) for pool in range(len(world.pools))])
    assert series.times[-1] <= with_samples.state.now[0] < series.times[-1] + 30
    for pool, most in enumerate(world.pools["maximum"]):
        for time, ready, leaving, booting in zip(
            series.times[:-1],
            series.ready[:-1, pool],
            series.leaving[:-1, pool],
            series.booting[:-1, pool],
            strict=True,
        ):
            lived = [life for life in with_samples.lives if life[0] == pool and life[3] > time]
            assert ready + leaving == sum(0 <= life[2] <= time for life in lived)
            assert 0 <= booting <= most
    assert (series.empty <= series.ready).all()
    held = series.cpu_percentiles[~np.isnan(series.cpu)]
    assert (np.diff(held, axis=-1) >= -1e-12).all()
    assert ((held >= -1e-12) & (held <= 1 + 1e-12)).all()


@pytest.mark.parametrize("happening", ["lost", "never_ready", "gone_early", "waited", "followed"])
def test_the_worlds_that_are_drawn_have_something_happen(happening: str) -> None:
    seen = 0
    for seed in range(60):
        world = drawn(seed)
        state, lives, *_ = replay(world, seed)
        jobs = state.jobs[world.jobs["kind"] == JOB]
        seen += {
            "lost": (state.jobs["lost"] > 0).any(),
            "never_ready": any(ready < 0 for _, _, ready, _ in lives),
            "gone_early": any(gone < state.now[0] for *_, gone in lives),
            "waited": (jobs["admitted"] > jobs["submitted"]).any(),
            "followed": (world.jobs["first_follower"] >= 0).any(),
        }[happening]
    assert seen >= 5
