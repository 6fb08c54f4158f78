"""Stacks and their sums as the HTML page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from fleet.formats import html_tables
from fleet.formats.expected import total_sides
from fleet.formats.phrases import SIGNS
from fleet.formats.resource_tree import Node, tree
from fleet.formats.topology import platform_of
from fleet.offline.changes.callouts import Callouts
from fleet.offline.changes.comparison import StackComparison
from fleet.offline.changes.difference import Change, Operation
from fleet.offline.registration import Registrations
from infra.settings.findings import Finding
from policies.evaluation import PolicyFinding
from sizing.pricing.costs import Cost, Usd

Status = Literal["failed", "alone", "shown", "added", "removed", "changed", "same"]
"""`failed`: it has no preview; `alone`: it has one, and nothing to compare it with; `shown`: nothing is compared."""


@dataclass(frozen=True)
class StackView:
    """A stack.

    Attributes:
        number: its place among the stacks, by which links know it.
        of: what became of it.
        compared: whether it has two sides to compare.
    """

    number: int
    of: StackComparison
    compared: bool

    @property
    def name(self) -> str:
        """Its name."""
        return self.of.stack

    @property
    def before(self) -> Registrations | None:
        """Its registrations before, where there is one."""
        return self.of.before.registrations if self.of.before else None

    @property
    def recorded(self) -> Registrations | None:
        """Its registrations, or those that it had where there are none now, for whatever reason."""
        return self.of.registrations or self.before

    @property
    def platform(self) -> str:
        """The stack of the platform that it is on; its own name where it is one, or nothing is known of it."""
        return (platform_of(self.recorded) if self.recorded else None) or self.name

    @property
    def shown(self) -> Registrations | None:
        """Its registrations, or those that it had where it is no more."""
        return self.of.registrations if self.of.after else self.before

    @property
    def status(self) -> Status:
        """What became of it, in a word."""
        if self.of.errors:
            return "alone" if self.of.registrations else "failed"
        if not self.compared:
            return "shown"
        if self.of.after is None:
            return "removed"
        if self.of.before is None:
            return "added"
        return "same" if self.of.unchanged and not self.of.policy_findings else "changed"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with its settings."""
        failure = self.of.after.failure if self.of.after else None
        return failure.findings if failure else ()

    @property
    def resources(self) -> int:
        """How many it has, itself not counted."""
        return len(self.shown) - 1 if self.shown else 0

    @property
    def counts(self) -> list[tuple[Operation, int]]:
        """How many resources meet with what."""
        return counted([self.of.difference.changes]) if self.of.difference else []

    @property
    def cost(self) -> Cost:
        """What it costs, or did where it is no more."""
        return self.of.cost_after or self.of.cost_before or html_tables.NOTHING

    @property
    def total(self) -> html_tables.CostRow:
        """What it costs in a month."""
        sides = [cost.per_month if cost else None for cost in (self.of.cost_before, self.of.cost_after)]
        row = html_tables.total(sides[0], sides[1], compared=self.of.cost_compared)
        return replace(row, expected=html_tables.Cell(*total_sides(self.of.expected)))

    @cached_property
    def words(self) -> str:
        """What the filter looks for in it."""
        names = [row.name for row in (*self.queues(), *self.pools())]
        reached = [row for table in self.reach() for row in table.rows]
        names += [text for row in reached for text in (row.name, *(cell.now for cell in row.cells))]
        changes = [change.resource.name for change in self.of.difference.changes] if self.of.difference else []
        resources = [one.name for one in self.shown.values()] if self.shown else []
        return " ".join(dict.fromkeys([self.name, self.status, *names, *changes, *resources])).lower()

    def queues(self) -> list[html_tables.Row]:
        """Its queues."""
        return html_tables.queue_table(self.of.earlier.queues, self.of.registrations, compared=self.compared)

    def reach(self) -> list[html_tables.ReachTable]:
        """What the jobs of its queues reach, for those that reach something."""
        return list(html_tables.reach_tables(self.of.earlier.queues, self.of.registrations, compared=self.compared))

    def pools(self) -> list[html_tables.Row]:
        """Its pools."""
        return html_tables.pool_table(self.of.earlier.pools, self.of.registrations, compared=self.compared)

    def costs(self) -> Iterator[html_tables.CostRow]:
        """What it costs, line by line."""
        return html_tables.cost_table(
            self.of.cost_before, self.of.cost_after, compared=self.of.cost_compared, expected=self.of.expected
        )

    def expected(self) -> list[html_tables.Row]:
        """The months that a trace makes one expect of its queues; none where none is named."""
        return html_tables.expected_table(self.of.expected)

    def tree(self) -> Node | None:
        """Its resources."""
        return tree(self.shown) if self.shown else None

    @property
    def stopped(self) -> bool:
        """Whether it breaks a mandatory rule."""
        return any(finding.stops for finding in self.of.policy_findings)

    def policy_findings_of(self, urn: str) -> list[PolicyFinding]:
        """What the policy pack says of one resource."""
        return [finding for finding in self.of.policy_findings if finding.urn == urn]

    def anchor(self, number: int) -> str:
        """Where a change is on the page."""
        return f"s{self.number}-c{number}"


