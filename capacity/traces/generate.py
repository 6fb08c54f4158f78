"""Generated traces: made-up jobs of the talk's kinds of use, for queues that nothing was recorded of."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capacity.declared import Platform, Pool, Queue
from capacity.errors import CapacityError
from capacity.traces.arrivals import Arrivals, Calendar, Floats, arrivals
from capacity.traces.schema import SCHEMA
from capacity.traces.uses import BACKFILL, DRIVER_START, KINDS, LARGEST, PEAK, Kind, Rounds, Use
from capacity.traces.work import Drawn, Work, draw, stage_column, work
from sizing.sharing import executors_of_a_job

SOURCE: Final = "generate"
_TRIES: Final = 12
_NEAR: Final = 0.01
"""By which share of the peak the busiest hour may miss it."""
WORDS: Final[Mapping[Kind, frozenset[str]]] = MappingProxyType(
    {
        "scheduled": frozenset({"scheduled", "nightly", "daily", "weekly", "batch", "etl"}),
        "ad-hoc": frozenset({"adhoc", "hoc", "reports", "interactive", "notebooks"}),
        "both": frozenset({"explore", "both", "mixed"}),
        "backfill": frozenset({"backfill"}),
        "steady": frozenset({"steady", "continuous", "stream", "streaming"}),
    }
)


@dataclass(frozen=True, kw_only=True)
class Generated:
    """What a queue's part of a trace is.

    Args:
        queue: its namespace.
        kind: of use.
        runs: how many.
        executors: that its default pool holds at most.
        busiest: executors that jobs use in its busiest hour, on average and if none of them waits.
        usual: the same of the median hour.
    """

    queue: str
    kind: Kind
    runs: int
    executors: int
    busiest: float
    usual: float


def kind_of(queue: Queue) -> Kind:
    """The kind that fits a queue: as a word of its name says, else as its pools do.

    A queue that keeps no node and has no schedule is for people; any other one runs schedules.
    """
    words = set(re.split(r"[^a-z0-9]+", queue.namespace.partition("-")[2]))
    for kind, named in WORDS.items():
        if words & named:
            return kind
    elastic = all(pool.minimum == 0 and not pool.schedules for pool in queue.pools.values())
    return "ad-hoc" if elastic else "scheduled"


def generate(
    platforms: Iterable[Platform],
    *,
    begin: date,
    weeks: int,
    seed: int,
    kinds: Mapping[str, Kind] | None = None,
    zone: ZoneInfo | None = None,
) -> tuple[pa.Table, list[Generated]]:
    """A trace of the queues of platforms: for the same arguments the same, and no queue's jobs depend on other queues.

    Args:
        platforms: whose queues it is of.
        begin: the day of the first submissions; jobs that follow others may end after the last day.
        weeks: so many.
        seed: of chance.
        kinds: of queues, by namespace; what isn't there is `kind_of` it.
        zone: whose clock people and schedulers live by; `None` for that of a queue's own schedules, or UTC.

    Raises:
        CapacityError: there is no queue, a name stands for two of them, or for none.
    """
    queues = [queue for platform in platforms for _, queue in sorted(platform.queues.items())]
    _refuse(queues, kinds or {})
    tables, found = [], []
    for queue in queues:
        kind = (kinds or {}).get(queue.namespace) or kind_of(queue)
        calendar = Calendar(begin, weeks, zone or _zone(queue))
        parts = [_Part.of(use, queue, calendar, seed) for use in KINDS[kind]]
        tables += _sized(parts, queue)
        of_queue = pa.concat_tables(tables[-len(parts) :])
        hours = _hours(*(of_queue[name] for name in ("started", "ended", "executor_seconds")))
        found.append(
            Generated(
                queue=queue.namespace,
                kind=kind,
                runs=of_queue.num_rows,
                executors=_held(queue.pools[queue.default_pool]),
                busiest=float(hours.max(initial=0)),
                usual=float(np.median(hours)),
            )
        )
    table = pa.concat_tables(tables)
    return table.sort_by([("started", "ascending"), ("job", "ascending")]), found


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Runs of one use of a queue."""

    use: Use
    runs: Arrivals
    drawn: Drawn

    @classmethod
    def of(cls, use: Use, queue: Queue, calendar: Calendar, seed: int) -> _Part:
        key = [seed, zlib.crc32(queue.namespace.encode()), zlib.crc32(use.name.encode())]
        if isinstance(use.arrivals, Rounds):
            return cls._all_day(use, queue, calendar, key)
        rng = np.random.default_rng(key)
        runs = arrivals(use, calendar, queue.jobs, rng)
        return cls(use=use, runs=runs, drawn=draw(use, runs, rng))

    @classmethod
    def _all_day(cls, use: Use, queue: Queue, calendar: Calendar, key: list[int]) -> _Part:
        """Of one job whose runs fill the calendar: how many that are is known once the job is drawn."""

        def drawn(seconds: float | None) -> _Part:
            runs = arrivals(use, calendar, queue.jobs, np.random.default_rng([*key, 1]), seconds)
            return cls(use=use, runs=runs, drawn=draw(use, runs, np.random.default_rng(key)))

        held, most = _room(queue)
        cores = queue.pools[queue.default_pool].shape.cores
        return drawn(float(work(use, drawn(None).drawn, _width(use, queue, held), cores, most).seconds.mean()))


