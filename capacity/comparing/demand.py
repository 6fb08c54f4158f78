"""How many nodes the jobs of a trace could use, hour by hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from capacity.declared import Platform, Pool, Queue
from capacity.replay.behaviour import Behaviour
from capacity.replay.engine import Life, replay
from capacity.replay.sizes import Jobs, on
from capacity.replay.world import Floats

HOUR: Final = 3600.0
AT_ONCE: Final = Behaviour(
    loop_base=1e-3,
    loop_per_node=0.0,
    new_pods=0.0,
    mark=1e-4,
    executor_start=0.0,
    removal=0.0,
    parallelism=1_000_000,
    interruptions=0.0,
)
"""An autoscaler that sees at once what waits, and gives back at once what is empty."""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Nodes that a pool's executors would fill if each came when it is asked for, and went when it is empty.

    Args:
        hourly: on the average of each hour; not a number where nobody may look.
        peaks: at once in each hour, likewise.
    """

    hourly: Floats
    peaks: Floats

    @property
    def most(self) -> int:
        """At once in all hours that may be looked at."""
        return int(np.nanmax(self.peaks, initial=0))

    def only(self, kept: NDArray[np.bool_]) -> Demand:
        """The demand of some hours: nobody may look at the others.

        Args:
            kept: of each hour, whether it is one of them.
        """
        return Demand(hourly=np.where(kept, self.hourly, np.nan), peaks=np.where(kept, self.peaks, np.nan))


def demand(read: Jobs, platform: Platform) -> dict[str, Demand]:
    """What the pools of a platform would hold, by their identities.

    A replay with nodes that boot in no time and go when they are empty, up to the declared maximum: so the nodes are
    whole ones, and what waits at the maximum waits here too.

    Args:
        read: the jobs of queues of this platform.
        platform: whose queues they are.
    """
    ideal = platform.with_queues(
        lambda queue: queue.with_pools(lambda pool: replace(pool, minimum=0, unneeded=0, spot=False, schedules=()))
    )
    loaded = on(read, replace(ideal, delay_after_scale_out=0), AT_ONCE, (1e-3,))
    course = replay(loaded.world, 1)
    hours = int(np.ceil(float(course.state.now[0]) / HOUR))
    return {
        identity: Demand(
            hourly=nodes_by_hour(course.lives, position, hours), peaks=peaks_by_hour(course.lives, position, hours)
        )
        for position, identity in enumerate(loaded.pools)
    }


def fixed_at_peak(queue: Queue, demands: Mapping[str, Demand]) -> Queue:
    """The queue with as many nodes as the peak of its demand takes, always.

    Args:
        queue: as declared.
        demands: of its pools, by identity.
    """

    def fixed(pool: Pool) -> Pool:
        peak = demands[pool.identity].most
        return replace(pool, minimum=peak, maximum=max(1, peak), schedules=())

    return queue.with_pools(fixed)


def nodes_by_hour(lives: Sequence[Life], pool: int, hours: int) -> Floats:
    """Nodes that a pool paid for, on the average of each hour.

    Args:
        lives: of all nodes.
        pool: its position.
        hours: how many, from the replay's beginning.
    """
    asked, gone = _spans(lives, pool)
    edges = np.arange(hours + 1) * HOUR
    held = np.zeros(hours + 1)
    for sign, times in ((1.0, np.sort(asked)), (-1.0, np.sort(gone))):
        sums = np.concatenate([[0.0], np.cumsum(times)])
        before = np.searchsorted(times, edges)
        held += sign * (before * edges - sums[before])
    return np.diff(held) / HOUR


def peaks_by_hour(lives: Sequence[Life], pool: int, hours: int) -> Floats:
    """The most nodes of a pool at one time of each hour; of what happens at one time, nodes that go are gone first.

    Args:
        lives: of all nodes.
        pool: its position.
        hours: how many, from the replay's beginning.
    """
    asked, gone = _spans(lives, pool)
    times, steps = np.concatenate([asked, gone]), np.concatenate([np.ones(len(asked)), -np.ones(len(gone))])
    order = np.lexsort((steps, times))
    held = np.concatenate([[0.0], np.cumsum(steps[order])])
    peaks = held[np.searchsorted(times[order], np.arange(hours) * HOUR)]
    np.maximum.at(peaks, np.minimum(hours - 1, times[order] // HOUR).astype(np.int64), held[1:])
    return peaks


def _spans(lives: Sequence[Life], pool: int) -> tuple[Floats, Floats]:
    table = np.array(lives, np.float64).reshape(-1, 4)
    mine = table[table[:, 0] == pool]
    return mine[:, 1], mine[:, 3]
