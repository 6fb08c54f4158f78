"""What a period has cost, queue by queue and for the platform: lines and their sums, whoever measured them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from fleet.live.cost.amounts import Amount, CostReportError, Measurements, Owner, grouped
from fleet.live.cost.beside import Beside
from fleet.live.cost.period import DAY, HOUR, Span, month_of
from sizing.pricing.costs import PLATFORM

Kind = Literal["queue", "tenant", "submitter", "platform", "total"]
QUEUES: Final = "queues"
ALL: Final = "all"
"""Parts of sums, beside `PLATFORM`."""
HOURLY_UP_TO: Final = 2 * DAY
"""A chart of so short a period has a bar an hour, that of a longer one a bar a day."""


WHOLE: Final = 0.99
"""The share of a day that makes a day."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one owner has cost in the whole period, or several together; for the fields see `Amount`.

    Attributes:
        budget: of a tenant whose queues are all in the report. Its queues share it, so none of them has it.
        monthly_budget: likewise, as it was last.
        of_tenant: of a queue, its share of what its tenant's queues in the report have cost.
        before: USD in as long a time before the period; None where nobody knows.
        expected: USD of a month by the replay of a trace; None but for queues, and where none is named.
        made_up: whether generated jobs are in what is expected.
        forecast: USD of the month in which the period ends: what it has cost so far, and the rest at the period's rate.
    """

    kind: Kind
    owner: Owner
    cost: float
    at_peak: float | None
    node_hours: float | None
    idle_node_hours: float | None
    budget: float | None
    hours: float
    monthly_budget: float | None = None
    jobs: float | None = None
    of_tenant: float | None = None
    before: float | None = None
    forecast: float | None = None
    expected: float | None = None
    made_up: bool = False

    @property
    def forecast_ratio(self) -> float | None:
        """Its forecast as a share of its budget for a month."""
        return None if self.forecast is None or not self.monthly_budget else self.forecast / self.monthly_budget

    @property
    def over_budget(self) -> bool:
        """Whether it has spent more than its budget for the covered time, or will have at the month's end."""
        return max(self.budget_ratio or 0.0, self.forecast_ratio or 0.0) > 1

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
        hours: of it for which there is anything at all, whichever queues the report is of.
        whole: hours of the day, or hour, that it is of.
    """

    span: Span
    costs: Mapping[str, float]
    at_peak: float | None
    hours: float
    whole: float

    @property
    def partial(self) -> bool:
        """Whether it lacks more than what a restart of Prometheus takes, and is not to be compared with the others."""
        return self.hours < self.whole * WHOLE


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
        trace: by which months are expected, and whether jobs of it are made up, in words; empty without one.
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
    trace: str = ""

    @property
    def period(self) -> Span:
        """Of what it is."""
        return self.measured.period

    @property
    def month(self) -> Span:
        """Of what the forecast is."""
        return month_of(self.period)


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
    by_tenant = grouped(of_queues, lambda amount: Owner(tenant=amount.owner.tenant))
    whole = {tenant for tenant in by_tenant if _all_kept(tenant.tenant, measured, of_queues)}
    beside = Beside(measured)
    costs = {owner.tenant: sum(amount.cost for amount in some) for owner, some in by_tenant.items()}
    return CostReport(
        measured=measured,
        queues=_dearest_first(
            replace(_sum("queue", owner, some, beside), of_tenant=_share(some, costs[owner.tenant]))
            for owner, some in grouped(of_queues, lambda amount: amount.owner).items()
        ),
        tenants=tuple(
            _with_budget(_sum("tenant", owner, some, beside), some)
            if owner in whole
            else _sum("tenant", owner, some, beside)
            for owner, some in sorted(by_tenant.items())
        ),
        submitters=_dearest_first(
            _sum("submitter", owner, some)
            for owner, some in grouped(of_submitters, lambda amount: amount.owner).items()
        ),
        platform=_dearest_first(
            _sum("platform", owner, some, beside)
            for owner, some in grouped(of_platform, lambda amount: amount.owner).items()
        ),
        queues_total=_sum("total", Owner(part=QUEUES), of_queues, beside),
        platform_total=_sum("total", Owner(part=PLATFORM), of_platform, beside) if of_platform else None,
        total=_sum("total", Owner(part=ALL), kept, beside),
        bars=tuple(_bars(measured, kept)),
    )


def with_expected(report: CostReport, months: Mapping[str, tuple[float | None, bool]], trace: str) -> CostReport:
    """A report with what a month of each queue is expected to cost.

    Args:
        report: without.
        months: by queue, USD, None where a price isn't known, and whether generated jobs are in it.
        trace: what they rest on, a sentence.
    """
    queues = []
    for line in report.queues:
        usd, made_up = months.get(line.owner.queue, (None, False))
        queues.append(replace(line, expected=usd, made_up=made_up))
    return replace(report, queues=tuple(queues), trace=trace)


def _wanted(owner: Owner, tenants: Sequence[str], queues: Sequence[str]) -> bool:
    if not tenants and not queues:
        return True
    return bool(owner.queue) and (owner.tenant in tenants or owner.queue in queues)


def _check(what: str, asked: Sequence[str], known: set[str]) -> None:
    for name in asked:
        if name not in known:
            found = ", ".join(sorted(known - {""})) or "none"
            raise CostReportError(f"no {what} {name} in this period; there are: {found}")


def _dearest_first(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (-line.cost, line.owner)))


def _sum(kind: Kind, owner: Owner, amounts: Sequence[Amount], beside: Beside | None = None) -> Line:
    owners = {amount.owner for amount in amounts}
    return Line(
        kind=kind,
        owner=owner,
        cost=sum(amount.cost for amount in amounts),
        at_peak=_fixed(amounts),
        node_hours=_known(amount.node_hours for amount in amounts),
        idle_node_hours=_known(amount.idle_node_hours for amount in amounts),
        budget=None,
        hours=_once(amounts, lambda amount: amount.hours) or 0.0,
        jobs=_known(amount.jobs for amount in amounts) if amounts else None,
        before=beside.before(owners) if beside else None,
        forecast=beside.forecast(owners) if beside else None,
    )


def _all_kept(tenant: str, measured: Measurements, kept: Sequence[Amount]) -> bool:
    """Whether the report has all queues of a tenant: its budget is for all of them."""
    every = {amount.owner for amount in measured.amounts if amount.owner.queue and amount.owner.tenant == tenant}
    return every <= {amount.owner for amount in kept}


def _with_budget(line: Line, amounts: Sequence[Amount]) -> Line:
    """A tenant's line with its budget: for the covered time, and for a month as it was last."""
    known = [amount for amount in amounts if amount.monthly_budget is not None]
    last = max(known, key=lambda amount: amount.span).monthly_budget if known else None
    return replace(line, budget=_once(amounts, lambda amount: amount.budget), monthly_budget=last)


def _share(amounts: Iterable[Amount], whole: float) -> float | None:
    return sum(amount.cost for amount in amounts) / whole if whole else None


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
        found[_number(amount, spans)].append(amount)
    covered = _by_stretch(measured.amounts, spans)
    for number, span in enumerate(spans):
        costs: defaultdict[str, float] = defaultdict(float)
        for amount in found[number]:
            costs[amount.owner.queue or PLATFORM] += amount.cost
        yield Bar(
            span=span,
            costs=dict(sorted(costs.items())),
            at_peak=_fixed(found[number]),
            hours=covered[number],
            whole=(HOUR if hourly else DAY) / HOUR,
        )


def _by_stretch(amounts: Iterable[Amount], spans: Sequence[Span]) -> list[float]:
    """The hours of each span for which there is anything."""
    found: defaultdict[int, list[Amount]] = defaultdict(list)
    for amount in amounts:
        found[_number(amount, spans)].append(amount)
    return [_once(found[number], lambda amount: amount.hours) or 0.0 for number in range(len(spans))]


def _number(amount: Amount, spans: Sequence[Span]) -> int:
    return bisect_right(spans, amount.span.start, key=lambda span: span.start) - 1
