"""Generated traces are what their parameters say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.declared import Platform, Pool, Queue, platforms
from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.replay.loading import load
from capacity.traces import files
from capacity.traces.generate import Generated, generate, kind_of
from capacity.traces.uses import (
    AD_HOC,
    BACKFILL,
    DRIVER_START,
    KINDS,
    LARGEST,
    PEAK,
    SCHEDULED,
    STEADY,
    Campaigns,
    Kind,
)
from sizing.nodes import Resources
from sizing.quantities import GIB
from sizing.sharing import Sharing
from tests.samples import ROOT

BERLIN: Final = ZoneInfo("Europe/Berlin")
BEGIN: Final = date(2026, 9, 7)
"""A Monday."""
QUEUE: Final = "ads-test"


def a_platform(
    namespace: str = QUEUE, nodes: int = 10, jobs: int = 8, of_a_job: int | None = None, *, lane: bool = False
) -> Platform:
    """A platform with one queue, of nodes for two executors of three cores."""
    usable = Resources(cpu=7600, memory=56 * GIB, pods=20)
    pool = Pool(name="main", identity=f"{namespace}-main", minimum=0, maximum=nodes, usable=usable)
    queue = Queue(
        namespace=namespace,
        jobs=jobs,
        driver=Resources(cpu=1000, memory=4 * GIB),
        sharing=Sharing(order="fifo", max_executors_per_job=of_a_job, backfill=lane),
        pools={"main": pool},
        default_pool="main",
    )
    return Platform(
        stack="platform-test",
        pods_per_node=32,
        region="eu-central-1",
        drivers=replace(pool, name="driver", identity="driver"),
        headroom=(1, queue.driver),
        unneeded=90,
        delay_after_scale_out=10,
        queues={namespace: queue},
    )


def of_kind(kind: Kind, *, weeks: int = 4, seed: int = 1, begin: date = BEGIN, **queue: Any) -> pa.Table:  # noqa: ANN401
    kinds: dict[str, Kind] = {QUEUE: kind}
    return generate([a_platform(**queue)], begin=begin, weeks=weeks, seed=seed, kinds=kinds, zone=BERLIN)[0]


@cache
def rows(kind: Kind) -> list[dict[str, Any]]:
    return list(files.runs(of_kind(kind)))


@cache
def samples() -> tuple[list[Platform], pa.Table, list[Generated]]:
    declared = platforms(Path(ROOT))
    return declared, *generate(declared, begin=BEGIN, weeks=1, seed=1)


def local(row: dict[str, Any], column: str = "submitted") -> datetime:
    moment: datetime = row[column]
    return moment.astimezone(BERLIN)


def hourly(table: list[dict[str, Any]]) -> dict[datetime, float]:
    """Executors in each hour on average, one run after the other."""
    found: dict[datetime, float] = {}
    for row in table:
        rate = row["executor_seconds"] / (row["ended"] - row["started"]).total_seconds()
        hour = row["started"].replace(minute=0, second=0, microsecond=0)
        while hour < row["ended"]:
            end = hour + timedelta(hours=1)
            inside = (min(end, row["ended"]) - max(hour, row["started"])).total_seconds()
            found[hour] = found.get(hour, 0.0) + rate * inside / 3600
            hour = end
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_trace_and_another_one_another(kind: Kind) -> None:
    assert of_kind(kind, weeks=1).equals(of_kind(kind, weeks=1))
    assert not of_kind(kind, weeks=1).equals(of_kind(kind, weeks=1, seed=2))


def test_a_queues_jobs_depend_on_no_other_queue() -> None:
    alone = generate([a_platform()], begin=BEGIN, weeks=1, seed=1)[0]
    both = generate([a_platform(), a_platform("web-other")], begin=BEGIN, weeks=1, seed=1)[0]
    assert both.filter(pc.equal(both["queue"], QUEUE)).equals(alone)
    other = both.filter(pc.equal(both["queue"], "web-other"))
    assert other.num_rows > 0
    assert not other["busy_seconds"].equals(alone["busy_seconds"])


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wrong_with_any_kind(kind: Kind) -> None:
    assert files.problems(of_kind(kind, weeks=1)) == []


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(list(KINDS)),
    nodes=st.integers(1, 5),
    jobs=st.integers(1, 4),
    seed=st.integers(0, 2**40),
    begin=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    of_a_job=st.none() | st.integers(1, 3),
)
def test_nothing_is_wrong_with_small_queues(
    kind: Kind, nodes: int, jobs: int, seed: int, begin: date, of_a_job: int | None
) -> None:
    table = of_kind(kind, weeks=1, seed=seed, begin=begin, nodes=nodes, jobs=jobs, of_a_job=of_a_job)
    assert files.problems(table) == []
    most = min(of_a_job or nodes * 2, max(1, nodes))
    assert max(table["maximum_executors"].to_pylist()) <= most


@pytest.mark.parametrize("kind", KINDS)
def test_the_busiest_hour_needs_what_the_queue_may_have(kind: Kind) -> None:
    assert max(hourly(rows(kind)).values()) == pytest.approx(PEAK * 20, rel=0.05)


def test_so_it_is_in_the_sample_stacks() -> None:
    _, _, found = samples()
    assert {one.queue: round(one.busiest / one.executors, 1) for one in found} == {
        "ads-batch": 1.0,
        "ads-nightly": 1.0,
        "ads-reports": 1.0,
        "research-explore": 1.0,
        "search-adhoc": 1.0,
        "search-scheduled": 1.0,
    }


def test_the_said_busiest_hour_is_that_of_the_trace() -> None:
    table, (found,) = generate([a_platform()], begin=BEGIN, weeks=1, seed=1)
    hours = hourly(list(files.runs(table)))
    assert found.busiest == pytest.approx(max(hours.values()))
    assert (found.runs, found.executors) == (table.num_rows, 20)


def test_people_work_on_working_days_by_their_clock() -> None:
    days = [local(row) for row in rows("ad-hoc")]
    workdays = sum(day.weekday() < 5 for day in days) / 20
    weekends = sum(day.weekday() >= 5 for day in days) / 8
    assert 0.05 < weekends / workdays < 0.2
    hours = np.bincount([day.hour for day in days if day.weekday() < 5], minlength=24)
    assert hours[[9, 10, 11, 14, 15]].min() > 5 * hours[:6].max()


@pytest.mark.parametrize("begin", [BEGIN, date(2026, 10, 19)], ids=["summer", "clocks change"])
def test_schedules_start_at_night_by_their_clock_and_on_quarters_of_an_hour(begin: date) -> None:
    table = list(files.runs(of_kind("scheduled", weeks=2, begin=begin)))
    first = [local(row) for row in table if row["after"] is None]
    assert {time.hour for time in first} == {22, 23, 0, 1, 2}
    assert {(time.minute % 15, time.second) for time in first} == {(0, 0)}
    assert min(time for time in first).date() == begin
    full = sum(time.minute == 0 for time in first) / len(first)
    assert 0.4 < full < 0.9


def test_schedules_run_every_day_on_workdays_or_on_one_day_of_the_week() -> None:
    days: dict[str, set[tuple[int, int]]] = {}
    for row in rows("scheduled"):
        if row["after"] is None:
            night = (local(row) - timedelta(hours=12)).date()
            days.setdefault(row["name"], set()).add((night.isocalendar().week, night.isocalendar().weekday))
    weekdays = {name: {day for _, day in found} for name, found in days.items()}
    assert {len(found) for found in days.values()} == {28, 20, 4}
    assert {frozenset(found) for found in weekdays.values() if len(found) == 5} == {frozenset(range(1, 6))}
    assert {len(found) for found in weekdays.values()} == {7, 5, 1}


def test_there_is_more_to_do_when_a_month_ends() -> None:
    ends = {date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 1)}
    scheduled: tuple[list[float], list[float]] = ([], [])
    for row in rows("scheduled"):
        within = (local(row) - timedelta(hours=12)).date() in ends
        scheduled[within].append(row["busy_seconds"])
    assert 1.2 < np.mean(scheduled[True]) / np.mean(scheduled[False]) < 1.8
    people = np.bincount([local(row).date() in ends for row in rows("ad-hoc") if local(row).weekday() < 5])
    assert 1.1 < (people[1] / 3) / (people[0] / 17) < 1.5


@pytest.mark.parametrize("kind", ["scheduled", "both", "backfill"])
def test_a_job_is_submitted_once_the_one_before_it_has_ended(kind: Kind) -> None:
    by_job = {row["job"]: row for row in rows(kind)}
    gaps = [
        (row["submitted"] - by_job[row["after"]]["ended"]).total_seconds()
        for row in rows(kind)
        if row["after"] in by_job
    ]
    assert len(gaps) == sum(row["after"] is not None for row in rows(kind)) > 100
    assert min(gaps) >= 0
    assert 7 < np.mean(gaps) < 13


def test_the_kinds_differ_as_the_talk_says() -> None:
    def of(kind: Kind) -> tuple[float, float, float, bool]:
        table = rows(kind)
        night = [local(row).hour in (22, 23, 0, 1, 2, 3, 4) for row in table]
        work = [row["executor_seconds"] for row in table]
        followers = sum(row["after"] is not None for row in table) / len(table)
        share = sum(w for w, late in zip(work, night, strict=True) if late) / sum(work)
        peaks = hourly(table)
        median = float(np.median([peaks.get(hour, 0.0) for hour in _every_hour(table)]))
        return followers, share, median, any(row["deadline"] for row in table)

    scheduled, people, both, backfill = (of(kind) for kind in ("scheduled", "ad-hoc", "both", "backfill"))
    assert scheduled[0] > 0.6
    assert people[0] == 0
    assert 0 < both[0] < 0.6
    assert backfill[0] > 0.8
    assert scheduled[1] > 0.7 > 0.6 > both[1] > 0.2 > people[1]
    assert both[2] > max(scheduled[2], people[2])
    assert (scheduled[3], people[3], both[3], backfill[3]) == (True, False, True, False)


def _every_hour(table: list[dict[str, Any]]) -> list[datetime]:
    hour = min(row["started"] for row in table).replace(minute=0, second=0, microsecond=0)
    end = max(row["ended"] for row in table)
    return [hour + timedelta(hours=n) for n in range(int((end - hour) / timedelta(hours=1)) + 1)]


@pytest.mark.parametrize(("jobs", "lanes"), [(4, 3), (100, 16)])
def test_a_backfill_runs_so_many_days_at_once(jobs: int, lanes: int) -> None:
    assert isinstance(BACKFILL.arrivals, Campaigns)
    assert lanes == min(BACKFILL.arrivals.at_once, round(jobs * BACKFILL.concurrency))
    table = list(files.runs(of_kind("backfill", jobs=jobs)))
    for name in {row["name"] for row in table}:
        of_it = [row for row in table if row["name"] == name]
        steps = sorted(s for row in of_it for s in ((row["started"], 1), (row["ended"], -1)))
        assert max(np.cumsum([step for _, step in steps])) == min(lanes, len(of_it))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_steady_use_is_near_its_peak_at_any_hour_of_all_weeks(seed: int) -> None:
    table = list(files.runs(of_kind("steady", weeks=2, seed=seed)))
    hours = hourly(table)
    inside = [hours.get(hour, 0.0) for hour in _every_hour(table)[1:-6]]
    assert len(inside) == pytest.approx(14 * 24, rel=0.06)
    assert np.quantile(inside, 0.05) > 0.8 * max(inside)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_takes_what_its_stages_take_on_the_executors_that_it_may_ask_for(kind: Kind) -> None:
    joined = 0
    for row in rows(kind)[:500]:
        levels: list[list[dict[str, Any]]] = []
        for position, stage in enumerate(row["stages"]):
            if not stage["after"] and position:
                levels[-1].append(stage)
                joined += 1
                continue
            assert stage["after"] == ([] if not position else list(range(position - len(levels[-1]), position)))
            levels.append([stage])
        seconds, held_seconds, most = 0.0, 0.0, 0
        for level in levels:
            tasks = sum(stage["tasks"] for stage in level)
            held = min(-(-tasks // row["task_slots"]), row["maximum_executors"])
            slots = min(tasks, held * row["task_slots"])
            on_slots = sum(stage["task_seconds"] for stage in level) / slots
            took = max(on_slots, *(stage["longest_task_seconds"] for stage in level), 0.0)
            took += sum(stage["driver_seconds"] for stage in level)
            seconds, held_seconds, most = seconds + took, held_seconds + held * took, max(most, held)
        assert (row["ended"] - row["started"]).total_seconds() == pytest.approx(seconds, abs=1e-5)
        assert (row["started"] - row["submitted"]).total_seconds() == pytest.approx(DRIVER_START, abs=1e-5)
        assert row["executor_seconds"] == pytest.approx(held_seconds)
        assert row["requested_executors"] == row["peak_executors"] == most
        work = sum(stage["task_seconds"] for stage in row["stages"])
        assert row["busy_seconds"] == pytest.approx(work / row["task_slots"])
        assert row["busy_seconds"] <= row["executor_seconds"] * (1 + 1e-9)
    assert joined > 0 or kind in ("backfill", "steady"), "these have few jobs, and by chance none joins"


@pytest.mark.parametrize("kind", KINDS)
def test_a_stages_longest_task_is_no_shorter_than_the_mean_and_no_longer_than_all(kind: Kind) -> None:
    stages = [stage for row in rows(kind)[:500] for stage in row["stages"]]
    for stage in stages:
        mean = stage["task_seconds"] / stage["tasks"]
        assert mean * (1 - 1e-9) <= stage["longest_task_seconds"] <= stage["task_seconds"] * (1 + 1e-9)
        assert (stage["spread"] > 0) == (stage["tasks"] > 1)


def test_no_job_asks_for_more_than_its_share_and_its_queue_allows() -> None:
    held, allowed = 20, 3
    assert max(of_kind("ad-hoc")["maximum_executors"].to_pylist()) == LARGEST * held
    assert max(of_kind("ad-hoc", of_a_job=allowed)["maximum_executors"].to_pylist()) == allowed


def test_peoples_jobs_are_shorter_and_their_sizes_more_uneven_than_those_of_schedules() -> None:
    def shape(kind: Kind) -> tuple[float, float]:
        seconds = [(row["ended"] - row["started"]).total_seconds() for row in rows(kind)]
        work = np.sort(of_kind(kind, nodes=300, jobs=100)["busy_seconds"].to_numpy())
        return float(np.median(seconds)), float(work[: len(work) * 9 // 10].sum() / work.sum())

    (scheduled, of_scheduled), (people, of_people) = shape("scheduled"), shape("ad-hoc")
    assert people < scheduled / 2
    assert of_people < of_scheduled - 0.1


@pytest.mark.parametrize(
    ("namespace", "minimum", "kind"),
    [
        ("ads-nightly", 0, "scheduled"),
        ("ads-reports", 3, "ad-hoc"),
        ("search-ad-hoc", 3, "ad-hoc"),
        ("research-explore", 0, "both"),
        ("ads-old-backfill", 1, "backfill"),
        ("ads-streaming", 0, "steady"),
        ("batch-x", 0, "ad-hoc"),
        ("ads-x", 0, "ad-hoc"),
        ("ads-x", 1, "scheduled"),
    ],
)
def test_the_kind_is_what_fits_the_name_or_else_the_pools(namespace: str, minimum: int, kind: Kind) -> None:
    queue = a_platform(namespace).queues[namespace]
    pools = {name: replace(pool, minimum=minimum) for name, pool in queue.pools.items()}
    assert kind_of(replace(queue, pools=pools)) == kind


def test_the_sample_stacks_have_what_fits_them_and_other_clocks_where_they_say_so() -> None:
    _, table, found = samples()
    assert {one.queue: one.kind for one in found} == {
        "ads-batch": "scheduled",
        "ads-nightly": "scheduled",
        "ads-reports": "ad-hoc",
        "research-explore": "both",
        "search-adhoc": "ad-hoc",
        "search-scheduled": "scheduled",
    }
    earliest = {
        queue: min(r["submitted"] for r in files.runs(table) if r["queue"] == queue)
        for queue in ("ads-batch", "search-scheduled")
    }
    assert earliest["ads-batch"].hour in (22, 23)
    assert earliest["search-scheduled"].hour in (20, 21)


def test_the_replay_takes_it_on_the_queues_as_declared() -> None:
    declared, table, _ = samples()
    for platform in declared:
        here = table.filter(pc.is_in(table["queue"], pa.array(list(platform.queues))))
        assert len(load(here, platform, Behaviour(), [60.0]).read.jobs) == here.num_rows > 0


def test_queues_that_a_trace_cant_name_are_refused() -> None:
    def refused(found: list[Platform], kinds: dict[str, Kind]) -> tuple[str, ...]:
        with pytest.raises(CapacityError) as caught:
            generate(found, begin=BEGIN, weeks=1, seed=1, kinds=kinds)
        return caught.value.findings

    assert refused([a_platform(), a_platform()], {"a-b": "both"}) == (
        "no stack declares the queue 'a-b'; there are ads-test",
        "two platforms have a queue 'ads-test', which a trace can't tell apart; name one of them with --platform",
    )
    assert refused([], {}) == ("no stack declares a queue in AWS, so there is nothing to generate",)


def test_uses_name_their_kind() -> None:
    assert {kind: tuple(use.name for use in uses) for kind, uses in KINDS.items()} == {
        "scheduled": ("scheduled",),
        "ad-hoc": ("ad-hoc",),
        "both": ("scheduled", "ad-hoc"),
        "backfill": ("backfill",),
        "steady": ("steady",),
    }
    assert replace(STEADY, name="backfill", arrivals=BACKFILL.arrivals, seconds=BACKFILL.seconds) == BACKFILL
    assert SCHEDULED.mean_seconds > AD_HOC.mean_seconds


@pytest.mark.parametrize("lane", [True, False])
@pytest.mark.parametrize("kind", ["backfill", "both"])
def test_backfill_is_in_its_lane_where_the_queue_has_one(kind: Kind, lane: bool) -> None:
    table = of_kind(kind, lane=lane)
    assert table["backfill"].to_pylist() == [lane and kind == "backfill"] * table.num_rows
