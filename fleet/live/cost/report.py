"""What a period has cost, queue by queue and for the platform: lines and their sums, whoever measured them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fleet.errors import FleetError
from fleet.live.cost.period import DAY, Span
from sizing.pricing.costs import PLATFORM

Source = Literal["prometheus", "aws"]
Kind = Literal["queue", "tenant", "submitter", "platform", "total"]
QUEUES: Final = "queues"
ALL: Final = "all"
"""Parts of sums, beside `PLATFORM`."""
HOURLY_UP_TO: Final = 2 * DAY
"""A chart of so short a period has a bar an hour, that of a longer one a bar a day."""


class CostReportError(FleetError):
    """There can be no report; the message is one line and says what to do."""


@dataclass(frozen=True, order=True)
class Owner:
    """Whose costs they are: a queue's, or a part of the platform's.

    Attributes:
        tenant: the queue's tenant; empty for the platform's parts.
        queue: the queue's namespace; empty for the platform's parts.
        part: of the platform, in words; of a sum, what it is of; of a queue, who submitted; else empty.
    """

    tenant: str = ""
    queue: str = ""
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class Amount:
    """What one owner has cost in one stretch of time; `None` where the source doesn't know.

    Attributes:
        owner: whose.
        span: when; no two of an owner's overlap.
        cost: USD.
        at_peak: USD that nodes for the peak, all the time, would have cost in the covered part of the span.
        node_hours: of its nodes.
        idle_node_hours: of these, with nothing on the node but DaemonSets' pods.
        budget: USD that its tenant may spend in the covered part of the span; None without a budget too.
        hours: of the span that are covered: for which there are measurements, or a bill.
    """

    owner: Owner
    span: Span
    cost: float
    at_peak: float | None = None
    node_hours: float | None = None
    idle_node_hours: float | None = None
    budget: float | None = None
    hours: float


@dataclass(frozen=True, kw_only=True)
class Measurements:
    """What a source found.

    Attributes:
        source: where.
        period: of what.
        amounts: in any order.
        submitters: of `amounts`, what is known to be of whom, in any order.
        covered: hours of the period for which there is anything at all.
        gaps: where there is nothing, in order.
        notes: what a reader must know of them, in sentences.
    """

    source: Source
    period: Span
    amounts: Sequence[Amount]
    submitters: Sequence[Amount] = ()
    covered: float
    gaps: Sequence[Span] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one owner has cost in the whole period, or several together; for the fields see `Amount`."""

    kind: Kind
    owner: Owner
    cost: float
    at_peak: float | None
    node_hours: float | None
    idle_node_hours: float | None
    budget: float | None
    hours: float

    @property
    def saving(self) -> float | None:
        """USD that it cost less than nodes for its peak, all the time, would have."""
        return None if self.at_peak is None else self.at_peak - self.cost

    @property
    def saving_ratio(self) -> float | None:
        """The same, as a share of these nodes' cost."""
        return None if self.saving is None or not self.at_peak else self.saving / self.at_peak

    @property
    def idle_ratio(self) -> float | None:
        """Of its nodes' hours, the share with nothing on them but DaemonSets' pods."""
        if self.idle_node_hours is None or not self.node_hours:
            return None
        return self.idle_node_hours / self.node_hours

    @property
    def budget_ratio(self) -> float | None:
        """Its cost as a share of its tenant's budget for the covered time."""
        return self.cost / self.budget if self.budget else None


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One stretch of the chart.

    Attributes:
        span: when.
        costs: USD of queues and of the platform's parts together (`PLATFORM`), those with none left out.
        at_peak: USD, had every queue been fixed at its peak, with the same platform; None where nobody knows.
    """

    span: Span
    costs: Mapping[str, float]
    at_peak: float | None


@dataclass(frozen=True, kw_only=True)
class CostReport:
    """A period's costs.

    Attributes:
        measured: what it is made of.
        queues: the dearest first.
        tenants: sums of their queues, by name.
        submitters: what is known to be of whom in each queue, the dearest first; in none of the sums.
        platform: its parts, the dearest first; none where the report is of some queues only.
        queues_total: the sum of `queues`.
        platform_total: the sum of `platform`; None where there is none.
        total: of both.
        bars: in order.
    """

    measured: Measurements
    queues: tuple[Line, ...]
    tenants: tuple[Line, ...]
    submitters: tuple[Line, ...]
    platform: tuple[Line, ...]
    queues_total: Line
    platform_total: Line | None
    total: Line
    bars: tuple[Bar, ...]

    @property
    def period(self) -> Span:
        """Of what it is."""
        return self.measured.period


def cost_report(measured: Measurements, tenants: Sequence[str] = (), queues: Sequence[str] = ()) -> CostReport:
    """The report of what a source found.

    Args:
        measured: all of it.
        tenants: only these tenants' queues, and not the platform; none for all.
        queues: only these, by their namespaces, likewise.

    Raises:
        CostReportError: there is no such tenant or queue.
    """
    _check("tenant", tenants, {amount.owner.tenant for amount in measured.amounts})
    _check("queue", queues, {amount.owner.queue for amount in measured.amounts})
    kept = [amount for amount in measured.amounts if _wanted(amount.owner, tenants, queues)]
    of_queues = [amount for amount in kept if amount.owner.queue]
    of_platform = [amount for amount in kept if not amount.owner.queue]
    of_submitters = [amount for amount in measured.submitters if _wanted(amount.owner, tenants, queues)]
    by_tenant = _grouped(of_queues, lambda amount: Owner(tenant=amount.owner.tenant))
    return CostReport(
        measured=measured,
        queues=_dearest_first(_grouped(of_queues, lambda amount: amount.owner), "queue"),
        tenants=tuple(_sum("tenant", owner, some) for owner, some in sorted(by_tenant.items())),
        submitters=_dearest_first(_grouped(of_submitters, lambda amount: amount.owner), "submitter"),
        platform=_dearest_first(_grouped(of_platform, lambda amount: amount.owner), "platform"),
        queues_total=_sum("total", Owner(part=QUEUES), of_queues),
        platform_total=_sum("total", Owner(part=PLATFORM), of_platform) if of_platform else None,
        total=_sum("total", Owner(part=ALL), kept),
        bars=tuple(_bars(measured, kept)),
    )


def _wanted(owner: Owner, tenants: Sequence[str], queues: Sequence[str]) -> bool:
    if not tenants and not queues:
        return True
    return bool(owner.queue) and (owner.tenant in tenants or owner.queue in queues)


def _check(what: str, asked: Sequence[str], known: set[str]) -> None:
    for name in asked:
        if name not in known:
            found = ", ".join(sorted(known - {""})) or "none"
            raise CostReportError(f"no {what} {name} in this period; there are: {found}")


def _grouped(amounts: Iterable[Amount], by: Callable[[Amount], Owner]) -> dict[Owner, list[Amount]]:
    found: defaultdict[Owner, list[Amount]] = defaultdict(list)
    for amount in amounts:
        found[by(amount)].append(amount)
    return found


def _dearest_first(by_owner: Mapping[Owner, Sequence[Amount]], kind: Kind) -> tuple[Line, ...]:
    lines = (_sum(kind, owner, amounts) for owner, amounts in by_owner.items())
    return tuple(sorted(lines, key=lambda line: (-line.cost, line.owner)))


def _sum(kind: Kind, owner: Owner, amounts: Sequence[Amount]) -> Line:
    return Line(
        kind=kind,
        owner=owner,
        cost=sum(amount.cost for amount in amounts),
        at_peak=_fixed(amounts),
        node_hours=_known(amount.node_hours for amount in amounts),
        idle_node_hours=_known(amount.idle_node_hours for amount in amounts),
        budget=_once(amounts, lambda amount: amount.budget) if owner.tenant else None,
        hours=_once(amounts, lambda amount: amount.hours) or 0.0,
    )


def _fixed(amounts: Sequence[Amount]) -> float | None:
    """What all would have cost with every queue fixed at its peak: the platform, there whatever queues do, as much."""
    if amounts and not any(amount.owner.queue for amount in amounts):
        return None
    return _known(amount.at_peak if amount.owner.queue else amount.cost for amount in amounts)


def _known(values: Iterable[float | None]) -> float | None:
    """The sum; None where one isn't known."""
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _once(amounts: Iterable[Amount], value: Callable[[Amount], float | None]) -> float | None:
    """The sum over time of what several owners share: of each stretch the largest; None where nobody has it."""
    by_span: dict[Span, float] = {}
    for amount in amounts:
        if (found := value(amount)) is not None:
            by_span[amount.span] = max(found, by_span.get(amount.span, 0.0))
    return sum(by_span.values()) if by_span else None


def _bars(measured: Measurements, amounts: Iterable[Amount]) -> Iterator[Bar]:
    period = measured.period
    hourly = measured.source == "prometheus" and period.end - period.start <= HOURLY_UP_TO
    spans = list(period.slots() if hourly else period.days())
    found: defaultdict[int, list[Amount]] = defaultdict(list)
    for amount in amounts:
        found[bisect_right(spans, amount.span.start, key=lambda span: span.start) - 1].append(amount)
    for number, span in enumerate(spans):
        costs: defaultdict[str, float] = defaultdict(float)
        for amount in found[number]:
            costs[amount.owner.queue or PLATFORM] += amount.cost
        yield Bar(span=span, costs=dict(sorted(costs.items())), at_peak=_fixed(found[number]))
