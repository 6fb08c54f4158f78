"""Each queue's jobs, replayed on queues that are declared in different ways, and what each way costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from capacity.comparing.cores import at_once
from capacity.comparing.demand import demand, nodes_by_hour
from capacity.comparing.money import shared_out, with_savings_plan
from capacity.comparing.variants import DECLARED, FIXED, Variant, variants
from capacity.declared import Platform
from capacity.paid.bill import Charge, Covered, of_queues
from capacity.replay.behaviour import Behaviour
from capacity.replay.fleet import Replayed, replayed
from capacity.replay.loading import read_jobs
from capacity.replay.results import SLOWER, Quantiles, QueueResult
from capacity.replay.series import EVERY
from capacity.replay.sizes import on
from capacity.replay.world import Floats

COVERED: Final = 0.95
"""Of a trace's time, the least share that a bill must cover to be compared with: nobody knows what the rest cost."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What nodes cost beside their list prices.

    Args:
        savings_plan: by which a Savings Plan's prices are lower than on demand; 0 for none. It holds for both sides.
        shared_usd_per_hour: of what all queues use beside driver nodes: control plane, system nodes, NAT, monitoring.
    """

    savings_plan: float = 0.0
    shared_usd_per_hour: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Side:
    """What a queue costs and does when it is declared in one way.

    Args:
        result: of the replay.
        executors_usd: of its executor nodes; `None` where a price isn't known.
        drivers_usd: its share of driver nodes, by the CPU time of its drivers.
        shared_usd: its share of what all queues use, by the cost of its executor nodes.
        longer: runtimes against the same jobs' on fixed nodes, less 1.
        slower: shares of jobs over 5 and over 20 % longer than on fixed nodes.
    """

    result: QueueResult
    executors_usd: float | None
    drivers_usd: float | None
    shared_usd: float
    longer: Quantiles
    slower: tuple[float, float]

    @property
    def usd(self) -> float | None:
        """All of it."""
        if self.executors_usd is None or self.drivers_usd is None:
            return None
        return self.executors_usd + self.drivers_usd + self.shared_usd


@dataclass(frozen=True, kw_only=True)
class QueueComparison:
    """A queue, declared in different ways.

    Args:
        namespace: of the queue.
        sides: by the name of the way.
        today_usd: what is paid today for these jobs, by a bill; `None` where none was given.
    """

    namespace: str
    sides: Mapping[str, Side]
    today_usd: float | None = None

    @property
    def before_usd(self) -> float | None:
        """What is compared with: what is paid today, or nodes fixed at the peak."""
        return self.sides[FIXED].usd if self.today_usd is None else self.today_usd

    def saving(self, way: str = DECLARED) -> float | None:
        """The share of `before_usd` that isn't spent, everything paid; `None` where a price isn't known."""
        after, before = self.sides[way].usd, self.before_usd
        return None if after is None or not before else 1 - after / before


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A platform's queues, declared in different ways.

    Args:
        stack: of the platform.
        hours: of the trace.
        says: each way in a sentence, by its name; nodes fixed at the peak first.
        queues: those that have jobs, by name.
        replays: of each way.
    """

    stack: str
    hours: float
    says: Mapping[str, str]
    queues: tuple[QueueComparison, ...]
    replays: Mapping[str, Replayed]


