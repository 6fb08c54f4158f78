"""A trace replayed on all platforms that have its queues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from capacity.declared import Platform
from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.replay.engine import replay
from capacity.replay.loading import load
from capacity.replay.results import Result, results

BOOTS: Final = (45.0, 52.0, 58.0, 65.0, 80.0, 110.0)
"""Seconds from asking for a node to its being Ready, where none were measured: about a minute, as is published of new
nodes of EKS (https://awslabs.github.io/data-on-eks/), with a tail (inferred)."""


def replay_on(
    table: pa.Table,
    platforms: Sequence[Platform],
    behaviour: Behaviour | None = None,
    boots: Sequence[float] = BOOTS,
    seed: int = 1,
) -> list[tuple[Platform, Result]]:
    """What each platform's queues would have done with a trace.

    Args:
        table: the trace, as `capacity.traces.files.read` gives it.
        platforms: as stack files declare them.
        behaviour: how fast the systems are; `None` for what was seen of them.
        boots: seconds from asking for a node to its being Ready.
        seed: of everything random.

    Raises:
        CapacityError: a queue has no stack, or a job can never run.
    """
    found = []
    for platform, part in parts_of(table, platforms):
        loaded = load(part, platform, behaviour or Behaviour(), boots)
        state, lives = replay(loaded.world, seed)
        found.append((platform, results(platform, loaded, state, lives)))
    return found


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
