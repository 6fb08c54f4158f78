"""A queue with recommended sizes under other circumstances, and on other nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa

from capacity.comparing.demand import demand, fixed_at_peak
from capacity.declared import Platform, Pool, Queue, of_kind
from capacity.errors import CapacityError
from capacity.recommending.outcome import MET, Figures, Outcome
from capacity.recommending.policy import Policy, under
from capacity.recommending.search import Found
from capacity.recommending.trials import Question
from capacity.replay.loading import read_jobs
from capacity.replay.sizes import Jobs
from sizing.instances import CATALOG, instance

BOOTS: Final = (60.0, 90.0, 180.0)
"""Seconds of boot that the result is tried with."""
OUTAGE: Final = 1800.0
"""Seconds for which AWS has no node, from the busiest hour on."""
RUNTIMES: Final = (0.8, 1.5)
"""Multiples of all tasks' times: other engines than the one that wrote the trace."""
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
class Kind(Other):
    """The chosen policy on other nodes.

    Args:
        queue: with these nodes, and the sizes that the policy gives them.
        met: whether what is wanted is met.
    """

    queue: Queue
    met: bool


def sensitivity(question: Question, queue: Queue, fixed: Outcome, found: Found) -> Iterator[Other]:
    """Sizes under other circumstances: slower nodes, an outage, other runtimes.

    Args:
        question: that was asked.
        queue: with the sizes.
        fixed: what nodes fixed at the peak lead to.
        found: of the search.
    """
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


def kinds(question: Question, table: pa.Table, found: Found, policy: Policy) -> Iterator[Kind]:
    """A policy on other nodes: Spot or on demand, and half or twice as large ones of the same family.

    Args:
        question: that was asked.
        table: the trace of the queue.
        found: of the search.
        policy: that was chosen.
    """
    fixed = found.fixed.outcome
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
        sizes = under(changed, policy, demands, jobs.begin)
        outcome = replace(question, jobs=jobs).outcome(sizes)
        figures = outcome.figures(fixed)
        yield Kind(
            what=kinds_of(sizes),
            figures=figures,
            lost=outcome.lost,
            queue=sizes,
            met=figures.beyond(question.target, fixed.figures(fixed)) < MET,
        )


def kinds_of(queue: Queue) -> str:
    """The nodes of a queue in a few words, such as `r7i.2xlarge, on demand`."""
    return ", ".join(sorted({_kind(pool) for pool in queue.pools.values()}))


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
