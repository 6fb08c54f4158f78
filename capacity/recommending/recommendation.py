"""What a queue should be, with how sure that is and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capacity.comparing.demand import demand, fixed_at_peak
from capacity.declared import Platform, Pool, Queue, of_kind
from capacity.errors import CapacityError
from capacity.recommending.forecast import Weeks, pinball
from capacity.recommending.intervals import Intervals, intervals
from capacity.recommending.outcome import Figures, Outcome, Target
from capacity.recommending.policy import Policy, under, zone_of
from capacity.recommending.search import Found, Question, Tried, search
from capacity.replay.behaviour import Behaviour
from capacity.replay.loading import read_jobs
from capacity.replay.sizes import Jobs
from sizing.instances import CATALOG, instance

HELD_OUT: Final = 0.25
"""Of the trace's weeks, the last ones, which the choice doesn't see."""
BOOTS: Final = (60.0, 90.0, 180.0)
"""Seconds of boot that the result is tried with."""
OUTAGE: Final = 1800.0
"""Seconds for which AWS has no node, from the busiest hour on."""
RUNTIMES: Final = (0.8, 1.5)
"""Multiples of all tasks' times: other engines than the one that wrote the trace."""
AGAIN: Final = 6
"""Policies whose sizes are taken from all days, until one meets the target there too."""
MET: Final = 1e-4
"""By so little a target may be missed."""
SIZES: Final = (0.5, 2.0)
"""Multiples of a node's CPU that are tried, in the same family."""


