"""Which queues of any stacks a demonstration shows, and which kinds of use it takes them to have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from capacity.declared import Platform, Queue
from capacity.traces.uses import Kind

MOST_NODES: Final = 100
"""Of a queue's pools together: a larger queue's replays take longer than those of all small ones."""


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """What is shown.

    Args:
        platforms: with the queues that are shown.
        kinds: of queues that aren't taken to be what fits their names and pools, by namespace.
        left_out: queues that aren't shown, by name.
    """

    platforms: tuple[Platform, ...]
    kinds: Mapping[str, Kind]
    left_out: tuple[str, ...]


def demonstration(platforms: Sequence[Platform]) -> Demonstration:
    """The queues of platforms that are replayed in seconds; all of them, where each is too large for that.

    Args:
        platforms: as stack files declare them.
    """
    large = {queue.namespace for queue in _queues(platforms) if _nodes(queue) > MOST_NODES}
    if len(large) == sum(1 for _ in _queues(platforms)):
        large = set()
    shown = tuple(
        replace(one, queues={name: queue for name, queue in one.queues.items() if name not in large})
        for one in platforms
    )
    return Demonstration(
        platforms=shown,
        kinds={queue.namespace: "steady" for queue in _queues(shown) if round_the_clock(queue)},
        left_out=tuple(sorted(large)),
    )


def round_the_clock(queue: Queue) -> bool:
    """Whether a queue is taken to be at work at all hours: its default pool is in several zones and has a minimum of
    as many nodes or more, at any hour. Whoever pays for that doesn't want to miss an hour.

    Args:
        queue: as declared.
    """
    pool = queue.pools[queue.default_pool]
    return pool.minimum >= len(pool.zones) > 1 and not pool.schedules


def _queues(platforms: Sequence[Platform]) -> Iterator[Queue]:
    return (queue for platform in platforms for queue in platform.queues.values())


def _nodes(queue: Queue) -> int:
    """At most, in all pools."""
    return sum(pool.maximum for pool in queue.pools.values())
