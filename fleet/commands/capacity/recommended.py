"""Recommended sizes, as a terminal and as JSON show them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Column, Table

from fleet.commands.capacity.words import whole
from fleet.formats.expected import waiting
from fleet.formats.terminal import say

if TYPE_CHECKING:
    from rich.console import Console

    from capacity.declared import Platform, Pool, Queue, Schedule
    from capacity.recommending.outcome import Figures
    from capacity.recommending.recommendation import Recommendation


def record(platform: Platform, one: Recommendation) -> dict[str, object]:
    """A recommendation as JSON. USD are of a month of 730 hours, waits in seconds, shares from 0 to 1."""
    return {
        "platform": platform.stack,
        "stack": one.queue.stack,
        "queue": one.queue.namespace,
        "met": one.met,
        "target": asdict(one.target),
        "sizes": {
            "atOnce": one.queue.jobs,
            "pools": {
                name: {
                    "minimum": pool.minimum,
                    "maxNodes": pool.maximum,
                    "used": one.used[name],
                    "instanceTypes": list(pool.instance_types),
                    "capacity": capacity(pool),
                    "unneededTime": pool.unneeded,
                    "schedules": [
                        {**asdict(schedule.hours), "timeZone": schedule.zone.key, "minimum": schedule.minimum}
                        for schedule in pool.schedules
                    ],
                }
                for name, pool in one.queue.pools.items()
            },
        },
        "lowerMaximaSave": one.lower,
        "spotShare": one.spot,
        "now": asdict(one.now),
        "then": asdict(one.then),
        "fixed": asdict(one.fixed),
        "sure": asdict(one.sure),
        "heldOut": None if one.held_out is None else asdict(one.held_out),
        "weeks": one.weeks,
        "monthEnds": one.month_ends,
        "curve": [asdict(tried.figures) for tried in one.curve],
        "sensitivity": [asdict(other) for other in one.sensitivity],
        "kinds": [
            {
                "what": other.what,
                "met": other.met,
                "figures": asdict(other.figures),
                "lost": other.lost,
                "pools": {
                    name: {
                        "instanceTypes": list(pool.instance_types),
                        "capacity": capacity(pool),
                        "minimum": pool.minimum,
                        "maxNodes": pool.maximum,
                    }
                    for name, pool in other.queue.pools.items()
                },
            }
            for other in one.kinds
        ],
    }


def show(out: Console, one: Recommendation) -> None:
    """A recommendation: what to change first, then what that leads to, and how sure it is."""
    saving = f", {1 - one.then.usd / one.fixed.usd:.0%} less than nodes fixed at the peak" if one.fixed.usd else ""
    say(
        out,
        f"{one.queue.namespace}: {whole(one.then.usd)} USD a month for executors instead of {whole(one.now.usd)}"
        f"{saving}",
        "bold",
    )
    for line in changes(one):
        say(out, f"  {line}")
    for line in stays(one):
        say(out, f"  {line}")
    for line in on_other_nodes(one):
        say(out, f"  {line}")
    say(out, f"  {'meets' if one.met else 'comes nearest to'} the target: {_target(one)}")
    figures = Table("", *(Column(name, justify="right") for name in ("USD", "wait p95", "longer p95", "late")))
    rows: list[tuple[str, Figures | None]] = [
        ("fixed at the peak", one.fixed),
        ("now", one.now),
        ("recommended", one.then),
        ("the last weeks, unseen", one.held_out),
        *((other.what, other.figures) for other in (*one.sensitivity, *one.kinds)),
    ]
    for what, row in rows:
        if row is not None:
            figures.add_row(what, whole(row.usd), waiting(row.wait), f"{row.longer:+.1%}", f"{row.late:.0%}")
    out.print(figures)
    sure = one.sure
    say(
        out,
        f"  90 of 100 draws of {sure.blocks}: {whole(sure.usd[0])} to {whole(sure.usd[1])} USD, wait "
        f"{waiting(sure.wait[0])} to {waiting(sure.wait[1])}, {sure.longer[0]:+.1%} to {sure.longer[1]:+.1%} longer; "
        f"{one.weeks:.1f} weeks with {one.month_ends} month-end{'s' * (one.month_ends != 1)}",
    )
    curve = Table("cost and wait", *(Column(name, justify="right") for name in ("USD", "wait p95", "longer p95")))
    for tried in one.curve:
        curve.add_row(
            _ready(tried.queue),
            whole(tried.figures.usd),
            waiting(tried.figures.wait),
            f"{tried.figures.longer:+.1%}",
        )
    out.print(curve)
    say(
        out,
        "cost and wait: the minimum, to the most that schedules keep; s: that nodes stay empty, where it isn't the "
        "platform's; max: the maximum. late: of the jobs with a deadline. --write leaves the kind of nodes to you: "
        "nodes of another size take a new generation of their pool (docs/capacity.md).",
        "dim",
    )


def changes(one: Recommendation) -> list[str]:
    """What differs from the declared queue, a line each, in the words of the stack file."""
    found = []
    if one.queue.jobs != one.declared.jobs:
        found.append(f"drivers.atOnce: {one.declared.jobs} -> {one.queue.jobs}")
    for name, pool in one.queue.pools.items():
        before = one.declared.pools[name]
        if pool.minimum != before.minimum:
            found.append(f"{name}: minimum of {before.minimum} -> {pool.minimum} nodes")
        if pool.maximum != before.maximum:
            found.append(f"{name}: maxNodes {before.maximum} -> {pool.maximum}{_why(one, name)}")
        if pool.unneeded != before.unneeded:
            found.append(f"{name}: unneededTime {_time(before.unneeded)} -> {_time(pool.unneeded)}")
        if pool.schedules != before.schedules:
            found += [f"{name}: schedule {_schedule(schedule)}" for schedule in pool.schedules] or [
                f"{name}: no schedule"
            ]
    return found


def stays(one: Recommendation) -> list[str]:
    """What is as declared, a line for each pool that has such, and what of its maximum the trace uses."""
    found = []
    for name, pool in one.queue.pools.items():
        before = one.declared.pools[name]
        same = [
            *([f"minimum of {pool.minimum}"] if pool.minimum == before.minimum else []),
            *(
                [f"maxNodes {pool.maximum}, of which the trace uses {one.used[name]} at most"]
                if pool.maximum == before.maximum
                else []
            ),
            *([f"unneededTime {_time(pool.unneeded)}"] if pool.unneeded == before.unneeded else []),
            *(["its schedules" if pool.schedules else "no schedule"] if pool.schedules == before.schedules else []),
        ]
        if same:
            found.append(f"{name} keeps {'; '.join(same)}")
    return found


def on_other_nodes(one: Recommendation) -> list[str]:
    """The nodes, and the share of Spot, that the figures are of, and each other kind that was tried, a line each."""
    from capacity.recommending.others import kinds_of

    found = [f"nodes: {kinds_of(one.queue)}; {one.spot:.0%} of node hours on Spot"]
    for other in one.kinds:
        less = 1 - other.figures.usd / one.then.usd if one.then.usd else 0.0
        cost = f"{abs(less):.0%} {'less' if less >= 0 else 'more'}"
        how = "meets the target" if other.met else f"misses the target ({_figures(other.figures)})"
        found.append(f"  {other.what} instead: {cost}, {how}")
    return found


def capacity(pool: Pool) -> str:
    """What a stack file says of a pool's nodes: `spot`, or `on-demand`."""
    return "spot" if pool.spot else "on-demand"


