"""Settings that nobody knows because they are wrong, as rules meet them (`infra/settings/partial.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

V = TypeVar("V")


class Unreadable(AttributeError):
    """A setting is read that is wrong, so that nobody knows its value."""


class Incomplete(dict[str, Any]):
    """Entries of settings, of which some have no name, or are left out: whether another is there nobody can tell."""

    def __missing__(self, key: str) -> Any:  # noqa: ANN401
        raise Unreadable(key)

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or bool(self.__missing__(str(key)))

    def get(self, key: str, _default: object = None, /) -> Any:  # noqa: ANN401
        """The entry.

        Raises:
            Unreadable: none has this name so far.
        """
        return self[key]


def all_of(entries: Mapping[str, V]) -> Mapping[str, V]:
    """The entries, for a rule that asks whether there are enough.

    Raises:
        Unreadable: some are left out.
    """
    if isinstance(entries, Incomplete):
        raise Unreadable("entries")
    return entries
