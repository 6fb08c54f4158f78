"""Comparisons of fleets, put together from registrations."""

from __future__ import annotations

from pathlib import Path

from fleet.offline.changes.comparison import FleetComparison, StackComparison, comparison
from fleet.offline.changes.revision import Revision
from fleet.offline.registration import Registrations
from fleet.offline.stack_preview import Failure, FleetPreview, StackPreview
from infra.settings.fleet_rules import FleetFinding
from tests.samples import TENANTS, tenant

BASE = Revision("main", "0123456789abcdef0123456789abcdef01234567", Path())


def side(stack: str, registrations: Registrations | str | None) -> StackPreview | None:
    """A preview with registrations, with a failure that says something, or none at all."""
    if registrations is None:
        return None
    platform = tenant(stack)["platform"] if stack in TENANTS else ""
    return (
        StackPreview(stack, None, Failure(registrations), platform=platform)
        if isinstance(registrations, str)
        else StackPreview(stack, registrations, platform=platform)
    )


def stack_of(
    name: str, before: Registrations | str | None, after: Registrations | str | None, compare: bool = True
) -> StackComparison:
    return comparison(name, side(name, before), side(name, after), compare)


def fleet_of(
    *stacks: StackComparison, base: Revision | None = BASE, findings: tuple[FleetFinding, ...] = ()
) -> FleetComparison:
    now = tuple(stack.after for stack in stacks if stack.after)
    return FleetComparison(FleetPreview(now, findings), base, stacks)
