"""The cheapest sizes for a target: policies are tried, each by a replay of all the queue's jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from capacity.comparing.comparison import CORES
from capacity.comparing.demand import Demand, demand, fixed_at_peak
from capacity.declared import Platform, Pool, Queue
from capacity.recommending.outcome import Figures, Outcome, Target
from capacity.recommending.policy import Policy, under
from capacity.replay.behaviour import Behaviour
from capacity.replay.fleet import replayed
from capacity.replay.sizes import Jobs, on

FLOORS: Final = (None, 0.5, 0.75, 0.9, 0.95)
SCHEDULES: Final = ((None, False), (0.5, False), (0.9, False), (0.5, True), (0.9, True))
"""Levels, and whether of the hours' highest (`Policy`)."""
CEILINGS: Final = (0.9, 0.8, 0.7, 0.6, 0.5)
ROOM: Final = ((1, 1), (1.5, 1), (2, 1), (3, 1), (3, 1.5), (4, 2), (6, 3))
"""Multiples of the jobs at once and of the maxima, tried in this order while jobs wait too long even on fixed nodes."""
NEAR: Final = 0.05
CHEAPEST: Final = 2
"""From how many of the cheapest policies the search goes on that miss the target by less than `NEAR`."""
UNNEEDED: Final = (60, 150, 300, 600)
"""Seconds beside what is declared. Above, the nodes of a day are not given back between its jobs (docs/capacity.md)."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Sizes of a queue, and what they lead to.

    Args:
        queue: with the sizes.
        outcome: of the whole trace.
        figures: of the days that are looked at for the choice.
    """

    queue: Queue
    outcome: Outcome
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class Tried(Candidate):
    """One that a policy gave its sizes."""

    policy: Policy


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is searched for: a queue's sizes.

    Args:
        jobs: of the queue alone.
        platform: with this queue alone.
        behaviour: how fast the systems are.
        boots: seconds from asking for a node to its being Ready.
        seed: of everything random.
        target: what is wanted.
        days: that are looked at for the choice; the others are held out.
    """

    jobs: Jobs
    platform: Platform
    behaviour: Behaviour
    boots: Sequence[float]
    seed: int
    target: Target
    days: Sequence[int]

    @property
    def queue(self) -> Queue:
        """The one that is asked about, as declared."""
        (queue,) = self.platform.queues.values()
        return queue

    def outcome(self, queue: Queue) -> Outcome:
        """Of the trace on this queue with other sizes."""
        platform = replace(self.platform, queues={queue.namespace: queue})
        loaded = on(self.jobs, platform, self.behaviour, self.boots)
        return Outcome.of(replayed(loaded, platform, self.seed), queue)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The outcome of a search.

    Args:
        best: the cheapest that meets the target, or the one that comes nearest.
        declared: as it is now.
        fixed: nodes fixed at the peak: the most that nodes can do for the jobs.
        tried: all, in order.
        demands: of the queue's pools, by identity, of all days.
        roomy: the queue as declared, with so many jobs at once and such maxima that the wait can be met.
    """

    best: Tried
    declared: Candidate
    fixed: Candidate
    tried: tuple[Tried, ...]
    demands: dict[str, Demand]
    roomy: Queue


def search(question: Question, said: Callable[[int], None] = lambda _: None) -> Found:
    """The cheapest sizes that meet a target on the days of the choice.

    First what is kept ready: minima and schedules of several sizes. From the best of those, and from the cheapest
    that come near: how long nodes stay empty. Then the maximum. What even fixed nodes can't do isn't asked
    (`Figures.beyond`).

    Args:
        question: what is searched for.
        said: hears, after each replay, how many there were.

    Raises:
        CapacityError: jobs can never run.
    """
    begin, count = question.jobs.begin, 0

    def heard(queue: Queue) -> Outcome:
        nonlocal count
        outcome = question.outcome(queue)
        count += 1
        said(count)
        return outcome

    with ThreadPoolExecutor(CORES) as threads:
        roomy, demands, fixed_queue, fixed = _roomy(question, heard)
        declared = heard(question.queue)
        learned = _of_days(demands, question.days, begin.hour)
        tried: list[Tried] = []

        def all_of(policies: Iterator[Policy]) -> None:
            queues: list[tuple[Policy, Queue]] = []
            for policy in policies:
                queue = under(roomy, policy, learned, begin)
                if all(queue != other for other in [*(c.queue for c in tried), *(q for _, q in queues)]):
                    queues.append((policy, queue))
            outcomes = threads.map(heard, [queue for _, queue in queues])
            tried.extend(
                Tried(policy=policy, queue=queue, outcome=outcome, figures=outcome.figures(fixed, question.days))
                for (policy, queue), outcome in zip(queues, outcomes, strict=True)
            )

        least = fixed.figures(fixed, question.days)
        all_of(Policy(floor=f, level=level, peaks=peaks) for f in FLOORS for level, peaks in SCHEDULES)
        near = [one.policy for one in _ranked(tried, question.target, least, NEAR)]
        all_of(replace(policy, unneeded=unneeded) for policy in near for unneeded in UNNEEDED)
        best = _ranked(tried, question.target, least)[0].policy
        all_of(replace(best, ceiling=ceiling) for ceiling in CEILINGS)
    chosen = _ranked(tried, question.target, least)[0]
    return Found(
        best=chosen,
        declared=Candidate(queue=question.queue, outcome=declared, figures=declared.figures(fixed, question.days)),
        fixed=Candidate(queue=fixed_queue, outcome=fixed, figures=least),
        tried=tuple(tried),
        demands=demands,
        roomy=roomy,
    )


def _roomy(question: Question, heard: Callable[[Queue], Outcome]) -> tuple[Queue, dict[str, Demand], Queue, Outcome]:
    """The queue with so many jobs at once, and maxima so high, that the wait can be met by nodes that are always there:
    as declared, if it can. With it the demand, and the queue and the outcome of nodes fixed at the peak."""
    found = []
    for jobs, nodes in ROOM:
        more = replace(question.queue, jobs=int(np.ceil(question.queue.jobs * jobs)))
        queue = more.with_pools(partial(_enlarged, nodes))
        demands = demand(question.jobs, replace(question.platform, queues={queue.namespace: queue}))
        fixed = fixed_at_peak(queue, demands)
        outcome = heard(fixed)
        wait = outcome.figures(outcome, question.days).wait
        found.append((wait, queue, demands, fixed, outcome))
        if wait <= question.target.wait:
            break
    return min(found, key=lambda one: max(one[0], question.target.wait))[1:]


def _enlarged(times: float, pool: Pool) -> Pool:
    return replace(pool, maximum=int(np.ceil(pool.maximum * times)))


def _ranked(tried: Sequence[Tried], target: Target, least: Figures, near: float = 0.0) -> list[Tried]:
    """What meets the target, or comes as near: the best. With `near`, also the cheapest that are as near as that."""
    best = sorted(tried, key=lambda one: (round(one.figures.beyond(target, least), 4), one.figures.usd))[:1]
    cheap = sorted(
        (one for one in tried if near and one.figures.beyond(target, least) <= near), key=lambda one: one.figures.usd
    )
    return best + [one for one in cheap[:CHEAPEST] if one not in best]


def _of_days(demands: dict[str, Demand], days: Sequence[int], first_hour: int) -> dict[str, Demand]:
    return {
        identity: of.only(np.isin((np.arange(len(of.hourly)) + first_hour) // 24, np.asarray(days, np.int64)))
        for identity, of in demands.items()
    }
