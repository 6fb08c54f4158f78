"""The ways of declaring the same queues that are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from capacity.comparing.demand import Demand, fixed_at_peak
from capacity.declared import Platform, Pool, of_kind
from capacity.recommending.policy import Policy, under
from capacity.replay.behaviour import Behaviour

DECLARED: Final = "declared"
FIXED: Final = "fixed"
HEADROOM_SHARE: Final = 0.1
"""Of the peak's nodes, that the variant with headroom has more as its minimum."""
LEVEL: Final = 0.5
"""Of the weeks for which the variant with schedules has enough."""
CHARTS_WAIT: Final = 600
"""Seconds: the default of `scale-down-unneeded-time` and of `scale-down-delay-after-add`.

Source: kubernetes/autoscaler 1.36.1, config/flags/flags.go
"""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A platform with its queues, declared in one way.

    Args:
        name: of the way.
        says: the same in a sentence.
        platform: with the queues.
        behaviour: how fast the systems are.
    """

    name: str
    says: str
    platform: Platform
    behaviour: Behaviour


def variants(
    platform: Platform, behaviour: Behaviour, demands: Mapping[str, Demand], begin: datetime
) -> tuple[Variant, ...]:
    """All of them, nodes fixed at the peak first, then as declared.

    Args:
        platform: as declared.
        behaviour: how fast the systems are.
        demands: of all pools, by identity.
        begin: when the demands begin.
    """

    def headroom(pool: Pool) -> Pool:
        more = 0 if pool.spot else int(np.ceil(HEADROOM_SHARE * demands[pool.identity].most - 1e-9))
        return replace(pool, minimum=min(pool.maximum, pool.minimum + more))

    def charts(pool: Pool) -> Pool:
        return replace(pool, unneeded=CHARTS_WAIT)

    def spot(pool: Pool) -> Pool:
        # executors are taken to be made a little smaller, for what Spot nodes need themselves
        kind = of_kind(platform, pool, pool.instance_types[0], spot=True)
        return replace(kind, usable=pool.usable, minimum=0, schedules=())

    def pools(change: Callable[[Pool], Pool]) -> Platform:
        return platform.with_queues(lambda queue: queue.with_pools(change))

    return (
        Variant(
            name=FIXED,
            says="as many nodes as the trace's peak takes, always",
            platform=platform.with_queues(lambda queue: fixed_at_peak(queue, demands)),
            behaviour=behaviour,
        ),
        Variant(name=DECLARED, says="as the stack files declare", platform=platform, behaviour=behaviour),
        Variant(
            name="headroom",
            says=f"minima higher by {HEADROOM_SHARE:.0%} of the peak, but of Spot pools, which have none",
            platform=pools(headroom),
            behaviour=behaviour,
        ),
        Variant(
            name="schedule",
            says="no minimum but by schedules, which hold what the hour takes in most weeks",
            platform=platform.with_queues(lambda queue: under(queue, Policy(level=LEVEL), demands, begin)),
            behaviour=behaviour,
        ),
        Variant(
            name="spot",
            says="executors on Spot nodes, without minima",
            platform=pools(spot),
            behaviour=behaviour,
        ),
        Variant(
            name="charts",
            says="the charts' defaults: nodes stay 10 minutes after each scale-out of any pool and 10 minutes empty, "
            "and pods go to the emptiest node",
            platform=replace(pools(charts), delay_after_scale_out=CHARTS_WAIT),
            behaviour=replace(behaviour, spreads=True, delay_of_all=True),
        ),
    )
