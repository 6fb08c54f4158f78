"""What the platform's recorded series say of costs.

Prometheus adds up: for every hour, the sum over its minutes of what each minute's value was. What it didn't measure is
not filled in, so each sum comes with the number of minutes that it has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from components.observability.series import (
    PLATFORM_COST,
    POOL_NODES,
    POOL_NODES_EMPTY,
    QUEUE_COST,
    QUEUE_COST_AT_PEAK,
    QUEUE_HISTORY_COST,
    SUBMITTER_COST,
    SUBMITTER_JOBS,
    TENANT_BUDGET,
    Series,
)
from fleet.live.cost.amounts import Amount, CostReportError, Measurements, Owner, Stretch
from fleet.live.cost.hourly import Key, Queries, by_slot, hourly, one_each
from fleet.live.cost.period import Span, before, month_of
from sizing.pricing.prices import HOURS_PER_MONTH

NOT_MEASURED: Final = (
    "Nodes with their root volumes at list prices, Spot at the share that the platform assumes; not the control plane, "
    "the network, storage or what is charged by use, which the bill has (--source aws).",
    "Fixed at peak: so many nodes, all the time, as the queue had at most in the seven days before.",
    "Submitters: by the cpu that executors of applications request; those of notebooks and spark-submit are nobody's.",
)
HISTORY: Final = "history servers"
NODES: Final = " nodes"
HISTORY_NOTE: Final = (
    "History servers: their requests to S3, reckoned from how many applications they show and how often they look; "
    "they run on driver nodes."
)


QUERIES: Final = 30
"""How many expressions a report asks for, at most."""


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
        self.history = self._while_seen(f"sum({self._one(QUEUE_HISTORY_COST)})")
        self.budget = self._while_seen(f"{self._one(TENANT_BUDGET)} / {HOURS_PER_MONTH}")
        self.nodes = self._while_seen(f"sum by (tenant, queue) ({self._one(POOL_NODES, of_queues)})")
        self.idle = self._while_seen(f"sum by (tenant, queue) ({self._one(POOL_NODES_EMPTY)})")
        self.platform_nodes = self._while_seen(f"sum by (purpose) ({self._one(POOL_NODES, of_platform)})")

    def jobs(self, span: Span) -> str:
        """How many jobs were started in a time that ends at the time of evaluation, by who submitted them."""
        labels, seconds = ", ".join(SUBMITTER_JOBS.labels), (span.end - span.start).total_seconds()
        counted = f"sum_over_time({SUBMITTER_JOBS}{{{self._match}}}[{seconds:.0f}s])"
        return f"max by ({labels}) ({counted})"

    def _one(self, series: Series, also: str = "") -> str:
        return one_each(series, self._match, also)

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
    ask = _Asking(prometheus, asked, progress)
    found = ask.costs(period)
    if not found.covered:
        raise CostReportError(
            f"{prometheus} has no {PLATFORM_COST} from {period}: is it the platform's Prometheus, with prices of its "
            "nodes, did its rules run then, and does it keep values for so long?"
        )
    queue = ("tenant", "queue")
    at_peak, idle = ask.sums(asked.at_peak, slots, queue), ask.sums(asked.idle, slots, queue)
    nodes = ask.sums(asked.nodes, slots, queue)
    platform_nodes = ask.sums(asked.platform_nodes, slots, ("purpose",))
    budget, budget_hours = ask.sums(asked.budget, slots, queue[:1]), ask.minutes(asked.budget, slots, queue[:1])
    amounts = []
    for (span, of), present in found.queue_hours.items():
        allowed, for_hours = budget.get((span, of[:1])), budget_hours.get((span, of[:1]))
        amounts.append(
            Amount(
                owner=Owner(tenant=of[0], queue=of[1]),
                span=span,
                cost=found.queues[span, of],
                at_peak=at_peak.get((span, of)),
                node_hours=nodes.get((span, of), 0.0),
                idle_node_hours=idle.get((span, of)),
                budget=allowed,
                monthly_budget=allowed / for_hours * HOURS_PER_MONTH if allowed is not None and for_hours else None,
                hours=present,
            )
        )
    amounts += [
        replace(one, node_hours=platform_nodes.get((one.span, (one.owner.part.removesuffix(NODES),)), 0.0))
        for one in found.of_platform()
    ]
    month = month_of(period)
    earlier = Span(month.start, period.start) if month.start < period.start else None
    notes = (*NOT_MEASURED, *((HISTORY_NOTE,) if found.history else ()))
    return Measurements(
        source="prometheus",
        period=period,
        amounts=amounts,
        submitters=ask.submitters(slots),
        covered=found.hours,
        gaps=tuple(_gaps(slots, {span: value for (span, _), value in found.covered.items()})),
        before=ask.costs(before(period)).stretch(before(period)),
        month=ask.costs(earlier).stretch(earlier) if earlier else None,
        notes=(*notes, *(f"Prometheus warns: {warning}" for warning in prometheus.warnings)),
    )


@dataclass(frozen=True, kw_only=True)
class _Costs:
    """What was measured of costs in a time, by hour: USD and hours of queues and of the platform's parts.

    Attributes:
        covered: hours for which there is anything.
        queues: USD.
        queue_hours: for which they are known.
        platform: USD of the nodes that all queues share, by their purpose.
        platform_hours: likewise.
        history: USD of history servers' requests; none where no queue has one.
        history_hours: likewise.
    """

    covered: Mapping[Key, float]
    queues: Mapping[Key, float]
    queue_hours: Mapping[Key, float]
    platform: Mapping[Key, float]
    platform_hours: Mapping[Key, float]
    history: Mapping[Key, float]
    history_hours: Mapping[Key, float]

    @property
    def hours(self) -> float:
        """That are covered."""
        return sum(self.covered.values())

    def of_platform(self) -> Iterator[Amount]:
        """What the platform's parts have cost."""
        for (span, of), hours in self.platform_hours.items():
            yield Amount(owner=Owner(part=f"{of[0]}{NODES}"), span=span, cost=self.platform[span, of], hours=hours)
        for (span, of), hours in self.history_hours.items():
            yield Amount(owner=Owner(part=HISTORY), span=span, cost=self.history[span, of], hours=hours)

    def stretch(self, span: Span) -> Stretch:
        """The same as it stands beside a period."""
        queues = [
            Amount(owner=Owner(tenant=of[0], queue=of[1]), span=at, cost=self.queues[at, of], hours=hours)
            for (at, of), hours in self.queue_hours.items()
        ]
        return Stretch(span=span, amounts=(*queues, *self.of_platform()), covered=self.hours)


