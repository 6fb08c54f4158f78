"""A trace's last weeks replayed on queues as declared, beside what was measured of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capacity.backtesting.measured import Measured, Slot, Waits
from capacity.declared import Platform
from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.replay.engine import Life, replay
from capacity.replay.fleet import BOOTS, parts_of
from capacity.replay.loading import load
from capacity.replay.sizes import Loaded
from capacity.replay.world import Floats
from capacity.traces.generate import SOURCE

WARM: Final = timedelta(days=1)
"""Replayed before what is compared, so that it begins with the nodes and the jobs of a day before."""
WEEKS: Final = 4
_HOUR: Final = timedelta(hours=1)
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class PoolTest:
    """A pool's nodes.

    Args:
        name: of the pool in its queue.
        replayed: hours that nodes were in the cluster, from Ready to their end, in what of the time was measured.
        measured: the same as measured; `None` where it wasn't.
    """

    name: str
    replayed: float
    measured: float | None

    @property
    def error(self) -> float | None:
        """By which share the replay has more; `None` where nothing was measured, or no node."""
        return _error(self.replayed, self.measured)


@dataclass(frozen=True, kw_only=True)
class QueueTest:
    """A queue's jobs and nodes.

    Args:
        namespace: of the queue.
        replayed: waits of the jobs whose drivers started in the time; `None` where none did.
        measured: the same as measured; `None` where they weren't.
        unsubmitted: jobs of the trace without a time of submission: what they waited for their turn is in no replay.
        pools: by name.
    """

    namespace: str
    replayed: Waits | None
    measured: Waits | None
    unsubmitted: int
    pools: tuple[PoolTest, ...]

    @property
    def error(self) -> float | None:
        """By which share the replay's `p95` is longer; `None` where one of both isn't known."""
        return None if self.replayed is None or self.measured is None else _error(self.replayed.p95, self.measured.p95)


@dataclass(frozen=True, kw_only=True)
class BackTest:
    """A replay beside what was measured.

    Args:
        begin: of the time that is compared.
        end: of the same.
        covered: the share of it that was measured, which alone is compared.
        source: who measured.
        queues: of the trace, in order.
        jobless: namespaces that were measured, and of which the trace has no job.
    """

    begin: datetime
    end: datetime
    covered: float
    source: str
    queues: tuple[QueueTest, ...]
    jobless: tuple[str, ...]

    @property
    def weeks(self) -> float:
        """How long the time is."""
        return (self.end - self.begin) / _WEEK

    @property
    def node_hours(self) -> float | None:
        """By which share the replay has more node hours in all pools that were measured."""
        known = [(p.replayed, p.measured) for q in self.queues for p in q.pools if p.measured is not None]
        return _error(sum(one for one, _ in known), sum(one for _, one in known)) if known else None

    @property
    def waits(self) -> float | None:
        """By which share the replay's `p95` is longer, over queues that were measured, each as often as it has jobs."""
        known = [(q.replayed, q.measured) for q in self.queues if q.replayed and q.measured]
        replayed = sum(one.p95 * (one.jobs or 0) for one, _ in known)
        return _error(replayed, sum(two.p95 * (one.jobs or 0) for one, two in known)) if known else None

    @property
    def unmeasured(self) -> list[str]:
        """What of the trace's queues nobody measured, in words: pools, waits, or a queue as a whole."""
        found: list[str] = []
        for queue in self.queues:
            pools = [pool.name for pool in queue.pools if pool.measured is None]
            if queue.measured is None and len(pools) == len(queue.pools):
                found.append(queue.namespace)
            else:
                found += [f"nodes of {queue.namespace}-{name}" for name in pools]
                found += [f"waits of {queue.namespace}"] if queue.measured is None else []
        return found


def compared_time(table: pa.Table, weeks: int = WEEKS) -> tuple[datetime, datetime]:
    """The whole hours of a trace that can be compared: the last weeks, less where there is no day before them.

    Args:
        table: the trace.
        weeks: at most.

    Raises:
        CapacityError: the trace is too short.
    """
    first, last = _span(table)
    end = _hour(last)
    begin = max(end - weeks * _WEEK, _hour(first + WARM - timedelta(microseconds=1)) + _HOUR)
    if begin >= end:
        raise CapacityError(
            [
                f"the trace has {(last - first) / _HOUR:.0f} hours; a day of it is replayed before what is compared: "
                "import two days at least"
            ]
        )
    return begin, end


