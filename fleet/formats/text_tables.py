"""The tables of `fleet preview` for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from fleet.formats.phrases import per_hour, per_month
from fleet.offline.pools import PoolRow, QueueRow
from sizing.pricing.costs import Cost
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
            _range(row.min_nodes, row.max_nodes),
            _range(row.min_nodes * row.vcpus_per_node, row.max_nodes * row.vcpus_per_node),
            _range(row.min_nodes * row.memory_gib_per_node, row.max_nodes * row.memory_gib_per_node),
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
            _number(row.guaranteed_cpu / 1000),
            _number(row.guaranteed_memory / GIB),
            _number(row.maximum_cpu / 1000),
            _number(row.maximum_memory / GIB),
            str(row.applications),
            _range(sum(pool.min_nodes for pool in row.pools), sum(pool.max_nodes for pool in row.pools)),
        )
    return table


def costs_table(before: Cost | None, after: Cost | None) -> Table:
    """The sums of each owner, with what has a price below it; with both sides, also what the sums were."""
    table = _table("Cost in USD, from minimum to maximum")
    table.add_column("of")
    for column in ("units", "one an hour", "an hour", "a month", *(["a month before"] if before else [])):
        table.add_column(column, justify="right", no_wrap=True)
    nothing = Cost(())
    before, after, compared = before or nothing, after or nothing, before is not None
    for owner in dict.fromkeys([*after.owners, *before.owners]):
        old, new = before.of(owner).per_hour, after.of(owner).per_hour
        table.add_row(owner, "", "", per_hour(new), per_month(new), *([per_month(old)] if compared else []))
        for line in after.of(owner).priced:
            if line.per_hour and line.usd_per_unit_hour is not None:
                note = f" ({line.note})" if line.note else ""
                units = _range(line.minimum, line.maximum)
                price = f"{line.usd_per_unit_hour:,.4f} a {line.unit}"
                amounts = per_hour(line.per_hour), per_month(line.per_hour)
                table.add_row(f"  {escape(line.what + note)}", units, price, *amounts, style="dim")
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def _zones(zones: Sequence[str]) -> str:
    """`eu-central-1a, b, c` for three zones of a region."""
    return ", ".join([*zones[:1], *(zone[-1] for zone in zones[1:])]) or "-"


def _range(low: float, high: float) -> str:
    return _number(low) if low == high else f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    """At most one digit after the point."""
    return f"{round(value, 1):,.12g}"
