"""What the platform's recorded series say of costs.

Prometheus adds up: for every hour, the sum over its minutes of what each minute's value was. What it didn't measure is
not filled in, so each sum comes with the number of minutes that it has.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from components.observability.series import (
    PLATFORM_COST,
    POOL_NODES,
    POOL_NODES_EMPTY,
    QUEUE_COST,
    QUEUE_COST_AT_PEAK,
    SUBMITTER_COST,
    TENANT_BUDGET,
    Series,
)
from fleet.live.cost.period import HOUR, MINUTE, Span
from fleet.live.cost.prometheus import Point
from fleet.live.cost.report import Amount, CostReportError, Measurements, Owner
from sizing.pricing.prices import HOURS_PER_MONTH

NOT_MEASURED: Final = (
    "Nodes with their root volumes at list prices, Spot at the share that the platform assumes; not the control plane, "
    "the network, storage or what is charged by use, which the bill has (--source aws).",
    "Fixed at peak: so many nodes, all the time, as the queue had at most in the seven days before.",
    "Submitters: by the cpu that executors of applications request; those of notebooks and spark-submit are nobody's.",
)


QUERIES: Final = 12
"""How many expressions a report asks for."""


class Queries(Protocol):
    """What is used of `fleet.live.cost.prometheus.Prometheus`."""

    warnings: list[str]

    def at(self, expression: str, time: float, /) -> list[Point]: ...

    def between(self, expression: str, first: float, last: float, step: float, /) -> list[Point]: ...


class _Expressions:
    """What to ask for: each gives one value an owner, however many replicas measured it, and only while nodes are seen.

    Constants and peaks go on without, and a queue whose nodes nobody sees looks like one that has none.

    Args:
        match: label matchers of all series.
    """

    def __init__(self, match: str) -> None:
        self._match = match
        of_queues, of_platform = 'queue!=""', 'queue=""'
        self.platform = self._one(PLATFORM_COST)
        self.covered = f"sum({self.platform})"
        """There are always nodes of the platform, and what they cost is made of what was seen."""
        self.cost = self._while_seen(self._one(QUEUE_COST))
        self.at_peak = self._while_seen(self._one(QUEUE_COST_AT_PEAK))
        self.submitted = self._while_seen(self._one(SUBMITTER_COST))
        self.budget = self._while_seen(f"{self._one(TENANT_BUDGET)} / {HOURS_PER_MONTH}")
        self.nodes = self._while_seen(f"sum by (tenant, queue) ({self._one(POOL_NODES, of_queues)})")
        self.idle = self._while_seen(f"sum by (tenant, queue) ({self._one(POOL_NODES_EMPTY)})")
        self.platform_nodes = self._while_seen(f"sum by (purpose) ({self._one(POOL_NODES, of_platform)})")

    def _one(self, series: Series, also: str = "") -> str:
        match = ", ".join(filter(None, (self._match, also)))
        return f"max by ({', '.join(series.labels)}) ({series}{{{match}}})"

    def _while_seen(self, expression: str) -> str:
        return f"({expression} and on () {self.covered})"


def matchers(pairs: Sequence[str]) -> str:
    """Label matchers as PromQL has them, of pairs `label=value`.

    Raises:
        CostReportError: one isn't a pair.
    """
    found = []
    for pair in pairs:
        label, equals, value = pair.partition("=")
        if not equals or not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", label):
            raise CostReportError(f"--match {pair!r}: a label and its value are needed, such as cluster=spark-prod")
        if not value.isprintable():
            raise CostReportError(f"--match {pair!r}: a value of printable characters is needed")
        # PromQL's strings have Go's escapes, of which JSON's for quotes and backslashes are two.
        found.append(f"{label}={json.dumps(value, ensure_ascii=False)}")
    return ", ".join(found)


def measure(
    prometheus: Queries, period: Span, match: Sequence[str] = (), progress: Callable[[float], None] = lambda _: None
) -> Measurements:
    """What the queues and the platform have cost, by a Prometheus.

    Args:
        prometheus: to ask.
        period: of what.
        match: pairs `label=value` that all series must have, where several platforms share one store.
        progress: told the share that is done.

    Raises:
        CostReportError: it can't be asked, or has nothing in the period.
    """
    asked = _Expressions(matchers(match))
    slots = list(period.slots())
    done = itertools.count(1)

    def sums(expression: str, labels: tuple[str, ...], function: str = "sum_over_time") -> dict[_Key, float]:
        found = _hourly(prometheus, function, expression, slots, labels)
        progress(next(done) / QUERIES)
        return found

    def minutes(expression: str, labels: tuple[str, ...]) -> dict[_Key, float]:
        return sums(expression, labels, "count_over_time")

    covered = minutes(asked.covered, ())
    if not covered:
        raise CostReportError(
            f"{prometheus} has no {PLATFORM_COST} from {period}: is it the platform's Prometheus, with prices of its "
            "nodes, did its rules run then, and does it keep values for so long?"
        )
    queue = ("tenant", "queue")
    cost, hours = sums(asked.cost, queue), minutes(asked.cost, queue)
    at_peak, idle = sums(asked.at_peak, queue), sums(asked.idle, queue)
    nodes, platform_nodes = sums(asked.nodes, queue), sums(asked.platform_nodes, ("purpose",))
    budget = sums(asked.budget, ("tenant",))
    platform, platform_hours = sums(asked.platform, ("purpose",)), minutes(asked.platform, ("purpose",))

    submitter = ("tenant", "queue", "submitter")
    submitted, submitted_hours = sums(asked.submitted, submitter), minutes(asked.submitted, submitter)

    amounts = [
        Amount(
            owner=Owner(tenant=of[0], queue=of[1]),
            span=span,
            cost=cost[span, of],
            at_peak=at_peak.get((span, of)),
            node_hours=nodes.get((span, of), 0.0),
            idle_node_hours=idle.get((span, of)),
            budget=budget.get((span, of[:1])),
            hours=present,
        )
        for (span, of), present in hours.items()
    ]
    amounts += [
        Amount(
            owner=Owner(part=f"{of[0]} nodes"),
            span=span,
            cost=platform[span, of],
            node_hours=platform_nodes.get((span, of), 0.0),
            hours=present,
        )
        for (span, of), present in platform_hours.items()
    ]
    present_by_slot = {span: value for (span, _), value in covered.items()}
    return Measurements(
        source="prometheus",
        period=period,
        amounts=amounts,
        submitters=[
            Amount(
                owner=Owner(tenant=of[0], queue=of[1], part=of[2]), span=span, cost=submitted[span, of], hours=present
            )
            for (span, of), present in submitted_hours.items()
        ],
        covered=sum(present_by_slot.values()),
        gaps=tuple(_gaps(slots, present_by_slot)),
        notes=(*NOT_MEASURED, *(f"Prometheus warns: {warning}" for warning in prometheus.warnings)),
    )


_Key = tuple[Span, tuple[str, ...]]
"""An hour, and the values of labels."""


def _hourly(
    prometheus: Queries, function: str, expression: str, slots: Sequence[Span], labels: tuple[str, ...]
) -> dict[_Key, float]:
    """By hour and labels, the sum over the hour's minutes of an expression's values (or of ones), over 60: its
    integral, in the expression's unit times hours."""
    by_end = {span.end.timestamp(): span for span in slots}
    found: defaultdict[_Key, float] = defaultdict(float)
    for point in _points(prometheus, function, expression, slots):
        # A range query also answers for hours that are not whole.
        if (span := by_end.get(point.time)) is None:
            continue
        if not math.isfinite(point.value):
            raise CostReportError(
                f"{prometheus}: {expression} is {point.value} in the hour to {span.end:%Y-%m-%d %H:%M} UTC"
            )
        found[span, tuple(point.labels.get(label, "") for label in labels)] += point.value / 60
    return dict(found)


