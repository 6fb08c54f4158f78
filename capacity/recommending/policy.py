"""A queue's sizes, from what is asked of them: so much of its demand kept ready, always and by schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from capacity.comparing.demand import Demand
from capacity.declared import Pool, Queue
from capacity.recommending.forecast import WORTH, Weeks, schedules
from capacity.replay.world import Floats

UTC: Final = ZoneInfo("UTC")
FLOORS: Final = (None, 0.5, 0.75, 0.9, 0.95)
"""Shares of all hours (`Policy.floor`) that a search begins with."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is kept ready for a queue's demand. The same shares hold for each of its pools.

    Args:
        floor: the minimum is enough in this share of all hours; `None` for a minimum of 0.
        part: of that minimum, which is kept.
        level: schedules are enough in this share of the weeks; `None` for no schedules.
        peaks: schedules hold what an hour takes at its highest, and not on its average.
        least: hours are in a schedule that take at least this share of its day's highest hour (`schedules`).
        ceiling: the maximum, as a share of the most nodes that the demand has at once, where that is less than what the
            pool may have; `None` for what it may have.
        unneeded: seconds that a node stays empty; `None` for what is declared.
    """

    floor: float | None = None
    part: float = 1.0
    level: float | None = None
    peaks: bool = False
    least: float = WORTH
    ceiling: float | None = None
    unneeded: int | None = None


def zone_of(queue: Queue) -> ZoneInfo:
    """Whose clock a queue's schedules follow; UTC where it has none."""
    return next((s.zone for _, pool in sorted(queue.pools.items()) for s in pool.schedules), UTC)


def under(queue: Queue, policy: Policy, demands: Mapping[str, Demand], begin: datetime) -> Queue:
    """The queue with the sizes that a policy gives its pools.

    Args:
        queue: as declared.
        policy: what is asked.
        demands: of its pools, by identity; a pool for which there is none stays as it is.
        begin: when the demands begin.
    """

    def changed(pool: Pool) -> Pool:
        of = demands[pool.identity]
        return sized(pool, policy, of, begin, zone_of(queue)) if of.most else pool

    return queue.with_pools(changed)


def sized(pool: Pool, policy: Policy, demand: Demand, begin: datetime, zone: ZoneInfo) -> Pool:
    """A pool with the sizes that a policy gives it for a demand. Minima are whole nodes in each zone; Spot has none.

    Args:
        pool: as declared.
        policy: what is asked.
        demand: of its nodes.
        begin: when that begins.
        zone: whose clock schedules follow.
    """

    def profile(level: float) -> Floats:
        return Weeks.of(demand.peaks if policy.peaks else demand.hourly, begin, zone).profile(level)

    step = max(1, len(pool.zones))
    maximum = pool.maximum
    if policy.ceiling is not None:
        maximum = max(step, min(maximum, int(np.ceil(policy.ceiling * max(1, demand.most)))))
    minimum = min(maximum, minimum_of(pool, policy, demand))
    return replace(
        pool,
        minimum=minimum,
        maximum=maximum,
        unneeded=pool.unneeded if policy.unneeded is None else policy.unneeded,
        schedules=()
        if policy.level is None or pool.spot
        else schedules(profile(policy.level), minimum, maximum, step, zone, policy.least),
    )


def minimum_of(pool: Pool, policy: Policy, demand: Demand) -> int:
    """The minimum that a policy gives a pool: whole nodes in each zone, 0 for Spot.

    Args:
        pool: any.
        policy: what is asked.
        demand: of its nodes.
    """
    if policy.floor is None or pool.spot:
        return 0
    step = max(1, len(pool.zones))
    enough = policy.part * float(np.nanquantile(demand.hourly, policy.floor))
    return int(np.ceil(enough / step - 1e-9)) * step