@dataclass
class _Asking:
    """Asks a Prometheus, and tells how far it is."""

    prometheus: Queries
    asked: _Expressions
    progress: Callable[[float], None]
    done: int = 0

    def sums(self, expression: str, slots: Sequence[Span], labels: tuple[str, ...]) -> dict[Key, float]:
        """The integral of an expression over each hour."""
        return self._told(hourly(self.prometheus, "sum_over_time", expression, slots, labels))

    def minutes(self, expression: str, slots: Sequence[Span], labels: tuple[str, ...]) -> dict[Key, float]:
        """For how much of each hour an expression has a value."""
        return self._told(hourly(self.prometheus, "count_over_time", expression, slots, labels))

    def costs(self, span: Span) -> _Costs:
        """What queues and the platform have cost."""
        slots, queue, asked = list(span.slots()), ("tenant", "queue"), self.asked
        return _Costs(
            covered=self.minutes(asked.covered, slots, ()),
            queues=self.sums(asked.cost, slots, queue),
            queue_hours=self.minutes(asked.cost, slots, queue),
            platform=self.sums(asked.platform, slots, ("purpose",)),
            platform_hours=self.minutes(asked.platform, slots, ("purpose",)),
            history=self.sums(asked.history, slots, ()),
            history_hours=self.minutes(asked.history, slots, ()),
        )

    def submitters(self, slots: Sequence[Span]) -> list[Amount]:
        """Who submitted how many jobs to which queue, and what these cost."""
        labels = ("tenant", "queue", "submitter")
        cost, hours = self.sums(self.asked.submitted, slots, labels), self.minutes(self.asked.submitted, slots, labels)
        jobs = self._told(by_slot(self.prometheus, self.asked.jobs, slots, labels))
        return [
            Amount(
                owner=Owner(tenant=of[0], queue=of[1], part=of[2]),
                span=span,
                cost=cost.get((span, of), 0.0),
                jobs=jobs.get((span, of), 0.0),
                hours=hours.get((span, of), 0.0),
            )
            for span, of in sorted({*hours, *jobs})
        ]

    def _told(self, found: dict[Key, float]) -> dict[Key, float]:
        self.done += 1
        self.progress(min(1.0, self.done / QUERIES))
        return found


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
