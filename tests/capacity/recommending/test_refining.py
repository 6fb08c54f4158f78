"""Minima between those that a search begins with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final, cast

import numpy as np
import pytest

from capacity.comparing.demand import Demand
from capacity.declared import Queue, platforms
from capacity.recommending.outcome import Outcome, Target
from capacity.recommending.policy import FLOORS, Policy
from capacity.recommending.refining import FAMILIES, ROUNDS, refine
from capacity.recommending.trials import Question, Trials
from tests.capacity.recommending.outcomes import an_outcome
from tests.samples import ROOT

(PLATFORM,) = (one for one in platforms(ROOT) if one.stack == "platform-dev")
QUEUE: Final = PLATFORM.queues["ads-batch"]
HOURS: Final = np.arange(168) % 24
NIGHTS: Final = np.where(HOURS < 3, 20.0 - HOURS, 0.0)
"""Nodes: 20, 19 and 18 in the first hours of each day, and none in others."""


def trials(needed: int, demand: np.ndarray[Any, np.dtype[np.float64]] = NIGHTS, queue: Queue = QUEUE) -> Trials:
    """Of a queue whose jobs run 2 % longer for each node that the minimum lacks of those needed."""

    def replayed(queue: Queue) -> Outcome:
        minimum = sum(pool.minimum for pool in queue.pools.values())
        return an_outcome(7, usd=10.0 + minimum, seconds=100.0 * (1.05 + 0.02 * max(0, needed - minimum)))

    question = SimpleNamespace(
        days=range(7), target=Target(), jobs=SimpleNamespace(begin=datetime(2026, 9, 7, tzinfo=UTC))
    )
    demands = {pool.identity: Demand(hourly=demand, peaks=demand) for pool in queue.pools.values()}
    found = Trials(cast("Question", question), queue, demands, an_outcome(7), replayed, ThreadPoolExecutor(1))
    found.add(Policy(floor=floor) for floor in FLOORS)
    return found


def minimum(one: Queue) -> int:
    return sum(pool.minimum for pool in one.pools.values())


@pytest.mark.parametrize("needed", [1, 3, 7, 10, 13, 17])
def test_the_smallest_minimum_that_meets_the_target_is_found(needed: int) -> None:
    found = trials(needed)
    assert sorted({minimum(one.queue) for one in found.tried}) == [0, 18, 19], "what the search began with"
    refine(found)
    best = found.ranked()[0]
    assert not found.beyond(best)
    assert minimum(best.queue) == needed
    assert len(found.tried) <= 3 + ROUNDS * FAMILIES


def test_no_minimum_is_tried_twice_and_none_above_one_that_meets_the_target() -> None:
    found = trials(7)
    refine(found)
    tried = [minimum(one.queue) for one in found.tried]
    assert len(tried) == len(set(tried))
    assert max(tried) == 19


def test_where_the_first_pass_left_nothing_between_nothing_is_tried() -> None:
    flat = trials(0, np.full(168, 1.0))
    before = len(flat.tried)
    refine(flat)
    assert len(flat.tried) == before


def test_a_target_that_only_more_nodes_meet_leads_to_higher_floors() -> None:
    found = trials(19)
    found.tried = [one for one in found.tried if minimum(one.queue) == 0]
    refine(found)
    assert minimum(found.ranked()[0].queue) == 19


def test_minima_are_whole_nodes_in_each_zone() -> None:
    zones = ("eu-central-1a", "eu-central-1b", "eu-central-1c")
    found = trials(7, queue=QUEUE.with_pools(lambda pool: replace(pool, zones=zones)))
    refine(found)
    assert minimum(found.ranked()[0].queue) == 9
