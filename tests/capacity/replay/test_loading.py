"""Traces on queues as stack files declare them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from capacity.declared import Change, Platform, Pool, Schedule, platforms
from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.replay.fleet import Replayed, replay_on, replays_on
from capacity.replay.loading import holding_more
from capacity.replay.results import QueueResult
from capacity.traces.files import table_of
from capacity.traces.schema import Run, Stage
from sizing.nodes import Resources
from sizing.quantities import GIB
from sizing.schedules import Hours

ROOT = Path(__file__).parents[3]
MONDAY = datetime(2026, 9, 7, tzinfo=UTC)


def run(job: str, minutes: float, executors: int, **changed: object) -> Run:
    """A run of the sample queue ads-batch, some minutes after Monday began: one wave of tasks of a minute."""
    begin = MONDAY + timedelta(minutes=minutes)
    tasks = executors * 3
    made = Run(
        queue="ads-batch",
        job=job,
        name="report",
        submitted=begin,
        started=begin,
        ended=begin + timedelta(minutes=2),
        task_slots=3,
        requested_executors=executors,
        peak_executors=executors,
        stages=(Stage(tasks=tasks, task_seconds=tasks * 60.0, longest_task_seconds=60.0),),
        source="test",
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def dev() -> Platform:
    """The sample platform for development."""
    return next(platform for platform in platforms(ROOT) if platform.stack == "platform-dev")


def replayed(*runs: Run) -> QueueResult:
    ((_, result),) = replay_on(table_of(runs), [dev()])
    (queue,) = result.queues
    return queue


def in_full(*runs: Run, behaviour: Behaviour | None = None) -> Replayed:
    """All that the replay says."""
    (found,) = replays_on(table_of(runs), [dev()], behaviour)
    return found


def hour_long(executors: int) -> tuple[Stage, ...]:
    """A wave of tasks of an hour."""
    tasks = executors * 3
    return (Stage(tasks=tasks, task_seconds=tasks * 3600.0, longest_task_seconds=3600.0),)


def of_hours(hours: int) -> tuple[Stage, ...]:
    """One task of so many hours."""
    return (Stage(tasks=1, task_seconds=hours * 3600.0, longest_task_seconds=hours * 3600.0),)


def test_a_job_that_fits_the_minimum_waits_for_no_node() -> None:
    queue = replayed(run("a", 30, 4))
    assert queue.pools[0].most == 2, "the minimum of the sample"
    assert queue.all_executors.worst < 15


def test_a_larger_job_waits_for_nodes_to_boot() -> None:
    queue = replayed(run("a", 30, 20))
    assert queue.pools[0].most == 10
    assert 45 < queue.all_executors.worst < 150


def test_jobs_beyond_the_drivers_at_once_wait_for_their_turn() -> None:
    six, seven = ([run(str(i), 30, 2) for i in range(count)] for count in (6, 7))
    assert replayed(*six).wait.worst < 60 <= replayed(*seven).wait.worst


def test_a_job_starts_when_that_which_it_follows_has_ended_in_the_replay() -> None:
    first = run("a", 30, 20)
    second = run("b", 32, 2, after="a")
    queue = replayed(first, second)
    assert queue.jobs == 2
    assert queue.wait.worst < 60, "it waits for its predecessor before it is submitted"


def test_a_job_gets_no_more_executors_than_its_queue_has_room_for() -> None:
    queue = replayed(run("a", 30, 400))
    assert queue.pools[0].most == 20
    assert queue.runtime.worst > 2


COARSE = {"stages": (), "task_slots": None, "requested_executors": None, "peak_executors": None}
"""What sources such as YARN don't say."""


def test_a_run_of_which_executor_seconds_alone_are_known_takes_as_many_executors_as_these_are_on_average() -> None:
    hour = {"ended": MONDAY + timedelta(minutes=90), **COARSE}
    queue = replayed(run("a", 30, 0, executor_seconds=20 * 3600.0, **hour))
    assert queue.pools[0].most == queue.pools[0].fixed_nodes == 10, "two executors a node"
    assert 0 <= queue.runtime.worst < 0.1
    half = replayed(run("a", 30, 0, executor_seconds=10 * 3600.0, **hour))
    assert half.pools[0].used_hours == pytest.approx(queue.pools[0].used_hours / 2, rel=0.05)


def test_a_run_without_stages_fills_the_executors_that_it_had() -> None:
    hour = {"ended": MONDAY + timedelta(minutes=90), **COARSE, "peak_executors": 20}
    assert replayed(run("a", 30, 0, **hour)).pools[0].most == 10