def _figures(figures: Figures) -> str:
    return f"wait {waiting(figures.wait)}, {figures.longer:+.0%} longer, {figures.late:.0%} late"


def _why(one: Recommendation, name: str) -> str:
    """Why a pool's maximum differs."""
    used, spare = one.used[name], one.queue.pools[name].maximum
    if spare < one.declared.pools[name].maximum:
        return "" if one.lower is None else f", which makes it {one.lower:.0%} cheaper; the trace uses {used} at most"
    return f"; the trace uses {used} at most, and the rest is room"


def _schedule(schedule: Schedule) -> str:
    hours = schedule.hours
    return (
        f"{' '.join(hours.days)} {_clock(hours.start)} to {_clock(hours.end)} {schedule.zone.key}: "
        f"{schedule.minimum} nodes"
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _time(unneeded: int | None) -> str:
    return "as the platform's" if unneeded is None else f"{unneeded}s"


def _target(one: Recommendation) -> str:
    wanted = [f"95 of 100 jobs wait at most {waiting(one.target.wait)}", f"run at most {one.target.longer:.0%} longer"]
    return ", ".join([*wanted, "and meet their deadlines"] if one.target.deadlines else wanted)


def _ready(queue: Queue) -> str:
    """What a queue keeps ready, and its other sizes, in a few words; of several pools the sums."""
    pools = queue.pools.values()
    scheduled = sum(max((s.minimum for s in pool.schedules), default=pool.minimum) for pool in pools)
    kept = sum(pool.minimum for pool in pools)
    unneeded = sorted({pool.unneeded for pool in pools if pool.unneeded is not None})
    return ", ".join(
        (
            f"{kept} to {scheduled}" if scheduled > kept else f"{kept}",
            *(f"{seconds} s" for seconds in unneeded),
            f"max {sum(pool.maximum for pool in pools)}",
        )
    )
