"""The stacks of a fleet as they are, beside what they were at an earlier revision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fleet.offline.changes.difference import Difference, Operation, difference, everything
from fleet.offline.changes.earlier import NOTHING, Earlier, Unread, attempted, earlier
from fleet.offline.changes.generations import generation_findings
from fleet.offline.changes.revision import Revision, exported
from fleet.offline.changes.setting_changes import Configs, SettingChange, configs, setting_changes
from fleet.offline.costs import budget_comparison, stack_cost
from fleet.offline.expected import ExpectedQueue, NamedTrace
from fleet.offline.pools import pool_nodes
from fleet.offline.preview import Progress, preview, previews
from fleet.offline.programs import run_program_of
from fleet.offline.registration import Registrations
from fleet.offline.stack_preview import FleetPreview, StackPreview
from fleet.offline.stacks import chosen_stacks
from infra.settings.fleet_rules import FleetFinding
from infra.settings.stack_file import stack_names
from policies.evaluation import PolicyFinding
from sizing.pricing.budget import BudgetComparison
from sizing.pricing.costs import Cost, SpotPrices

SpotHistory = Callable[[Iterable[Registrations]], SpotPrices]


@dataclass(frozen=True)
class StackComparison:
    """A stack before and after.

    Attributes:
        stack: its name.
        before: its preview at the earlier revision; None where it had no file, or nothing is compared.
        after: its preview now; None where it has no file any more.
        difference: None where nothing is compared, or one side has no preview.
        earlier: what it was, as far as that can be read; nothing where it was not there, or nothing is compared.
        cost_after: of the stack now, where there is one.
        budget: what it costs against what its settings allow, where they do.
        spot_prices: by which it costs that; None for a share of the on-demand prices.
        settings: what changes in its file; None where a side can't be read, or nothing is compared.
        expected: months of its queues by a trace, by name; none where no trace is named.
    """

    stack: str
    before: StackPreview | None
    after: StackPreview | None
    difference: Difference | None
    earlier: Earlier
    cost_after: Cost | None
    budget: BudgetComparison | None
    spot_prices: SpotPrices | None = None
    settings: tuple[SettingChange, ...] | None = None
    expected: tuple[ExpectedQueue, ...] = ()

    @property
    def unchanged(self) -> bool:
        """Whether both sides have registrations, and the same."""
        return self.difference is not None and not self.difference.changes

    @property
    def errors(self) -> tuple[str, ...]:
        """Why a side that has a file has no preview."""
        now = self.after.failure.message if self.after and self.after.failure else ""
        return tuple(message for message in (now, self.before_failed) if message)

    @property
    def before_failed(self) -> str:
        """Why it has no preview at the earlier revision; empty where it has one, or no file."""
        then = self.before.failure.message if self.before and self.before.failure else ""
        return f"nothing to compare with: the revision can't be previewed: {then}" if then else ""

    @property
    def cost_before(self) -> Cost | None:
        """What it cost; None where it was not there, that can't be read, or there is no cost now to compare it with."""
        was_there = self.before and self.before.registrations and not (self.after and self.after.failure)
        return self.earlier.cost if was_there and not isinstance(self.earlier.cost, Unread) else None

    @property
    def cost_compared(self) -> bool:
        """Whether what it cost is known, nothing where it was not there."""
        return self.difference is not None and not isinstance(self.earlier.cost, Unread)

    @property
    def not_known(self) -> tuple[str, ...]:
        """Sentences on what can't be read of what it was, where it is compared."""
        return self.earlier.not_known if self.difference else ()

    @property
    def policy_findings(self) -> tuple[PolicyFinding, ...]:
        """What the policy pack says of it now."""
        return self.after.policy_findings if self.after else ()

    @property
    def registrations(self) -> Registrations | None:
        """The registrations now."""
        return self.after.registrations if self.after else None


@dataclass(frozen=True)
class FleetComparison:
    """Stacks before and after, in the order asked for.

    Attributes:
        preview: what they are now.
        base: what they are compared with, None for nothing.
        stacks: those of `preview`, and those that are no more.
        trace: by which their queues' months are expected; None where no trace is named.
    """

    preview: FleetPreview
    base: Revision | None
    stacks: tuple[StackComparison, ...]
    trace: NamedTrace | None = None