def test_a_run_of_which_nothing_is_known_but_its_times_is_one_executor() -> None:
    queue = replayed(run("a", 30, 0, ended=MONDAY + timedelta(minutes=90), **COARSE))
    assert queue.pools[0].fixed_nodes == queue.pools[0].most == 2, "the minimum of the sample"
    assert queue.runtime.worst < 0.1


def test_what_can_never_run_is_named() -> None:
    with pytest.raises(CapacityError) as error:
        replayed(run("huge", 1, 1, executor_memory=900 * GIB), run("greedy", 1, 1, driver_cpu=900_000))
    huge, greedy = error.value.findings
    assert "huge (3765m CPU, 921600 MiB; ads-batch has" in huge
    assert "drivers fit no node" in greedy
    assert "greedy" in greedy


def test_a_queue_without_a_stack_is_named() -> None:
    with pytest.raises(
        CapacityError, match="no stack declares the queue gone-batch, which the trace has; there are: ads"
    ):
        replayed(run("a", 1, 1, queue="gone-batch"))


def test_a_pool_that_its_queue_doesnt_have_is_named() -> None:
    with pytest.raises(CapacityError, match="no stack declares the pool ads-batch/gpu"):
        replayed(run("a", 1, 1, pool="gpu"))


def test_the_same_seed_gives_the_same_and_costs_are_nodes_times_price() -> None:
    runs = [run(str(i), 30 + i, 10) for i in range(20)]
    one, same = replayed(*runs), replayed(*runs)
    assert one == same
    (pool,) = one.pools
    price = dev().queues["ads-batch"].pools["main"].usd_per_hour
    assert price is not None
    assert one.usd == pytest.approx(pool.node_hours * price)
    assert pool.used_hours <= pool.node_hours


def schedule(days: tuple[str, ...], start: int, end: int, zone: str) -> Pool:
    return Pool(
        name="main",
        identity="ads-batch-main",
        minimum=1,
        maximum=9,
        usable=Resources(cpu=8000, memory=32 * GIB),
        schedules=(Schedule(hours=Hours(days=days, start=start, end=end), zone=ZoneInfo(zone), minimum=5),),
    )


def test_a_schedule_raises_the_minimum_in_its_hours() -> None:
    pool = schedule(("mon",), 7 * 60, 9 * 60, "UTC")
    assert pool.changes(MONDAY, MONDAY + timedelta(days=2)) == [
        Change(time=MONDAY, minimum=1),
        Change(time=MONDAY + timedelta(hours=7), minimum=5),
        Change(time=MONDAY + timedelta(hours=9), minimum=1),
    ]


def test_hours_past_midnight_that_began_the_day_before_hold_at_the_beginning() -> None:
    pool = schedule(("sun",), 22 * 60, 60, "UTC")
    assert pool.changes(MONDAY, MONDAY + timedelta(days=1)) == [
        Change(time=MONDAY, minimum=5),
        Change(time=MONDAY + timedelta(hours=1), minimum=1),
    ]


@pytest.mark.parametrize(
    ("day", "hour"),
    [(datetime(2026, 10, 24, tzinfo=UTC), 5), (datetime(2026, 10, 25, tzinfo=UTC), 6)],
    ids=["summer", "winter, from that night on"],
)
def test_hours_follow_the_clock_of_their_zone_over_daylight_saving(day: datetime, hour: int) -> None:
    pool = schedule(("sat", "sun"), 7 * 60, 8 * 60, "Europe/Berlin")
    assert Change(time=day + timedelta(hours=hour), minimum=5) in pool.changes(day, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("evening", "begin", "end"),
    [
        (datetime(2026, 10, 23, tzinfo=UTC), 20, 27),
        (datetime(2026, 10, 24, tzinfo=UTC), 20, 28),
        (datetime(2026, 10, 25, tzinfo=UTC), 21, 28),
        (datetime(2026, 3, 27, tzinfo=UTC), 21, 28),
        (datetime(2026, 3, 28, tzinfo=UTC), 21, 27),
        (datetime(2026, 3, 29, tzinfo=UTC), 20, 27),
    ],
    ids=["before October's", "an hour more", "after it", "before March's", "an hour less", "after that"],
)
def test_a_night_in_which_the_clock_changes_is_as_long_as_its_clock_says(
    evening: datetime, begin: int, end: int
) -> None:
    pool = schedule(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 22 * 60, 5 * 60, "Europe/Berlin")
    assert pool.changes(evening + timedelta(hours=12), evening + timedelta(hours=36)) == [
        Change(time=evening + timedelta(hours=12), minimum=1),
        Change(time=evening + timedelta(hours=begin), minimum=5),
        Change(time=evening + timedelta(hours=end), minimum=1),
    ]


