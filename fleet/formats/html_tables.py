"""Tables of the HTML page: queues, pools and costs, each number beside what it was."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from fleet.formats.expected import cells as queue_cells
from fleet.formats.expected import sides as queue_sides
from fleet.formats.phrases import order_of_jobs
from fleet.formats.reach import ReachLine, reach_lines, reach_summary
from fleet.formats.sides import Mark, Sides, matched
from fleet.offline.changes.earlier import Unread
from fleet.offline.expected import ExpectedQueue
from fleet.offline.pools import PoolRow, QueueRow, pool_rows, queue_rows
from fleet.offline.registration import Registrations
from sizing.pricing.costs import Cost, CostLine, Usd
from sizing.quantities import GIB

T = TypeVar("T")
NOTHING: Final = Cost(())
MINUS: Final = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Cell:
    """A text, and what it was where that is another; `then` is None where nothing was."""

    now: str
    then: str | None = None

    @property
    def changed(self) -> bool:
        """Whether it was something else."""
        return self.then is not None and self.then != self.now


NO_CELL: Final = Cell("")


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    name: str
    mark: Mark
    cells: Sequence[Cell]


@dataclass(frozen=True)
class ReachTable:
    """What the jobs of a queue reach: how much of what, and a row for each."""

    queue: str
    summary: str
    rows: Sequence[Row]

    @property
    def marks(self) -> str:
        """`1 added, 2 changed`; empty where nothing is."""
        counts = Counter(row.mark for row in self.rows)
        return ", ".join(f"{counts[mark]} {mark}" for mark in Mark if mark is not Mark.SAME and counts[mark])


@dataclass(frozen=True)
class CostRow:
    """A line of costs, or a sum.

    Attributes:
        what: in words.
        minimum: USD a month at the minimum.
        maximum: USD a month at the maximum.
        deltas: what the two are more than before; None where nothing is compared.
        units: how many, from minimum to maximum; empty for a sum.
        unit: of what.
        price: USD an hour of a unit; empty for a sum.
        expected: USD a month by a trace; empty where none is named, or nothing is known.
        note: what the price assumes.
        mark: what became of it.
        total: whether it is a sum.
    """

    what: str
    minimum: Cell
    maximum: Cell
    deltas: tuple[str, str] | None
    units: Cell = NO_CELL
    unit: str = ""
    price: Cell = NO_CELL
    expected: Cell = NO_CELL
    note: str = ""
    mark: Mark = Mark.SAME
    total: bool = False


QUEUE_COLUMNS: Final = ("guaranteed CPU", "GiB", "maximum CPU", "GiB", "jobs at once", "nodes", "order")
REACH_COLUMNS: Final = ("what", "how", "where")
POOL_COLUMNS: Final = ("nodes", "vCPU", "memory GiB", "zones", "instance types", "capacity")
TEXT_COLUMNS: Final = frozenset({"order", "rests on", "zones", "instance types", "capacity", *REACH_COLUMNS})
WIDE_COLUMNS: Final = frozenset({"order", "instance types", "where"})
"""With texts that go on in a second line."""


def queue_table(then: Sequence[QueueRow] | Unread, now: Registrations | None, *, compared: bool) -> list[Row]:
    """The queues of a stack; compared with nothing where what they were can't be read."""
    old = {} if isinstance(then, Unread) else {row.queue: row for row in then}
    new = {row.queue: row for row in queue_rows(now)} if now else {}
    pairs = matched(old, new, compared=compared and not isinstance(then, Unread))
    return [_row(sides.shown.queue, sides, _queue_cells) for sides in pairs]


def reach_tables(
    then: Sequence[QueueRow] | Unread, now: Registrations | None, *, compared: bool
) -> Iterator[ReachTable]:
    """What the jobs of a stack's queues reach, a table a queue; compared with nothing where that can't be read."""
    old = {} if isinstance(then, Unread) else _reached(then)
    new = _reached(queue_rows(now)) if now else {}
    pairs = matched(old, new, compared=compared and not isinstance(then, Unread))
    found: defaultdict[str, list[Sides[_QueueLine]]] = defaultdict(list)
    for sides in pairs:
        found[sides.shown.queue].append(sides)
    for queue, lines in sorted(found.items()):
        left = [sides.shown.line for sides in lines if sides.mark is not Mark.REMOVED]
        rows = [_row(sides.shown.line.name, sides, _reach_cells) for sides in lines]
        yield ReachTable(queue, reach_summary(left), rows)


@dataclass(frozen=True)
class _QueueLine:
    """One thing that the jobs of a queue reach."""

    queue: str
    line: ReachLine


def _reached(rows: Sequence[QueueRow]) -> Mapping[str, _QueueLine]:
    """By what it is; by all of it too where a queue has it twice."""
    found: dict[str, _QueueLine] = {}
    for row in rows:
        for line in reach_lines(row.reached):
            key = f"{row.queue} {line.kind} {line.name}"
            found[f"{key} {line.how} {line.where}" if key in found else key] = _QueueLine(row.queue, line)
    return found


def _reach_cells(one: _QueueLine) -> list[str]:
    return [one.line.kind, one.line.how, one.line.where]


def pool_table(then: Sequence[PoolRow] | Unread, now: Registrations | None, *, compared: bool) -> list[Row]:
    """The pools of a stack; compared with nothing where what they were can't be read."""
    old = {} if isinstance(then, Unread) else {row.identity: row for row in then}
    new = {row.identity: row for row in pool_rows(now)} if now else {}
    pairs = matched(old, new, compared=compared and not isinstance(then, Unread))
    return [_row(sides.shown.identity, sides, _pool_cells) for sides in pairs]


