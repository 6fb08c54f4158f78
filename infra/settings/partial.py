"""Settings of which some values are wrong, for rules over the others.

A value that is wrong is not there: whatever reads it raises `Unreadable`, so a rule says what is true whichever value
will take its place, and nothing else.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import IntEnum
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_json

from infra.settings.findings import Finding
from infra.settings.unreadable import Incomplete

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
Location = tuple[str | int, ...]
_WRONG: Final = object()


class _Left(IntEnum):
    """Which named entries are left out, such as queues, because something in them is wrong."""

    NONE = 0
    INNERMOST = 1
    OUTERMOST = 2


def partial_settings(model: type[M], data: Mapping[str, Any], error: ValidationError) -> tuple[M, ...]:
    """The settings without what is wrong, and fewer and fewer of the entries that something wrong is in.

    Args:
        model: what `data` should be.
        data: of a stack file.
        error: what pydantic says of it.
    """
    problems = error.errors()
    wrong = [location for details in problems for location in _wrong(model, data, details, problems)]
    return tuple(_model(model, data, wrong, left)[0] for left in _Left)


def broken(rule: Callable[[T], Iterable[Finding]], views: Iterable[T]) -> Iterator[Finding]:
    """What a rule says of settings of which some values are wrong.

    Args:
        rule: is asked of the fullest settings first, and of fewer entries where it reads what is wrong.
        views: as `partial_settings` gives them, or what is made of each.
    """
    for view in views:
        try:
            yield from rule(view)
        except Exception:  # noqa: S112 - not only Unreadable: names that are none go into what names are made of
            continue
        return


def _wrong(
    model: type[BaseModel], data: Mapping[str, Any], details: ErrorDetails, problems: Sequence[ErrorDetails]
) -> Iterator[Location]:
    """What can't be read because of an error: the value it is about, or those that an unknown key may stand for."""
    location = details["loc"]
    if details["type"] == "too_short" and any(_below(other["loc"], location) for other in problems):
        return  # an entry that is wrong by itself is not counted
    yield location
    if details["type"] != "extra_forbidden" or not all(isinstance(part, str) for part in location):
        return  # of a list nothing can be read anyway
    *above, key = location
    there: Any = data
    at: Any = model
    for part in above:
        there = there[part]
        inner = _inner(at)
        at = inner.model_fields[_field(inner, part)].rebuild_annotation() if _is_model(inner) else _entry(inner)
    inner = _inner(at)
    absent = [alias for name in inner.model_fields if (alias := _alias(inner, name)) not in there]
    for alias in get_close_matches(str(key), absent, n=1) or absent:
        yield (*above, alias)


def _below(location: Sequence[str | int], above: Sequence[str | int]) -> bool:
    return len(location) > len(above) and tuple(location[: len(above)]) == tuple(above)


def _model(model: type[M], data: Mapping[str, Any], wrong: Sequence[Location], left: _Left) -> tuple[M, bool]:
    """The model without what is wrong, and whether anything of it is missing."""
    values: dict[str, Any] = {}
    missing = False
    for name, field in model.model_fields.items():
        alias = _alias(model, name)
        inside = [location[1:] for location in wrong if location[0] == alias]
        value: Any
        if alias in data:
            value, lacking = _value(field.rebuild_annotation(), data[alias], inside, left)
        elif inside:
            value, lacking = _WRONG, True
        else:
            value, lacking = field.get_default(call_default_factory=True), False
        missing = missing or lacking
        if value is not _WRONG:
            values[name] = value
    made = model.model_construct()
    made.__dict__.clear()
    made.__dict__.update(values)
    return made, missing


def _value(annotation: Any, value: Any, wrong: Sequence[Location], left: _Left) -> tuple[Any, bool]:  # noqa: ANN401
    """What is right of a value, or `_WRONG`; and whether anything of it is missing."""
    if not wrong:
        return TypeAdapter(annotation).validate_json(to_json(value), strict=True), False
    inner = _inner(annotation)
    if () in wrong or not isinstance(value, Mapping):
        return _WRONG, True
    if _is_model(inner):
        return _model(inner, value, wrong, left)
    if get_origin(inner) is not dict:
        return _WRONG, True
    if _is_model(_inner(_entry(inner))):
        return _entries(_entry(inner), value, wrong, left)
    if left is _Left.NONE:
        return _WRONG, True
    right = {key: entry for key, entry in value.items() if all(location[0] != key for location in wrong)}
    try:
        return Incomplete(_value(annotation, right, (), left)[0]), False
    except ValidationError:
        return _WRONG, True  # too few are left


def _entries(
    annotation: Any,  # noqa: ANN401
    data: Mapping[str, Any],
    wrong: Sequence[Location],
    left: _Left,
) -> tuple[Mapping[str, Any], bool]:
    """The entries, those that something is wrong in left out as far as `left` says."""
    model = _inner(annotation)
    nothing = [(_alias(model, name),) for name in model.model_fields]
    found: dict[str, Any] = {}
    incomplete = missing = False
    for key, value in data.items():
        inside = [location[1:] for location in wrong if location[0] == key]
        misnamed = ("[key]",) in inside
        entry, lacking = _value(annotation, value, [each for each in inside if each != ("[key]",)], left)
        if left is not _Left.NONE and (misnamed or lacking or (inside and left is _Left.OUTERMOST)):
            incomplete = True
            continue
        incomplete = incomplete or misnamed
        missing = missing or lacking
        found[key] = _model(model, {}, nothing, left)[0] if entry is _WRONG else entry
    return (Incomplete(found) if incomplete else found), missing


def _alias(model: type[BaseModel], field: str) -> str:
    return model.model_fields[field].alias or field


def _field(model: type[BaseModel], alias: str | int) -> str:
    return next(name for name in model.model_fields if _alias(model, name) == alias)


def _inner(annotation: Any) -> Any:  # noqa: ANN401
    """A type without its constraints, and without `None` beside it."""
    if get_origin(annotation) is Annotated:
        return _inner(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        given = [part for part in get_args(annotation) if part is not type(None)]
        return _inner(given[0]) if len(given) == 1 else annotation
    return annotation


def _entry(annotation: Any) -> Any:  # noqa: ANN401
    return get_args(annotation)[1]


def _is_model(annotation: Any) -> bool:  # noqa: ANN401
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
