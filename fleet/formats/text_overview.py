"""The first screen of `fleet preview`: a line a stack, what is wrong, and how to see more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fleet.formats.expected import about, heading, total, unable
from fleet.formats.phrases import budget, counted, in_a_month, listed, per_month, span
from fleet.formats.tables import print_table
from fleet.formats.terminal import say
from fleet.formats.text_errors import causes, print_errors
from fleet.offline.changes.comparison import FleetComparison, StackComparison
from fleet.offline.environments import NOT_KNOWN, EnvironmentSums, environment_sums
from fleet.offline.pools import QUEUE_TYPE, pool_rows
from fleet.offline.registration import Registrations
from fleet.offline.stack_preview import FleetPreview
from sizing.pricing.costs import Unpriced

_NOTHING: Final = "-"
_COLUMNS: Final = ("resources", "queues", "nodes", "USD a month")


def print_overview(console: Console, comparison: FleetComparison, *, kept: str, program: str) -> None:
    """Print the stacks of a preview that is compared with nothing, in a line each, tenants below their platforms.

    Args:
        console: where to.
        comparison: what to print.
        kept: what was found to be right, should nothing be wrong.
        program: how the command is called.
    """
    sums = environment_sums(comparison.stacks, compared=False)
    print_table(console, _table(_by_platform(comparison.stacks), sums, comparison.stacks))
    reasons = {line.unpriced for stack in comparison.stacks if stack.cost_after for line in stack.cost_after.unpriced}
    if missing := [reason.value for reason in Unpriced if reason in reasons]:
        say(console, f"Not in the costs: what is {listed(missing)}; see docs/costs.md.", "dim")
    for sentence in about(comparison):
        say(console, sentence, "dim")
    for sentence in unable(one for stack in comparison.stacks for one in stack.expected):
        say(console, sentence, "yellow")
    for stack in comparison.stacks:
        if stack.budget and stack.budget.over_at_maximum:
            say(console, f"{budget(stack.budget)}.", "red" if stack.budget.over_at_minimum else "yellow")
    if advice := sum(not finding.stops for stack in comparison.stacks for finding in stack.policy_findings):
        say(console, f"{counted(advice, 'rule')} of the policy pack advised something: `{program} check` says what.")
    console.print()
    if comparison.preview.ok:
        say(console, kept, "green")
    else:
        print_errors(console, comparison.preview, whole=False)
    console.print()
    for line in _next(comparison.preview, program):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _by_platform(stacks: Sequence[StackComparison]) -> Iterator[tuple[str, StackComparison]]:
    """Each stack with its name as it is shown: a platform, then those of its tenants, set in."""
    names = {stack.stack for stack in stacks}
    platform = {stack.stack: stack.after.platform if stack.after else "" for stack in stacks}
    for stack in stacks:
        if platform[stack.stack] not in names:
            yield stack.stack, stack
            yield from ((f"  {one.stack}", one) for one in stacks if platform[one.stack] == stack.stack)


def _table(
    stacks: Iterator[tuple[str, StackComparison]], sums: Sequence[EnvironmentSums], every: Sequence[StackComparison]
) -> Table:
    queues = [one for stack in every for one in stack.expected]
    table = Table(
        title="Stacks, and what they have and cost, from minimum to maximum",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=bool(queues),
    )
    table.add_column("stack", overflow="fold")
    for column in _COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    if queues:
        table.add_column(heading(queues), justify="right", no_wrap=True)
    for name, stack in stacks:
        cells = _cells(stack.registrations, stack) if stack.registrations else ["no preview", *[_NOTHING] * 3]
        cells += [total(stack.expected)] if queues else []
        table.add_row(escape(name), *cells, style="" if stack.registrations else "red")
    table.add_section()
    for one in sums:
        table.add_row(f"all of {escape(one.name)}" if one.name != NOT_KNOWN else NOT_KNOWN, *_sum_cells(one))
    return table


def _sum_cells(sums: EnvironmentSums) -> list[str]:
    return [
        f"{sums.resources:,}",
        f"{sums.queues:,}" if sums.queues else _NOTHING,
        span(sums.min_nodes, sums.max_nodes),
        in_a_month(sums.after) + ("" if sums.complete else ", not all"),
    ]


def _cells(registrations: Registrations, stack: StackComparison) -> list[str]:
    pools, queues, cost = pool_rows(registrations), len(registrations.of_type(QUEUE_TYPE)), stack.cost_after
    return [
        f"{len(registrations) - 1:,}",
        f"{queues:,}" if queues else _NOTHING,
        span(sum(pool.min_nodes for pool in pools), sum(pool.max_nodes for pool in pools)),
        (per_month(cost.per_hour) + (", not all" if cost.unknown else "")) if cost else _NOTHING,
    ]


def _next(preview: FleetPreview, program: str) -> Iterator[str]:
    """What to type to see more, of stacks that there are."""
    one = _first(preview)
    said = {
        "One stack whole": f"{program} preview {one}",
        "Its resources by name": f"{program} preview {one} --resources",
        "What a change does": f"{program} preview --base HEAD",
        "As a page to look at": f"{program} preview --out preview",
    }
    width = max(map(len, said))
    yield from (f"{what:<{width}}  {typed}" for what, typed in said.items())


def _first(preview: FleetPreview) -> str:
    """A stack to look at: the one for which most others wait, else a tenant's."""
    if found := causes(preview.stacks):
        return found[0].stacks[0]
    return min(preview.stacks, key=lambda stack: not stack.platform).stack