def compared(
    root: Path,
    asked: Sequence[str],
    jobs: int,
    base: str | None,
    progress: Progress = lambda _: None,
    spot: SpotHistory | None = None,
) -> FleetComparison:
    """Preview stacks, and compare them with what they were at a revision, by its settings and its program.

    Args:
        root: the project's root.
        asked: names of stacks; none for all that have a file, now or then.
        jobs: previews at a time.
        base: the revision; None to compare with nothing.
        progress: told of each stack that is previewed, a second time for the revision's.
        spot: gives Spot prices for the pools of registrations; None for a share of the on-demand prices.

    Raises:
        RevisionError: there is no such revision.
        typer.BadParameter: there is no stack of a name asked for, now or then.
        whatever `spot` raises.
    """
    revision: Revision | None = None
    then: dict[str, StackPreview] = {}
    written: Configs = {}
    if base is None:
        names = chosen_stacks(root, asked)
    else:
        with exported(root, base) as revision:
            names, then = _previews_at(revision, root, asked, jobs, progress)
            written = configs(revision.root, names)
    now = preview(root, [name for name in names if name in stack_names(root)], jobs, progress)
    now = replace(now, findings=(*now.findings, *_forbidden(then, now)))
    present = {stack.stack: stack for stack in now.stacks}
    prices = spot(_with_pools(then.values(), now.stacks)) if spot else None
    stacks = (comparison(name, then.get(name), present.get(name), base is not None, prices) for name in names)
    here = configs(root, written)
    return FleetComparison(
        now,
        revision,
        tuple(
            replace(one, settings=setting_changes(written[one.stack], here[one.stack])) if one.stack in here else one
            for one in stacks
        ),
    )


def _forbidden(then: Mapping[str, StackPreview], now: FleetPreview) -> Iterator[FleetFinding]:
    """What a change must not do, though what it leads to is right."""
    for stack in now.stacks:
        before = then.get(stack.stack)
        if before and before.registrations and stack.registrations:
            yield from generation_findings(stack.stack, before.registrations, stack.registrations)


def _with_pools(then: Iterable[StackPreview], now: Iterable[StackPreview]) -> list[Registrations]:
    """The registrations of both sides, without earlier ones whose pools can't be read."""
    old, new = ([side.registrations for side in sides if side.registrations] for sides in (then, now))
    return [*(one for one in old if not isinstance(attempted(partial(pool_nodes, one)), Unread)), *new]


def _previews_at(
    revision: Revision, root: Path, asked: Sequence[str], jobs: int, progress: Progress
) -> tuple[list[str], dict[str, StackPreview]]:
    """The names of the stacks asked for, and the previews of those that the revision has."""
    earlier = stack_names(revision.root)
    names = chosen_stacks(root, asked, earlier)
    program = partial(run_program_of, revision.root)
    return names, previews(revision.root, [name for name in names if name in earlier], jobs, progress, program)


def comparison(
    stack: str,
    before: StackPreview | None,
    after: StackPreview | None,
    compare: bool,
    prices: SpotPrices | None = None,
) -> StackComparison:
    """A stack before and after, from its previews.

    Args:
        stack: its name.
        before: its earlier preview, None where it had no file.
        after: its preview now, None where it has no file any more.
        compare: whether there is anything to compare with at all.
        prices: of Spot; see `fleet.offline.costs.plan_cost`.
    """
    old, new = before.registrations if before else None, after.registrations if after else None
    cost = stack_cost(new, prices) if new else None
    return StackComparison(
        stack=stack,
        before=before,
        after=after,
        difference=_difference(before, after) if compare else None,
        earlier=earlier(old, prices) if old else NOTHING,
        cost_after=cost,
        budget=budget_comparison(new, cost) if new and cost else None,
        spot_prices=prices,
    )


def _difference(before: StackPreview | None, after: StackPreview | None) -> Difference | None:
    """None where a side that has a file has no preview."""
    match before, after:
        case StackPreview(registrations=Registrations() as old), StackPreview(registrations=Registrations() as new):
            return difference(old, new)
        case StackPreview(registrations=Registrations() as old), None:
            return everything(old, Operation.REMOVED)
        case None, StackPreview(registrations=Registrations() as new):
            return everything(new, Operation.ADDED)
        case _:
            return None
