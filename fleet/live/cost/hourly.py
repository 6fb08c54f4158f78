"""Sums of an expression over each hour of the clock, asked of a Prometheus."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

from components.observability.series import Series
from fleet.live.cost.amounts import CostReportError
from fleet.live.cost.period import HOUR, MINUTE, Span
from fleet.live.cost.prometheus import Point

Key = tuple[Span, tuple[str, ...]]
"""An hour, and the values of labels."""


class Queries(Protocol):
    """What is used of `fleet.live.cost.prometheus.Prometheus`."""

    warnings: list[str]

    def at(self, expression: str, time: float, /) -> list[Point]: ...

    def between(self, expression: str, first: float, last: float, step: float, /) -> list[Point]: ...


def one_each(series: Series, *matchers: str) -> str:
    """One value for each of a series' labels, however many replicas measured it.

    Args:
        series: recorded.
        matchers: of labels, as PromQL has them; empty ones count for nothing.
    """
    return f"max by ({', '.join(series.labels)}) ({series}{{{', '.join(filter(None, matchers))}}})"


def hourly(
    prometheus: Queries, function: str, expression: str, slots: Sequence[Span], labels: tuple[str, ...]
) -> dict[Key, float]:
    """By hour and labels, the sum over the hour's minutes of an expression's values (or of ones), over 60: its
    integral, in the expression's unit times hours."""
    over = partial(_over, function, expression)
    return {key: value / 60 for key, value in by_slot(prometheus, over, slots, labels).items()}


def by_slot(
    prometheus: Queries, over: Callable[[Span], str], slots: Sequence[Span], labels: tuple[str, ...]
) -> dict[Key, float]:
    """By hour and labels, the values of an expression over the hour."""
    by_end = {span.end.timestamp(): span for span in slots}
    found: defaultdict[Key, float] = defaultdict(float)
    for point in _points(prometheus, over, slots):
        # A range query also answers for hours that are not whole.
        if (span := by_end.get(point.time)) is None:
            continue
        if not math.isfinite(point.value):
            raise CostReportError(
                f"{prometheus}: {over(span)} is {point.value} in the hour to {span.end:%Y-%m-%d %H:%M} UTC"
            )
        found[span, tuple(point.labels.get(label, "") for label in labels)] += point.value
    return dict(found)


def _points(prometheus: Queries, over: Callable[[Span], str], slots: Sequence[Span]) -> Iterator[Point]:
    whole = [span for span in slots if span.end - span.start == HOUR]
    if whole:
        step = HOUR.total_seconds()
        ends = whole[0].end.timestamp(), whole[-1].end.timestamp()
        yield from prometheus.between(over(whole[0]), *ends, step)
    for cut in slots:
        if cut.end - cut.start != HOUR:
            yield from prometheus.at(over(cut), cut.end.timestamp())


def _over(function: str, expression: str, span: Span) -> str:
    """A function over the minutes of a span that ends at the time of evaluation, the minute at its start left out.

    Half a minute less than the span, since versions before 3 count both ends of a range and later ones the last only
    (https://prometheus.io/docs/prometheus/latest/migration/#range-selectors-and-lookback-exclude-samples-coinciding-with-the-left-boundary).
    """
    seconds = (span.end - span.start - MINUTE / 2).total_seconds()
    return f"{function}({expression}[{seconds:.0f}s:{MINUTE.total_seconds():.0f}s])"