def compare(
    table: pa.Table,
    platform: Platform,
    *,
    behaviour: Behaviour,
    boots: Sequence[float],
    seed: int = 1,
    terms: Terms | None = None,
    today: Mapping[str, Covered] | None = None,
    said: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """The jobs of a platform's queues, on queues declared in all ways (`variants`).

    Args:
        table: the trace, of queues of this platform.
        platform: as stack files declare it.
        behaviour: how fast the systems are.
        boots: seconds from asking for a node to its being Ready.
        seed: of everything random, the same for all ways.
        terms: what nodes cost beside their list prices.
        today: what is paid today for the trace's time, by queue; queues of which a bill covers less than `COVERED` of
            that time are compared with nodes fixed at the peak.
        said: hears the name of a way when it has been replayed.

    Raises:
        CapacityError: jobs can never run.
    """
    read = read_jobs(table, platform)
    ways = variants(platform, behaviour, demand(read, platform), read.begin)

    def one(way: Variant) -> Replayed:
        loaded = on(read, way.platform, way.behaviour, boots)
        found = replayed(loaded, way.platform, seed, EVERY)
        said(way.name)
        return found

    with ThreadPoolExecutor(at_once(read)) as threads:
        done = dict(zip((way.name for way in ways), threads.map(one, ways), strict=True))
    costs = {way.name: _costs(way.platform, done[way.name], terms or Terms()) for way in ways}
    fixed = _runtimes(done[FIXED])
    return Comparison(
        stack=platform.stack,
        hours=done[DECLARED].result.hours,
        says={way.name: way.says for way in ways},
        queues=tuple(
            QueueComparison(
                namespace=queue.namespace,
                sides={
                    way.name: _side(
                        done[way.name].result.queues[position], costs[way.name], _runtimes(done[way.name]), fixed
                    )
                    for way in ways
                },
                today_usd=_today((today or {}).get(queue.namespace)),
            )
            for position, queue in enumerate(done[DECLARED].result.queues)
        ),
        replays=done,
    )


def paid_today(charges: Sequence[Charge], table: pa.Table) -> dict[str, Covered]:
    """What a bill says for a trace's time, by queue.

    Args:
        charges: of the bill.
        table: the trace.
    """
    begin = pc.min(pc.coalesce(table["submitted"], table["started"])).as_py()
    end = pc.max(table["ended"]).as_py()
    return of_queues(charges, begin, end)


def _today(covered: Covered | None) -> float | None:
    return covered.usd / covered.share if covered and covered.share >= COVERED else None


@dataclass(frozen=True, kw_only=True)
class _Costs:
    executors: Mapping[str, float | None]
    drivers: Mapping[str, float | None]
    shared: Mapping[str, float]


def _costs(platform: Platform, done: Replayed, terms: Terms) -> _Costs:
    """USD of each queue: its executors', and its shares."""
    hours = int(np.ceil(done.result.hours))
    executors = {
        queue.namespace: _executors(platform, queue.namespace, done, hours, terms.savings_plan)
        for queue in done.result.queues
    }
    price = platform.drivers.usd_per_hour
    driver_nodes = nodes_by_hour(done.course.lives, 0, hours)
    all_drivers = None if price is None else with_savings_plan(driver_nodes * price, terms.savings_plan)
    return _Costs(
        executors=executors,
        drivers={
            name: None if all_drivers is None else usd
            for name, usd in shared_out(all_drivers or 0.0, _driver_seconds(done)).items()
        },
        shared=shared_out(
            terms.shared_usd_per_hour * done.result.hours, {name: usd or 0.0 for name, usd in executors.items()}
        ),
    )


def _executors(platform: Platform, namespace: str, done: Replayed, hours: int, rate: float) -> float | None:
    on_demand, spot = np.zeros(hours), 0.0
    for pool in platform.queues[namespace].pools.values():
        if pool.usd_per_hour is None:
            return None
        usd = nodes_by_hour(done.course.lives, done.loaded.pools.index(pool.identity), hours) * pool.usd_per_hour
        if pool.spot:
            spot += float(usd.sum())
        else:
            on_demand += usd
    return with_savings_plan(on_demand, rate) + spot


def _driver_seconds(done: Replayed) -> dict[str, float]:
    jobs = done.loaded.world.jobs
    held = done.outcomes.runtime * jobs["driver_cpu"]
    by_queue = np.bincount(jobs["queue"], held, len(done.loaded.queues))
    return {queue.namespace: float(by_queue[done.loaded.queues.index(queue.namespace)]) for queue in done.result.queues}


def _runtimes(done: Replayed) -> dict[str, Floats]:
    """Seconds from the driver's start to the end, by queue."""
    return {name: done.outcomes.runtime[done.outcomes.queue == name] for name in done.loaded.queues}


def _side(result: QueueResult, costs: _Costs, runtimes: Mapping[str, Floats], fixed: Mapping[str, Floats]) -> Side:
    name = result.namespace
    longer = runtimes[name] / np.maximum(1.0, fixed[name]) - 1
    return Side(
        result=result,
        executors_usd=costs.executors[name],
        drivers_usd=costs.drivers[name],
        shared_usd=costs.shared[name],
        longer=Quantiles.of(longer),
        slower=(float((longer > SLOWER[0]).mean()), float((longer > SLOWER[1]).mean())),
    )
