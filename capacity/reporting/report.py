"""All that a report says, as numbers: of each platform its queues, jobs at most risk and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capacity.comparing.comparison import Comparison, Terms
from capacity.comparing.records import Row, records
from capacity.comparing.risk import Risk, at_risk
from capacity.comparing.variants import DECLARED, FIXED
from capacity.recommending.recommendation import Recommendation
from capacity.replay.fleet import Replayed
from capacity.reporting.queue_figures import QueueFigures, figures_of
from capacity.reporting.thinning import step_of
from capacity.traces.contents import contents
from capacity.traces.generate import SOURCE

Cell = str | float | int | None


@dataclass(frozen=True, kw_only=True)
class Rests:
    """What a report rests on.

    Args:
        trace: its name.
        runs, jobs: in it.
        first, last: its first start and last end, UTC.
        weeks: between these.
        made_up: share of the runs that `fleet capacity generate` made up.
        coarse: what the trace can't answer well, a sentence each.
        boots: seconds from asking for a node to its being Ready, one of which each node took.
        refused: share of requests for nodes that AWS refused.
        seed: of chance.
        savings_plan: by which a Savings Plan's prices are lower; 0 for none.
        measured: how far replays of the trace are from what was measured, where somebody measured.
    """

    trace: str
    runs: int
    jobs: int
    first: str
    last: str
    weeks: float
    made_up: float
    coarse: tuple[str, ...]
    boots: tuple[float, ...]
    refused: float
    seed: int
    savings_plan: float
    measured: str


@dataclass(frozen=True, kw_only=True)
class Model:
    """How far replayed runtimes on fixed nodes are from the trace's own, as a share of these, up or down.

    Args:
        p50, p95: of half, and of 95 of a hundred jobs at most.
    """

    p50: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What is recommended for a queue.

    Args:
        queue: its namespace.
        met: whether what is wanted is met.
        changes: of the stack file, a line each.
        usd, now_usd: of a month for executor nodes, then and now.
        all_usd: of a month, everything paid, then; `None` where a price isn't known.
        wait, longer: p95, then.
        sure_usd: between which the first is in 90 of 100 draws.
    """

    queue: str
    met: bool
    changes: tuple[str, ...]
    usd: float
    now_usd: float
    all_usd: float | None
    wait: float
    longer: float
    sure_usd: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class PlatformReport:
    """Of a platform.

    Args:
        platform: its stack.
        hours: replayed.
        step: hours that a point of its figures stands for.
        shared_usd: of a month, of what all queues use beside driver nodes; 0 where it isn't shared out.
        ways: each in a sentence, by its name.
        rows: of each queue and way: what `fleet capacity compare` says.
        risks: the jobs at most risk.
        advice: of queues for which somebody asked.
        model: how far the replay's runtimes are from the trace's.
        figures: of its queues.
    """

    platform: str
    hours: float
    step: int
    shared_usd: float
    ways: Mapping[str, str]
    rows: list[Row]
    risks: list[Risk]
    advice: list[Advice]
    model: Model
    figures: list[QueueFigures]


@dataclass(frozen=True, kw_only=True)
class Report:
    """Of a trace.

    Args:
        rests: what it rests on.
        platforms: those whose queues have jobs in it.
    """

    rests: Rests
    platforms: list[PlatformReport]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A platform's comparison, with what else was asked about it.

    Args:
        comparison: of its queues.
        terms: of its prices.
        recommended: by queue, each with what changes in stack files, a line each.
    """

    comparison: Comparison
    terms: Terms
    recommended: Mapping[str, tuple[Recommendation, Sequence[str]]]


def rests_on(
    table: pa.Table,
    trace: str,
    *,
    boots: Sequence[float],
    refused: float = 0.0,
    seed: int,
    savings_plan: float,
    measured: str = "",
) -> Rests:
    """What a report of a trace rests on.

    Args:
        table: the trace.
        trace: its name.
        boots: seconds from asking for a node to its being Ready.
        refused: share of requests for nodes that AWS refuses.
        seed: of chance.
        savings_plan: by which a Savings Plan's prices are lower.
        measured: how far replays of the trace are from what was measured.
    """
    held = contents(table)
    made_up = pc.sum(pc.equal(table["source"], SOURCE).cast(pa.int64())).as_py() or 0
    return Rests(
        trace=trace,
        runs=held.runs,
        jobs=held.jobs,
        first=held.first.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        last=held.last.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        weeks=round(held.weeks, 2),
        made_up=made_up / held.runs,
        coarse=held.coarseness,
        boots=tuple(boots),
        refused=refused,
        seed=seed,
        savings_plan=savings_plan,
        measured=measured,
    )


def report_of(compared: Sequence[Compared], rests: Rests) -> Report:
    """All that a report says.

    Args:
        compared: the platforms.
        rests: what it rests on.
    """
    queues = sum(len(one.comparison.queues) for one in compared)
    return Report(rests=rests, platforms=[_platform(one, queues) for one in compared])


def _platform(compared: Compared, queues: int) -> PlatformReport:
    one = compared.comparison
    step = step_of(one.hours, queues)
    found = compared.recommended
    rows = list(records(one))
    all_now = {str(row["queue"]): row["usd"] for row in rows if row["way"] == DECLARED}
    return PlatformReport(
        platform=one.stack,
        hours=one.hours,
        step=step,
        shared_usd=compared.terms.shared_usd_per_hour * 730,
        ways=one.says,
        rows=rows,
        risks=at_risk(one.replays[DECLARED], one.replays[FIXED]),
        advice=[_advice(queue, all_now[queue], *of) for queue, of in found.items()],
        model=_model(one.replays[FIXED]),
        figures=[
            figures_of(one, queue, step, found[queue.namespace][0] if queue.namespace in found else None)
            for queue in one.queues
        ],
    )


def _advice(queue: str, all_now: Cell, one: Recommendation, changes: Sequence[str]) -> Advice:
    return Advice(
        queue=queue,
        met=one.met,
        changes=tuple(changes),
        usd=one.then.usd,
        now_usd=one.now.usd,
        all_usd=all_now - one.now.usd + one.then.usd if isinstance(all_now, float) else None,
        wait=one.then.wait,
        longer=one.then.longer,
        sure_usd=one.sure.usd,
    )


def _model(fixed: Replayed) -> Model:
    apart = np.abs(fixed.outcomes.runtime / np.maximum(1.0, fixed.outcomes.recorded) - 1)
    p50, p95 = np.quantile(apart, [0.5, 0.95])
    return Model(p50=float(p50), p95=float(p95))
