"""Which queues a demonstration shows, and what it takes them to be used for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capacity.declared import Platform, Pool, platforms
from capacity.demonstration import MOST_NODES, demonstration, round_the_clock
from tests.samples import ROOT


@pytest.fixture(scope="module")
def production() -> Platform:
    """A sample platform, with a queue of up to 200 nodes and one that keeps a node in each of three zones."""
    (found,) = (one for one in platforms(ROOT) if one.stack == "platform-prod")
    return found


def sized(platform: Platform, **maxima: int) -> Platform:
    """With maxima of the pools of its queues, by their names without the tenant's."""
    return platform.with_queues(
        lambda queue: queue.with_pools(lambda pool: replace(pool, maximum=maxima.get(queue.name, pool.maximum)))
    )


@pytest.mark.parametrize(
    ("maximum", "left_out"), [(MOST_NODES, ()), (MOST_NODES + 1, ("ads-nightly",))], ids=["most", "one more"]
)
def test_queues_of_many_nodes_are_left_out(production: Platform, maximum: int, left_out: tuple[str, ...]) -> None:
    found = demonstration([sized(production, nightly=maximum)])
    assert found.left_out == left_out
    assert set(found.platforms[0].queues) == {"ads-nightly", "ads-reports"} - set(left_out)


def test_the_nodes_of_all_pools_of_a_queue_count(production: Platform) -> None:
    of_two = sized(production, nightly=MOST_NODES // 2 + 1).with_queues(
        lambda queue: replace(queue, pools={**queue.pools, "other": next(iter(queue.pools.values()))})
    )
    assert demonstration([of_two]).left_out == ("ads-nightly",)


def test_where_all_queues_are_large_all_are_shown(production: Platform) -> None:
    found = demonstration([sized(production, nightly=200, reports=300)])
    assert found.left_out == ()
    assert set(found.platforms[0].queues) == {"ads-nightly", "ads-reports"}


def test_a_queue_that_keeps_nodes_in_several_zones_is_taken_to_be_busy_round_the_clock(production: Platform) -> None:
    assert demonstration([production]).kinds == {"ads-reports": "steady"}


@pytest.mark.parametrize(
    ("minimum", "zones", "steady"),
    [(2, ("a", "b"), True), (1, ("a", "b"), False), (0, ("a", "b"), False), (10, ("a",), False), (0, (), False)],
)
def test_it_is_so_where_a_node_of_each_of_several_zones_is_kept(
    production: Platform, minimum: int, zones: tuple[str, ...], steady: bool
) -> None:
    def declared(pool: Pool) -> Pool:
        return replace(pool, minimum=minimum, zones=zones)

    assert round_the_clock(production.queues["ads-reports"].with_pools(declared)) is steady


def test_a_queue_whose_minimum_follows_hours_is_not_busy_round_the_clock(production: Platform) -> None:
    schedules = next(
        pool.schedules
        for platform in platforms(ROOT)
        for queue in platform.queues.values()
        for pool in queue.pools.values()
        if pool.schedules
    )
    queue = production.queues["ads-reports"]
    assert round_the_clock(queue)
    assert not round_the_clock(queue.with_pools(lambda pool: replace(pool, schedules=schedules)))
