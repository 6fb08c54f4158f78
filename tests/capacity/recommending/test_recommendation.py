"""Recommended sizes of a queue whose jobs are made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pytest

from capacity.comparing.demand import Demand
from capacity.declared import Platform, platforms
from capacity.errors import CapacityError
from capacity.recommending.outcome import Target
from capacity.recommending.policy import Policy, under
from capacity.recommending.recommendation import Recommendation, recommend
from capacity.recommending.search import LOWER, SPARE
from capacity.replay.behaviour import Behaviour
from capacity.traces.files import table_of
from capacity.traces.generate import generate
from tests.capacity.traces.runs import a_run
from tests.samples import ROOT

QUEUE: Final = "ads-batch"
(PLATFORM,) = (one for one in platforms(ROOT) if one.stack == "platform-dev")
ALONE: Final[Platform] = replace(PLATFORM, queues={QUEUE: PLATFORM.queues[QUEUE]})


def of(table: pa.Table, queue: str = QUEUE, longer: float = 0.05) -> Recommendation:
    """What is recommended for a trace."""
    return recommend(table, PLATFORM, queue, target=Target(longer=longer), behaviour=Behaviour(), boots=(60.0,), seed=1)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return generate([ALONE], begin=date(2026, 9, 7), weeks=2, seed=1)[0]


@pytest.fixture(scope="module")
def found(table: pa.Table) -> Recommendation:
    return of(table)


def test_the_target_is_met_for_less_than_fixed_nodes_cost(found: Recommendation) -> None:
    assert found.met
    assert found.then.longer <= 0.05 + 1e-4
    assert found.then.wait <= 300
    assert found.then.usd < found.fixed.usd


def test_the_figures_lie_in_their_interval(found: Recommendation) -> None:
    low, high = found.sure.usd
    assert low <= found.then.usd <= high
    assert found.sure.blocks == "days"


def test_the_last_week_is_judged_apart(found: Recommendation) -> None:
    assert found.held_out is not None
    assert found.forecast_error is not None
    assert (round(found.weeks), found.month_ends) == (2, 0)


def test_nothing_on_the_curve_is_both_dearer_and_longer_than_another(found: Recommendation) -> None:
    usd = [one.figures.usd for one in found.curve]
    longer = [one.figures.longer for one in found.curve]
    assert usd == sorted(usd)
    assert longer == sorted(longer, reverse=True)


def test_slower_nodes_and_longer_tasks_are_tried(found: Recommendation) -> None:
    by = {other.what: other.figures for other in found.sensitivity}
    boots = [by[f"nodes are Ready after {seconds} s"].longer for seconds in (60, 90, 180)]
    assert boots == sorted(boots)
    assert by["tasks take 1.5 times as long"].usd > by["tasks take 0.8 times as long"].usd


def test_other_nodes_are_tried(found: Recommendation) -> None:
    assert [other.what for other in found.kinds] == ["r7i.2xlarge, Spot", "r7i.4xlarge, on demand"], (
        "on r7i.xlarge the executors of the trace have no room"
    )


def test_a_looser_target_is_not_dearer(table: pa.Table, found: Recommendation) -> None:
    assert of(table, longer=0.5).then.usd <= found.then.usd


def test_a_queue_without_jobs_gets_one_clear_error(table: pa.Table) -> None:
    with pytest.raises(CapacityError, match="the trace has no job of search-adhoc"):
        of(table, "search-adhoc")


def test_spot_pools_get_no_minimum_and_no_schedule() -> None:
    queue = PLATFORM.queues["research-explore"]
    demand = Demand(hourly=np.full(168, 5.0), peaks=np.full(168, 6.0))
    policy = Policy(floor=0.9, level=0.9, unneeded=60)
    (pool,) = under(queue, policy, {"research-explore-nvme": demand}, datetime(2026, 9, 7, tzinfo=UTC)).pools.values()
    assert (pool.minimum, pool.schedules, pool.maximum, pool.unneeded) == (0, (), 12, 60)


def test_the_maximum_stays_above_what_the_trace_uses_unless_a_lower_one_is_cheaper(found: Recommendation) -> None:
    (declared,), (pool,) = found.declared.pools.values(), found.queue.pools.values()
    assert 0 < found.used["main"] <= declared.maximum
    assert (found.lower is None) == (pool.maximum >= declared.maximum)
    assert found.lower is None or found.lower >= LOWER


def test_a_trace_of_one_job_takes_no_room_from_its_queue() -> None:
    one = of(table_of([a_run("a", 60, 30, peak_executors=2, requested_executors=2)]))
    assert one.met
    assert one.queue.pools["main"].maximum == one.declared.pools["main"].maximum == 20
    assert one.used == {"main": 1}
    assert one.queue.pools["main"].minimum == 0


def test_a_maximum_that_must_be_higher_leaves_room_above_what_is_used() -> None:
    """Three jobs at once fill a pool of two nodes each; then all others wait, on however many nodes of it."""
    small = ALONE.queues[QUEUE].with_pools(lambda pool: replace(pool, minimum=0, maximum=2))
    platform = replace(ALONE, queues={QUEUE: small})
    crowd = [
        a_run(
            f"{day}-{number}",
            1440 * day + number,
            40,
            peak_executors=16,
            requested_executors=16,
            executor_seconds=16 * 2400.0,
        )
        for day in range(3)
        for number in range(30)
    ]
    found = recommend(
        table_of(crowd), platform, QUEUE, target=Target(wait=60.0), behaviour=Behaviour(), boots=(60.0,), seed=1
    )
    used, maximum = found.used["main"], found.queue.pools["main"].maximum
    assert used > 2
    assert maximum == int(np.ceil((1 + SPARE) * used)) > used


def test_the_share_of_spot_is_of_node_hours(found: Recommendation) -> None:
    assert found.spot == 0.0
    spot = recommend(
        table_of([a_run("a", 60, 30, queue="research-explore", peak_executors=2)]),
        PLATFORM,
        "research-explore",
        target=Target(),
        behaviour=Behaviour(),
        boots=(60.0,),
    )
    assert spot.spot == 1.0


def test_other_nodes_come_with_their_sizes_and_whether_they_meet_the_target(found: Recommendation) -> None:
    spot, large = found.kinds
    assert [pool.minimum for pool in spot.queue.pools.values()] == [0]
    assert [pool.instance_types for pool in large.queue.pools.values()] == [("r7i.4xlarge",)]
    for kind in found.kinds:
        assert kind.met == (kind.figures.beyond(found.target, found.fixed) < 1e-4)
