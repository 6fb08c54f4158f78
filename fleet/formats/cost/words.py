"""How the numbers of a cost report are said, in every format for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleet.live.cost.period import duration
from fleet.live.cost.report import ALL, QUEUES, Bar, CostReport, Line
from sizing.pricing.costs import PLATFORM

UNKNOWN: Final = "-"
SUMS: Final = {QUEUES: "all queues", PLATFORM: "all of the platform", ALL: "everything"}
SUBMITTERS: Final = 20
"""That are shown to people; programs get all."""
SUBMITTER_COLUMNS: Final = ("submitter", "queue", "jobs", "cost", "of the queue")
SAME: Final = 0.005
"""A change that is none."""
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""In English whatever the machine speaks."""
COLUMNS: Final = ("cost", "period before", "month's forecast", "fixed at peak", "saving", "saved", "node hours", "idle")
"""Of `cells`; amounts are in USD."""
EXPECTED: Final = "expected month"
"""The column of what a trace makes one expect."""
QUEUE_COLUMNS: Final = (*COLUMNS, "of its tenant", EXPECTED)
BUDGET_COLUMNS: Final = (
    "tenant",
    "cost",
    "budget for this time",
    "of it",
    "month's forecast",
    "budget for the month",
    "of it",
    "",
)


def label(line: Line) -> str:
    """Whose line it is."""
    owner = line.owner
    return SUMS[owner.part] if line.kind == "total" else owner.queue or owner.part or owner.tenant


def submitters(report: CostReport) -> list[tuple[str, str, str, str, str]]:
    """Who submitted, to which queue, how many jobs, their cost and its share of the queue's: the dearest."""
    of_queues = {line.owner.queue: line.cost for line in report.queues}
    return [
        (
            line.owner.part,
            line.owner.queue,
            UNKNOWN if line.jobs is None else f"{line.jobs:,.0f}",
            money(line.cost),
            share(line.cost / whole if (whole := of_queues.get(line.owner.queue)) else None),
        )
        for line in report.submitters[:SUBMITTERS]
    ]


def budgets(report: CostReport) -> list[tuple[Line, tuple[str, ...]]]:
    """The tenants that have a budget, those over it first, each with its cells by `BUDGET_COLUMNS`."""
    some = [line for line in report.tenants if line.budget is not None]
    return [
        (
            line,
            (
                line.owner.tenant,
                money(line.cost),
                money(line.budget),
                share(line.budget_ratio),
                money(line.forecast),
                money(line.monthly_budget),
                share(line.forecast_ratio),
                over(line),
            ),
        )
        for line in sorted(some, key=lambda one: (not one.over_budget, one.owner))
    ]


def over(line: Line) -> str:
    """`over by 336.00`, `will be over by 1,200.00`; empty where it is neither."""
    if line.budget is not None and line.cost > line.budget:
        return f"over by {money(line.cost - line.budget)}"
    if line.forecast is not None and line.monthly_budget is not None and line.forecast > line.monthly_budget:
        return f"will be over by {money(line.forecast - line.monthly_budget)}"
    return ""


def over_budget(report: CostReport) -> str:
    """`ads is over its budget for this time by 336.00 (133.3 %)`: all that are over, or will be.

    Empty where no tenant in the report has a budget.
    """
    some = [line for line in report.tenants if line.budget is not None]
    if not some:
        return ""
    said = []
    for line in (one for one in some if one.over_budget):
        if line.budget is not None and line.cost > line.budget:
            how = f"is over its budget for this time by {money(line.cost - line.budget)} ({share(line.budget_ratio)})"
        else:
            how = f"{over(line)} in {month(report)} ({share(line.forecast_ratio)})"
        said.append(f"{line.owner.tenant} {how}")
    return "; ".join(said) or f"{'the' if len(some) == 1 else 'every'} tenant is within its budget"


def month(report: CostReport) -> str:
    """`November 2026`."""
    return f"{MONTHS[report.month.start.month - 1]} {report.month.start.year}"