def _points(prometheus: Queries, function: str, expression: str, slots: Sequence[Span]) -> Iterator[Point]:
    whole = [span for span in slots if span.end - span.start == HOUR]
    if whole:
        step = HOUR.total_seconds()
        ends = whole[0].end.timestamp(), whole[-1].end.timestamp()
        yield from prometheus.between(_over(function, expression, whole[0]), *ends, step)
    for cut in slots:
        if cut.end - cut.start != HOUR:
            yield from prometheus.at(_over(function, expression, cut), cut.end.timestamp())


def _over(function: str, expression: str, span: Span) -> str:
    """A function over the minutes of a span that ends at the time of evaluation, the minute at its start left out.

    Half a minute less than the span, since versions before 3 count both ends of a range and later ones the last only
    (https://prometheus.io/docs/prometheus/latest/migration/#range-selectors-and-lookback-exclude-samples-coinciding-with-the-left-boundary).
    """
    seconds = (span.end - span.start - MINUTE / 2).total_seconds()
    return f"{function}({expression}[{seconds:.0f}s:{MINUTE.total_seconds():.0f}s])"


def _gaps(slots: Sequence[Span], present: Mapping[Span, float]) -> Iterator[Span]:
    """Hours without anything, those that follow each other as one."""
    start = None
    for span in slots:
        if present.get(span):
            if start is not None:
                yield Span(start, span.start)
            start = None
        elif start is None:
            start = span.start
    if start is not None:
        yield Span(start, slots[-1].end)
