"""Node hours and waits of queues, as a platform's Prometheus measured them: what replays are held against.

Node hours are sums of what the platform's rules record of pools. Of waits the rules record the longest only, so each
driver's is taken from what they are made of: from its pod's creation until its container runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import numpy as np

from capacity.backtesting.measured import Measured, Slot, Waits
from capacity.declared import Platform
from components.observability.objectives import Objectives
from components.observability.promql import NO_EXECUTORS, ON_POD, POD, between, per_pod
from components.observability.series import POOL_NODES
from fleet.errors import FleetError
from fleet.live.cost.hourly import Queries, by_slot, hourly, one_each
from fleet.live.cost.period import Span
from fleet.live.cost.prometheus_costs import matchers
from sizing import names

_OTHERS: Final = 'created_by_kind=~"ReplicaSet|StatefulSet|DaemonSet|Job|Node"'
"""Makers of pods that are no job's: of a history server, or of what makes a changed queue effective."""


def measure(
    prometheus: Queries,
    period: Span,
    platforms: Sequence[Platform],
    match: Sequence[str] = (),
    progress: Callable[[float], None] = lambda _: None,
) -> Measured:
    """What a Prometheus measured of the queues of platforms.

    Args:
        prometheus: to ask.
        period: of what; whole hours.
        platforms: whose queues; a Prometheus that has others too says nothing more.
        match: pairs `label=value` that all series must have, where several platforms share one store.
        progress: told the share that is done.

    Raises:
        CostReportError: it can't be asked.
        FleetError: it has nothing in the period.
    """
    matching = matchers(match)
    slots, days = list(period.slots()), list(period.days())
    steps = len(days) + 2
    shared, own = (one_each(POOL_NODES, matching, which) for which in ('queue=""', 'queue!=""'))
    # There are always nodes of the platform: without any, nobody looked, and every pool has none by the rules.
    seen = f"(sum({shared}) > 0)"
    covered = hourly(prometheus, "count_over_time", seen, slots, ())
    if not covered:
        raise FleetError(
            f"{prometheus} has no {POOL_NODES} from {period}: is it the platform's Prometheus, did its rules run then, "
            "and does it keep values for so long?"
        )
    progress(1 / steps)
    pools = {
        pool.identity: (queue.namespace, pool.name)
        for platform in platforms
        for queue in platform.queues.values()
        for pool in queue.pools.values()
    }
    nodes = f"sum by (pool) ({own})"
    node_hours: defaultdict[tuple[str, str], float] = defaultdict(float)
    for (_, (pool,)), hours in hourly(prometheus, "sum_over_time", nodes, slots, ("pool",)).items():
        if pool in pools:
            node_hours[pools[pool]] += hours
    progress(2 / steps)
    waits: defaultdict[str, list[float]] = defaultdict(list)
    for number, day in enumerate(days, start=3):
        found = by_slot(prometheus, partial(_waited, matching), list(day.slots()), ("namespace", "pod", "uid"))
        for (_, (namespace, _, _)), seconds in found.items():
            waits[namespace].append(max(0.0, seconds))
        progress(number / steps)
    return Measured(
        slots=tuple(
            Slot(begin=slot.start, end=slot.end, share=min(1.0, covered.get((slot, ()), 0.0) / slot.hours))
            for slot in slots
        ),
        node_hours=dict(node_hours),
        waits=_by_queue(waits, {queue for queue, _ in pools.values()}),
        source=str(prometheus),
    )


def _waited(matching: str, span: Span) -> str:
    """For each driver that started in a time that ends at the time of evaluation: seconds since its pod was made.

    What happened is surely scraped after `settling` only, so all times are by that much earlier, the ends too, and
    each driver is in one of them.
    """
    settling = Objectives().settling
    seconds = int((span.end - span.start) / timedelta(seconds=1)) + settling
    window = f"[{seconds}s]"
    both = ", ".join(filter(None, (matching, NO_EXECUTORS)))
    started = per_pod("max", f"max_over_time(kube_pod_container_state_started{{{both}}}{window})")
    created = per_pod("max", f"max_over_time(kube_pod_created{{{matching}}}{window})")
    drivers = _ever("kube_pod_nodeselectors", f'pool="{names.DRIVER_POOL}"', matching, window)
    others = _ever("kube_pod_info", _OTHERS, matching, window)
    just = between(started, older=seconds, younger=settling)
    return f"({just} - {ON_POD} {created}) and {ON_POD} {drivers} unless {ON_POD} {others}"


def _ever(metric: str, matcher: str, matching: str, window: str) -> str:
    """Pods of which a metric was there in the window."""
    return f"max by ({POD}) (max_over_time({metric}{{{', '.join(filter(None, (matcher, matching)))}}}{window}))"


def _by_queue(waits: Mapping[str, Sequence[float]], queues: set[str]) -> dict[str, Waits]:
    found = {}
    for queue in sorted(queues & set(waits)):
        p50, p95 = np.quantile(waits[queue], [0.5, 0.95])
        found[queue] = Waits(p50=float(p50), p95=float(p95), jobs=len(waits[queue]))
    return found
