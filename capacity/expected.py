"""What a month of each queue is expected to cost and how long its jobs wait: a trace, replayed, scaled to a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from capacity.declared import Platform
from capacity.errors import CapacityError
from capacity.replay.behaviour import Behaviour
from capacity.replay.fleet import BOOTS, replayed
from capacity.replay.loading import load
from capacity.replay.results import QueueResult, Result
from capacity.traces.generate import SOURCE as MADE_UP
from sizing.pricing.prices import HOURS_PER_MONTH

_WEEK: Final = 7 * 86400.0
_HOUR: Final = 3600.0
_BEHIND: Final = 1.1
"""A replay that takes so much longer than its trace means work that piles up."""
_SIZES: Final = ("queue", "pool", "driver_cpu", "driver_memory", "executor_cpu", "executor_memory")
"""By which it is decided whether a run can run at all: of runs alike in these, all can or none."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month of a queue, were it as the trace's weeks.

    Args:
        queue: its namespace.
        jobs: runs that were replayed.
        weeks: from the first of them being asked for to the last one's end, in the trace.
        usd: of its executor nodes in a month of 730 hours; `None` where a price isn't known.
        pools: the same of each pool, by identity.
        wait: from a job's submission to its driver's start, in seconds: 95 of a hundred wait less.
        longer: runtime as a share of the trace's own, less 1: 95 of a hundred are below.
        made_up: whether any of these runs was generated.
    """

    queue: str
    jobs: int
    weeks: float
    usd: float | None
    pools: Mapping[str, float | None]
    wait: float
    longer: float
    made_up: bool


@dataclass(frozen=True, kw_only=True)
class Unable:
    """Runs of a queue that can't run as it is declared.

    Args:
        queue: its namespace.
        jobs: how many can't.
        of: how many the trace has.
        why: in words, with examples.
    """

    queue: str
    jobs: int
    of: int
    why: str


Place = tuple[str, str]
"""A queue: its platform's stack and its namespace, which another platform may have too."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a trace makes one expect of platforms.

    Args:
        months: of queues with runs that can run.
        unable: of queues with runs that can't.
        behind: how many times as long as their runs took in the trace the queues of a platform take for them, where
            that is much more; by the platform's stack.
    """

    months: Mapping[Place, Month]
    unable: Mapping[Place, Unable]
    behind: Mapping[str, float]


def expected(table: pa.Table, platforms: Sequence[Platform]) -> Expected:
    """A month of each queue that has runs in a trace.

    Queues without are left out, and so are runs of queues that none of the platforms has. Runs that can't run as their
    queue is declared are left out of the replay and counted. The same trace and platforms give the same numbers. Where
    platforms have queues of one name, each is given their runs: a trace doesn't say whose they are.

    Args:
        table: the trace, as `capacity.traces.files.read` gives it.
        platforms: as stack files declare them.
    """
    months: dict[Place, Month] = {}
    unable: dict[Place, Unable] = {}
    behind: dict[str, float] = {}
    for platform in platforms:
        known = table.filter(pc.is_in(table["queue"], pa.array([*platform.queues], pa.string())))
        runs, not_able = _able(known, platform)
        unable |= {(platform.stack, one.queue): one for one in not_able}
        if not runs.num_rows:
            continue
        result = replayed(load(runs, platform, Behaviour(), BOOTS), platform).result
        hours = _seconds(runs) / _HOUR
        if result.hours > max(1.0, hours) * _BEHIND:
            behind[platform.stack] = result.hours / max(1.0, hours)
        for queue in result.queues:
            own = runs.filter(pc.equal(runs["queue"], queue.namespace))
            months[platform.stack, queue.namespace] = _month(queue, result, own)
    return Expected(months=months, unable=unable, behind=behind)


def weeks(table: pa.Table) -> float:
    """From when the first run of a trace was asked for to the end of the last, in weeks."""
    return _seconds(table) / _WEEK


def made_up(table: pa.Table) -> int:
    """How many runs of a trace were generated (`fleet capacity generate`)."""
    return int(pc.sum(pc.equal(table["source"], MADE_UP)).as_py() or 0)


def _month(queue: QueueResult, result: Result, runs: pa.Table) -> Month:
    scale = HOURS_PER_MONTH / result.hours
    return Month(
        queue=queue.namespace,
        jobs=queue.jobs,
        weeks=weeks(runs),
        usd=None if queue.usd is None else queue.usd * scale,
        pools={pool.identity: None if pool.usd is None else pool.usd * scale for pool in queue.pools},
        wait=queue.wait.p95,
        longer=queue.runtime.p95,
        made_up=made_up(runs) > 0,
    )


def _seconds(runs: pa.Table) -> float:
    first = pc.min(pc.coalesce(runs["submitted"], runs["started"])).as_py()
    return float((pc.max(runs["ended"]).as_py() - first).total_seconds())


def _able(runs: pa.Table, platform: Platform) -> tuple[pa.Table, list[Unable]]:
    """The runs that can run as a platform declares their queues, and what is to be said of the others."""
    sizes = list(zip(*(runs[column].to_pylist() for column in _SIZES), strict=True))
    one_of: dict[tuple[object, ...], int] = {}
    for row, size in enumerate(sizes):
        one_of.setdefault(size, row)
    if not one_of or not _problems(runs, [*one_of.values()], platform):
        return runs, []
    wrong = {size for size, row in one_of.items() if _problems(runs, [row], platform)}
    counted, of_queue = Counter(size[0] for size in sizes if size in wrong), Counter(size[0] for size in sizes)
    return runs.filter(pa.array([size not in wrong for size in sizes])), [
        Unable(
            queue=queue,
            jobs=counted[queue],
            of=of_queue[queue],
            why="; ".join(
                _problems(runs, [row for size, row in one_of.items() if size in wrong and size[0] == queue], platform)
            ),
        )
        for queue in sorted(platform.queues)
        if counted[queue]
    ]


def _problems(runs: pa.Table, rows: Sequence[int], platform: Platform) -> tuple[str, ...]:
    """Why these runs can't run; empty where they can."""
    try:
        load(runs.take(pa.array(rows)), platform, Behaviour(), BOOTS)
    except CapacityError as error:
        return error.findings
    return ()
