"""What a queue's sizes lead to, day by day, and whether that is what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from capacity.comparing.demand import nodes_by_hour
from capacity.declared import Queue
from capacity.replay.fleet import Replayed
from capacity.replay.world import Floats, Ints

_DAY = 24
_MOST_APART = 1e-9
MET: Final = 1e-4
"""By so little a target may be missed."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is wanted of a queue.

    Args:
        wait: seconds from submission to the driver's start, for 95 of a hundred jobs.
        longer: share that 95 of a hundred jobs may run longer than on nodes fixed at the peak.
        deadlines: whether jobs that would end in time on such nodes must do so.
    """

    wait: float = 300.0
    longer: float = 0.05
    deadlines: bool = True


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What came out of some days.

    Args:
        usd: of a month of 730 hours, for executor nodes.
        wait: p95, in seconds.
        longer: p95, as a share.
        late: share of jobs with a deadline that missed it; 0 where none has one.
    """

    usd: float
    wait: float
    longer: float
    late: float

    def beyond(self, target: Target, least: Figures) -> float:
        """How far this is from a target, 0 where it is met; what even fixed nodes can't do isn't asked.

        Args:
            target: what is wanted.
            least: of the same jobs on nodes fixed at the peak.
        """
        wait = max(0.0, self.wait / max(target.wait, least.wait) - 1)
        longer = max(0.0, self.longer - target.longer)
        late = max(0.0, self.late - least.late) if target.deadlines else 0.0
        return wait + longer + late


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out of a replay of one queue, by days of UTC.

    Args:
        hourly: nodes of each pool hour by hour, by its name.
        usd: of executor nodes, of each day.
        hours: of each day that the replay holds.
        weekday: of each day: 0 is Monday.
        day: on which each job was submitted.
        wait: of each job, in seconds.
        seconds: of each job, from its driver's start to its end.
        late: of each job, whether it missed its deadline.
        due: of each job, whether it has one.
        lost: executors that were lost with Spot nodes.
    """

    hourly: dict[str, Floats]
    usd: Floats
    hours: Floats
    weekday: Ints
    day: Ints
    wait: Floats
    seconds: Floats
    late: NDArray[np.bool_]
    due: NDArray[np.bool_]
    lost: int

    @classmethod
    def of(cls, done: Replayed, queue: Queue) -> Outcome:
        """Of a replay of a queue's jobs.

        Args:
            done: the replay.
            queue: with the prices of its nodes; those without one count as free.
        """
        begin, jobs = done.loaded.begin, done.outcomes
        hours = int(np.ceil(done.result.hours))
        hourly = {
            name: nodes_by_hour(done.course.lives, done.loaded.pools.index(pool.identity), hours)
            for name, pool in queue.pools.items()
        }
        usd = np.sum([hourly[name] * (pool.usd_per_hour or 0.0) for name, pool in queue.pools.items()], axis=0)
        day = (np.arange(hours) + begin.hour) // _DAY
        due = np.where(np.isnan(jobs.deadline), np.inf, jobs.deadline)
        return cls(
            hourly=hourly,
            usd=np.bincount(day, usd).astype(np.float64),
            hours=np.bincount(day).astype(np.float64),
            weekday=(begin.weekday() + np.arange(int(day[-1]) + 1)) % 7,
            day=((done.course.state.jobs["submitted"] / 3600 + begin.hour) // _DAY).astype(np.int64),
            wait=jobs.wait,
            seconds=jobs.runtime,
            late=jobs.ended > due + _MOST_APART,
            due=np.isfinite(due),
            lost=int(jobs.lost.sum()),
        )

    def spot_share(self, queue: Queue) -> float:
        """Of the node hours, those of Spot nodes; 0 where there are none.

        Args:
            queue: whose pools these are.
        """
        hours = {name: float(nodes.sum()) for name, nodes in self.hourly.items()}
        spot = sum(hours[name] for name, pool in queue.pools.items() if pool.spot)
        return spot / max(1e-9, sum(hours.values()))

    def longer(self, fixed: Outcome) -> Floats:
        """Of each job, the share by which it ran longer than on fixed nodes."""
        return self.seconds / np.maximum(1.0, fixed.seconds) - 1

    def figures(self, fixed: Outcome, days: Sequence[int] | None = None) -> Figures:
        """Of some days, or of all.

        Args:
            fixed: the same jobs on nodes fixed at the peak.
            days: which; a day that is there twice counts twice.
        """
        chosen = np.arange(len(self.usd)) if days is None else np.asarray(days, np.int64)
        jobs = (
            np.arange(len(self.day))
            if days is None
            else np.concatenate([np.flatnonzero(self.day == day) for day in chosen] or [np.zeros(0, np.int64)])
        )
        hours = float(self.hours[chosen].sum())
        due = self.due[jobs]
        return Figures(
            usd=float(self.usd[chosen].sum()) / max(hours, 1.0) * 730,
            wait=_p95(self.wait[jobs]),
            longer=_p95(self.longer(fixed)[jobs]),
            late=float(self.late[jobs][due].mean()) if due.any() else 0.0,
        )


def _p95(numbers: Floats) -> float:
    return float(np.quantile(numbers, 0.95)) if len(numbers) else 0.0
