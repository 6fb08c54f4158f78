"""How fast the real systems are, where it was seen or read, and what may be given instead."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from capacity.errors import CapacityError
from capacity.replay.world import PACE, Rows, rows
from sizing.autoscaling_tags import DELAY_AFTER_SCALE_OUT
from sizing.durations import parse_duration

MOMENT: Final = 1e-3
"""Seconds by which time must go on from one look of the autoscaler to the next, at least: far more than what a number
of seconds since a trace began can't tell apart."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How fast cluster-autoscaler, YuniKorn and Spark are; seconds unless said otherwise.

    Args:
        scan_interval: between two looks of the autoscaler, where nothing calls it earlier.
        loop_base: of one look of the autoscaler.
        loop_per_node: more of it for each node (about 1 s at 200 nodes, seen on version 1.36.1).
        inspection_interval: between YuniKorn's rounds over what waits (apache/yunikorn-core v1.9.0-0,
            pkg/scheduler/scheduler.go: `inspectOutstandingRequests` sleeps 1 s).
        mark: of marking one pod as unschedulable, which it does one after another: a request to the API server.
        executor_start: from a place on a node to taking tasks.
        driver_start: from a place on a node to Spark's first step.
        batch_delay: between two batches of executors that a driver asks for.
        batch_size: executors of one.
        backlog: until dynamic allocation asks for more, and then between its doublings.
        idle: that an executor without tasks stays; those of jobs that shuffle stay as long as their files may be used.
        removal: from the decision about a node to its end: the autoscaler looks again after 5 s, then terminates it.
        delay_after_scale_out: of a pool, before its nodes may go.
        failure_share: share of requests for nodes that AWS refuses for lack of capacity.
        backoff: that a group isn't asked after that; twice as long each time that it is refused again.
        longest_backoff: of a group that is refused again and again (kubernetes/autoscaler 1.36.1, utils/backoff/
            exponential_backoff.go, with the defaults of `--initial-node-group-backoff-duration` and
            `--max-node-group-backoff-duration`).
        outage_begin: from when on AWS has no capacity at all, and refuses every request; from the replay's beginning.
        outage_seconds: how long that lasts.
        parallelism: nodes that go at once (a number).
        spreads: pods go to the emptiest node, and not to the fullest: YuniKorn's node sorting `fair`, its default.
        delay_of_all: the delay begins with a scale-out of any pool: `scale-down-delay-type-local=false`, the default.
        gang_timeout: that a gang holds places, from its first one on, while others lack (apache/yunikorn-core v1.9.0-0,
            pkg/scheduler/objects/application.go: `defaultPlaceholderTimeout`).
        interruptions: of a Spot node by AWS, per hour (a number).

    Raises:
        CapacityError: a replay with these would have no end, or numbers are none that it can use.
    """

    scan_interval: float = 10.0
    loop_base: float = 0.3
    loop_per_node: float = 0.004
    inspection_interval: float = 1.0
    mark: float = 0.055
    executor_start: float = 6.0
    driver_start: float = 8.0
    batch_delay: float = 0.5
    batch_size: int = 50
    backlog: float = 1.0
    idle: float = 300.0
    removal: float = 10.0
    delay_after_scale_out: float = float(parse_duration(DELAY_AFTER_SCALE_OUT))
    failure_share: float = 0.0
    backoff: float = 300.0
    longest_backoff: float = 1800.0
    outage_begin: float = 0.0
    outage_seconds: float = 0.0
    parallelism: int = 50
    spreads: bool = False
    delay_of_all: bool = False
    gang_timeout: float = 900.0
    interruptions: float = 0.0002

    def __post_init__(self) -> None:
        if found := [*self._no_numbers(), *self._endless()]:
            raise CapacityError(f"a Behaviour can't be replayed: {problem}" for problem in found)

    def _no_numbers(self) -> Iterator[str]:
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                yield f"{name} is {value}; it is 0 or more, and finite"
        if self.batch_size < 1:
            yield f"batch_size is {self.batch_size}, so no executor is ever asked for; it is 1 or more"

    def _endless(self) -> Iterator[str]:
        """What would have the replay look again and again without time going on, or for nodes that never come."""
        if self.scan_interval + self.loop_base < MOMENT:
            yield (
                "the autoscaler looks again at the same moment for ever; make scan_interval, or loop_base, "
                f"{MOMENT} seconds or more"
            )
        if (self.outage_seconds > 0 or self.failure_share > 0) and self.backoff + self.loop_base < MOMENT:
            yield (
                "a group that AWS refuses is asked again at the same moment for ever; make backoff, or loop_base, "
                f"{MOMENT} seconds or more"
            )
        if self.failure_share >= 1:
            yield (
                f"failure_share is {self.failure_share}, so no node ever comes; it is less than 1 (outage_begin and "
                "outage_seconds are a time without any)"
            )

    def pace(self, headroom_drivers: int, headroom_cpu: int, headroom_memory: int) -> Rows:
        """The same as a row of numbers.

        Args:
            headroom_drivers: drivers for which there is always room.
            headroom_cpu: of one driver of the headroom, in millicores.
            headroom_memory: in bytes.
        """
        own = {
            field.name: float(getattr(self, field.name)) for field in fields(self) if field.name in (PACE.names or ())
        }
        return rows(
            PACE,
            1,
            **own,
            headroom_drivers=headroom_drivers,
            headroom_cpu=headroom_cpu,
            headroom_memory=headroom_memory,
        )
