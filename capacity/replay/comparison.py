"""A recorded run beside its replay, and how far apart they may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NODE_SECONDS: Final = 0.10
WAITS: Final = 0.20
"""Shares by which a replay may differ from what was recorded."""
LOOK: Final = 0.5
"""Seconds by which waits may differ in any case: whoever recorded looked once a second, and YuniKorn hears of pods once
a second."""


@dataclass(frozen=True)
class Figure:
    """One figure of a comparison.

    Args:
        what: it is.
        seen: as it was recorded.
        said: by the replay.
        share: of what was recorded, by which they may be apart.
        least: by which they may be apart, however little was recorded; in the figure's unit.
    """

    what: str
    seen: float
    said: float
    share: float
    least: float = 0.0

    @property
    def apart(self) -> float:
        """As a share of what was recorded."""
        return self.said / self.seen - 1 if self.seen else float(self.said != self.seen)

    @property
    def near(self) -> bool:
        """Whether that is allowed."""
        return abs(self.said - self.seen) <= max(self.share * self.seen, self.least)

    @property
    def limit(self) -> str:
        """What is allowed, in words."""
        return f"{self.share:.0%}" + (f" or {self.least:g} s" if self.least else "")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was recorded of a pool, and what its replay says, in this order.

    Args:
        pool: its name.
        node_seconds: from the burst's end to the recording's.
        burst_wait: median and 95th of a hundred of the burst's executors, in seconds from creation to running.
        small_wait: the same of those that came later.
        peak: nodes at once.
    """

    pool: str
    node_seconds: tuple[float, float]
    burst_wait: tuple[tuple[float, float], tuple[float, float]]
    small_wait: tuple[tuple[float, float], tuple[float, float]]
    peak: tuple[int, int]

    def figures(self) -> list[Figure]:
        """All of them, one by one, with how far apart they may be."""
        return [
            Figure("node-seconds", *self.node_seconds, NODE_SECONDS),
            *(
                Figure(f"{which} wait, {name}, s", seen, said, WAITS, LOOK)
                for which, both in (("burst", self.burst_wait), ("small", self.small_wait))
                for name, seen, said in zip(("p50", "p95"), *both, strict=True)
            ),
            Figure("nodes at once", *self.peak, NODE_SECONDS),
        ]
