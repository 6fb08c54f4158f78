"""Replays whose result can be reckoned by hand."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np
import pytest

from capacity.replay.behaviour import Behaviour
from capacity.replay.engine import replay
from capacity.replay.world import CHANGE, EXECUTOR, JOB_ROW, PHASE, POOL, QUEUE, Rows, World, rows

BEHAVIOUR = Behaviour()
BOOT = 30.0
UNNEEDED = 120.0


def jobs(count: int, **columns: Any) -> Rows:  # noqa: ANN401
    """Rows of jobs of the one queue and pool, one executor to a node unless said otherwise."""
    usual = {"first_follower": -1, "next_follower": -1, "pool": 1, "driver_cpu": 100, "cpu": 1000, "slots": 1}
    made = rows(JOB_ROW, count, **usual | columns)
    made["seat"] = np.cumsum(made["maximum"]) - made["maximum"]
    return made


def world(
    of: Rows, *, minimum: int, maximum: int, phases: Rows | None = None, until: float = 0.0, node_cpu: int = 1000
) -> World:
    """One queue with one pool, and drivers that always have room."""
    return World(
        pools=rows(
            POOL,
            2,
            minimum=[1, minimum],
            maximum=[1, maximum],
            cpu=[1_000_000, node_cpu],
            memory=1,
            unneeded=UNNEEDED,
        ),
        queues=rows(QUEUE, 1, jobs=1000),
        jobs=of,
        phases=rows(PHASE, 0) if phases is None else phases,
        changes=rows(CHANGE, 0),
        boots=np.array([BOOT]),
        until=np.array([float(until)]),
        pace=BEHAVIOUR.pace(0, 0, 0),
    )


def phase(work: float, tasks: int, *, driver: float = 0.0) -> Rows:
    """One phase of tasks that are alike."""
    return rows(PHASE, 1, tasks=tasks, task_seconds=work, longest=work / tasks, driver=driver)


def test_far_below_capacity_nobody_waits_for_more_than_the_start() -> None:
    of = jobs(200, submitted=np.arange(200) * 500.0, minimum=2, maximum=2, phases=1)
    state, lives, *_ = replay(world(of, minimum=4, maximum=4, phases=phase(400, 40), until=100_000), 1)
    assert np.allclose(state.jobs["admitted"], state.jobs["submitted"])
    assert np.allclose(state.jobs["driver"] - state.jobs["submitted"], BEHAVIOUR.driver_start)
    assert np.allclose(state.jobs["all"] - state.jobs["driver"], BEHAVIOUR.executor_start)
    assert np.allclose(state.jobs["ended"] - state.jobs["all"], 200)
    assert np.allclose(state.jobs["executor_seconds"], 2 * (200 + BEHAVIOUR.executor_start))
    assert sorted(lives) == [(0, 0, 0, 100_000)] + [(1, 0, 0, 100_000)] * 4


@pytest.mark.parametrize("executors", [1, 2, 5, 12])
@pytest.mark.parametrize("slots", [1, 4])
@pytest.mark.parametrize("driver", [0.0, 2.0, 100.0])
def test_work_on_so_many_executors_takes_its_share_and_the_start(executors: int, slots: int, driver: float) -> None:
    of = jobs(1, minimum=executors, maximum=executors, slots=slots, phases=1)
    work = 6000.0
    given = world(of, minimum=executors, maximum=executors, phases=phase(work, 60 * executors * slots, driver=driver))
    state, *_ = replay(given, 1)
    took = state.jobs[0]["ended"] - state.jobs[0]["driver"]
    assert took == pytest.approx(max(driver, BEHAVIOUR.executor_start) + work / (executors * slots))


def test_executors_come_in_rounds_of_one_two_and_four() -> None:
    of = jobs(1, minimum=0, maximum=7, phases=1)
    state, *_ = replay(world(of, minimum=7, maximum=7, phases=phase(210, 2100)), 1)
    served = 1 * BEHAVIOUR.backlog + 3 * BEHAVIOUR.backlog
    begun = BEHAVIOUR.executor_start + 3 * BEHAVIOUR.backlog
    job = state.jobs[0]
    assert job["all"] - job["driver"] == pytest.approx(begun)
    assert job["ended"] - job["driver"] == pytest.approx(begun + (210 - served) / 7)


def test_an_executor_on_an_empty_pool_waits_for_its_mark_two_looks_a_boot_and_its_start() -> None:
    """At the first look it is too new, and no other mark calls the next one earlier."""
    of = jobs(1, kind=EXECUTOR, maximum=1, submitted=100.25, end=400.0)
    state, *_ = replay(world(of, minimum=0, maximum=1), 1)
    marked = 101.5
    look = BEHAVIOUR.loop_base + BEHAVIOUR.loop_per_node * 1  # the driver pool's
    assert state.jobs[0]["first"] == pytest.approx(
        marked + look + BEHAVIOUR.scan_interval + look + BOOT + BEHAVIOUR.executor_start
    )


def test_an_executor_whose_mark_comes_late_waits_for_one_look() -> None:
    of = jobs(2, kind=EXECUTOR, maximum=1, submitted=[100.25, 101.75], end=400.0)
    state, *_ = replay(world(of, minimum=0, maximum=2), 1)
    marked = 101.5 + BEHAVIOUR.mark + BEHAVIOUR.inspection_interval  # the second one's, which calls
    look = BEHAVIOUR.loop_base + BEHAVIOUR.loop_per_node
    assert np.allclose(state.jobs["first"], marked + look + BOOT + BEHAVIOUR.executor_start)


def test_the_delay_of_a_pool_is_followed_by_the_unneeded_time_and_the_delay_of_all_goes_beside_it() -> None:
    gone = {}
    for of_all in (False, True):
        of = jobs(1, kind=EXECUTOR, maximum=1, submitted=0.0, end=50.0)
        given = world(of, minimum=0, maximum=1, until=1000.0)
        given.pace["delay_after_scale_out"], given.pace["delay_of_all"] = UNNEEDED, of_all
        _, lives, *_ = replay(given, 1)
        ((gone[of_all]),) = (end for pool, *_, end in lives if pool == 1)
    scan = BEHAVIOUR.scan_interval + 1.0
    assert 2 * UNNEEDED <= gone[False] <= 15 + 2 * UNNEEDED + 2 * scan + BEHAVIOUR.removal
    assert 50 + UNNEEDED <= gone[True] <= 50 + UNNEEDED + 2 * scan + BEHAVIOUR.removal


@pytest.mark.parametrize("count", [1, 7, 8, 9, 60, 300])
@pytest.mark.parametrize("fit", [1, 3, 8])
def test_a_burst_of_pods_that_are_alike_uses_no_node_too_many(count: int, fit: int) -> None:
    of = jobs(count, kind=EXECUTOR, maximum=1, end=600.0)
    _, lives, *_ = replay(world(of, minimum=0, maximum=400, node_cpu=fit * 1000 + 999), 1)
    assert sum(pool == 1 for pool, *_ in lives) == math.ceil(count / fit)


@pytest.mark.parametrize("seed", range(20))
def test_a_burst_of_all_sizes_uses_no_more_nodes_than_any_fit_would(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    sizes = [random.randint(100, 4000) for _ in range(random.randint(1, 200))]
    of = jobs(len(sizes), kind=EXECUTOR, maximum=1, cpu=sizes, end=2000.0)
    state, lives, *_ = replay(world(of, minimum=0, maximum=400, node_cpu=4000), seed)
    used = sum(pool == 1 for pool, *_ in lives)
    full = sum(sizes) / 4000
    assert math.ceil(full) <= used <= 2 * full + 1  # any two nodes hold more than one together
    assert (state.jobs["first"] >= 0).all()


@pytest.mark.parametrize("again", [0.5, 5.0, 20.0, 60.5, 115.0])
@pytest.mark.parametrize("holds", [12.0, 25.0])
def test_a_node_stays_for_the_unneeded_time_after_every_use_that_a_look_saw(again: float, holds: float) -> None:
    ended = 400.0
    back = ended + again
    of = jobs(2, kind=EXECUTOR, maximum=1, submitted=[0.0, back], end=[ended, back + holds])
    _, lives, *_ = replay(world(of, minimum=0, maximum=1, until=2000.0), 1)
    (gone,) = (gone for pool, *_, gone in lives if pool == 1)
    scan = BEHAVIOUR.scan_interval + 1.0
    least = back + holds + UNNEEDED
    assert least <= gone <= least + 2 * scan + BEHAVIOUR.removal


def test_while_aws_has_no_capacity_nobody_gets_nodes_and_the_group_is_asked_again_ever_later() -> None:
    asked = 100.0
    look = BEHAVIOUR.loop_base + BEHAVIOUR.loop_per_node
    given = world(jobs(1, kind=EXECUTOR, maximum=1, submitted=asked - 0.5, end=9000.0), minimum=0, maximum=1)
    given.pace["outage_begin"], given.pace["outage_seconds"] = 50.0, 1800.0
    state, *_ = replay(given, 1)
    # too new at 100.5, refused 10 s later, then not asked for 5, 10 and 20 minutes: the last goes beyond the outage
    again = asked + 0.5 + look + BEHAVIOUR.scan_interval + look + 300 + 600 + 1200
    came = state.jobs[0]["first"] - BOOT - BEHAVIOUR.executor_start
    assert again <= came <= again + 3 * (BEHAVIOUR.scan_interval + look)
    waited = state.jobs[0]["first"] - BEHAVIOUR.executor_start - asked + 0.5
    assert state.jobs[0]["refused_wait"] == pytest.approx(300 + 600 + 1200 + 3 * look)
    assert state.jobs[0]["boot_wait"] == pytest.approx(waited - state.jobs[0]["refused_wait"])
    assert state.jobs[0]["room_wait"] == state.jobs[0]["driver_refused"] == 0


def test_a_driver_waits_for_capacity_too() -> None:
    of = jobs(2, driver_cpu=1_000_000, submitted=[0.0, 100.25], minimum=1, maximum=1, phases=1)
    given = world(of, minimum=2, maximum=2, phases=phase(9000.0, 1))
    given.pools["maximum"][0] = 2
    given.pace["outage_begin"], given.pace["outage_seconds"] = 50.0, 200.0
    state, *_ = replay(given, 1)
    assert state.jobs[0]["driver_refused"] == 0
    assert state.jobs[1]["driver_refused"] == pytest.approx(300 + BEHAVIOUR.loop_base + 3 * BEHAVIOUR.loop_per_node)
    assert state.jobs[1]["driver"] - state.jobs[1]["admitted"] > 300 + BOOT


@pytest.mark.parametrize(("pods", "nodes"), [(0, 2), (1, 10), (3, 4), (5, 2), (110, 2)])
def test_a_node_takes_no_more_executors_than_its_pods(pods: int, nodes: int) -> None:
    given = world(jobs(10, kind=EXECUTOR, maximum=1, end=600.0), minimum=0, maximum=50, node_cpu=5000)
    given.pools["pods"][1] = pods
    state, lives, *_ = replay(given, 1)
    assert sum(pool == 1 for pool, *_ in lives) == nodes
    assert (state.jobs["first"] >= 0).all()


def test_hours_of_nodes_are_told_apart() -> None:
    """The minimum's node is empty first, and goes; another one came for half a node's CPU, and is kept instead."""
    of = jobs(2, kind=EXECUTOR, maximum=1, cpu=[1000, 500], submitted=[0.0, 100.5], end=[300.0, 500.0])
    state, lives, bursts, _ = replay(world(of, minimum=1, maximum=2, until=1000), 1)
    (ready,) = (ready for pool, asked, ready, _ in lives if pool == 1 and asked > 0)
    (gone,) = (gone for pool, *_, gone in lives if pool == 1 and gone < 1000)
    decided = gone - BEHAVIOUR.removal - BEHAVIOUR.loop_base - 3 * BEHAVIOUR.loop_per_node
    pool = state.pools[1]
    assert pool["used_seconds"] == pytest.approx(300 + (500 - ready) / 2)
    assert pool["partly_seconds"] == pytest.approx((500 - ready) / 2)
    assert pool["spare_seconds"] == pytest.approx(decided - 300)
    assert pool["leaving_seconds"] == pytest.approx(gone - decided)
    assert pool["kept_seconds"] == pytest.approx(1000 - 500)
    assert bursts == [(1, 100.5, ready, 1)]


def test_executors_that_wait_at_the_maximum_wait_for_room() -> None:
    of = jobs(2, kind=EXECUTOR, maximum=1, submitted=[0.0, 50.0], end=[300.0, 900.0])
    state, *_ = replay(world(of, minimum=1, maximum=1), 1)
    assert state.jobs[1]["room_wait"] == pytest.approx(250)
    assert state.jobs[1]["boot_wait"] == 0
