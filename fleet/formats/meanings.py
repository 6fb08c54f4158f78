"""What a change means to people: queues and pools by their numbers and what they cost, settings as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fleet.formats.expected import in_all, moved
from fleet.formats.phrases import ARROW, counted, number, per_month, span
from fleet.formats.reach import reach_lines
from fleet.formats.sides import matched
from fleet.offline.changes.comparison import FleetComparison, StackComparison
from fleet.offline.changes.difference import Change
from fleet.offline.changes.earlier import Unread
from fleet.offline.costs import GROUP_TYPE
from fleet.offline.pools import LABELLED_POOL_TYPE, POOL_TYPE, QUEUE_TYPE, PoolRow, QueueRow, pool_rows, queue_rows
from infra.settings.findings import shown
from sizing.pricing.costs import PLATFORM, Cost, Usd
from sizing.quantities import GIB
from sizing.values import Json

MINUS: Final = "\N{MINUS SIGN}"
RANKS: Final[Mapping[str, int]] = {QUEUE_TYPE: 0, POOL_TYPE: 1, LABELLED_POOL_TYPE: 1, GROUP_TYPE: 2}
"""Types of resources whose changes stand first, in this order; all else follows from them."""
_LONGEST: Final = 80
"""Characters of a setting's value that are shown."""
_TOLD: Final = re.compile(r"queues\.[^.]+(\.pools\.[^.]+|\.(data|catalogs|databases|reach|secrets)(\..*)?)?")
"""Settings that come, go or change with a queue's or a pool's numbers, and with what a queue reaches."""


@dataclass(frozen=True)
class Meaning:
    """What a change makes of a queue, a pool, a platform's cost or a stack's settings.

    Attributes:
        subject: what it is about.
        said: what becomes of it, in phrases.
    """

    subject: str
    said: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """`ads-batch: max nodes 20 → 24, CPU 157 → 187, +1,902 USD a month at maximum`."""
        return f"{self.subject}: {', '.join(self.said)}"


def meanings(comparison: FleetComparison) -> list[Meaning]:
    """What a change means, stack by stack in their order; of stacks that come or go as a whole, their queues."""
    found = [one for stack in comparison.stacks for one in _of_stack(stack)]
    alone = [stack.stack for stack in comparison.stacks if _by_the_program(stack)]
    if alone:
        what = "their files don't change" if len(alone) > 1 else "its file doesn't change"
        found.append(Meaning(", ".join(alone), (f"{what}: other settings or the program make something else of it",)))
    return found


def _by_the_program(stack: StackComparison) -> bool:
    return stack.settings == () and stack.difference is not None and bool(stack.difference.changes)


def _of_stack(stack: StackComparison) -> Iterator[Meaning]:
    expected = {one.queue: tuple(moved(one)) for one in stack.expected}
    if stack.difference is None:
        return
    if not stack.difference.changes:
        yield from (Meaning(queue, said) for queue, said in expected.items() if said)
        return
    now = stack.registrations
    then_queues, then_pools = stack.earlier.queues, stack.earlier.pools
    found: list[Meaning] = []
    told: set[str] = set()
    if not isinstance(then_queues, Unread):
        queues = {row.queue: row for row in (queue_rows(now) if now else ())}
        for queue in matched({row.queue: row for row in then_queues}, queues, compared=True):
            name = queue.shown.queue
            said = [*_queue(queue.then, queue.now), *filter(None, [_cost(stack, name)]), *expected.get(name, ())]
            told.add(name)
            found += [Meaning(name, tuple(said))] if said else []
    of_platform: list[str] = []
    if not isinstance(then_pools, Unread):
        pools = {row.identity: row for row in (pool_rows(now) if now else ()) if not row.queue}
        for pool in matched({row.identity: row for row in then_pools if not row.queue}, pools, compared=True):
            of_platform += (f"{pool.shown.identity} pool {phrase}" for phrase in _pool(pool.then, pool.now))
    if cost := _cost(stack, PLATFORM):
        of_platform.append(cost)
    if of_platform:
        found.append(Meaning(stack.stack, tuple(of_platform)))
    owners = [owner for side in (stack.cost_before, stack.cost_after) if side for owner in side.owners]
    for owner in dict.fromkeys(owners):
        if owner in {*told, PLATFORM}:
            continue
        if said := [*filter(None, [_cost(stack, owner)]), *expected.get(owner, ())]:
            found.append(Meaning(owner, tuple(said)))
    yield from found
    yield from _settings(stack, " ".join(one.sentence for one in found))


def _queue(then: QueueRow | None, now: QueueRow | None) -> Iterator[str]:
    if then is None or now is None:
        there = now or then
        assert there is not None  # noqa: S101 - there is a side
        nodes = span(sum(pool.min_nodes for pool in there.pools), sum(pool.max_nodes for pool in there.pools))
        yield f"{'new' if now else 'goes'}, with {nodes} nodes, at most {_cpu(there)} CPU and {_gib(there)} GiB"
        return
    named = len({pool.identity for pool in (*then.pools, *now.pools)}) > 1
    for pool in matched(_pools(then), _pools(now), compared=True):
        of = f"{pool.shown.identity} " if named else ""
        yield from (f"{of}{phrase}" for phrase in _pool(pool.then, pool.now))
    yield from _moved("guaranteed CPU", _cpu(then, guaranteed=True), _cpu(now, guaranteed=True))
    cpu = [*_moved("CPU", _cpu(then), _cpu(now))]
    yield from cpu
    if not cpu:
        yield from _moved("GiB", _gib(then), _gib(now))
    yield from _moved("jobs at once", number(then.applications), number(now.applications))
    yield from _moved("order of jobs", then.order, now.order)
    yield from _moved("executors a job", _at_most(then), _at_most(now))
    yield from _moved("backfill", _switch(then.backfill), _switch(now.backfill))
    lines = [{(line.kind, line.name, line.how, line.where) for line in reach_lines(row.reached)} for row in (then, now)]
    for kind, name, how, _ in sorted(lines[1] - lines[0]):
        yield f"reaches {kind} {name}" + (f" ({how})" if how else "")
    for kind, name, how, _ in sorted(lines[0] - lines[1]):
        if not any(other[:2] == (kind, name) for other in lines[1]):
            yield f"no longer reaches {kind} {name}" + (f" ({how})" if how else "")


