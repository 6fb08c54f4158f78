"""Outcomes for tests."""

from __future__ import annotations

import numpy as np

from capacity.recommending.outcome import Outcome


def an_outcome(
    days: int, *, usd: float = 10.0, seconds: float = 100.0, jobs_a_day: int = 4, noise: float = 0.0
) -> Outcome:
    """So many days that cost and take the same, but for a noise that all jobs of a day share.

    Args:
        days: from Monday on.
        usd: of each.
        seconds: of each job.
        jobs_a_day: jobs of each day.
        noise: of a day's seconds and USD: the standard deviation as a share.
    """
    factor = 1 + noise * np.random.default_rng(1).standard_normal(days)
    day = np.repeat(np.arange(days), jobs_a_day)
    return Outcome(
        hourly={},
        usd=usd * factor,
        hours=np.full(days, 24.0),
        weekday=np.arange(days) % 7,
        day=day,
        wait=10.0 * factor[day],
        seconds=seconds * factor[day],
        late=np.zeros(len(day), np.bool_),
        due=np.zeros(len(day), np.bool_),
        lost=0,
    )
