"""Pools over time: what a replay's samples say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.replay import sampling
from capacity.replay.sampling import PERCENTILES, Samples
from capacity.replay.world import Floats

EVERY: Final = 300.0
"""Seconds between samples, where nothing else is said."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """Pools at regular times; a sample is what the time found, events of that moment included.

    Arrays have a row for each time and a column for each pool; those of percentiles have the percentiles last.

    Args:
        every: seconds between two samples.
        times: seconds from the replay's beginning.
        pools: identities, the driver pool first.
        minimum: nodes, as schedules have set it.
        ready, booting, leaving: nodes; those that are Ready and leave count as leaving only.
        empty: nodes that are Ready and hold nothing.
        executors: that have a place; drivers, of the driver pool.
        pending: executors (drivers) that were created and have no place.
        demand: nodes that both together fill, by the larger share of CPU and memory of each node and of each
            executor without a place: what there would be if nodes were there at once.
        cpu, memory: share that executors hold of what Ready nodes offer them; not a number without such nodes.
        cpu_percentiles, memory_percentiles: of the shares of single Ready nodes, at `PERCENTILES`.
    """

    every: float
    times: Floats
    pools: tuple[str, ...]
    minimum: Floats
    ready: Floats
    booting: Floats
    leaving: Floats
    empty: Floats
    executors: Floats
    pending: Floats
    demand: Floats
    cpu: Floats
    memory: Floats
    cpu_percentiles: Floats
    memory_percentiles: Floats

    @classmethod
    def of(cls, samples: Samples, every: float, pools: Sequence[str]) -> Series:
        """What samples say.

        Args:
            samples: of a replay.
            every: seconds between them.
            pools: identities, in the replay's order.
        """
        bands = len(PERCENTILES)
        return cls(
            every=every,
            times=np.arange(len(samples), dtype=np.float64) * every,
            pools=tuple(pools),
            minimum=samples[:, :, sampling.MINIMUM],
            ready=samples[:, :, sampling.READY_NODES],
            booting=samples[:, :, sampling.BOOTING_NODES],
            leaving=samples[:, :, sampling.LEAVING_NODES],
            empty=samples[:, :, sampling.EMPTY_NODES],
            executors=samples[:, :, sampling.PLACED],
            pending=samples[:, :, sampling.PENDING],
            demand=samples[:, :, sampling.DEMAND],
            cpu=samples[:, :, sampling.CPU],
            memory=samples[:, :, sampling.MEMORY],
            cpu_percentiles=samples[:, :, sampling.CPU_PERCENTILES :][:, :, :bands],
            memory_percentiles=samples[:, :, sampling.MEMORY_PERCENTILES :][:, :, :bands],
        )
