"""What a search tries: policies, each replayed with all the queue's jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final

from capacity.comparing.demand import Demand
from capacity.declared import Platform, Queue
from capacity.recommending.outcome import Figures, Outcome, Target
from capacity.recommending.policy import Policy, under
from capacity.replay.behaviour import Behaviour
from capacity.replay.fleet import replayed
from capacity.replay.sizes import Jobs, on

CHEAPEST: Final = 2
"""Policies that come near the target and are looked at again."""


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


class Trials:
    """Policies that are tried, each by a replay of all the queue's jobs, some at a time.

    Args:
        question: what is searched for.
        roomy: the queue that policies give sizes to.
        demands: of its pools, by identity, of the days of the choice.
        fixed: what fixed nodes lead to.
        replays: the outcome of a queue.
        threads: that replay.
    """

    def __init__(
        self,
        question: Question,
        roomy: Queue,
        demands: Mapping[str, Demand],
        fixed: Outcome,
        replays: Callable[[Queue], Outcome],
        threads: Executor,
    ) -> None:
        self.question = question
        self.roomy = roomy
        self.demands = demands
        self.least = fixed.figures(fixed, question.days)
        self.tried: list[Tried] = []
        self._fixed, self._replays, self._threads = fixed, replays, threads

    def queue(self, policy: Policy) -> Queue:
        """With the sizes that a policy gives it."""
        return under(self.roomy, policy, self.demands, self.question.jobs.begin)

    def is_new(self, policy: Policy) -> bool:
        """Whether a policy gives sizes that weren't tried."""
        queue = self.queue(policy)
        return all(queue != one.queue for one in self.tried)

    def add(self, policies: Iterable[Policy]) -> None:
        """Try policies; those that give sizes that were tried are left out."""
        queues: list[tuple[Policy, Queue]] = []
        for policy in policies:
            queue = self.queue(policy)
            if self.is_new(policy) and all(queue != other for _, other in queues):
                queues.append((policy, queue))
        outcomes = self._threads.map(self._replays, [queue for _, queue in queues])
        self.tried.extend(
            Tried(policy=policy, queue=queue, outcome=outcome, figures=self.figures(outcome))
            for (policy, queue), outcome in zip(queues, outcomes, strict=True)
        )

    def figures(self, outcome: Outcome) -> Figures:
        """Of the days of the choice."""
        return outcome.figures(self._fixed, self.question.days)

    def beyond(self, one: Tried) -> float:
        """How far one is from the target; 0 where it is met, or missed by nearly nothing."""
        return round(one.figures.beyond(self.question.target, self.least), 4)

    def ranked(self, near: float = 0.0) -> list[Tried]:
        """What meets the target, or comes as near: the best. With `near`, the cheapest that are as near as that too."""
        best = sorted(self.tried, key=lambda one: (self.beyond(one), one.figures.usd))[:1]
        cheap = sorted(
            (one for one in self.tried if near and self.beyond(one) <= near), key=lambda one: one.figures.usd
        )
        return best + [one for one in cheap[:CHEAPEST] if one not in best]
