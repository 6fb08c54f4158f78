"""The alerts among the rules."""

from __future__ import annotations

from collections.abc import Iterable

from components.observability.groups import Alert, Group


def alerts_of(groups: Iterable[Group]) -> tuple[Alert, ...]:
    """The alerts of some groups."""
    return tuple(rule for group in groups for rule in group.rules if isinstance(rule, Alert))
