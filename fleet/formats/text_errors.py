"""What is wrong with stacks, printed for people: each error once, a cause before what follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from fleet.formats.phrases import listed, policy
from fleet.formats.terminal import say
from fleet.offline.stack_preview import Failure, FleetPreview, StackPreview
from infra.settings.fleet_rules import FleetFinding
from policies.evaluation import PolicyFinding

ERROR = "error: "
"""How each begins, wherever it is printed."""
ADVICE = "advice: "
_LINES = 17
"""Where lines begin that are to be written."""


@dataclass(frozen=True)
class Cause:
    """Why stacks have no preview.

    Attributes:
        stacks: those with this failure, sorted.
        failure: of the first of them.
        waiting: tenants of these, with which nothing is known to be wrong, sorted.
    """

    stacks: tuple[str, ...]
    failure: Failure
    waiting: tuple[str, ...]


def causes(stacks: Sequence[StackPreview]) -> list[Cause]:
    """Why stacks have no preview; first the causes for which most others wait.

    What fails in the same way in several stacks, such as a component that can't be imported, is one cause.
    """
    waiting: defaultdict[str, list[str]] = defaultdict(list)
    alike: defaultdict[str, list[StackPreview]] = defaultdict(list)
    for stack in stacks:
        if stack.failure and stack.failure.follows:
            waiting[stack.platform].append(stack.stack)
        elif stack.failure:
            alike[_what(stack, stack.failure)].append(stack)
    # The platform of stacks that were asked for may not be among them.
    for platform in waiting.keys() - {stack.stack for stack in stacks}:
        first = next(stack for stack in stacks if stack.stack == waiting[platform][0])
        alike[platform].append(first)
        waiting[platform].remove(first.stack)
    found = []
    for group in alike.values():
        failure = group[0].failure
        assert failure is not None  # noqa: S101 - see above
        names = tuple(sorted(stack.stack for stack in group))
        behind = [one for stack in group for one in waiting[stack.platform if failure.follows else stack.stack]]
        found.append(Cause(names, failure, tuple(sorted(behind))))
    return sorted(found, key=lambda cause: -len(cause.waiting) - len(cause.stacks))


def _what(stack: StackPreview, failure: Failure) -> str:
    return (failure.brief or failure.message).removeprefix(f"{stack.stack}: ")


def print_errors(console: Console, preview: FleetPreview, *, whole: bool) -> None:
    """Print what keeps stacks from being deployed; nothing where nothing does.

    Args:
        console: where to.
        preview: of the stacks.
        whole: with where in the program something failed.
    """
    for cause in causes(preview.stacks):
        say(console, f"{ERROR}{_failure(cause, whole=whole)}", "red")
        if cause.waiting:
            say(console, f"  So there is no preview of {listed(cause.waiting)} either.", "red")
    if unasked := sorted(stack.stack for stack in preview.stacks if stack.unasked):
        say(console, f"The policy pack was not asked about {listed(unasked)}: mend the above first.", "red")
    for stack in preview.stacks:
        for finding in stack.policy_findings:
            if finding.stops:
                say(console, f"{ERROR}{_policy(stack, finding)}", "red")
    for between in preview.findings:
        say(console, f"{ERROR}{_between(between)}", "red")


def print_advice(console: Console, stacks: Sequence[StackPreview]) -> None:
    """Print what the policy pack advises, and stops nobody for."""
    for stack in stacks:
        for finding in stack.policy_findings:
            if not finding.stops:
                say(console, f"{ADVICE}{_policy(stack, finding)}", "yellow")


def _failure(cause: Cause, *, whole: bool) -> str:
    failure, others = cause.failure, cause.stacks[1:]
    text = failure.message if whole or not failure.brief else failure.brief
    return f"{text}\n  The same with {listed(others)}." if others else text


def _policy(stack: StackPreview, finding: PolicyFinding) -> str:
    return f"{stack.stack}: {policy(finding)}\n  {finding.remedy}"


def _between(finding: FleetFinding) -> str:
    allowed = finding.allowed.replace("\n", f"\n{'':{_LINES}}")
    return f"{listed(finding.stacks)}\n    found    {finding.found}\n    allowed  {allowed}"
