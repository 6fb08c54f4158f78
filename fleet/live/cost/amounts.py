"""What a source found: who has cost how much when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from fleet.errors import FleetError
from fleet.live.cost.period import Span

Source = Literal["prometheus", "aws"]


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
        monthly_budget: that budget as it was then, in USD a month.
        jobs: of a submitter, how many were started.
        hours: of the span that are covered: for which there are measurements, or a bill.
    """

    owner: Owner
    span: Span
    cost: float
    at_peak: float | None = None
    node_hours: float | None = None
    idle_node_hours: float | None = None
    budget: float | None = None
    monthly_budget: float | None = None
    jobs: float | None = None
    hours: float


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What a time outside the period has cost.

    Attributes:
        span: when.
        amounts: in any order, with costs and hours.
        covered: hours of it for which there is anything at all.
    """

    span: Span
    amounts: Sequence[Amount]
    covered: float


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
        before: as long a time before the period; None where nobody asked.
        month: the month in which the period ends, up to the period's start; None where that is not after its own.
        notes: what a reader must know of them, in sentences.
    """

    source: Source
    period: Span
    amounts: Sequence[Amount]
    submitters: Sequence[Amount] = ()
    covered: float
    gaps: Sequence[Span] = ()
    before: Stretch | None = None
    month: Stretch | None = None
    notes: Sequence[str] = ()


def grouped(amounts: Iterable[Amount], by: Callable[[Amount], Owner]) -> dict[Owner, list[Amount]]:
    found: defaultdict[Owner, list[Amount]] = defaultdict(list)
    for amount in amounts:
        found[by(amount)].append(amount)
    return found
