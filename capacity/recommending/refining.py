"""Minima between those that a search began with: for each schedule, about the smallest that meets the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

import numpy as np

from capacity.recommending.policy import FLOORS, Policy, minimum_of
from capacity.recommending.trials import Trials, Tried

ROUNDS: Final = 5
"""Each halves what lies between a minimum that meets the target and one that doesn't: of 32 nodes one is left."""
FAMILIES: Final = 4
"""Schedules whose minimum is looked for, the most promising first."""
STEPS: Final = 256
"""Parts of a minimum that are looked at for other whole nodes; none of it is replayed."""
WORTH: Final = 0.01
"""By which a smaller minimum must promise to be cheaper than the best that is known."""


def refine(trials: Trials) -> None:
    """Tries minima that lie between others, round after round.

    Policies that differ in nothing but the minimum are a family: with a higher one they cost more, and jobs take
    less longer. So the cheapest of a family that meets the target is found by halving.

    Args:
        trials: what was tried; more is added.
    """
    for _ in range(ROUNDS):
        promising = (policy for _, policy in sorted(_promising(trials), key=lambda one: one[0]))
        new = list(islice((policy for policy in promising if trials.is_new(policy)), FAMILIES))
        if not new:
            return
        trials.add(new)


def _promising(trials: Trials) -> Iterator[tuple[float, Policy]]:
    """Of each family what to try next, if there is something, with about what it would cost."""
    families: dict[Policy, list[Tried]] = {}
    for one in trials.tried:
        families.setdefault(replace(one.policy, floor=None, part=1.0), []).append(one)
    best = trials.ranked()[0]
    most = (1 - WORTH) * best.figures.usd if not trials.beyond(best) else np.inf
    for family in families.values():
        in_order = sorted(family, key=lambda one: sum(_minima(trials, one.policy)))
        first = next((position for position, one in enumerate(in_order) if not trials.beyond(one)), len(in_order))
        missed = in_order[first - 1] if first else None
        met = in_order[first] if first < len(in_order) else None
        found = _next(trials, missed, met)
        ends = [one.figures.usd for one in (missed, met) if one is not None]
        if found is not None and (min(ends) < most or missed is None):
            yield float(np.mean(ends)), found


def _next(trials: Trials, missed: Tried | None, met: Tried | None) -> Policy | None:
    """A policy with a minimum between two of a family, or beyond the one that is known, in the steps of `FLOORS`."""
    if missed is not None and met is not None:
        return _between(trials, missed.policy, met.policy)
    if missed is not None:
        return _other(trials, missed.policy, [f for f in FLOORS if (f or 0.0) > (missed.policy.floor or 0.0)])
    if met is not None:
        return _other(trials, met.policy, [f for f in reversed(FLOORS) if (f or 0.0) < (met.policy.floor or 0.0)])
    return None


def _between(trials: Trials, missed: Policy, met: Policy) -> Policy | None:
    """With a part of the minimum that meets the target, half way down to the one that doesn't."""
    least, most = sum(_minima(trials, missed)), sum(_minima(trials, met))
    found: dict[int, Policy] = {}
    for part in np.linspace(0.0, met.part, STEPS + 2)[1:-1]:
        policy = replace(met, part=float(part))
        if least < (nodes := sum(_minima(trials, policy))) < most:
            found.setdefault(nodes, policy)
    between = [policy for _, policy in sorted(found.items())]
    return between[len(between) // 2] if between else None


def _other(trials: Trials, policy: Policy, floors: Sequence[float | None]) -> Policy | None:
    """With the first of some floors that gives another minimum."""
    own = _minima(trials, policy)
    others = (replace(policy, floor=floor, part=1.0) for floor in floors)
    return next((other for other in others if _minima(trials, other) != own), None)


def _minima(trials: Trials, policy: Policy) -> tuple[int, ...]:
    return tuple(minimum_of(pool, policy, trials.demands[pool.identity]) for pool in trials.roomy.pools.values())