def backtest(
    table: pa.Table,
    platforms: Sequence[Platform],
    measured: Measured,
    boots: Sequence[float] = BOOTS,
    seed: int = 1,
) -> BackTest:
    """A trace replayed on queues as declared, beside what was measured.

    Args:
        table: the trace, as `capacity.traces.files.read` gives it.
        platforms: as stack files declare them.
        measured: of a time in which the trace has jobs, a day after its first one at least.
        boots: seconds from asking for a node to its being Ready.
        seed: of everything random.

    Raises:
        CapacityError: the trace doesn't hold that time, or its jobs were made up, nothing of its queues was measured, a
            queue has no stack, or a job can never run.
    """
    first, last = _span(table)
    if measured.begin < first + WARM or measured.end > last + _HOUR:
        raise CapacityError(
            [
                f"{measured.source} is of {_time(measured.begin)} to {_time(measured.end)}; the trace has jobs from "
                f"{_time(first)} to {_time(last)}, of which the first day isn't compared, so that it begins with nodes"
            ]
        )
    mine = table.filter(pc.greater(table["ended"], pa.scalar(measured.begin - WARM)))
    if made_up := mine.filter(pc.match_substring(mine["source"], SOURCE)).num_rows:
        raise CapacityError([f"{made_up:,} jobs of the trace were made up: nothing that was measured is of them"])
    names = sorted(pc.unique(mine["queue"]).to_pylist())
    asked = {queue for queue, _ in measured.node_hours} | set(measured.waits)
    if not asked & set(names):
        raise CapacityError(
            [
                f"{measured.source} says nothing of {', '.join(names)}, whose jobs the trace has; "
                f"it has {', '.join(sorted(asked)) or 'no queue'}"
            ]
        )
    queues = [
        queue
        for platform, part in parts_of(mine, platforms)
        for queue in _queues(part, platform, measured, boots, seed)
    ]
    found = BackTest(
        begin=measured.begin,
        end=measured.end,
        covered=measured.covered,
        source=measured.source,
        queues=tuple(sorted(queues, key=lambda queue: queue.namespace)),
        jobless=tuple(sorted(asked - set(names))),
    )
    if found.node_hours is None and found.waits is None:
        raise CapacityError([f"{measured.source} has neither a node hour nor a wait of {', '.join(names)}"])
    return found


def _queues(
    table: pa.Table, platform: Platform, measured: Measured, boots: Sequence[float], seed: int
) -> list[QueueTest]:
    """A platform's queues that have jobs in a trace."""
    loaded = load(table, platform, Behaviour(), boots)
    course = replay(loaded.world, seed)
    state, hours = course.state, _node_hours(loaded, course.lives, measured.slots)
    waited = state.jobs["driver"] - state.jobs["submitted"]
    there = _in_slots(loaded, state.jobs["driver"], measured.slots)
    of_queue = loaded.world.jobs["queue"]
    without = _counts(table.filter(pc.is_null(table["submitted"])))
    return [
        QueueTest(
            namespace=name,
            replayed=_waits(waited[there & (of_queue == loaded.queues.index(name))]),
            measured=measured.waits.get(name),
            unsubmitted=without.get(name, 0),
            pools=tuple(
                PoolTest(name=pool, replayed=hours[declared.identity], measured=measured.node_hours.get((name, pool)))
                for pool, declared in sorted(platform.queues[name].pools.items())
            ),
        )
        for name in sorted(_counts(table))
    ]


def _node_hours(loaded: Loaded, lives: Sequence[Life], slots: Sequence[Slot]) -> dict[str, float]:
    """By the pool's identity, hours from Ready to the end, in what of the slots was measured."""
    table = np.array(lives, np.float64).reshape(-1, 4)
    table = table[table[:, 2] >= 0]
    edges = [_seconds(loaded, slots[0].begin), *(_seconds(loaded, slot.end) for slot in slots)]
    shares = np.array([slot.share for slot in slots])
    found = {}
    for position, identity in enumerate(loaded.pools):
        ready, gone = table[table[:, 0] == position][:, 2:].T
        until = np.array([np.clip(edge - ready, 0, np.maximum(0, gone - ready)).sum() for edge in edges])
        found[identity] = float((np.diff(until) * shares).sum()) / 3600
    return found


def _in_slots(loaded: Loaded, times: Floats, slots: Sequence[Slot]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of these times, in seconds of the replay, are in slots of which something was measured."""
    edges = [_seconds(loaded, slots[0].begin), *(_seconds(loaded, slot.end) for slot in slots)]
    seen = np.array([False, *(slot.share > 0 for slot in slots), False])
    return np.asarray(seen[np.searchsorted(edges, times, side="right")])


def _waits(seconds: Floats) -> Waits | None:
    if not len(seconds):
        return None
    p50, p95 = np.quantile(seconds, [0.5, 0.95])
    return Waits(p50=float(p50), p95=float(p95), jobs=len(seconds))


def _counts(table: pa.Table) -> Mapping[str, int]:
    """Rows by queue."""
    counted = pc.value_counts(table["queue"].combine_chunks())
    return dict(zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True))


def _span(table: pa.Table) -> tuple[datetime, datetime]:
    """From the first job's submission, or start, to the last end."""
    first = pc.min(pc.coalesce(table["submitted"], table["started"])).as_py()
    last = pc.max(table["ended"]).as_py()
    return first.astimezone(UTC), last.astimezone(UTC)


def _seconds(loaded: Loaded, time: datetime) -> float:
    return (time - loaded.begin).total_seconds()


def _hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _error(replayed: float, measured: float | None) -> float | None:
    return replayed / measured - 1 if measured else None
