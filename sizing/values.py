"""Values as JSON has them, in whatever they are kept: one way to look through them, and one to make others of them.

A container is a mapping or a sequence that is no text; everything else is a leaf, whatever it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Json = Any
"""A value that came from JSON or goes there, with leaves of the reader's own; nothing is known of its shape."""
Path = tuple[str | int, ...]
"""Keys of mappings and indices of sequences, from the whole to a part."""


def mapped(value: Json, leaf: Callable[[Json], Json]) -> Json:
    """The value in dicts, their keys sorted, and lists, with what `leaf` makes of each leaf."""
    match value:
        case str() | bytes():
            return leaf(value)
        case Mapping():
            return {key: mapped(value[key], leaf) for key in sorted(value)}
        case Sequence():
            return [mapped(item, leaf) for item in value]
        case _:
            return leaf(value)


def mapped_by_path(value: Json, leaf: Callable[[Path, Json], Json], path: Path = ()) -> Json:
    """As `mapped`, where what becomes of a leaf depends on its path; `path` is that of the value itself."""
    match value:
        case str() | bytes():
            return leaf(path, value)
        case Mapping():
            return {key: mapped_by_path(value[key], leaf, (*path, key)) for key in sorted(value)}
        case Sequence():
            return [mapped_by_path(item, leaf, (*path, index)) for index, item in enumerate(value)]
        case _:
            return leaf(path, value)


def parts(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """The value and all that is in it, containers before what they hold; `path` is that of the value itself."""
    yield path, value
    match value:
        case str() | bytes():
            return
        case Mapping():
            for key in value:
                yield from parts(value[key], (*path, key))
        case Sequence():
            for index, item in enumerate(value):
                yield from parts(item, (*path, index))


def leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """The leaves of a value; an empty container has none."""
    return ((at, part) for at, part in parts(value, path) if is_leaf(part))


def is_leaf(value: Json) -> bool:
    """Whether a value is no container."""
    return isinstance(value, str | bytes) or not isinstance(value, Mapping | Sequence)


def dotted(path: Path) -> str:
    """A path as text: `a.b[0].c`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def whole(number: Json) -> Json:
    """A whole number as an integer: Pulumi's engine, as all that sends protobuf's Struct, has floating point alone."""
    return int(number) if isinstance(number, float) and number.is_integer() else number
