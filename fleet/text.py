"""What `fleet preview` prints for people: for each stack its resources by component, its queues and its pools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from fleet.pools import PoolRow, QueueRow, pool_rows, queue_rows
from fleet.preview import FleetPreview
from fleet.registration import Plan, Registration
from sizing.costs import SPOT_SHARE
from sizing.quantities import GIB


def print_preview(console: Console, preview: FleetPreview, *, resources: bool) -> None:
    """Print a preview; `resources` names every resource rather than counting them by component."""
    for stack in preview.stacks:
        console.rule(f"[bold]{escape(stack.stack)}", align="left")
        if stack.plan is not None:
            console.print(_tree(stack.plan, resources))
            queues = queue_rows(stack.plan)
            if queues:
                console.print(_queues(queues))
            console.print(_pools(pool_rows(stack.plan)))
        elif stack.failure:
            _error(console, stack.failure.message)
        console.print()
    if preview.findings:
        console.rule("[bold]between stacks", align="left")
        for finding in preview.findings:
            _error(
                console, f"{', '.join(finding.stacks)}\n    found    {finding.found}\n    allowed  {finding.allowed}"
            )


def _error(console: Console, message: str) -> None:
    console.print(f"[red]{escape(message)}", highlight=False, soft_wrap=True)


def _tree(plan: Plan, resources: bool) -> Tree:
    stack = plan.stack
    total = len(plan) - 1
    tree = Tree(f"{total} resources" if total != 1 else "1 resource")
    _add(tree, plan, stack, resources)
    return tree


def _add(tree: Tree, plan: Plan, parent: Registration, resources: bool) -> None:
    children = plan.children(parent.urn)
    components = [child for child in children if plan.children(child.urn)]
    leaves = [child for child in children if not plan.children(child.urn)]
    for component in sorted(components, key=_order):
        branch = tree.add(f"[bold]{escape(component.name)}[/]  [dim]{escape(_kind(component))}")
        _add(branch, plan, component, resources)
    if resources:
        for leaf in sorted(leaves, key=_order):
            marks = "  [yellow]protected" if leaf.options.protect else ""
            tree.add(f"{escape(leaf.name)}  [dim]{escape(_kind(leaf))}{marks}")
    elif leaves:
        counts = Counter(_kind(leaf) for leaf in leaves)
        tree.add(
            "[dim]"
            + escape(", ".join(f"{kind} {count}" if count > 1 else kind for kind, count in sorted(counts.items())))
        )


def _order(registration: Registration) -> tuple[str, str]:
    return registration.name, registration.type


def _kind(registration: Registration) -> str:
    """`Vpc` for `aws:ec2/vpc:Vpc`; Kubernetes kinds and components likewise by their last word."""
    return registration.type.rsplit(":", 1)[-1]


def _pools(rows: Sequence[PoolRow]) -> Table:
    spot = any(row.capacity == "spot" for row in rows)
    note = f"Spot is taken to cost {SPOT_SHARE:.0%} of on-demand." if spot else None
    table = Table(
        title="Pools, from minimum to maximum, by list prices",
        caption=note,
        caption_justify="left",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("pool", no_wrap=True)
    for column in ("nodes", "vCPU", "memory GiB"):
        table.add_column(column, justify="right", no_wrap=True)
    for column in ("zones", "instance types", "capacity"):
        table.add_column(column)
    table.add_column("USD an hour", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.identity,
            _range(row.min_nodes, row.max_nodes),
            _range(row.min_nodes * row.vcpus_per_node, row.max_nodes * row.vcpus_per_node),
            _range(row.min_nodes * row.memory_gib_per_node, row.max_nodes * row.memory_gib_per_node),
            _zones(row.zones),
            "\n".join(row.instance_types) or "-",
            row.capacity,
            _price(row),
        )
    return table


def _queues(rows: Sequence[QueueRow]) -> Table:
    table = Table(title="Queues", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("queue", no_wrap=True)
    for column in ("guaranteed CPU", "GiB", "maximum CPU", "GiB", "jobs at once", "nodes"):
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


def _price(row: PoolRow) -> str:
    if row.min_usd_per_hour is None or row.max_usd_per_hour is None:
        return "-" if row.capacity == "existing" else "not priced"
    low, high = f"{row.min_usd_per_hour:,.2f}", f"{row.max_usd_per_hour:,.2f}"
    return low if low == high else f"{low} to {high}"


def _zones(zones: Sequence[str]) -> str:
    """`eu-central-1a, b, c` for three zones of a region."""
    return ", ".join([*zones[:1], *(zone[-1] for zone in zones[1:])]) or "-"


def _range(low: float, high: float) -> str:
    return _number(low) if low == high else f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    """At most one digit after the point."""
    return f"{round(value, 1):,.12g}"
