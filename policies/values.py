"""Resource properties as a rule sees them: plain values, and an error where a value is not known yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, overload

from sizing.values import Json, mapped, whole


class NotKnown(Exception):
    """A rule asked for a value that only the deployment can give: it can't decide.

    Args:
        path: of the value in the resource's properties.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is not known before the deployment")
        self.path = path


class NotThere(KeyError):
    """A rule needs a value that a resource doesn't have.

    Args:
        path: of the value in the resource's properties.
        owner: the URN of the resource; empty where it isn't told.
    """

    def __init__(self, path: str, owner: str) -> None:
        super().__init__(path)
        self.path = path
        self.owner = owner


class _Unknown:
    """Stands for such a value."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


class Properties(Mapping[str, Json]):
    """A property map. To look at an unknown value is an error, to ask whether it is there is not.

    Whole numbers are integers, whether they come from the engine, which has only floating point, or from a preview.

    Args:
        values: of the map.
        path: of the map in a resource's properties; empty for all of them.
        owner: the URN of the resource.
    """

    def __init__(self, values: Mapping[str, Json], path: str = "", owner: str = "") -> None:
        self._values = values
        self._path = path
        self._owner = owner

    def __getitem__(self, key: str) -> Json:
        path = f"{self._path}.{key}" if self._path else key
        try:
            value = self._values[key]
        except KeyError:
            raise NotThere(path, self._owner) from None
        return _seen(value, path, self._owner)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def known_items(self) -> Iterator[tuple[str, Json]]:
        """The properties whose values are known, for who looks for something in all of them."""
        return ((key, self[key]) for key in self if self._values[key] is not UNKNOWN)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(plain(self))


class Items(Sequence[Json]):
    """A list of properties; it equals a plain list of the same values."""

    def __init__(self, values: Sequence[Json], path: str, owner: str = "") -> None:
        self._values = values
        self._path = path
        self._owner = owner

    @overload
    def __getitem__(self, index: int) -> Json: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Json]: ...

    def __getitem__(self, index: int | slice) -> Json:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return _seen(self._values[index], f"{self._path}[{index}]", self._owner)

    def __len__(self) -> int:
        return len(self._values)

    def known(self) -> Iterator[Json]:
        """The items that are known."""
        return (self[index] for index, value in enumerate(self._values) if value is not UNKNOWN)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and not isinstance(other, str) and list(self) == list(other)

    def __hash__(self) -> int:
        raise TypeError("a list of properties is not hashable")

    def __repr__(self) -> str:
        return repr(plain(self))


def plain(value: Json) -> Json:
    """The value with dicts and lists all the way down.

    Raises:
        NotKnown: some of it is not known.
    """
    return mapped(value, lambda leaf: leaf)


def _seen(value: Json, path: str, owner: str) -> Json:
    if value is UNKNOWN:
        raise NotKnown(path)
    if isinstance(value, Mapping):
        return Properties(value, path, owner)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Items(value, path, owner)
    return whole(value)