def change(report: CostReport, line: Line) -> str:
    """`12.0 % more than in the 7 d before`, by the hours that are known of both; empty where that can't be said."""
    earlier = report.measured.before
    if line.before is None or earlier is None or not line.before or not report.measured.covered:
        return ""
    ratio = line.cost / report.measured.covered / (line.before / earlier.covered) - 1
    than = f"in the {duration(earlier.span.hours)} before"
    if abs(ratio) < SAME:
        return f"as much as {than}"
    return f"{share(abs(ratio))} {'more' if ratio > 0 else 'less'} than {than}"


def money(usd: float | None) -> str:
    """`1,234.56`."""
    return UNKNOWN if usd is None else f"{usd:,.2f}".replace("-0.00", "0.00")


def share(ratio: float | None) -> str:
    """`62.5 %`."""
    return UNKNOWN if ratio is None else f"{ratio:.1%}".replace("%", " %").replace("-0.0 ", "0.0 ")


def number(value: float | None) -> str:
    """`1,234.5`."""
    return UNKNOWN if value is None else f"{value:,.1f}"


def cells(line: Line) -> tuple[str, ...]:
    """A line's numbers, by `COLUMNS`; of a queue, by `QUEUE_COLUMNS`."""
    found = (
        money(line.cost),
        money(line.before),
        money(line.forecast),
        money(line.at_peak),
        money(line.saving),
        share(line.saving_ratio),
        number(line.node_hours),
        share(line.idle_ratio),
    )
    return (*found, share(line.of_tenant), _expected(line)) if line.kind == "queue" else found


def _expected(line: Line) -> str:
    return money(line.expected) + (" made up" if line.made_up and line.expected is not None else "")


def queue_columns(report: CostReport) -> tuple[str, ...]:
    """Those of `QUEUE_COLUMNS` that a report has."""
    return QUEUE_COLUMNS if report.trace else QUEUE_COLUMNS[:-1]


def source(report: CostReport) -> str:
    """Where the numbers come from."""
    return "measured by Prometheus" if report.measured.source == "prometheus" else "billed by AWS"


def remarks(report: CostReport) -> Iterator[str]:
    """What a reader must know of the numbers, in sentences: what they cover first."""
    covered, whole = report.measured.covered, report.period.hours
    if duration(covered) != duration(whole):
        yield (
            f"Covers {duration(covered)} of {duration(whole)}: what is missing is not in any number"
            + (f" (nothing from {'; from '.join(map(str, report.measured.gaps))})." if report.measured.gaps else ".")
        )
    else:
        yield f"Covers all of {duration(whole)}."
    for line in report.queues:
        if duration(line.hours) != duration(covered):
            yield f"{label(line)}: {duration(line.hours)} of these {duration(covered)}."
    parts = [f"{bar.span.start:%Y-%m-%d}" + _time(bar) + f" ({duration(bar.hours)})" for bar in _partial(report)]
    if parts:
        one = "hours" if report.bars[0].whole == 1 else "days"
        yield f"Not whole {one}, which are not to be compared with the others: {', '.join(parts)}."
    yield from _beside(report)
    yield from report.measured.notes
    if report.trace:
        yield report.trace


def _partial(report: CostReport) -> list[Bar]:
    """Bars that are not whole; those without anything are told as what is missing."""
    return [bar for bar in report.bars if bar.partial and bar.hours]


def _time(bar: Bar) -> str:
    return f"{bar.span.start: %H:%M}" if bar.whole == 1 else ""


def _beside(report: CostReport) -> Iterator[str]:
    """What the period before and the forecast are."""
    measured = report.measured
    if measured.before is None:
        return
    earlier = measured.before
    if not earlier.covered:
        yield f"Of the period before, {earlier.span}, nothing is known."
    elif duration(earlier.covered) != duration(earlier.span.hours):
        yield (
            f"Of the period before, {earlier.span}, {duration(earlier.covered)} of {duration(earlier.span.hours)} are "
            "known; changes are by the hour."
        )
    said = f"Forecast of {month(report)}: what it has cost so far, and the rest of it as in this period"
    if measured.month and duration(measured.month.covered) != duration(measured.month.span.hours):
        known, whole = duration(measured.month.covered), duration(measured.month.span.hours)
        said += f"; of its {whole} before this period, {known} are known and the others left out"
    yield f"{said}."
