"""Expected months: what a trace's weeks make a month of, and what is left out of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from capacity.declared import Platform, Pool, platforms
from capacity.expected import Expected, expected, made_up, weeks
from capacity.replay.fleet import replay_on
from capacity.traces.files import table_of
from capacity.traces.generate import generate
from sizing.quantities import GIB
from tests.capacity.traces.runs import a_run
from tests.samples import ROOT

QUEUE = "ads-batch"
PLACE = ("platform-dev", QUEUE)
WEEK = 7 * 24 * 60
"""Minutes."""


@cache
def dev() -> Platform:
    (found,) = (one for one in platforms(ROOT) if one.stack == "platform-dev")
    return found


def with_pool(**changes: Any) -> Platform:  # noqa: ANN401
    """The sample platform with another pool of its queue ads-batch."""
    queue = dev().queues[QUEUE]
    pool: Pool = replace(queue.pools["main"], **changes)
    return replace(dev(), queues={**dev().queues, QUEUE: replace(queue, pools={"main": pool})})


def weekly(count: int, **more: Any) -> pa.Table:  # noqa: ANN401
    """A run each week, an hour long, that needs a node more than the minimum."""
    return table_of(
        [a_run(f"w{week}", week * WEEK, 60, peak_executors=6, task_slots=1, **more) for week in range(count)]
    )


def test_a_month_is_730_hours_of_what_the_replay_costs_by_the_hour() -> None:
    table = weekly(3)
    ((_, result),) = replay_on(table, [dev()])
    (queue,) = result.queues
    month = expected(table, [dev()]).months[PLACE]
    assert queue.usd is not None
    assert month.usd == pytest.approx(queue.usd / result.hours * 730)
    assert month.wait == queue.wait.p95
    assert month.longer == queue.runtime.p95
    assert sum(usd or 0 for usd in month.pools.values()) == pytest.approx(month.usd)


def test_nodes_that_always_stand_there_cost_a_month_what_the_preview_says() -> None:
    fixed = with_pool(minimum=5, maximum=5)
    price = fixed.queues[QUEUE].pools["main"].usd_per_hour
    assert price is not None
    assert expected(weekly(2), [fixed]).months[PLACE].usd == pytest.approx(5 * price * 730, rel=0.001)


def test_a_higher_minimum_costs_more_and_a_lower_maximum_makes_jobs_longer() -> None:
    table = table_of(
        [
            a_run(f"{week}-{number}", week * WEEK + number, 30, peak_executors=40, requested_executors=40)
            for week in range(2)
            for number in range(4)
        ]
    )
    as_it_is, more, less = (
        expected(table, [one]).months[PLACE] for one in (dev(), with_pool(minimum=6), with_pool(maximum=4))
    )
    assert as_it_is.usd is not None
    assert more.usd is not None
    assert more.usd > as_it_is.usd
    assert less.longer > as_it_is.longer


def test_it_says_on_how_many_jobs_and_weeks_it_rests() -> None:
    table = weekly(4)
    month = expected(table, [dev()]).months[PLACE]
    assert month.jobs == 4
    assert month.weeks == pytest.approx(3 + 1 / (7 * 24))
    assert weeks(table) == month.weeks


def test_weeks_begin_when_the_first_job_was_asked_for() -> None:
    run = a_run("a", 60, 60)
    table = table_of([replace(run, submitted=a_run("a", 0).started)])
    assert weeks(table) == pytest.approx(2 / (7 * 24))


def test_queues_without_jobs_and_jobs_without_a_queue_have_no_month() -> None:
    table = pa.concat_tables([weekly(2), table_of([a_run("strange", queue="gone-queue")])])
    assert expected(table, [dev()]).months.keys() == {PLACE}
    assert expected(table.slice(2), [dev()]) == Expected(months={}, unable={}, behind={})


def test_of_a_price_that_is_not_known_no_amount_is_said() -> None:
    month = expected(weekly(2), [with_pool(usd_per_hour=None)]).months[PLACE]
    assert month.usd is None
    assert month.pools == {"ads-batch-main": None}


def test_jobs_that_can_not_run_are_counted_and_the_others_replayed() -> None:
    large = a_run("large", 5, executor_cpu=4000, executor_memory=600 * GIB)
    table = pa.concat_tables([weekly(3), table_of([large])])
    found = expected(table, [dev()])
    unable = found.unable[PLACE]
    assert (unable.jobs, unable.of) == (1, 4)
    assert "executors fit no node of their pool: large (4 CPU, 614400 MiB; " in unable.why
    assert "w0" not in unable.why
    assert found.months[PLACE] == expected(weekly(3), [dev()]).months[PLACE]


def test_a_queue_of_which_no_job_can_run_has_no_month_and_others_have() -> None:
    table = pa.concat_tables(
        [weekly(2, pool="former"), table_of([a_run("x", queue="search-adhoc"), a_run("y", 60, queue="search-adhoc")])]
    )
    found = expected(table, [dev()])
    assert found.months.keys() == {("platform-dev", "search-adhoc")}
    assert found.unable[PLACE].jobs == found.unable[PLACE].of == 2
    assert "no stack declares the pool ads-batch/former" in found.unable[PLACE].why


def test_platforms_with_queues_of_one_name_are_each_given_their_jobs() -> None:
    other = replace(with_pool(minimum=8), stack="platform-prod")
    found = expected(weekly(2), [dev(), other])
    here, there = found.months[PLACE].usd, found.months["platform-prod", QUEUE].usd
    assert here is not None
    assert there is not None
    assert there > 2 * here


def test_work_that_piles_up_is_told() -> None:
    crowd = table_of([a_run(f"j{number}", number, 60, peak_executors=40) for number in range(120)])
    narrow = replace(
        with_pool(maximum=2),
        queues={QUEUE: replace(with_pool(maximum=2).queues[QUEUE], jobs=1)},
    )
    assert expected(crowd, [narrow]).behind["platform-dev"] > 10
    assert not expected(weekly(3), [dev()]).behind


def test_generated_jobs_are_marked_in_each_month_that_has_some() -> None:
    table, _ = generate([dev()], begin=date(2026, 9, 7), weeks=1, seed=1)
    months = expected(table, [dev()]).months.values()
    assert months
    assert all(month.made_up for month in months)
    assert made_up(table) == table.num_rows
    assert not expected(weekly(2), [dev()]).months[PLACE].made_up
    assert made_up(weekly(2)) == 0


def test_the_same_trace_and_platforms_give_the_same_months() -> None:
    assert expected(weekly(3), [dev()]) == expected(weekly(3), [dev()])
