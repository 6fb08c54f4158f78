"""The tables of `fleet preview` for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from fleet.formats.expected import COLUMNS as EXPECTED_COLUMNS
from fleet.formats.expected import cells, heading, mark, sides, title
from fleet.formats.phrases import ARROW, number, per_hour, per_month, span
from fleet.offline.expected import ExpectedQueue
from fleet.offline.pools import PoolRow, QueueRow
from sizing.pricing.costs import Cost, CostLine
from sizing.quantities import GIB


def pools_table(rows: Sequence[PoolRow]) -> Table:
    """Pools, a row each."""
    table = _table("Pools, from minimum to maximum")
    table.add_column("pool", no_wrap=True)
    for column in ("nodes", "vCPU", "memory GiB"):
        table.add_column(column, justify="right", no_wrap=True)
    for column in ("zones", "instance types", "capacity"):
        table.add_column(column)
    for row in rows:
        table.add_row(
            row.identity,
            span(row.min_nodes, row.max_nodes),
            span(row.min_nodes * row.vcpus_per_node, row.max_nodes * row.vcpus_per_node),
            span(row.min_nodes * row.memory_gib_per_node, row.max_nodes * row.memory_gib_per_node),
            _zones(row.zones),
            "\n".join(row.instance_types) or "-",
            row.capacity,
        )
    return table


def queues_table(rows: Sequence[QueueRow]) -> Table:
    """Queues, a row each, narrow enough for 80 columns."""
    table = _table("Queues")
    table.add_column("queue", no_wrap=True)
    for column in ("guaranteed\nCPU", "\nGiB", "maximum\nCPU", "\nGiB", "jobs\nat once", "\nnodes"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.queue,
            number(row.guaranteed_cpu / 1000),
            number(row.guaranteed_memory / GIB),
            number(row.maximum_cpu / 1000),
            number(row.maximum_memory / GIB),
            str(row.applications),
            span(sum(pool.min_nodes for pool in row.pools), sum(pool.max_nodes for pool in row.pools)),
        )
    return table


def narrow_pools_table(rows: Sequence[PoolRow]) -> Table:
    """Likewise, for 80 columns: what belongs together below each other."""
    table = _table("Pools, from minimum to maximum")
    table.add_column("pool")
    table.add_column("nodes, vCPU,\nmemory", justify="right", no_wrap=True)
    table.add_column("zones,\ncapacity")
    table.add_column("instance types")
    for row in rows:
        amounts = (
            span(row.min_nodes, row.max_nodes),
            f"{span(row.min_nodes * row.vcpus_per_node, row.max_nodes * row.vcpus_per_node)} vCPU",
            f"{span(row.min_nodes * row.memory_gib_per_node, row.max_nodes * row.memory_gib_per_node)} GiB",
        )
        where = f"{_zones(row.zones)}\n{row.capacity}"
        table.add_row(row.identity, "\n".join(amounts), where, "\n".join(row.instance_types) or "-")
    return table


def expected_table(queues: Sequence[ExpectedQueue]) -> Table:
    """Expected months, a queue a row, narrow enough for 80 columns."""
    table = _table(f"Expected months of executor nodes{mark(queues)}")
    table.add_column("queue", no_wrap=True)
    for column in EXPECTED_COLUMNS[:-1]:
        table.add_column(column.replace("USD a month", "USD\na month").replace("p95 ", "p95\n"), justify="right")
    table.add_column(EXPECTED_COLUMNS[-1])
    for one in queues:
        row = [now if then in (None, now) else f"{then} {ARROW} {now}" for now, then in cells(one)]
        table.add_row(one.queue, *row)
    return table


def costs_table(before: Cost | None, after: Cost | None, queues: Sequence[ExpectedQueue] = ()) -> Table:
    """The sums of each owner, with what has a price below it; with both sides, also what the sums were.

    Args:
        before: None where nothing is compared.
        after: now.
        queues: expected months; a column shows them where there are some.
    """
    compared = before is not None
    table = _table("Cost in USD, from minimum to maximum")
    table.add_column("of")
    more = [*([title(queues)] if queues else []), *(["a month before"] if compared else [])]
    for column in ("units", "one an hour", "an hour", "a month", *more):
        table.add_column(column, justify="right", no_wrap=True)
    for owner, then, now in _owners(before, after):
        was = [*_expected(owner, queues), *([per_month(then.per_hour)] if compared else [])]
        table.add_row(owner, "", "", per_hour(now.per_hour), per_month(now.per_hour), *was)
        for line in now.priced:
            if line.per_hour and line.usd_per_unit_hour is not None:
                units = span(line.minimum, line.maximum)
                price = f"{line.usd_per_unit_hour:,.4f} a {line.unit}"
                amounts = per_hour(line.per_hour), per_month(line.per_hour)
                table.add_row(f"  {escape(_what(line))}", units, price, *amounts, style="dim")
    return table


def narrow_costs_table(before: Cost | None, after: Cost | None, queues: Sequence[ExpectedQueue] = ()) -> Table:
    """Likewise, for 80 columns: units and their price stand below what they are of."""
    compared = before is not None
    table = _table("Cost in USD, from minimum to maximum")
    table.add_column("of")
    more = [*([heading(queues)] if queues else []), *(["a month before"] if compared else [])]
    for column in ("a month", *more):
        table.add_column(column, justify="right", no_wrap=True)
    for owner, then, now in _owners(before, after):
        was = [*_expected(owner, queues), *([per_month(then.per_hour)] if compared else [])]
        table.add_row(owner, per_month(now.per_hour), *was)
        for line in now.priced:
            if line.per_hour and line.usd_per_unit_hour is not None:
                units = f"{span(line.minimum, line.maximum)} at {line.usd_per_unit_hour:,.4f} a {line.unit} and hour"
                what = Padding(Text(f"{_what(line)}: {units}"), (0, 0, 0, 2))
                table.add_row(what, per_month(line.per_hour), style="dim")
    return table


def _expected(owner: str, queues: Sequence[ExpectedQueue]) -> list[str]:
    """The cell of an owner in the column of expected months, should there be one."""
    return [next((sides(one)[0] for one in queues if one.queue == owner), "")] if queues else []


def _owners(before: Cost | None, after: Cost | None) -> Iterator[tuple[str, Cost, Cost]]:
    """Who has costs now or had some, with those of then and of now."""
    then, now = before or Cost(()), after or Cost(())
    for owner in dict.fromkeys([*now.owners, *then.owners]):
        yield owner, then.of(owner), now.of(owner)


def _what(line: CostLine) -> str:
    return f"{line.what} ({line.note})" if line.note else line.what


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def _zones(zones: Sequence[str]) -> str:
    """`eu-central-1a, b, c` for three zones of a region."""
    return ", ".join([*zones[:1], *(zone[-1] for zone in zones[1:])]) or "-"
