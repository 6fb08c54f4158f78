"""Wall-clock time of what benchmarks run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Wall-clock seconds of several runs."""

    what: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one in the middle, of which half are faster."""
        return statistics.median(self.seconds)


def timed(what: str, run: Callable[[], object], runs: int, warm_up: bool = True) -> Measured:
    """Run something several times, after one run that is not counted."""
    if warm_up:
        run()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return Measured(what, tuple(seconds))


def by_turns(runs: Mapping[str, Callable[[], object]], turns: int) -> list[Measured]:
    """Run several things one after the other, again and again, so that a busy machine is as busy for each."""
    for run in runs.values():
        run()
    rounds = [[timed(what, run, 1, warm_up=False).median for what, run in runs.items()] for _ in range(turns)]
    return [Measured(what, seconds) for what, seconds in zip(runs, zip(*rounds, strict=True), strict=True)]
