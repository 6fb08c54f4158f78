"""What a row on a rule is; the rows stand in `tests.policies.areas`, a module for each of `policies.rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

from tests.policies.drafts import Edit, EditAt

Way = tuple[str, str, Edit, str]
"""What breaks a rule by another property, another type or another way of writing it: rule, stack, change, and a part of
what the rule says."""
Kept = tuple[str, str, Edit]
"""What looks like a violation and is none: rule, stack, change."""


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A change that breaks a rule.

    Attributes:
        rule: the rule's name.
        stack: the sample that is changed.
        breaks: the change.
        unknown: a change after which the rule lacks a value that it needs, where that isn't the one that `breaks`
            changes; None where it needs none.
        also: related rules that the same change breaks.
        config: of the policies.
    """

    rule: str
    stack: str
    breaks: Edit
    unknown: Edit | EllipsisType | None = ...
    also: frozenset[str] = frozenset()
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lacks(self) -> Edit | None:
        """The change after which the rule lacks a value that it needs, if it needs any."""
        if self.unknown is not ...:
            return self.unknown
        assert isinstance(self.breaks, EditAt), f"{self.rule}: it isn't said which value is unknown"
        return self.breaks.unknown
