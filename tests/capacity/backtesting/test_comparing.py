"""Replays beside measurements: which time, which nodes and which jobs are compared, and how far they are apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from capacity.backtesting.comparing import BackTest, backtest, compared_time
from capacity.backtesting.measured import Measured, Slot, Waits
from capacity.declared import Platform, platforms
from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.traces.files import table_of
from tests.capacity.traces.runs import MONDAY, STAGES, a_run
from tests.samples import ROOT

QUEUE = "ads-batch"
BEGIN, END = MONDAY + timedelta(days=2), MONDAY + timedelta(days=4)


@cache
def fleet() -> list[Platform]:
    return platforms(ROOT)


def declared(minimum: int) -> list[Platform]:
    """The samples, with so many nodes that are always there for the queue."""
    found = []
    for platform in fleet():
        queues = dict(platform.queues)
        if QUEUE in queues:
            pools = {name: replace(pool, minimum=minimum) for name, pool in queues[QUEUE].pools.items()}
            queues[QUEUE] = replace(queues[QUEUE], pools=pools)
        found.append(replace(platform, queues=queues))
    return found


def every_hour(days: float = 5, **more: Any) -> pa.Table:  # noqa: ANN401
    """A job each hour, submitted at half past, of which the first comes as Monday begins."""
    runs = [
        a_run(f"j{hour}", hour * 60 + 30, stages=STAGES, submitted=MONDAY + timedelta(hours=hour, minutes=30), **more)
        for hour in range(round(days * 24) - 1)
    ]
    first = a_run("first", 0, stages=STAGES, submitted=MONDAY, **more)
    last = a_run("last", days * 1440 - 10, stages=STAGES, **more)
    return table_of([first, *runs, last]).sort_by([("started", "ascending")])


def measured(
    *slots: Slot, node_hours: float | None = 100, p95: float | None = 10, queue: str = QUEUE, jobs: int | None = None
) -> Measured:
    return Measured(
        slots=slots or (Slot(begin=BEGIN, end=END),),
        node_hours={} if node_hours is None else {(queue, "main"): node_hours},
        waits={} if p95 is None else {queue: Waits(p50=1, p95=p95, jobs=jobs)},
        source="a test",
    )


def held(given: Measured, table: pa.Table | None = None, minimum: int = 2) -> BackTest:
    return backtest(every_hour() if table is None else table, declared(minimum), given, boots=[60])


def refused(given: Measured, table: pa.Table | None = None) -> str:
    with pytest.raises(CapacityError) as error:
        held(given, table)
    return str(error.value)


class TestTime:
    def test_it_is_the_last_weeks_in_whole_hours(self) -> None:
        table = every_hour(days=20)
        end = MONDAY + timedelta(days=20)
        assert compared_time(table, 1) == (end - timedelta(weeks=1), end)

    def test_of_a_short_trace_it_is_all_but_the_first_day(self) -> None:
        assert compared_time(every_hour(days=5), 4) == (MONDAY + timedelta(days=1), MONDAY + timedelta(days=5))

    def test_a_trace_without_a_day_before_it_is_refused(self) -> None:
        with pytest.raises(CapacityError, match=r"the trace has 24 hours; .* import two days at least"):
            compared_time(every_hour(days=1))

    @pytest.mark.parametrize(
        ("begin", "end"),
        [(MONDAY + timedelta(hours=23), END), (BEGIN, MONDAY + timedelta(days=5, hours=2))],
        ids=["no day before", "beyond the last job"],
    )
    def test_measurements_of_a_time_that_the_trace_does_not_hold_are_refused(
        self, begin: datetime, end: datetime
    ) -> None:
        message = refused(measured(Slot(begin=begin, end=end)))
        assert "the trace has jobs from 2026-11-23 00:00 UTC to 2026-11-28 00:00 UTC" in message


class TestNodeHours:
    def test_nodes_that_are_always_there_count_for_each_hour_of_the_time_and_no_other(self) -> None:
        (queue,) = held(measured(node_hours=96)).queues
        (pool,) = queue.pools
        assert (pool.name, pool.measured) == ("main", 96)
        assert pool.replayed == pytest.approx(2 * 48)
        assert pool.error == pytest.approx(0)

    def test_hours_without_measurements_count_on_neither_side(self) -> None:
        middle = BEGIN + timedelta(hours=12)
        slots = Slot(begin=BEGIN, end=middle, share=0.0), Slot(begin=middle, end=END, share=0.5)
        test = held(measured(*slots, node_hours=36))
        assert test.queues[0].pools[0].replayed == pytest.approx(2 * 36 * 0.5)
        assert test.covered == pytest.approx(18 / 48)

    def test_nodes_count_from_when_they_are_ready(self) -> None:
        """Each job has a node for itself, which is asked for anew: of a boot of ten minutes nothing counts. Looks
        come at other times then, so each node ends up to one of their intervals earlier or later."""
        table, slots = every_hour(), Slot(begin=BEGIN, end=END)
        fast, slow = (
            backtest(table, declared(0), measured(slots), boots=[boot]).queues[0].pools[0].replayed
            for boot in (30, 600)
        )
        assert 0 < fast < 48
        assert slow == pytest.approx(fast, abs=48 * Behaviour().scan_interval / 3600)

    def test_the_error_is_the_share_by_which_the_replay_has_more(self) -> None:
        assert held(measured(node_hours=80)).node_hours == pytest.approx(0.2)
        assert held(measured(node_hours=120)).node_hours == pytest.approx(-0.2)

    def test_a_pool_that_nobody_measured_is_named_and_in_no_error(self) -> None:
        test = held(measured(node_hours=None))
        assert test.node_hours is None
        assert test.waits is not None
        assert test.unmeasured == ["nodes of ads-batch-main"]


class TestWaits:
    def test_jobs_count_whose_drivers_start_in_the_time(self) -> None:
        (queue,) = held(measured(jobs=48)).queues
        assert queue.replayed is not None
        assert queue.replayed.jobs == 48
        assert queue.replayed.p95 == pytest.approx(queue.replayed.p50)

    def test_jobs_of_hours_without_measurements_do_not_count(self) -> None:
        middle = BEGIN + timedelta(hours=12)
        (queue,) = held(measured(Slot(begin=BEGIN, end=middle, share=0.0), Slot(begin=middle, end=END))).queues
        assert queue.replayed is not None
        assert queue.replayed.jobs == 36

    def test_the_error_is_of_95_of_100_jobs(self) -> None:
        (queue,) = held(measured()).queues
        assert queue.replayed is not None
        assert held(measured(p95=queue.replayed.p95 * 2)).waits == pytest.approx(-0.5)
        assert held(measured(p95=queue.replayed.p95 / 2)).waits == pytest.approx(1)

    def test_a_queue_with_more_jobs_counts_more(self) -> None:
        few = [
            a_run(
                f"r{day}", day * 1440 + 5, queue="research-explore", submitted=MONDAY + timedelta(days=day, minutes=5)
            )
            for day in range(5)
        ]
        table = pa.concat_tables([every_hour(), table_of(few)]).sort_by([("started", "ascending")])
        there = held(measured(), table)
        waits = {queue.namespace: queue.replayed for queue in there.queues}
        batch, explore = waits[QUEUE], waits["research-explore"]
        assert batch is not None
        assert explore is not None
        assert (batch.jobs, explore.jobs) == (48, 2)
        both = Measured(
            slots=(Slot(begin=BEGIN, end=END),),
            waits={QUEUE: Waits(p50=0, p95=2 * batch.p95), "research-explore": Waits(p50=0, p95=explore.p95)},
            source="a test",
        )
        said = (48 * batch.p95 + 2 * explore.p95) / (48 * 2 * batch.p95 + 2 * explore.p95) - 1
        assert held(both, table).waits == pytest.approx(said)

    def test_jobs_of_the_day_before_that_still_wait_are_in_it(self) -> None:
        """Twenty side by side, all ended before the time begins; the queue runs six at once."""
        before = BEGIN - timedelta(hours=3)
        late = [
            a_run(f"l{n}", 45 * 60, 110, queue=QUEUE, submitted=before, peak_executors=1, task_slots=1)
            for n in range(20)
        ]
        table = pa.concat_tables([every_hour(), table_of(late)]).sort_by([("started", "ascending")])
        (queue,) = held(measured(), table).queues
        assert queue.replayed is not None
        assert queue.replayed.jobs is not None
        assert queue.replayed.jobs > 48
        assert queue.replayed.p95 > 3600

    def test_jobs_without_a_submission_are_counted(self) -> None:
        (queue,) = held(measured()).queues
        assert queue.unsubmitted == 1


class TestRefused:
    def test_what_says_nothing_of_the_traces_queues(self) -> None:
        assert refused(measured(queue="ads-other")) == (
            "a test says nothing of ads-batch, whose jobs the trace has; it has ads-other"
        )

    def test_what_measured_neither_a_node_hour_nor_a_wait(self) -> None:
        assert refused(measured(node_hours=0, p95=0)) == "a test has neither a node hour nor a wait of ads-batch"

    def test_jobs_that_were_made_up(self) -> None:
        assert "jobs of the trace were made up" in refused(measured(), every_hour(source="generate"))


def test_a_queue_that_was_measured_and_has_no_job_in_the_trace_is_named() -> None:
    given = measured()
    both = replace(given, node_hours={**given.node_hours, ("ads-other", "main"): 5})
    test = held(both)
    assert test.jobless == ("ads-other",)
    assert test.node_hours == held(given).node_hours


def test_a_queue_of_which_nothing_was_measured_is_named_once() -> None:
    other = a_run("r", 3 * 1440, queue="research-explore")
    table = pa.concat_tables([every_hour(), table_of([other])]).sort_by([("started", "ascending")])
    assert held(measured(), table).unmeasured == ["research-explore"]
