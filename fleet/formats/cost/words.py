"""How the numbers of a cost report are said, in every format for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleet.live.cost.period import duration
from fleet.live.cost.report import ALL, QUEUES, CostReport, Line
from sizing.pricing.costs import PLATFORM

UNKNOWN: Final = "-"
SUMS: Final = {QUEUES: "all queues", PLATFORM: "all of the platform", ALL: "everything"}
SUBMITTERS: Final = 20
"""That are shown to people; programs get all."""
SUBMITTER_COLUMNS: Final = ("submitter", "queue", "cost", "of the queue")
COLUMNS: Final = ("cost", "fixed at peak", "saving", "saved", "node hours", "idle", "of budget")
"""Of `cells`; amounts are in USD."""


def label(line: Line) -> str:
    """Whose line it is."""
    owner = line.owner
    return SUMS[owner.part] if line.kind == "total" else owner.queue or owner.part or owner.tenant


def submitters(report: CostReport) -> list[tuple[str, str, str, str]]:
    """Who submitted, to which queue, for how much and for what share of the queue's cost: the dearest."""
    of_queues = {line.owner.queue: line.cost for line in report.queues}
    return [
        (
            line.owner.part,
            line.owner.queue,
            money(line.cost),
            share(line.cost / whole if (whole := of_queues.get(line.owner.queue)) else None),
        )
        for line in report.submitters[:SUBMITTERS]
    ]


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
    """A line's numbers, by `COLUMNS`."""
    return (
        money(line.cost),
        money(line.at_peak),
        money(line.saving),
        share(line.saving_ratio),
        number(line.node_hours),
        share(line.idle_ratio),
        share(line.budget_ratio),
    )


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
    yield from report.measured.notes