def _refuse(queues: list[Queue], kinds: Mapping[str, Kind]) -> None:
    names = [queue.namespace for queue in queues]
    if not names:
        raise CapacityError(["no stack declares a queue in AWS, so there is nothing to generate"])
    wrong = [
        f"no stack declares the queue {name!r}; there are {', '.join(sorted(set(names)))}"
        for name in sorted(set(kinds) - set(names))
    ]
    wrong += [
        f"two platforms have a queue {name!r}, which a trace can't tell apart; name one of them with --platform"
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if wrong:
        raise CapacityError(wrong)


def _zone(queue: Queue) -> ZoneInfo:
    schedules = [schedule for _, pool in sorted(queue.pools.items()) for schedule in pool.schedules]
    return schedules[0].zone if schedules else ZoneInfo("UTC")


def _held(pool: Pool) -> int:
    return pool.maximum * pool.shape.per_node


def _room(queue: Queue) -> tuple[int, int]:
    """Executors that a queue's default pool holds at most, and one job of it."""
    held = _held(queue.pools[queue.default_pool])
    return held, max(1, min(executors_of_a_job(held, queue.sharing), int(held * LARGEST)))


def _width(use: Use, queue: Queue, held: int) -> float:
    """Executors of a job on average, where as many jobs as run at once when the queue is busy fill it."""
    return held / max(1.0, queue.jobs * use.concurrency)


def _sized(parts: list[_Part], queue: Queue) -> list[pa.Table]:
    """Tables of a queue's parts, each with jobs so wide that its busiest hour is the peak, and then all together."""
    pool = queue.pools[queue.default_pool]
    held, most = _room(queue)
    widths = [_width(part.use, queue, held) for part in parts]

    def done(chosen: list[_Part], at: list[float]) -> tuple[list[Work], float]:
        all_work = [
            work(part.use, part.drawn, width, pool.shape.cores, most) for part, width in zip(chosen, at, strict=True)
        ]
        times = [_times(part.runs, found) for part, found in zip(chosen, all_work, strict=True)]
        started, ended = (np.concatenate(of) for of in zip(*(time[1:] for time in times), strict=True))
        demand = _hourly(started, ended, np.concatenate([found.executor_seconds for found in all_work]))
        return all_work, float(demand.max(initial=0))

    def fitted(chosen: list[_Part], at: list[float]) -> list[float]:
        goal, before, last = PEAK * held, at, np.inf
        for _ in range(_TRIES):
            busiest = done(chosen, at)[1]
            if not busiest or abs(busiest / goal - 1) <= _NEAR:
                break
            if last < goal and busiest < goal and busiest <= (1 + _NEAR) * last:
                return before  # wider jobs would only take longer: each has all executors that it may have
            before, last = at, busiest
            at = [width * goal / busiest for width in at]
        return at

    if len(parts) > 1:
        widths = [fitted([part], [width])[0] for part, width in zip(parts, widths, strict=True)]
    all_work, _ = done(parts, fitted(parts, widths))
    return [_table(part, found, queue) for part, found in zip(parts, all_work, strict=True)]


def _times(runs: Arrivals, done: Work) -> tuple[Floats, Floats, Floats]:
    """When runs are submitted, start and end: chains run by run."""
    submitted = runs.asked.copy()
    ended = np.zeros(len(submitted))
    order = np.argsort(runs.depth, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(runs.depth))[:-1]):
        follows = rows[runs.before[rows] >= 0]
        submitted[follows] = ended[runs.before[follows]] + runs.handover[follows]
        ended[rows] = submitted[rows] + DRIVER_START + done.seconds[rows]
    return submitted, submitted + DRIVER_START, ended