def _pools(row: QueueRow) -> dict[str, PoolRow]:
    return {pool.identity: pool for pool in row.pools}


def _pool(then: PoolRow | None, now: PoolRow | None) -> Iterator[str]:
    if then is None or now is None:
        there = now or then
        assert there is not None  # noqa: S101 - there is a side
        nodes = span(there.min_nodes, there.max_nodes)
        yield f"{'new' if now else 'goes'}, with {nodes} nodes of {'/'.join(there.instance_types) or 'its own'}"
        return
    yield from _moved("min nodes", number(then.min_nodes), number(now.min_nodes))
    yield from _moved("max nodes", number(then.max_nodes), number(now.max_nodes))
    yield from _moved("instance types", "/".join(then.instance_types), "/".join(now.instance_types))
    yield from _moved("zones", "/".join(then.zones), "/".join(now.zones))
    yield from _moved("capacity", then.capacity, now.capacity)


def _moved(what: str, then: str, now: str) -> Iterator[str]:
    if then != now:
        yield f"{what} {then or 'none'} {ARROW} {now or 'none'}"


def _cpu(row: QueueRow, *, guaranteed: bool = False) -> str:
    """Whole CPUs where there are many."""
    return _rounded((row.guaranteed_cpu if guaranteed else row.maximum_cpu) / 1000)


def _gib(row: QueueRow) -> str:
    return _rounded(row.maximum_memory / GIB)


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else number(value)


def _at_most(row: QueueRow) -> str:
    return "" if row.max_executors_per_job is None else number(row.max_executors_per_job)


def _switch(on: bool) -> str:
    return "on" if on else "off"


def _cost(stack: StackComparison, owner: str) -> str:
    """`+1,902 USD a month at maximum`; empty where it stays, or can't be told."""
    if not stack.cost_compared:
        return ""
    sides = [(side or Cost(())).of(owner).per_month for side in (stack.cost_before, stack.cost_after)]
    return cost_difference(sides[0], sides[1])


def cost_difference(then: Usd, now: Usd) -> str:
    """`+1,902 USD a month at maximum`, of two amounts a month; empty where they are alike."""
    low, high = signed(now.minimum - then.minimum), signed(now.maximum - then.maximum)
    if low == high:
        return f"{low} USD a month" if low else ""
    return " and ".join(
        f"{amount} {'USD a month ' if first else ''}at {where}"
        for amount, where, first in ((low, "minimum", True), (high, "maximum", not low))
        if amount
    )


def signed(amount: Decimal) -> str:
    """`+1,234` in whole US dollars, or with a minus sign; empty for less than half of one."""
    rounded = amount.quantize(Decimal(1))
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):,}" if rounded else ""


def _settings(stack: StackComparison, told: str) -> Iterator[Meaning]:
    """Settings that are not said by numbers already, as they are written."""
    said = []
    for change in stack.settings or ():
        if _TOLD.fullmatch(change.path):
            continue
        before, after = _value(change.before), _value(change.after)
        if change.before is None or change.after is None:
            said.append(f"{change.path} {'goes' if change.after is None else f'is new: {after}'}")
        elif f" {before} {ARROW} {after}" not in told:
            said.append(f"{change.path} {before} {ARROW} {after}")
    if said:
        yield Meaning(stack.stack, tuple(said))


def _value(value: Json) -> str:
    """A setting's value in a few words."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "/".join(value) or "none"
    return value if isinstance(value, str) and len(value) <= _LONGEST else shown(value)


def sum_cell(stack: StackComparison) -> str:
    """What a stack costs a month, what it costs more or less than before, and what is expected of it between."""
    expected = in_all(stack.expected)
    return f"{_sum(stack)}; {expected}" if expected else _sum(stack)


def _sum(stack: StackComparison) -> str:
    now, then = stack.cost_after, stack.cost_before
    if now is None:
        return f"none, was {per_month(then.per_hour)}" if then else ""
    said = per_month(now.per_hour) + (", not all" if now.unknown else "")
    if stack.difference is None:
        return said
    if not stack.cost_compared:
        return f"not known {ARROW} {said}"
    more = cost_difference((then or Cost(())).per_month, now.per_month)
    return f"{per_month(then.per_hour)} {ARROW} {said} ({more.replace(' USD a month', '')})" if then and more else said


def by_weight(changes: Iterable[Change]) -> tuple[list[Change], list[Change]]:
    """Changes of queues, pools and groups and whatever the engine refuses, then all that follows from them.

    Where there are none of the former, all are.
    """
    leading: list[Change] = []
    following: list[Change] = []
    for change in changes:
        (leading if change.resource.type in RANKS or change.refused else following).append(change)
    if not leading:
        return following, []
    return sorted(leading, key=lambda change: RANKS.get(change.resource.type, len(RANKS))), following


def first(found: Sequence[Meaning], longest: int) -> Iterator[Meaning]:
    """So many of them, and how many more there are."""
    yield from found[:longest]
    if len(found) > longest:
        yield Meaning("more", (counted(len(found) - longest, "change") + " like these",))
