"""The cheapest sizes for a target: policies are tried, each by a replay of all the queue's jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from capacity.comparing.cores import at_once
from capacity.comparing.demand import Demand, demand, fixed_at_peak
from capacity.declared import Pool, Queue
from capacity.recommending.outcome import Outcome
from capacity.recommending.policy import FLOORS, Policy
from capacity.recommending.refining import refine
from capacity.recommending.trials import Candidate, Question, Trials, Tried

SCHEDULES: Final = ((None, False), (0.5, False), (0.9, False), (0.5, True), (0.9, True))
"""Levels, and whether of the hours' highest (`Policy`)."""
LEAST: Final = (0.25, 0.1)
"""Shares that hours of a schedule take at least, beside the usual one: the longer the schedule, the lower the minimum
may be."""
CEILINGS: Final = (0.9, 0.8, 0.7, 0.6, 0.5)
LOWER: Final = 0.02
"""By which a lower maximum must be cheaper to be recommended: it takes room for growth, and two replays differ by half
a percent by chance."""
ROOM: Final = ((1, 1), (1.5, 1), (2, 1), (3, 1), (3, 1.5), (4, 2), (6, 3))
"""Multiples of the jobs at once and of the maxima, tried in this order while jobs wait too long even on fixed nodes."""
SPARE: Final = 0.15
"""Of the most nodes that jobs use at once, by which a maximum that has to be higher is above them.

Source: kubernetes/autoscaler, vertical-pod-autoscaler, `--recommendation-margin-fraction`: 0.15 of the usage is added
to what is recommended
"""
NEAR: Final = 0.05
"""By which policies may miss the target from which the search goes on too (`Trials.ranked`)."""
UNNEEDED: Final = (60, 150, 300, 600)
"""Seconds beside what is declared. Above, the nodes of a day are not given back between its jobs (docs/capacity.md)."""


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
    that come near: how long nodes stay empty, and longer schedules. Then minima between those tried
    (`refining.refine`). At last lower maxima, one of which is taken if it is cheaper by `LOWER`. What even fixed
    nodes can't do isn't asked (`Figures.beyond`).

    Args:
        question: what is searched for.
        said: hears, after each replay, how many there were.

    Raises:
        CapacityError: jobs can never run.
    """
    count = 0

    def heard(queue: Queue) -> Outcome:
        nonlocal count
        outcome = question.outcome(queue)
        count += 1
        said(count)
        return outcome

    with ThreadPoolExecutor(at_once(question.jobs)) as threads:
        roomy, demands, fixed_queue, fixed = _roomy(question, heard)
        declared = heard(question.queue)
        trials = Trials(
            question, roomy, _of_days(demands, question.days, question.jobs.begin.hour), fixed, heard, threads
        )
        trials.add(Policy(floor=f, level=level, peaks=peaks) for f in FLOORS for level, peaks in SCHEDULES)
        near = [one.policy for one in trials.ranked(NEAR)]
        trials.add(replace(policy, unneeded=unneeded) for policy in near for unneeded in UNNEEDED)
        trials.add(
            replace(one.policy, least=least)
            for one in trials.ranked(NEAR)
            for least in LEAST
            if one.policy.level is not None
        )
        refine(trials)
        best = trials.ranked()[0]
        if not trials.beyond(best):
            trials.add(replace(best.policy, ceiling=ceiling) for ceiling in CEILINGS)
            lower = trials.ranked()[0]
            best = lower if lower.figures.usd < (1 - LOWER) * best.figures.usd else best
    return Found(
        best=best,
        declared=Candidate(queue=question.queue, outcome=declared, figures=trials.figures(declared)),
        fixed=Candidate(queue=fixed_queue, outcome=fixed, figures=trials.least),
        tried=tuple(trials.tried),
        demands=demands,
        roomy=roomy,
    )


def _roomy(question: Question, heard: Callable[[Queue], Outcome]) -> tuple[Queue, dict[str, Demand], Queue, Outcome]:
    """The queue with so many jobs at once, and maxima so high, that the wait can be met by nodes that are always there:
    as declared, if it can. Higher maxima are `SPARE` above what jobs use then. With it the demand, and the queue and
    the outcome of nodes fixed at the peak."""
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
    _, queue, demands, fixed, outcome = min(found, key=lambda one: max(one[0], question.target.wait))
    return queue.with_pools(partial(_spared, question.queue, demands)), demands, fixed, outcome


def _enlarged(times: float, pool: Pool) -> Pool:
    return replace(pool, maximum=int(np.ceil(pool.maximum * times)))


def _spared(declared: Queue, demands: Mapping[str, Demand], pool: Pool) -> Pool:
    """A pool with the declared maximum, or, where that is to be higher, one that leaves room above the demand."""
    least = declared.pools[pool.name].maximum
    if pool.maximum <= least:
        return pool
    return replace(pool, maximum=max(least, int(np.ceil((1 + SPARE) * demands[pool.identity].most))))


def _of_days(demands: dict[str, Demand], days: Sequence[int], first_hour: int) -> dict[str, Demand]:
    return {
        identity: of.only(np.isin((np.arange(len(of.hourly)) + first_hour) // 24, np.asarray(days, np.int64)))
        for identity, of in demands.items()
    }