def _hourly(started: Floats, ended: Floats, executor_seconds: Floats) -> Floats:
    """Executors in each hour on average, from the first start to the last end."""
    if not len(started):
        return np.zeros(1)
    rate = executor_seconds / (ended - started)
    edges = np.arange(started.min() // 3600 * 3600, ended.max() + 3600, 3600)
    total = np.zeros(len(edges))
    for sign, times in ((1, started), (-1, ended)):
        order = np.argsort(times)
        rates = np.concatenate([[0.0], np.cumsum(rate[order])])
        moments = np.concatenate([[0.0], np.cumsum(rate[order] * (times[order] - edges[0]))])
        before = np.searchsorted(times[order], edges)
        total += sign * (rates[before] * (edges - edges[0]) - moments[before])
    return np.diff(total) / 3600


def _hours(started: pa.ChunkedArray, ended: pa.ChunkedArray, executor_seconds: pa.ChunkedArray) -> Floats:
    """The same of columns of a trace."""
    begin, end = (column.cast(pa.int64()).to_numpy() / 1e6 for column in (started, ended))
    return _hourly(begin, end, executor_seconds.to_numpy())


def _table(part: _Part, done: Work, queue: Queue) -> pa.Table:
    """Runs as rows of a trace, named in the order of their submissions."""
    runs, count = part.runs, len(part.runs.job)
    shape = queue.pools[queue.default_pool].shape
    submitted, started, ended = _times(runs, done)
    rank = np.empty(count, np.int64)
    rank[np.argsort(submitted, kind="stable")] = np.arange(1, count + 1)
    digits = pc.utf8_lpad(pa.array(rank).cast(pa.string()), len(str(count)), "0")
    jobs = pc.binary_join_element_wise(f"{queue.namespace}-{part.use.name}", digits, "-")
    columns = {
        "queue": pa.repeat(queue.namespace, count),
        "job": jobs,
        "name": pa.array(runs.names, pa.string()).take(pa.array(runs.job)),
        "user": pa.array(runs.users, pa.string()).take(pa.array(runs.user)),
        "submitted": _moments(submitted),
        "after": jobs.take(pa.array(runs.before, mask=runs.before < 0)),
        "deadline": _moments(runs.due),
        "backfill": pa.repeat(queue.sharing.backfill and part.use is BACKFILL, count),
        "started": _moments(started),
        "ended": _moments(ended),
        "driver_cpu": pa.repeat(queue.driver.cpu, count),
        "driver_memory": pa.repeat(queue.driver.memory, count),
        "executor_cpu": pa.repeat(shape.core_request, count),
        "executor_memory": pa.repeat(shape.memory + shape.memory_overhead, count),
        "task_slots": pa.repeat(shape.cores, count),
        "requested_executors": pa.array(done.wanted),
        "peak_executors": pa.array(done.wanted),
        "minimum_executors": pa.repeat(0, count),
        "maximum_executors": pa.array(done.maximum),
        "executor_seconds": pa.array(done.executor_seconds),
        "busy_seconds": pa.array(done.busy_seconds),
        "stages": stage_column(part.drawn, done),
        "source": pa.repeat(SOURCE, count),
    }
    return pa.table(
        [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(count, f.type) for f in SCHEMA], schema=SCHEMA
    )


def _moments(seconds: Floats) -> pa.Array:
    """Seconds since 1970 as a column; null where it is not a number."""
    missing = np.isnan(seconds)
    micros = np.rint(np.where(missing, 0.0, seconds) * 1e6).astype(np.int64)
    return pa.array(micros, pa.int64(), mask=missing).cast(pa.timestamp("us", tz="UTC"))