@dataclass(frozen=True, kw_only=True)
class Other:
    """The recommended sizes under other circumstances, or other nodes.

    Args:
        what: is different.
        figures: of all days.
        lost: executors that were lost with Spot nodes.
    """

    what: str
    figures: Figures
    lost: int = 0


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """Sizes for a queue.

    Args:
        declared: the queue as it is.
        queue: as it should be.
        policy: where its sizes come from.
        target: what was wanted.
        met: whether all of it is met, on all days.
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
    now: Figures
    then: Figures
    fixed: Figures
    sure: Intervals
    held_out: Figures | None
    curve: tuple[Tried, ...]
    sensitivity: tuple[Other, ...]
    kinds: tuple[Other, ...]
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
    best, queue, outcome = _on_all_days(question, found)
    kept = [day for day in unseen if day < len(outcome.usd)]
    return Recommendation(
        declared=question.queue,
        queue=queue,
        policy=best,
        target=target,
        met=outcome.figures(fixed).beyond(target, fixed.figures(fixed)) < MET,
        now=found.declared.outcome.figures(fixed),
        then=outcome.figures(fixed),
        fixed=fixed.figures(fixed),
        sure=intervals(outcome, fixed, seed),
        held_out=best.outcome.figures(fixed, kept) if kept else None,
        curve=curve(found.tried),
        sensitivity=tuple(_sensitivity(question, queue, fixed, found)),
        kinds=tuple(_kinds(question, table, found, best.policy)),
        weeks=days / 7,
        month_ends=_month_ends(jobs.begin, days),
        forecast_error=_forecast_error(found, jobs.begin, kept) if kept else None,
    )


def _on_all_days(question: Question, found: Found) -> tuple[Tried, Queue, Outcome]:
    """The cheapest of the policies that met the target whose sizes, taken from all days, meet it on all days; or what
    comes nearest of the first `AGAIN`."""
    fixed = found.fixed.outcome
    least = fixed.figures(fixed)
    met = [one for one in found.tried if one.figures.beyond(question.target, found.fixed.figures) < MET]
    again: list[tuple[float, Tried, Queue, Outcome]] = []
    others = sorted((one for one in met if one is not found.best), key=lambda one: one.figures.usd)
    for one in [found.best, *others][:AGAIN]:
        queue = under(found.roomy, one.policy, found.demands, question.jobs.begin)
        outcome = question.outcome(queue)
        again.append((outcome.figures(fixed).beyond(question.target, least), one, queue, outcome))
        if again[-1][0] < MET:
            break
    return min(again, key=lambda one: one[0])[1:]


def curve(tried: Sequence[Tried]) -> tuple[Tried, ...]:
    """Of what was tried, that which nothing else is both cheaper and shorter than; cheapest first."""
    found: list[Tried] = []
    for one in sorted(tried, key=lambda one: (one.figures.usd, one.figures.longer)):
        if not found or one.figures.longer < found[-1].figures.longer:
            found.append(one)
    return tuple(found)


def _sensitivity(question: Question, queue: Queue, fixed: Outcome, found: Found) -> Iterator[Other]:
    """The sizes under other circumstances."""
    for boot in BOOTS:
        outcome = replace(question, boots=(boot,)).outcome(queue)
        yield Other(what=f"nodes are Ready after {boot:.0f} s", figures=outcome.figures(fixed))
    hours = np.sum([of.hourly for of in found.demands.values()], axis=0)
    outage = replace(question.behaviour, outage_begin=3600.0 * float(np.argmax(hours)), outage_seconds=OUTAGE)
    outcome = replace(question, behaviour=outage).outcome(queue)
    yield Other(what=f"AWS has no nodes for {OUTAGE / 60:.0f} min in the busiest hour", figures=outcome.figures(fixed))
    for times in RUNTIMES:
        slower = replace(question, jobs=slowed(question.jobs, times))
        outcome, base = slower.outcome(queue), slower.outcome(fixed_at_peak(found.roomy, found.demands))
        yield Other(what=f"tasks take {times} times as long", figures=outcome.figures(base))


def slowed(jobs: Jobs, times: float) -> Jobs:
    """Jobs whose tasks and drivers take so many times as long."""
    phases = jobs.phases.copy()
    for column in ("task_seconds", "longest", "driver"):
        phases[column] *= times
    return replace(jobs, phases=phases)


def _kinds(question: Question, table: pa.Table, found: Found, policy: Policy) -> Iterator[Other]:
    """The chosen policy on other nodes: Spot or on demand, and half or twice as large ones of the same family."""
    platform, queue = question.platform, found.roomy
    changes: list[Callable[[Pool], Pool | None]] = [
        lambda pool: replace(of_kind(platform, pool, pool.instance_types[0], spot=not pool.spot), usable=pool.usable),
        *(partial(_other_size, platform, factor) for factor in SIZES),
    ]
    for change in changes:
        pools = {name: change(pool) for name, pool in queue.pools.items()}
        known = {name: pool for name, pool in pools.items() if pool is not None}
        if len(known) < len(pools):
            continue
        changed = replace(queue, pools=known)
        try:
            jobs = read_jobs(table, replace(platform, queues={changed.namespace: changed}))
        except CapacityError:
            continue
        demands = demand(jobs, replace(platform, queues={changed.namespace: changed}))
        outcome = replace(question, jobs=jobs).outcome(under(changed, policy, demands, jobs.begin))
        what = ", ".join(sorted({_kind(pool) for pool in known.values()}))
        yield Other(what=what, figures=outcome.figures(found.fixed.outcome), lost=outcome.lost)


def _kind(pool: Pool) -> str:
    return f"{pool.instance_types[0]}, {'Spot' if pool.spot else 'on demand'}"


def _other_size(platform: Platform, factor: float, pool: Pool) -> Pool | None:
    """A pool of nodes of the same family with so many times the CPU, and maxima to match; `None` if there are none."""
    own = instance(pool.instance_types[0])
    for name, of in CATALOG.instances.items():
        if of.family == own.family and of.vcpu == own.vcpu * factor:
            other = of_kind(platform, pool, name, spot=pool.spot)
            return replace(other, maximum=max(1, int(np.ceil(pool.maximum / factor)))) if other.usd_per_hour else None
    return None


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