@dataclass(frozen=True)
class Totals:
    """Sums over the stacks that could be previewed on every side.

    Attributes:
        resources: how many.
        cost: USD a month.
        changes: how many resources meet with what.
        unknown: lines whose price is not known, by which the cost is too low.
        left_out: stacks that are not in the sums.
        cost_not_compared: stacks of which it is not known what they cost; with any, the sum is compared with nothing.
    """

    resources: html_tables.Cell
    cost: html_tables.CostRow
    changes: list[tuple[Operation, int]]
    unknown: int
    left_out: list[str]
    cost_not_compared: list[str]


def totals(stacks: Sequence[StackView], *, compared: bool) -> Totals:
    """The sums of a fleet."""
    summed = [stack for stack in stacks if not stack.of.errors]
    now = [stack.of.registrations for stack in summed if stack.of.registrations]
    then = [stack.before for stack in summed if stack.before]
    resources = [
        html_tables.number(sum(len(registrations) - 1 for registrations in recorded)) for recorded in (now, then)
    ]
    after = _sum([stack.of.cost_after for stack in summed])
    before = _sum([stack.of.cost_before for stack in summed])
    not_compared = [stack.name for stack in summed if stack.compared and not stack.of.cost_compared]
    return Totals(
        resources=html_tables.Cell(resources[0], resources[1] if compared else None),
        cost=html_tables.total(before, after, compared=compared and not not_compared),
        changes=counted([stack.of.difference.changes for stack in summed if stack.of.difference]),
        unknown=sum(len(stack.of.cost_after.unknown) for stack in summed if stack.of.cost_after),
        left_out=[stack.name for stack in stacks if stack.of.errors],
        cost_not_compared=not_compared,
    )


def counted(changes: Sequence[Sequence[Change]]) -> list[tuple[Operation, int]]:
    """How many resources meet with what, where any does."""
    every = [change.weight for some in changes for change in some]
    return [(operation, every.count(operation)) for operation in SIGNS if operation in every]


def called_out(found: Callouts, stacks: Sequence[StackView]) -> dict[str, list[tuple[StackView, Any]]]:
    """What must not be overlooked, each with the stack that it is in: `removed` stacks and `ended` resources."""
    by_name = {stack.name: stack for stack in stacks}
    return {
        "removed": [(by_name[gone.stack], gone) for gone in found.removed],
        "ended": [(by_name[one.stack], one) for one in found.ended],
    }


def replaced(stacks: Sequence[StackView]) -> Iterator[tuple[StackView, int, Change, int]]:
    """Resources that are replaced for a change of their own, and how many others are because they are."""
    for stack in stacks:
        changes = [change for _, change in _numbered(stack)]
        for number, change in _numbered(stack):
            if change.weight is Operation.REPLACED and not change.replaced_for:
                yield stack, number, change, len(_following(change.resource.urn, changes))


def _following(cause: str, changes: Sequence[Change]) -> set[str]:
    """URNs of what is replaced because of something, directly or not."""
    found: set[str] = set()
    waiting = [cause]
    while waiting:
        one = waiting.pop()
        more = {change.resource.urn for change in changes if one in change.replaced_for} - found
        found |= more
        waiting += sorted(more)
    return found


def _numbered(stack: StackView) -> Iterator[tuple[int, Change]]:
    return enumerate(stack.of.difference.changes if stack.of.difference else ())


def _sum(costs: Sequence[Cost | None]) -> Usd:
    return sum((cost.per_month for cost in costs if cost), Usd(Decimal(0), Decimal(0)))
