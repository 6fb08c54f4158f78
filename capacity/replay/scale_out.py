"""How long pools took until everybody had a place, by how many got one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.replay.engine import Burst

SIZES: Final = ((1, 10), (11, 50), (51, 200), (201, None))
"""Of bursts, in executors: from and to, both included."""


@dataclass(frozen=True, kw_only=True)
class ScaleOut:
    """Bursts of one size: each from a pool's first executor without a place until there is none.

    Those in which all found a place at once are left out, as are those that ended because nobody wanted executors any
    more.

    Args:
        least, most: executors that got a place in one; `None` for any number more.
        count: how many bursts.
        p50, p95: their seconds; `None` where there was none.
    """

    least: int
    most: int | None
    count: int
    p50: float | None
    p95: float | None


def scale_outs(bursts: Sequence[Burst], pool: int) -> tuple[ScaleOut, ...]:
    """A pool's bursts, by size.

    Args:
        bursts: of a replay.
        pool: its position.
    """
    mine = [(placed, end - begin) for of, begin, end, placed in bursts if of == pool]
    found = []
    for least, most in SIZES:
        seconds = [took for placed, took in mine if placed >= least and (most is None or placed <= most)]
        p50, p95 = np.quantile(seconds, [0.5, 0.95]).tolist() if seconds else (None, None)
        found.append(ScaleOut(least=least, most=most, count=len(seconds), p50=p50, p95=p95))
    return tuple(found)