@pytest.mark.parametrize(
    ("sunday", "minutes"),
    [(datetime(2026, 3, 29, tzinfo=UTC), (90, 120)), (datetime(2026, 10, 25, tzinfo=UTC), (30, 180))],
    ids=["02:30 is skipped: 03:30 to 04:00", "02:30 comes twice: from the first on"],
)
def test_a_time_that_the_clock_skips_or_repeats(sunday: datetime, minutes: tuple[int, int]) -> None:
    pool = schedule(("sun",), 150, 240, "Europe/Berlin")
    assert pool.changes(sunday, sunday + timedelta(hours=12))[1:] == [
        Change(time=sunday + timedelta(minutes=minutes[0]), minimum=5),
        Change(time=sunday + timedelta(minutes=minutes[1]), minimum=1),
    ]


@pytest.mark.parametrize(
    ("saturday", "hours"), [(datetime(2026, 10, 24, tzinfo=UTC), 7.5), (datetime(2026, 3, 28, tzinfo=UTC), 5.5)]
)
def test_replayed_minima_follow_the_clock_of_their_zone(saturday: datetime, hours: float) -> None:
    """From 22:30 to 05:00 by Berlin's clock, over the night in which it changes."""
    platform = dev()
    queue = platform.queues["search-scheduled"]
    pool = queue.pools["main"]
    every = replace(
        pool, minimum=1, schedules=tuple(replace(s, hours=replace(s.hours, days=("sat",))) for s in pool.schedules)
    )
    changed = replace(platform, queues={"search-scheduled": replace(queue, pools={"main": every})})
    begin = saturday + timedelta(hours=12)
    runs = [
        run(name, 0, 1, queue="search-scheduled", submitted=at, started=at, ended=at + timedelta(minutes=2))
        for name, at in (("a", begin), ("b", begin + timedelta(days=1)))
    ]
    (found,) = replays_on(table_of(runs), [changed])
    column = found.series.pools.index("search-scheduled-main")
    held = found.series.minimum[:, column] == max(s.minimum for s in every.schedules)
    assert held.sum() * found.series.every / 3600 == pytest.approx(hours, abs=0.1)
    first = begin + timedelta(seconds=float(found.series.times[int(np.argmax(held))]))
    local = first.astimezone(ZoneInfo("Europe/Berlin"))
    assert (local.date(), local.hour, 30 <= local.minute <= 35) == (saturday.date(), 22, True)


def test_jobs_that_hold_more_than_the_maximum_has_room_for_are_named_and_replayed_with_what_there_is() -> None:
    pool = dev().queues["ads-batch"].pools["main"]
    room = pool.maximum * pool.shape.per_node
    many, few = run("many", 30, 400, minimum_executors=400), run("few", 60, 2, minimum_executors=2)
    said = holding_more(table_of([many, few]), dev())
    assert len(said) == 1
    assert "ads-batch: jobs hold more executors than the queue's maximum has room for" in said[0]
    assert f"many (400, room for {room})" in said[0]
    assert "few" not in said[0].partition(";")[0]
    assert in_full(many).outcomes.executors[0] == room
    assert holding_more(table_of([few]), dev()) == []


@pytest.mark.parametrize("seconds", [0, 1])
@pytest.mark.parametrize(
    "zero", [{}, {"requested_executors": 0, "peak_executors": 0, "maximum_executors": 0, "stages": ()}]
)
def test_one_job_of_a_second_is_replayed(seconds: int, zero: dict[str, object]) -> None:
    one = replace(run("a", 0, 1, **zero), ended=MONDAY + timedelta(seconds=seconds))
    found = in_full(one)
    (queue,) = found.result.queues
    assert queue.jobs == 1
    assert found.result.hours > 0
    assert queue.pools[0].node_hours > 0
    assert np.isfinite([queue.wait.worst, queue.runtime.worst, queue.usd or 0]).all()


def test_a_job_says_what_it_waited_for() -> None:
    due = MONDAY + timedelta(hours=2)
    asked = [run(str(i), 30, 20, deadline=due) for i in range(7)]
    last = run("late", 200, 2, submitted=None)
    out = in_full(*asked, last).outcomes
    assert list(out.job) == ["0", "1", "2", "3", "4", "5", "6", "late"]
    assert set(out.queue) == {"ads-batch"}
    assert set(out.pool) == {"ads-batch-main"}
    assert (out.queue_wait > 0).tolist() == [False] * 6 + [True, False], "six drivers at once"
    assert (out.wait >= out.queue_wait + out.driver_wait).all()
    assert (out.boot_wait[:6] > 0).any()
    assert (out.room_wait[:6] > 0).any(), "120 executors want more than the pool's maximum"
    assert out.boot_wait[7] == out.room_wait[7] == 0
    assert np.isnan(out.submitted[7])
    assert out.submitted[0] == 1800
    assert (out.deadline[:7] == 7200).all()
    assert np.isnan(out.deadline[7])
    assert np.allclose(out.ended - out.runtime - out.wait, [1800] * 7 + [12_000])
    assert out.recorded.tolist() == [120] * 8
    assert out.executors[7] == 2


