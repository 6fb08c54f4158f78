"""What `fleet preview` prints for people: for each stack its resources by component and its pools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from fleet.pools import PoolRow, pool_rows
from fleet.preview import StackPreview
from fleet.registration import Plan, Registration


def print_previews(console: Console, previews: Sequence[StackPreview], *, resources: bool) -> None:
    """Print previews; `resources` names every resource rather than counting them by component."""
    for preview in previews:
        console.rule(f"[bold]{escape(preview.stack)}", align="left")
        if preview.plan is not None:
            console.print(_tree(preview.plan, resources))
            console.print(_pools(pool_rows(preview.plan)))
        elif preview.failure:
            console.print(f"[red]{escape(preview.failure.message)}", highlight=False, soft_wrap=True)
        console.print()


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
    table = Table(title="Pools, from minimum to maximum", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
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


def _zones(zones: Sequence[str]) -> str:
    """`eu-central-1a, b, c` for three zones of a region."""
    return ", ".join([*zones[:1], *(zone[-1] for zone in zones[1:])]) or "-"


def _range(low: float, high: float) -> str:
    return f"{low:,.10g}" if low == high else f"{low:,.10g} to {high:,.10g}"
