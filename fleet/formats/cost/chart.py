"""The chart of a cost report: a bar a day, or an hour, beside what queues fixed at their peak would have cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.formats.cost.words import money
from fleet.formats.drawing import Drawing, text_width
from fleet.live.cost.period import HOUR, duration
from fleet.live.cost.report import Bar, CostReport
from sizing.pricing.costs import PLATFORM

WIDTH: Final = 1060
HEIGHT: Final = 300
TOP: Final = 14
BOTTOM: Final = 28
COLOURS: Final = 8
"""Queues that get a colour of their own, the dearest; the others share one."""
OTHERS: Final = "other queues"
GRIDLINES: Final = 4
WIDEST_BAR: Final = 64
LABEL_SIZE: Final = 11.5
DATE_WIDTH: Final = text_width("2026-11-24", LABEL_SIZE) + 14


@dataclass(frozen=True)
class LegendEntry:
    """What a colour stands for: its style, and who it is."""

    style: str
    name: str


@dataclass(frozen=True)
class Chart:
    """A drawing and its legend, from the bars' foot upwards.

    Attributes:
        drawing: what is shown.
        legend: of its colours.
        partial: what the lighter bars are; empty where there are none.
    """

    drawing: Drawing
    legend: tuple[LegendEntry, ...]
    partial: str


def chart(report: CostReport) -> Chart:
    """The chart of a report that has bars with costs."""
    entries = _legend(report)
    styles = {entry.name: entry.style for entry in entries}
    bars = [_shown(bar, styles) for bar in report.bars]
    top = max([1e-9, *(sum(bar.values()) for bar in bars), *(bar.at_peak or 0 for bar in report.bars)])
    step = nice_step(top / GRIDLINES)
    lines = math.ceil(top / step - 1e-9)
    left = max(text_width(_tick(step * number, step), LABEL_SIZE) for number in range(lines + 1)) + 12
    hourly = any(bar.span.end - bar.span.start <= HOUR for bar in report.bars[1:-1] or report.bars)
    drawing = Drawing(
        title=f"Cost by {'hour' if hourly else 'day'} and queue",
        description="; ".join(f"{_when(bar, hourly)}: {_said(bar)}" for bar in report.bars),
        width=WIDTH,
        height=HEIGHT,
    )
    foot, tall = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    scale = tall / (lines * step)
    for number in range(lines + 1):
        y = foot - number * step * scale
        drawing.arrow((left, y), (WIDTH, y), style="axis" if number == 0 else "grid", head=False)
        drawing.text(left - 6, y + 4, _tick(number * step, step), "s", "end")
    slot = (WIDTH - left) / len(report.bars)
    width = min(WIDEST_BAR, slot * 0.72)
    every = math.ceil(DATE_WIDTH / slot)
    for number, (bar, costs) in enumerate(zip(report.bars, bars, strict=True)):
        middle = left + slot * (number + 0.5)
        y = foot
        for name, cost in costs.items():
            high = cost * scale
            y -= high
            if high > 0:
                drawing.box(
                    middle - width / 2,
                    y,
                    width,
                    high,
                    f"bar {styles[name]}{' part' if bar.partial else ''}",
                    f"{name}, {_when(bar, hourly)}: {money(cost)} USD{_part(bar)}",
                )
        if number % every == 0:
            mark = "*" if bar.partial and bar.hours else ""
            drawing.text(middle, foot + 18, f"{_when(bar, hourly, short=True)}{mark}", "s", "middle")
    for points in _peaks(report.bars, left, slot, foot, scale):
        drawing.arrow(*points, style="peak", head=False)
    partial = any(bar.partial and bar.costs for bar in report.bars)
    return Chart(drawing, entries, f"* not a whole {'hour' if hourly else 'day'}" if partial else "")


def nice_step(minimum: float) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is not less."""
    power = 10.0 ** math.floor(math.log10(minimum))
    return next(step for step in (power * factor for factor in (1, 2, 2.5, 5, 10)) if step >= minimum * (1 - 1e-9))


def _legend(report: CostReport) -> tuple[LegendEntry, ...]:
    totals = Counter[str]()
    for bar in report.bars:
        totals.update({name: cost for name, cost in bar.costs.items() if name != PLATFORM})
    dearest = sorted(totals, key=lambda name: (-totals[name], name))
    found = [LegendEntry("shared", PLATFORM)] if any(PLATFORM in bar.costs for bar in report.bars) else []
    found += [LegendEntry(f"q{number}", name) for number, name in enumerate(dearest[:COLOURS])]
    return (*found, LegendEntry("others", OTHERS)) if len(dearest) > COLOURS else tuple(found)


def _shown(bar: Bar, styles: Mapping[str, str]) -> dict[str, float]:
    """What is painted of a bar, from its foot upwards. A credit in a bill, below nothing, is left to the tables."""
    costs = dict.fromkeys(styles, 0.0)
    for name, cost in bar.costs.items():
        costs[name if name in styles else OTHERS] += max(cost, 0.0)
    return costs


def _peaks(
    bars: Sequence[Bar], left: float, slot: float, foot: float, scale: float
) -> Iterator[list[tuple[float, float]]]:
    """The line of queues fixed at their peak, broken where nobody knows."""
    points: list[tuple[float, float]] = []
    for number, bar in enumerate(bars):
        if bar.at_peak is None or not bar.costs:
            if points:
                yield points
            points = []
            continue
        y = foot - bar.at_peak * scale
        points += [(left + slot * number, y), (left + slot * (number + 1), y)]
    if points:
        yield points


def _when(bar: Bar, hourly: bool, *, short: bool = False) -> str:
    start = bar.span.start
    if not hourly:
        return f"{start:%Y-%m-%d}"
    return f"{start:%H:%M}" if short else f"{start:%Y-%m-%d %H:%M}"


def _part(bar: Bar) -> str:
    """` in 10 h of it`, of a day or hour that is not whole."""
    return f" in {duration(bar.hours)} of it" if bar.partial else ""


def _said(bar: Bar) -> str:
    cost = f"{money(sum(bar.costs.values()))} USD{_part(bar)}"
    return cost if bar.at_peak is None else f"{cost}, fixed at peak {money(bar.at_peak)}"


def _tick(value: float, step: float) -> str:
    digits = 1 if f"{step:.1e}".startswith("2.5") else 0
    return f"{value:,.{max(0, digits - math.floor(math.log10(step)))}f}"
