"""What `fleet preview` prints for people: a stack's resources, or what changes in them, its numbers and its cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from fleet.formats.expected import about, unable
from fleet.formats.meanings import meanings
from fleet.formats.phrases import budget, resources_of, summary, sums, unpriced
from fleet.formats.resource_tree import Node, tree
from fleet.formats.tables import print_table
from fleet.formats.terminal import say
from fleet.formats.text_difference import print_changes
from fleet.formats.text_errors import print_advice, print_errors
from fleet.formats.text_reach import print_reach
from fleet.formats.text_tables import (
    costs_table,
    expected_table,
    narrow_costs_table,
    narrow_pools_table,
    pools_table,
    queues_table,
)
from fleet.offline.changes.callouts import callouts
from fleet.offline.changes.comparison import FleetComparison, StackComparison
from fleet.offline.pools import pool_rows, queue_rows
from fleet.offline.registration import Registrations
from policies.evaluation import PolicyFinding


def print_preview(console: Console, comparison: FleetComparison, *, resources: bool) -> None:
    """Print stacks whole and, where they are compared with a revision, what changes in them; what is wrong comes last.

    Args:
        console: where to.
        comparison: what to print.
        resources: name every resource rather than counting them by component.
    """
    base = comparison.base
    if base:
        say(console, f"Compared with {base}.")
        _requirements(console, base.other_requirements)
        _called_out(console, comparison)
        for meaning in meanings(comparison):
            say(console, meaning.sentence, "bold")
    for stack in comparison.stacks:
        if stack.unchanged and not stack.policy_findings:
            same = f"; {resources_of(stack.registrations)}" if stack.registrations else ""
            console.print(f"[bold]{escape(stack.stack)}[/]  no change{same}", highlight=False)
        elif stack.after and stack.after.failure and not stack.before:
            console.print(f"[bold]{escape(stack.stack)}[/]  [red]no preview[/]", highlight=False)
        else:
            _stack(console, stack, resources=resources)
    if len(comparison.stacks) > 1:
        for sentence in sums(comparison):
            say(console, sentence, "bold")
    for sentence in about(comparison):
        say(console, sentence, "dim")
    print_errors(console, comparison.preview, whole=True)


def _requirements(console: Console, others: tuple[str, ...]) -> None:
    if others:
        said = f"It pins other requirements, and was run with those that are here: {', '.join(others)}. "
        say(console, f"{said}What the packages themselves changed does not show.", "yellow")


def _called_out(console: Console, comparison: FleetComparison) -> None:
    found = callouts(comparison)
    said = [
        *(gone.sentence for gone in found.removed),
        *(f"{one.stack}: {one.what}; {one.consequence}" for one in found.ended),
    ]
    for line in said:
        say(console, f"! {line}.", "bold red")


def _stack(console: Console, stack: StackComparison, *, resources: bool) -> None:
    console.rule(f"[bold]{escape(stack.stack)}", align="left")
    if stack.before_failed:
        say(console, stack.before_failed, "red")
    registrations, difference = stack.registrations, stack.difference
    if difference:
        say(console, summary(difference))
        print_changes(console, difference)
    elif registrations is not None:
        console.print(_tree(registrations, stack.policy_findings, resources))
    if registrations is not None:
        queues = queue_rows(registrations)
        if queues:
            print_table(console, queues_table(queues))
            print_reach(console, queues, whole=resources)
        pools = pool_rows(registrations)
        print_table(console, pools_table(pools), narrow_pools_table(pools))
    cost = stack.cost_after or stack.cost_before
    if cost:
        sides = stack.cost_before, stack.cost_after, stack.expected
        print_table(console, costs_table(*sides), narrow_costs_table(*sides))
        for sentence in unpriced(cost):
            say(console, sentence, "dim")
    if stack.expected:
        print_table(console, expected_table(stack.expected))
    for sentence in (*unable(stack.expected), *stack.not_known):
        say(console, sentence, "yellow")
    if stack.budget:
        over = "red" if stack.budget.over_at_minimum else "yellow" if stack.budget.over_at_maximum else "green"
        say(console, f"{budget(stack.budget)}.", over)
    if stack.after:
        print_advice(console, [stack.after])
    console.print()


def _tree(registrations: Registrations, findings: Sequence[PolicyFinding], resources: bool) -> Tree:
    shown = Tree(resources_of(registrations))
    _add(shown, tree(registrations), Counter(finding.urn for finding in findings), resources)
    return shown


def _add(shown: Tree, parent: Node, found: Counter[str], resources: bool) -> None:
    for component in (child for child in parent.children if child.children):
        marks = _policy_mark(found, component)
        branch = shown.add(f"[bold]{escape(component.resource.name)}[/]  [dim]{escape(component.kind)}[/]{marks}")
        _add(branch, component, found, resources)
    leaves = [child for child in parent.children if not child.children]
    if resources:
        for leaf in leaves:
            marks = "  [yellow]protected[/]" if leaf.resource.options.protect else ""
            marks += _policy_mark(found, leaf)
            shown.add(f"{escape(leaf.resource.name)}  [dim]{escape(leaf.kind)}[/]{marks}")
    elif leaves:
        counts = sorted(Counter(leaf.kind for leaf in leaves).items())
        shown.add(f"[dim]{escape(', '.join(f'{kind} {count}' if count > 1 else kind for kind, count in counts))}")


def _policy_mark(found: Counter[str], node: Node) -> str:
    count = found[node.resource.urn]
    return f"  [red]{count} policy finding{'s' if count > 1 else ''}[/]" if count else ""
