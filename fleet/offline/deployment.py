"""What a change deploys: the stacks that it is about, platform by platform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fleet.errors import FleetError
from fleet.offline.changes.comparison import FleetComparison, StackComparison
from fleet.offline.changes.difference import Operation

STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
IDENTIFYING: Final = frozenset({"aws:ec2/subnet:Subnet", "aws:kms/key:Key", "eks:index:Cluster"})
"""Types by which AWS names what a platform's contract has: subnets; keys; endpoint, certificate and security groups.
Offline, an export doesn't tell which resources it is made of."""


class DeploymentError(FleetError):
    """What is to be deployed can't be told; the message says why, and what to do."""


@dataclass(frozen=True)
class PlatformDeployment:
    """What is deployed of one platform and its tenants, in this order; nothing of it waits for another platform.

    Attributes:
        platform: the platform's stack.
        update_platform: whether that stack is updated, before everything else.
        tenants: stacks of tenants that are updated, side by side.
        removed_tenants: stacks of tenants that have no file any more, and are destroyed.
        remove_platform: whether the platform's stack has no file any more, and is destroyed, after everything else.
    """

    platform: str
    update_platform: bool
    tenants: tuple[str, ...]
    removed_tenants: tuple[str, ...]
    remove_platform: bool


@dataclass(frozen=True)
class Deployment:
    """What is deployed.

    Attributes:
        base: commit that is deployed, as far as this one is compared with it; None where everything is deployed anew.
        platforms: sorted by name.
        reasons: why each stack is in it, by stack.
    """

    base: str | None
    platforms: tuple[PlatformDeployment, ...]
    reasons: Mapping[str, str]


def deployment(comparison: FleetComparison) -> Deployment:
    """What of a fleet a change deploys: stacks whose registrations it changes, or all of them where there is no base.

    A stack is also in it where a difference would not show: when the base pins other packages, can't be previewed, or
    when its platform exports an identifier that is going to be another.

    Raises:
        DeploymentError: a stack has no preview, or stacks don't fit together: nothing of such a fleet is deployed.
    """
    if not comparison.preview.ok:
        wrong = [stack.stack for stack in comparison.preview.stacks if stack.registrations is None]
        wrong += [", ".join(finding.stacks) for finding in comparison.preview.findings]
        command = "fleet preview" + (f" --base {comparison.base.asked}" if comparison.base else "")
        raise DeploymentError(f"not deployable, see `{command}`: {'; '.join(wrong)}")
    platforms = {stack.stack: _platform(stack) for stack in comparison.stacks}
    moved = {stack.stack for stack in comparison.stacks if _exports_other_identifiers(stack)}
    reasons: dict[str, str] = {}
    for stack in comparison.stacks:
        if why := _reason(comparison, stack, platforms[stack.stack] in moved - {stack.stack}):
            reasons[stack.stack] = why
    removed = {stack.stack for stack in comparison.stacks if stack.after is None}
    commit = comparison.base.commit if comparison.base else None
    return Deployment(commit, tuple(_by_platform(reasons, platforms, removed)), reasons)


def _by_platform(
    chosen: Iterable[str], platforms: Mapping[str, str], removed: set[str]
) -> Iterator[PlatformDeployment]:
    stacks = sorted(chosen)
    for platform in sorted({platforms[stack] for stack in stacks}):
        tenants = [stack for stack in stacks if platforms[stack] == platform != stack]
        yield PlatformDeployment(
            platform=platform,
            update_platform=platform in stacks and platform not in removed,
            tenants=tuple(stack for stack in tenants if stack not in removed),
            removed_tenants=tuple(stack for stack in tenants if stack in removed),
            remove_platform=platform in stacks and platform in removed,
        )


def _reason(comparison: FleetComparison, stack: StackComparison, platform_moved: bool) -> str:
    """Why a stack is deployed; empty when it is not."""
    if stack.after is None:
        return "it has no file any more"
    if comparison.base is None:
        return "everything is deployed"
    if stack.before is None:
        return "it is new"
    if stack.difference is None:
        return "what it was can't be previewed"
    if stack.difference.changes:
        return "its preview changes"
    if comparison.base.other_requirements:
        return "other versions of packages deploy it"
    return "its platform exports other identifiers" if platform_moved else ""


def _platform(stack: StackComparison) -> str:
    """The stack of the platform that a stack is on, or of the platform that it is."""
    registrations = stack.registrations if stack.after else (stack.before.registrations if stack.before else None)
    if registrations is None:
        raise DeploymentError(
            f"{stack.stack} has no file any more, and what it was can't be previewed: destroy it by hand, with "
            f"`pulumi destroy --stack {stack.stack}`"
        )
    return next((reference.name for reference in registrations.of_type(STACK_REFERENCE)), stack.stack)


def _exports_other_identifiers(stack: StackComparison) -> bool:
    """Whether something is made anew by whose identifiers tenants know their platform."""
    changes = stack.difference.changes if stack.difference else ()
    return any(one.operation is Operation.REPLACED and one.resource.type in IDENTIFYING for one in changes)
