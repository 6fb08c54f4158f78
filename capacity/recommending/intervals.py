"""How sure a figure is: days or weeks of a trace drawn again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.recommending.outcome import Figures, Outcome
from capacity.replay.world import Ints

DRAWS: Final = 400
SURE: Final = 0.90
ENOUGH_WEEKS: Final = 8
"""From so many whole weeks on, weeks are drawn; before, days: working days for working days, others for others."""
_WORKING: Final = 5
Between = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """Between which numbers figures are, with 90 % in between.

    Args:
        usd: of a month.
        saving: against nodes fixed at the peak, a share.
        wait: p95, in seconds.
        longer: p95, a share.
        blocks: what was drawn: `weeks`, or `days`.
    """

    usd: Between
    saving: Between
    wait: Between
    longer: Between
    blocks: str


def intervals(outcome: Outcome, fixed: Outcome, seed: int) -> Intervals:
    """Of a trace's days, drawn with replacement: whole weeks, or days of the same kind.

    Jobs of one day have a cause in common, so single jobs would make each figure look surer than it is.

    Args:
        outcome: whose figures.
        fixed: the same jobs on nodes fixed at the peak.
        seed: of the draws.

    Source: Künsch, The Jackknife and the Bootstrap for General Stationary Observations, 1989 (blocks)
    """
    rng = np.random.default_rng(seed)
    days = len(outcome.usd)
    weeks = days // 7
    found: list[Figures] = []
    savings: list[float] = []
    for _ in range(DRAWS):
        drawn = _weeks(rng, weeks) if weeks >= ENOUGH_WEEKS else _days(rng, outcome.weekday)
        one = outcome.figures(fixed, drawn.tolist())
        found.append(one)
        before = fixed.figures(fixed, drawn.tolist()).usd
        savings.append(1 - one.usd / before if before else 0.0)
    return Intervals(
        usd=_between([one.usd for one in found]),
        saving=_between(savings),
        wait=_between([one.wait for one in found]),
        longer=_between([one.longer for one in found]),
        blocks="weeks" if weeks >= ENOUGH_WEEKS else "days",
    )


def _weeks(rng: np.random.Generator, weeks: int) -> Ints:
    return (7 * rng.integers(0, weeks, weeks)[:, None] + np.arange(7)).ravel()


def _days(rng: np.random.Generator, weekday: Ints) -> Ints:
    kinds = (np.flatnonzero(weekday < _WORKING), np.flatnonzero(weekday >= _WORKING))
    return np.concatenate([rng.choice(days, len(days)) for days in kinds if len(days)])


def _between(numbers: list[float]) -> Between:
    low, high = np.quantile(numbers, [(1 - SURE) / 2, (1 + SURE) / 2])
    return float(low), float(high)
