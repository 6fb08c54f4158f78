"""What `fleet preview` prints for people: a stack's resources, or what changes in them, its numbers and its cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from fleet.formats.phrases import budget, policies, policy, resources_of, summary, unpriced
from fleet.formats.resource_tree import Node, tree
from fleet.formats.tables import print_table
from fleet.formats.text_difference import print_changes
from fleet.formats.text_reach import print_reach
from fleet.formats.text_tables import costs_table, pools_table, queues_table
from fleet.offline.changes.callouts import callouts
from fleet.offline.changes.comparison import FleetComparison, StackComparison
from fleet.offline.pools import pool_rows, queue_rows
from fleet.offline.preview import FleetPreview
from fleet.offline.registration import Registrations
from infra.settings.fleet_rules import FleetFinding
from policies.evaluation import PolicyFinding


def print_preview(console: Console, comparison: FleetComparison, *, resources: bool) -> None:
    """Print stacks and, where they are compared with a revision, what changes in them.

    Args:
        console: where to.
        comparison: what to print.
        resources: name every resource rather than counting them by component.
    """
    base = comparison.base
    if base:
        console.print(f"Compared with {base}.", highlight=False, markup=False)
        _requirements(console, base.other_requirements)
        _called_out(console, comparison)
    for stack in comparison.stacks:
        if stack.unchanged and not stack.policy_findings:
            same = f"; {resources_of(stack.registrations)}" if stack.registrations else ""
            console.print(f"[bold]{escape(stack.stack)}[/]  no change{same}", highlight=False)
        else:
            _stack(console, stack, resources=resources)
    _between(console, comparison.preview.findings)


def print_findings(console: Console, preview: FleetPreview) -> None:
    """Print what is wrong with stacks and between them, and what the policy pack says of them; nothing else."""
    for stack in preview.stacks:
        if stack.failure or stack.policy_findings:
            console.rule(f"[bold]{escape(stack.stack)}", align="left")
        if stack.failure:
            _error(console, stack.failure.message)
        _policies(console, stack.policy_findings)
    _between(console, preview.findings)


def _between(console: Console, findings: Sequence[FleetFinding]) -> None:
    """Print what is wrong between stacks; nothing where nothing is."""
    if findings:
        console.rule("[bold]between stacks", align="left")
    for finding in findings:
        _error(console, f"{', '.join(finding.stacks)}\n    found    {finding.found}\n    allowed  {finding.allowed}")


def _requirements(console: Console, others: tuple[str, ...]) -> None:
    if others:
        console.print(
            f"It pins other requirements, and was run with those that are here: {', '.join(others)}. "
            "What the packages themselves changed does not show.",
            style="yellow",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _called_out(console: Console, comparison: FleetComparison) -> None:
    found = callouts(comparison)
    said = [
        *(gone.sentence for gone in found.removed),
        *(f"{one.stack}: {one.what}; {one.consequence}" for one in found.ended),
    ]
    for line in said:
        console.print(f"! {line}.", style="bold red", highlight=False, markup=False, soft_wrap=True)


def _stack(console: Console, stack: StackComparison, *, resources: bool) -> None:
    console.rule(f"[bold]{escape(stack.stack)}", align="left")
    for message in stack.errors:
        _error(console, message)
    registrations, difference = stack.registrations, stack.difference
    if difference:
        console.print(summary(difference), highlight=False)
        print_changes(console, difference)
    elif registrations is not None:
        console.print(_tree(registrations, stack.policy_findings, resources))
    if registrations is not None:
        queues = queue_rows(registrations)
        if queues:
            print_table(console, queues_table(queues))
            print_reach(console, queues, whole=resources)
        print_table(console, pools_table(pool_rows(registrations)))
    cost = stack.cost_after or stack.cost_before
    if cost:
        print_table(console, costs_table(stack.cost_before, stack.cost_after))
        for sentence in unpriced(cost):
            console.print(sentence, style="dim", highlight=False, markup=False)
    for sentence in stack.not_known:
        console.print(sentence, style="yellow", highlight=False, markup=False, soft_wrap=True)
    if stack.budget:
        over = "red" if stack.budget.over_at_minimum else "yellow" if stack.budget.over_at_maximum else "green"
        console.print(budget(stack.budget), style=over, highlight=False, markup=False)
    _policies(console, stack.policy_findings)
    console.print()


def _policies(console: Console, findings: Sequence[PolicyFinding]) -> None:
    """Print what the policy pack says of a stack, and what to do; nothing where it says nothing."""
    if findings:
        console.print(f"Policies: {policies(findings)}", style="bold", highlight=False)
    for finding in findings:
        style = "red" if finding.stops else "yellow"
        line = f"  {finding.enforcement.value:9}  {policy(finding)}"
        console.print(line, style=style, highlight=False, markup=False, soft_wrap=True)
        console.print(f"             {finding.remedy}", style="dim", highlight=False, markup=False, soft_wrap=True)


def _error(console: Console, message: str) -> None:
    console.print(message, style="red", highlight=False, markup=False, soft_wrap=True)


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
