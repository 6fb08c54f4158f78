"""What a queue should be, with how sure that is and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capacity.declared import Platform, Queue
from capacity.errors import CapacityError
from capacity.recommending.forecast import Weeks, pinball
from capacity.recommending.intervals import Intervals, intervals
from capacity.recommending.others import Kind, Other, kinds, sensitivity
from capacity.recommending.outcome import MET, Figures, Outcome, Target
from capacity.recommending.policy import under, zone_of
from capacity.recommending.search import LOWER, Found, search
from capacity.recommending.trials import Question, Tried
from capacity.replay.behaviour import Behaviour
from capacity.replay.loading import read_jobs

HELD_OUT: Final = 0.25
"""Of the trace's weeks, the last ones, which the choice doesn't see."""
AGAIN: Final = 6
"""Policies whose sizes are taken from all days, until one meets the target there too."""


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """Sizes for a queue.

    Args:
        declared: the queue as it is.
        queue: as it should be.
        policy: where its sizes come from.
        target: what was wanted.
        met: whether all of it is met, on all days.
        used: of each pool, by its name, the most nodes that the jobs use at once where each comes when it is asked for.
        lower: the share of the cost that lower maxima save, which is why they are lower; `None` where none is.
        spot: share of the executors' node hours that are on Spot nodes.
        now: figures of the queue as it is, of all days.
        then: of the queue as it should be.
        fixed: of nodes fixed at the peak.
        sure: how sure `then` is.
        held_out: figures of the days that the choice hasn't seen: with sizes from the others; `None` for too few weeks.
        curve: of all that was tried, those that nothing is both cheaper and shorter than, cheapest first.
        sensitivity: `queue` under other circumstances.
        kinds: `queue` on other nodes.
        weeks: of the trace, whole or not.
        month_ends: that the trace holds.
        forecast_error: of the weekly profile on the days held out, in nodes, and of the week before as it was.
    """

    declared: Queue
    queue: Queue
    policy: Tried
    target: Target
    met: bool
    used: Mapping[str, int]
    lower: float | None
    spot: float
    now: Figures
    then: Figures
    fixed: Figures
    sure: Intervals
    held_out: Figures | None
    curve: tuple[Tried, ...]
    sensitivity: tuple[Other, ...]
    kinds: tuple[Kind, ...]
    weeks: float
    month_ends: int
    forecast_error: tuple[float, float] | None


def recommend(
    table: pa.Table,
    platform: Platform,
    namespace: str,
    *,
    target: Target,
    behaviour: Behaviour,
    boots: Sequence[float],
    seed: int = 1,
    said: Callable[[int], None] = lambda _: None,
) -> Recommendation:
    """The cheapest sizes of a queue for a target.

    The choice is made on the first weeks and judged on the last ones; the sizes are then taken from all of them. The
    queue has driver nodes for itself, which it shares with others in truth.

    Args:
        table: the trace.
        platform: as stack files declare it.
        namespace: of the queue.
        target: what is wanted.
        behaviour: how fast the systems are.
        boots: seconds from asking for a node to its being Ready.
        seed: of everything random.
        said: hears, after each replay, how many there were.

    Raises:
        CapacityError: the trace has no job of the queue, or jobs can never run.
    """
    table = table.filter(pc.equal(table["queue"], namespace))
    if not table.num_rows:
        raise CapacityError([f"the trace has no job of {namespace}: nothing can be recommended for it"])
    alone = replace(platform, queues={namespace: platform.queues[namespace]})
    jobs = read_jobs(table, alone)
    question = Question(
        jobs=jobs,
        platform=alone,
        behaviour=behaviour,
        boots=boots,
        seed=seed,
        target=target,
        days=(),
    )
    days = int(np.ceil((jobs.end - jobs.begin) / timedelta(days=1) + jobs.begin.hour / 24))
    weeks = days // 7
    unseen = range(7 * (weeks - max(1, round(HELD_OUT * weeks))), days) if weeks >= 2 else range(0)
    question = replace(question, days=[day for day in range(days) if day not in unseen])
    found = search(question, said)
    fixed = found.fixed.outcome
    best, queue, outcome, lower = _on_all_days(question, found)
    kept = [day for day in unseen if day < len(outcome.usd)]
    return Recommendation(
        declared=question.queue,
        queue=queue,
        policy=best,
        target=target,
        met=outcome.figures(fixed).beyond(target, fixed.figures(fixed)) < MET,
        used={name: found.demands[pool.identity].most for name, pool in queue.pools.items()},
        lower=lower,
        spot=outcome.spot_share(queue),
        now=found.declared.outcome.figures(fixed),
        then=outcome.figures(fixed),
        fixed=fixed.figures(fixed),
        sure=intervals(outcome, fixed, seed),
        held_out=best.outcome.figures(fixed, kept) if kept else None,
        curve=curve(found.tried),
        sensitivity=tuple(sensitivity(question, queue, fixed, found)),
        kinds=tuple(kinds(question, table, found, best.policy)),
        weeks=days / 7,
        month_ends=_month_ends(jobs.begin, days),
        forecast_error=_forecast_error(found, jobs.begin, kept) if kept else None,
    )


def _on_all_days(question: Question, found: Found) -> tuple[Tried, Queue, Outcome, float | None]:
    """The cheapest of the policies that met the target whose sizes, taken from all days, meet it on all days; or what
    comes nearest of the first `AGAIN`. With it what lower maxima save, where it has such: on all days too."""
    fixed = found.fixed.outcome
    least = fixed.figures(fixed)
    met = [one for one in found.tried if one.figures.beyond(question.target, found.fixed.figures) < MET]
    again: list[tuple[float, Tried, Queue, Outcome]] = []

    def judged(one: Tried) -> tuple[float, Tried, Queue, Outcome]:
        queue = under(found.roomy, one.policy, found.demands, question.jobs.begin)
        outcome = question.outcome(queue)
        return outcome.figures(fixed).beyond(question.target, least), one, queue, outcome

    others = sorted(
        (one for one in met if one is not found.best and one.policy.ceiling is None), key=lambda one: one.figures.usd
    )
    for one in [found.best, *others][:AGAIN]:
        again.append(judged(one))
        if again[-1][0] < MET:
            break
    beyond, best, queue, outcome = min(again, key=lambda one: one[0])
    if best.policy.ceiling is None:
        return best, queue, outcome, None
    without = replace(best.policy, ceiling=None)
    higher = judged(next(one for one in found.tried if one.policy == without))
    saved = 1 - outcome.figures(fixed).usd / max(higher[3].figures(fixed).usd, 1e-9)
    if saved < LOWER and higher[0] <= max(beyond, MET):
        return *higher[1:], None
    return best, queue, outcome, saved


def curve(tried: Sequence[Tried]) -> tuple[Tried, ...]:
    """Of what was tried, that which nothing else is both cheaper and shorter than; cheapest first."""
    found: list[Tried] = []
    for one in sorted(tried, key=lambda one: (one.figures.usd, one.figures.longer)):
        if not found or one.figures.longer < found[-1].figures.longer:
            found.append(one)
    return tuple(found)


def _month_ends(begin: datetime, days: int) -> int:
    """Last days of a month that a trace holds."""
    dates = [(begin + timedelta(days=day)).date() for day in range(days)]
    return sum((date + timedelta(days=1)).day == 1 for date in dates)


def _forecast_error(found: Found, begin: datetime, unseen: Sequence[int]) -> tuple[float, float]:
    """Of the median week, and of the week before as it was, against the hours of the days held out; in nodes."""
    zone = zone_of(found.roomy)
    errors = np.zeros(2)
    for of in found.demands.values():
        weeks = Weeks.of(of.hourly, begin, zone)
        new = np.isin((np.arange(len(of.hourly)) + begin.hour) // 24, unseen)
        before = int(weeks.week[new].min())
        profile = weeks.only(range(before)).profile(0.5)
        last = weeks.only([before - 1]).profile(0.5)
        seen, hour = weeks.nodes[new], weeks.hour[new]
        errors += [pinball(seen, said[hour], 0.5) for said in (profile, last)]
    return float(errors[0]), float(errors[1])