def _row(name: str, sides: Sides[T], cells: Callable[[T], list[str]]) -> Row:
    now = cells(sides.shown)
    then = cells(sides.then) if sides.then and sides.now else [None] * len(now)
    found = [Cell(*pair) for pair in zip(now, then, strict=True)]
    mark = sides.mark if sides.mark is not Mark.CHANGED or any(cell.changed for cell in found) else Mark.SAME
    return Row(name, mark, found)


def _queue_cells(row: QueueRow) -> list[str]:
    return [
        number(row.guaranteed_cpu / 1000),
        number(row.guaranteed_memory / GIB),
        number(row.maximum_cpu / 1000),
        number(row.maximum_memory / GIB),
        number(row.applications),
        _span(sum(pool.min_nodes for pool in row.pools), sum(pool.max_nodes for pool in row.pools)),
        order_of_jobs(row),
    ]


def _pool_cells(row: PoolRow) -> list[str]:
    return [
        _span(row.min_nodes, row.max_nodes),
        _span(row.min_nodes * row.vcpus_per_node, row.max_nodes * row.vcpus_per_node),
        _span(row.min_nodes * row.memory_gib_per_node, row.max_nodes * row.memory_gib_per_node),
        ", ".join([*row.zones[:1], *(zone[-1] for zone in row.zones[1:])]) or "not known",
        ", ".join(row.instance_types) or "not known",
        row.capacity,
    ]


def cost_table(
    then: Cost | None, now: Cost | None, *, compared: bool, expected: Sequence[ExpectedQueue] = ()
) -> Iterator[CostRow]:
    """The priced lines of a stack, each owner's below its sum, which has the expected month of a queue."""
    between = {one.queue: Cell(*queue_sides(one)) for one in expected}
    old, new = then or NOTHING, now or NOTHING
    for owner in sorted({*old.owners, *new.owners}, key=lambda one: _place(one, (new, old))):
        before, after = old.of(owner), new.of(owner)
        sums = (before.per_month if owner in old.owners else None, after.per_month if owner in new.owners else None)
        yield CostRow(
            owner,
            *_amounts(Sides(sums[0], sums[1], compared)),
            expected=between.get(owner, NO_CELL),
            total=True,
        )
        for line in matched(_by_what(before.priced), _by_what(after.priced), compared=compared):
            yield _cost_row(line)


def expected_table(queues: Sequence[ExpectedQueue]) -> list[Row]:
    """The expected months of a stack's queues, a row each."""
    return [
        Row(one.queue, Mark.REMOVED if one.gone else Mark.SAME, [Cell(now, then) for now, then in queue_cells(one)])
        for one in queues
    ]


def total(then: Usd | None, now: Usd | None, *, compared: bool) -> CostRow:
    """A sum of costs a month."""
    return CostRow("", *_amounts(Sides(then, now, compared)), total=True)


def _place(owner: str, costs: Sequence[Cost]) -> tuple[int, int]:
    """Owners in their order now, then those that are no more."""
    return next((side, cost.owners.index(owner)) for side, cost in enumerate(costs) if owner in cost.owners)


def _by_what(lines: Sequence[CostLine]) -> Mapping[str, CostLine]:
    """By what a line is for; by its note too where an owner has two lines for the same."""
    found: dict[str, CostLine] = {}
    for line in lines:
        found[f"{line.what} {line.note}" if line.what in found else line.what] = line
    return found


def _cost_row(sides: Sides[CostLine]) -> CostRow:
    line = sides.shown
    old = sides.then if sides.then and sides.now else None
    months = [each.per_hour.per_month if each and each.per_hour else None for each in (sides.then, sides.now)]
    return CostRow(
        line.what,
        *_amounts(Sides(months[0], months[1], sides.compared)),
        units=Cell(_span(line.minimum, line.maximum), _span(old.minimum, old.maximum) if old else None),
        unit=line.unit,
        price=Cell(_price(line), _price(old) if old else None),
        note=line.note,
        mark=sides.mark,
    )


def _price(line: CostLine) -> str:
    """Four digits that count."""
    usd = line.usd_per_unit_hour
    return "" if usd is None else f"{usd:,.4f}" if usd >= 1 else f"{usd:.4g}"


def _amounts(sides: Sides[Usd]) -> tuple[Cell, Cell, tuple[str, str] | None]:
    """USD a month at minimum and at maximum, and what that is more than before."""
    zero = Usd(Decimal(0), Decimal(0))
    then, now = sides.then or zero, sides.now or zero
    if not sides.compared:
        return Cell(usd(now.minimum)), Cell(usd(now.maximum)), None
    deltas = signed(now.minimum - then.minimum), signed(now.maximum - then.maximum)
    return Cell(usd(now.minimum), usd(then.minimum)), Cell(usd(now.maximum), usd(then.maximum)), deltas


def usd(amount: Decimal) -> str:
    """Whole US dollars; cents below ten."""
    return f"{amount:,.2f}" if 0 < abs(amount) < 10 else f"{amount:,.0f}"


def signed(amount: Decimal) -> str:
    """`+1,234`, or with a minus sign; empty for nothing."""
    if abs(amount) < Decimal("0.005"):
        return ""
    return f"{'+' if amount > 0 else MINUS}{usd(abs(amount))}"


def number(value: float) -> str:
    """At most one digit after the point."""
    return f"{round(value, 1):,.12g}"


def _span(low: float, high: float) -> str:
    return number(low) if low == high else f"{number(low)} to {number(high)}"
