"""Samples over time, fewer of them: what a figure of many weeks can show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from capacity.replay.world import Floats

MOST_POINTS: Final = 20_000
"""Of all queues of a report together, for each of its lines: about 6 MB of HTML with the drawing library."""
STEPS: Final = (1, 2, 3, 4, 6, 8, 12, 24, 48, 168)
"""Hours that a point may stand for: whole parts, or multiples, of a day."""
_HOUR: Final = 3600.0

Numbers = list[float | None]
"""As JSON holds them: `None` for what isn't known."""


def step_of(hours: float, queues: int) -> int:
    """Hours that each point of a figure stands for: one, or as many as keep a report small enough for browsers.

    Args:
        hours: of the trace.
        queues: of the report.
    """
    return next((step for step in STEPS if hours / step * max(1, queues) <= MOST_POINTS), STEPS[-1])


def thinned(samples: Floats, every: float, step: int, of: Callable[..., Floats] = np.nanmean) -> Floats:
    """What some number of samples says of each time of `step` hours; not a number where none is known.

    Args:
        samples: at regular times; along the first axis.
        every: seconds between them.
        step: hours.
        of: `numpy.nanmean`, `numpy.nanmedian` or `numpy.nanmax`.
    """
    each = max(1, round(step * _HOUR / every))
    count = -(-len(samples) // each)
    shape = samples.shape[1:]
    padded = np.full((count * each, *shape), np.nan)
    padded[: len(samples)] = samples
    groups = padded.reshape(count, each, *shape)
    known = np.asarray(~np.isnan(groups).all(axis=1))
    return np.where(known, of(np.where(known[:, None], groups, 0.0), axis=1), np.nan)


def numbers(values: Floats | Sequence[float], digits: int) -> Numbers:
    """Numbers for JSON: rounded, and `None` for what is not one.

    Args:
        values: of one axis.
        digits: behind the point.
    """
    return [None if not np.isfinite(value) else round(float(value), digits) for value in values]
