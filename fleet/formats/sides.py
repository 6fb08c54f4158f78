"""Things of which there is one before and one after a change, matched by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Mark(StrEnum):
    """What a change makes of something."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    SAME = "same"


@dataclass(frozen=True)
class Sides(Generic[T]):
    """Something before and after, of which there is one side at least.

    Attributes:
        then: None where it is new, or nothing is compared.
        now: None where it is no more.
        compared: whether there is a before to look at.
    """

    then: T | None
    now: T | None
    compared: bool

    @property
    def shown(self) -> T:
        """After, or before where it is no more."""
        one = self.then if self.now is None else self.now
        assert one is not None  # noqa: S101 - there is a side
        return one

    @property
    def mark(self) -> Mark:
        """What became of it."""
        if not self.compared or self.then == self.now:
            return Mark.SAME
        return Mark.ADDED if self.then is None else Mark.REMOVED if self.now is None else Mark.CHANGED


def matched(then: Mapping[str, T], now: Mapping[str, T], *, compared: bool) -> Iterator[Sides[T]]:
    """Things by their names: those that there are, in their order, then those that are no more."""
    for name in (*now, *(one for one in then if one not in now)):
        yield Sides(then.get(name), now.get(name), compared)
