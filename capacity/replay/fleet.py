"""A trace replayed on all platforms that have its queues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from capacity.declared import Platform
from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.replay.engine import Course, replay
from capacity.replay.loading import load
from capacity.replay.outcomes import Outcomes
from capacity.replay.results import Result, results
from capacity.replay.series import EVERY, Series
from capacity.replay.sizes import Loaded

BOOTS: Final = (45.0, 52.0, 58.0, 65.0, 80.0, 110.0)
"""Seconds from asking for a node to its being Ready, where none were measured: about a minute, as is published of new
nodes of EKS (https://awslabs.github.io/data-on-eks/), with a tail (inferred)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Replayed:
    """All that a platform's replay says.

    Args:
        platform: with the queues that were replayed on.
        loaded: what was replayed.
        result: by queue and pool.
        outcomes: by job.
        series: of pools, over time.
        course: how the replay went.
    """

    platform: Platform
    loaded: Loaded
    result: Result
    outcomes: Outcomes
    series: Series
    course: Course


def replay_on(
    table: pa.Table,
    platforms: Sequence[Platform],
    behaviour: Behaviour | None = None,
    boots: Sequence[float] = BOOTS,
    seed: int = 1,
) -> list[tuple[Platform, Result]]:
    """What each platform's queues would have done with a trace: the results of `replays_on` alone."""
    return [(found.platform, found.result) for found in replays_on(table, platforms, behaviour, boots, seed)]


def replays_on(
    table: pa.Table,
    platforms: Sequence[Platform],
    behaviour: Behaviour | None = None,
    boots: Sequence[float] = BOOTS,
    seed: int = 1,
    every: float = EVERY,
) -> list[Replayed]:
    """What each platform's queues would have done with a trace, job by job and over time too.

    Args:
        table: the trace, as `capacity.traces.files.read` gives it.
        platforms: as stack files declare them.
        behaviour: how fast the systems are; `None` for what was seen of them.
        boots: seconds from asking for a node to its being Ready.
        seed: of everything random.
        every: seconds between samples of the pools.

    Raises:
        CapacityError: a queue has no stack, or a job can never run.
    """
    return [
        replayed(load(part, platform, behaviour or Behaviour(), boots), platform, seed, every)
        for platform, part in parts_of(table, platforms)
    ]


def replayed(loaded: Loaded, platform: Platform, seed: int = 1, every: float = 0.0) -> Replayed:
    """A replay with all that it says.

    Args:
        loaded: what is replayed.
        platform: on whose sizes it was loaded.
        seed: of everything random.
        every: seconds between samples of the pools; 0 for none.
    """
    course = replay(loaded.world, seed, every)
    return Replayed(
        platform=platform,
        loaded=loaded,
        result=results(platform, loaded, course),
        outcomes=Outcomes.of(loaded, course.state),
        series=Series.of(course.samples, every, loaded.pools),
        course=course,
    )


def parts_of(table: pa.Table, platforms: Sequence[Platform]) -> list[tuple[Platform, pa.Table]]:
    """The platforms whose queues have jobs in a trace, each with those jobs.

    Args:
        table: the trace.
        platforms: as stack files declare them.

    Raises:
        CapacityError: a queue has no stack.
    """
    owner = {queue: platform for platform in platforms for queue in platform.queues}
    asked = set(pc.unique(table["queue"]).to_pylist())
    if strange := sorted(asked - set(owner)):
        there = ", ".join(sorted(owner)) or "none"
        raise CapacityError(
            [f"no stack declares the queue {', '.join(strange)}, which the trace has; there are: {there}"]
        )
    return [
        (platform, table.filter(pc.is_in(table["queue"], pa.array(mine))))
        for platform in platforms
        if (mine := sorted(asked & set(platform.queues)))
    ]
