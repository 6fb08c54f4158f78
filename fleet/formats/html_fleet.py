"""Stacks by their platforms, and what each environment costs, as the HTML page shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.formats.html_stacks import StackView, Totals, totals
from fleet.offline.environments import NOT_KNOWN, environment_of


@dataclass(frozen=True)
class PlatformView:
    """A platform with its tenants.

    Attributes:
        name: its stack.
        environment: as its contract says, or `NOT_KNOWN`.
        own: its stack's view; None where that is not in the preview.
        tenants: theirs, in their order.
    """

    name: str
    environment: str
    own: StackView | None
    tenants: tuple[StackView, ...]

    @property
    def stacks(self) -> tuple[StackView, ...]:
        """All of them, its own first."""
        return (*((self.own,) if self.own else ()), *self.tenants)


@dataclass(frozen=True)
class EnvironmentView:
    """What the stacks of an environment sum up to.

    Attributes:
        name: the environment.
        stacks: of its platforms.
        totals: their sums.
    """

    name: str
    stacks: tuple[StackView, ...]
    totals: Totals


def platform_views(stacks: Sequence[StackView]) -> list[PlatformView]:
    """The platforms by name; of those with the same rank, stacks stay in their order."""
    by_platform: defaultdict[str, list[StackView]] = defaultdict(list)
    for stack in stacks:
        by_platform[stack.platform].append(stack)
    found = []
    for name, some in sorted(by_platform.items()):
        own = next((stack for stack in some if stack.name == name), None)
        tenants = tuple(stack for stack in some if stack is not own)
        found.append(PlatformView(name, environment_of(own.recorded if own else None), own, tenants))
    return found


def environment_views(platforms: Sequence[PlatformView], *, compared: bool) -> list[EnvironmentView]:
    """The environments, by name, with those of which nothing is known last; sums never mix two of them."""
    by_name: defaultdict[str, list[StackView]] = defaultdict(list)
    for platform in platforms:
        by_name[platform.environment] += platform.stacks
    return [
        EnvironmentView(name, tuple(some), totals(some, compared=compared))
        for name, some in sorted(by_name.items(), key=lambda one: (one[0] == NOT_KNOWN, one[0]))
    ]
