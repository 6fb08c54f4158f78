"""How expected months are said, in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fleet.formats.phrases import ARROW, counted, number
from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.expected import ExpectedQueue

if TYPE_CHECKING:
    from capacity.expected import Month

_MINUTES_FROM: Final = 120.0
"""Seconds; below, a wait is said in them."""
_HOURS_FROM: Final = 120 * 60.0
_NONE: Final = "-"
COLUMNS: Final = ("USD a month", "p95 wait", "p95 runtime", "rests on")
"""Of `cells`."""


def cells(one: ExpectedQueue) -> list[tuple[str, str | None]]:
    """By `COLUMNS`, a text now and what it was; None where nothing was, or nothing is compared."""
    now, then = one.shown, None if one.gone else one.then
    found: list[tuple[str, str | None]] = [
        (said(now) if now else _NONE, said(then) if then else None) for said in (_usd, _wait, _longer)
    ]
    return [*found, (_rests_on(now) if now else one.why, None)]


def sides(one: ExpectedQueue) -> tuple[str, str | None]:
    """USD a month now, and what it was where that is another amount."""
    (now, then), *_ = cells(one)
    return now, None if then == now else then


def moved(one: ExpectedQueue) -> Iterator[str]:
    """`expected 3,100 → 2,650 USD a month`, `p95 wait 2 → 3 min`: what changes, and whether made-up jobs say so.

    Of a queue that is new, what is expected of it; nothing of one that goes.
    """
    if one.gone or (one.now is None and one.then is None):
        return
    if one.now is None:
        yield f"no expected month: {one.why}"
        return
    by = " by made-up jobs" if one.now.made_up else ""
    usd, wait, longer = (_moved(one, said) for said in (_usd, _wait, _longer))
    if usd:
        yield f"expected {usd} USD a month{by}"
    if wait:
        yield f"p95 wait {wait}"
    if longer and one.then:
        yield f"p95 runtime {longer}"


def title(queues: Iterable[ExpectedQueue]) -> str:
    """What a column of expected amounts is called: whether made-up jobs are behind any."""
    return f"expected{mark(queues)}"


def heading(queues: Iterable[ExpectedQueue]) -> str:
    """The same in lines, for a narrow column."""
    return title(queues).replace(", ", ",\n").replace("partly ", "partly\n")


def mark(queues: Iterable[ExpectedQueue]) -> str:
    """`, made up` or `, partly made up`, behind what is said of expected months; empty where all jobs were recorded."""
    shown = [one.shown for one in queues if one.shown]
    made_up = sum(month.made_up for month in shown)
    return "" if not made_up else ", made up" if made_up == len(shown) else ", partly made up"


def total(queues: Sequence[ExpectedQueue]) -> str:
    """USD a month of all queues together; a `-` where nothing is known of one."""
    queues = [one for one in queues if not one.gone]
    known = [one.now.usd for one in queues if one.now and one.now.usd is not None]
    return f"{sum(known):,.0f}" if known and len(known) == len(queues) else _NONE


def in_all(queues: Sequence[ExpectedQueue]) -> str:
    """`expected 3,100 → 2,650`: of a stack's queues together; empty where there is nothing to be said."""
    now, then = total_sides(queues)
    return f"{title(queues)}: {f'{then} {ARROW} {now}' if then else now}" if now else ""


def total_sides(queues: Sequence[ExpectedQueue]) -> tuple[str, str | None]:
    """USD a month of all queues together, empty where that isn't known, and what it was where that is another."""
    now, then = total(queues), total([replace(one, now=one.then) for one in queues])
    if now == _NONE:
        return "", None
    return now, None if then in (now, _NONE) else then


def unable(queues: Iterable[ExpectedQueue]) -> Iterator[str]:
    """A sentence for each queue of which recorded jobs can't run as it is declared."""
    for one in queues:
        if found := one.unable:
            yield (
                f"{one.queue}: {found.jobs:,} of {counted(found.of, 'recorded job')} can't run as it is declared: "
                f"{found.why}."
            )


def about(comparison: FleetComparison) -> Iterator[str]:
    """What a reader must know of the expected months: what they rest on first. Nothing without a trace."""
    trace = comparison.trace
    if trace is None:
        return
    made_up = (
        ""
        if not trace.made_up
        else ", made up by `fleet capacity generate`: nobody's real use"
        if trace.made_up == trace.jobs
        else f", {trace.made_up:,} of them made up by `fleet capacity generate`"
    )
    both = " on both sides" if comparison.base else ""
    yield (
        f"Expected months are of executor nodes, by a replay{both} of {trace.name}: {counted(trace.jobs, 'job')} in "
        f"{trace.weeks:.1f} weeks{made_up}. p95: 95 of a hundred jobs wait less for their driver, or run less longer "
        "than recorded. How far to trust it: docs/capacity.md."
    )
    yield from trace.remarks


def waiting(seconds: float) -> str:
    """`95 s`, `12 min`, `3.5 h`."""
    if seconds < _MINUTES_FROM:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < _HOURS_FROM else f"{number(seconds / 3600)} h"


def _usd(month: Month) -> str:
    return "not known" if month.usd is None else f"{month.usd:,.0f}"


def _wait(month: Month) -> str:
    return waiting(month.wait)


def _longer(month: Month) -> str:
    return f"{month.longer:+.0%}".replace("%", " %").replace("-0 ", "+0 ")


def _rests_on(month: Month) -> str:
    return f"{counted(month.jobs, 'made-up job' if month.made_up else 'job')} in {month.weeks:.1f} weeks"


def _moved(one: ExpectedQueue, said: Callable[[Month], str]) -> str:
    """`2 → 3 min`, or what it is where there is no before; empty where it stays."""
    if one.now is None:
        return ""
    now = said(one.now)
    if one.then is None:
        return now
    then = said(one.then)
    if then == now:
        return ""
    value, _, unit = then.rpartition(" ")
    return f"{value if value and now.endswith(f' {unit}') else then} {ARROW} {now}"