def test_jobs_in_the_lane_for_backfill_go_last_where_the_queue_has_it() -> None:
    def order(queue: str) -> list[str]:
        hours = range(1, dev().queues[queue].jobs + 1)
        full = [run(f"full-{hour}", 0, 1, queue=queue, stages=of_hours(hour)) for hour in hours]
        lane = run("lane", 11, 1, queue=queue, backfill=True)
        other = run("other", 12, 1, queue=queue, backfill=False)
        out = in_full(*full, lane, other).outcomes
        begun = {job: ended - runtime for job, ended, runtime in zip(out.job, out.ended, out.runtime, strict=True)}
        return sorted(("lane", "other"), key=lambda job: float(begun[job]))

    assert order("research-explore") == ["other", "lane"]
    assert order("ads-batch") == ["lane", "other"], "without a lane it is a job as others"


@pytest.mark.parametrize(("minutes", "starts"), [(12, 10), (60, 15)], ids=["full for a while", "full for too long"])
def test_a_gang_starts_with_all_of_its_first_executors_or_after_a_quarter_of_an_hour(minutes: int, starts: int) -> None:
    def waits(job: Run) -> float:
        pool = dev().queues["ads-batch"].pools["main"]
        most = pool.shape.per_node * pool.maximum
        full = run("full", 0, most, minimum_executors=most, maximum_executors=most)
        (stage,) = full.stages
        longest = minutes * 60.0
        full = replace(full, stages=(replace(stage, task_seconds=stage.tasks * longest, longest_task_seconds=longest),))
        out = in_full(full, job).outcomes
        return float(out.wait[list(out.job).index("job")])

    job = run("job", 4, 6, minimum_executors=6, maximum_executors=6)
    assert waits(job) < 120
    assert starts * 60 < waits(replace(job, gang=True)) < (starts + 3) * 60


def test_a_gang_of_a_fair_queue_is_a_job_as_others() -> None:
    job = run("job", 0, 6, queue="research-explore", minimum_executors=6, maximum_executors=6)
    gang, alone = (in_full(replace(job, gang=gang)).outcomes for gang in (True, False))
    assert gang.wait.tolist() == alone.wait.tolist()


def test_nodes_take_as_many_executors_as_pods() -> None:
    pool = dev().queues["ads-batch"].pools["main"]
    assert 0 < pool.pods < 32, "the kubelet's limit of 32 less DaemonSets"
    assert pool.holds(1, 1) == pool.pods
    small = run("a", 30, 60, executor_cpu=100, executor_memory=GIB // 8, task_slots=1, maximum_executors=60)
    small = replace(small, stages=(Stage(tasks=60, task_seconds=60 * 900.0, longest_task_seconds=900.0),))
    found = in_full(small)
    series = found.series
    assert series.executors[:, 1].max() == 60
    assert found.result.queues[0].pools[0].most == -(-60 // pool.pods)


def test_without_capacity_for_half_an_hour_nodes_come_later() -> None:
    def waits(behaviour: Behaviour) -> tuple[float, float]:
        found = in_full(run("a", 30, 20, stages=hour_long(20)), behaviour=behaviour).outcomes
        return float(found.boot_wait[0]), float(found.refused_wait[0])

    usual, never = waits(Behaviour())
    assert never == 0
    boots, refused = waits(Behaviour(outage_begin=1700.0, outage_seconds=1800.0))
    assert refused > 1500
    assert boots == pytest.approx(usual, abs=3 * Behaviour().scan_interval)
    assert waits(Behaviour(outage_begin=5000.0, outage_seconds=1800.0)) == (usual, 0)


def test_pools_are_seen_over_time() -> None:
    series = in_full(run("a", 30, 20, stages=hour_long(20)), run("b", 70, 2)).series
    assert series.pools[:2] == ("driver", "ads-batch-main")
    assert series.times.tolist() == [300.0 * number for number in range(len(series.times))]
    during = 2100 // 300
    assert series.ready[0, 1] == 2, "the minimum"
    assert series.ready[:, 1].max() == 10
    assert series.cpu_percentiles[during, 1, 2] > 0.9, "half of the nodes are full at least"
