"""Which properties differ between two registrations of a resource."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from typing import Final, Literal

from fleet.offline.changes import force_new
from fleet.offline.changes.property_paths import PropertyPath, contains, parsed
from fleet.offline.registration import Options, Registration, Secret
from sizing.values import Json

Part = Literal["input", "output", "option"]
"""What of a registration a property belongs to: outputs are what components and the stack itself export."""


class Absent:
    """The value of a property that one side does not have."""

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
BASE64_TEXTS: Final = frozenset({"userData"})
"""Properties whose value is a text in base64, which is compared as the text."""


@dataclass(frozen=True)
class PropertyChange:
    """One property that changes: a leaf where both sides have one, else the whole that came or went.

    Attributes:
        part: inputs, outputs or options.
        path: below that part; inside a JSON text it goes on with that document's own keys.
        before: the value, or ABSENT.
        after: likewise.
        forces_replacement: a change of it makes a new resource, by the table (`fleet.offline.changes.force_new`) or by
            the resource's options.
        replaced_if: on what condition it does, where only the deployment can tell; may be empty.
    """

    part: Part
    path: PropertyPath
    before: Json | Absent
    after: Json | Absent
    forces_replacement: bool = False
    replaced_if: str = ""


def property_changes(old: Registration, new: Registration) -> tuple[PropertyChange, ...]:
    """What differs, in the order of inputs, options and outputs, and of paths in each.

    Inputs that `ignoreChanges` of the new registration names count as they were. Aliases are left out: what they do
    shows by itself.
    """
    inputs = _ignoring(new.options.ignore_changes, old.inputs, new.inputs)
    # Providers of the kinds that the program uses look at a secret's content alone.
    changed = _between((), old.inputs, inputs, secrecy=not new.custom)
    return (
        *(_input_change(new, *change) for change in changed),
        *(PropertyChange("option", *change) for change in _between((), _options(old), _options(new), secrecy=True)),
        *(PropertyChange("output", *change) for change in _between((), old.outputs, new.outputs, secrecy=True)),
    )


def _input_change(new: Registration, path: PropertyPath, before: Json | Absent, after: Json | Absent) -> PropertyChange:
    if not new.custom:
        return PropertyChange("input", path, before, after)
    forces = forces_replacement(new, path)
    condition = "" if forces else force_new.replaced_if(new.type, path)
    return PropertyChange("input", path, before, after, forces, condition)


def forces_replacement(registration: Registration, path: PropertyPath) -> bool:
    """Whether a change of an input makes a new resource.

    `replaceOnChanges` counts where it names the property or what is above it, as in the engine.
    """
    patterns = map(parsed, registration.options.replace_on_changes)
    return force_new.forces_replacement(registration.type, path) or any(contains(each, path) for each in patterns)


def _options(registration: Registration) -> dict[str, Json]:
    """What is set of them. Dependencies that come with inputs show there."""
    set_options = {
        field.name: value
        for field in fields(Options)
        if field.name != "aliases" and (value := getattr(registration.options, field.name)) != field.default
    }
    by_inputs = registration.property_dependencies.values()
    others: dict[str, Json] = {
        "parent": registration.parent,
        "provider": registration.provider,
        "providers": dict(registration.providers),
        "dependsOn": sorted({*registration.dependencies} - {urn for urns in by_inputs for urn in urns}),
        "id": registration.read_id,
    }
    return set_options | {name: value for name, value in others.items() if value}


def _between(
    path: PropertyPath, before: Json | Absent, after: Json | Absent, *, secrecy: bool
) -> Iterator[tuple[PropertyPath, Json | Absent, Json | Absent]]:
    """The leaves that differ. `secrecy`: whether it is a difference that only one side is marked secret."""
    if isinstance(before, str) and isinstance(after, str) and before != after:
        inside = comparable(path, before), comparable(path, after)
        # One document in two ways of writing is a change to the engine.
        yield from list(_between_values(path, *inside, secrecy=secrecy)) or [(path, before, after)]
    else:
        yield from _between_values(path, comparable(path, before), comparable(path, after), secrecy=secrecy)


def _between_values(
    path: PropertyPath, before: Json | Absent, after: Json | Absent, *, secrecy: bool
) -> Iterator[tuple[PropertyPath, Json | Absent, Json | Absent]]:
    match before, after:
        case Mapping(), Mapping():
            for key in sorted({*before, *after}):
                sides = before.get(key, ABSENT), after.get(key, ABSENT)
                yield from _between((*path, key), *sides, secrecy=secrecy)
        case list(), list():
            yield from _between_lists(path, before, after, secrecy)
        case Secret(), Secret():
            if list(_between(path, before.value, after.value, secrecy=secrecy)):
                yield path, before, after
        case (Secret(content), plain) | (plain, Secret(content)) if not secrecy:
            if list(_between(path, content, plain, secrecy=secrecy)):
                yield path, before, after
        case _ if not _same(before, after):
            yield path, before, after


def _between_lists(
    path: PropertyPath, before: Sequence[Json], after: Sequence[Json], secrecy: bool
) -> Iterator[tuple[PropertyPath, Json | Absent, Json | Absent]]:
    """Items of lists of one length by their places; else what was put in and what was taken out, wherever it was."""
    if len(before) == len(after):
        for index, sides in enumerate(zip(before, after, strict=True)):
            yield from _between((*path, index), *sides, secrecy=secrecy)
        return
    keys = [repr(item) for item in before], [repr(item) for item in after]
    for _, first, last, new_first, new_last in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        gone, come = before[first:last], after[new_first:new_last]
        if keys[0][first:last] == keys[1][new_first:new_last]:
            continue
        if len(gone) == len(come):
            for offset, sides in enumerate(zip(gone, come, strict=True)):
                yield from _between((*path, new_first + offset), *sides, secrecy=secrecy)
            continue
        for offset, item in enumerate(gone):
            yield (*path, first + offset), item, ABSENT
        for offset, item in enumerate(come):
            yield (*path, new_first + offset), ABSENT, item


def comparable(path: PropertyPath, value: Json | Absent) -> Json | Absent:
    """A value in the form in which a reader compares it. To the engine, null and absent are the same."""
    if isinstance(value, str):
        text = _decoded(value) if path and path[-1] in BASE64_TEXTS else value
        return _parsed(text)
    if isinstance(value, tuple):
        return list(value)
    return ABSENT if value is None else value


def _parsed(text: str) -> Json:
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text


def _same(before: Json | Absent, after: Json | Absent) -> bool:
    return isinstance(before, bool) is isinstance(after, bool) and bool(before == after)


def _ignoring(patterns: Sequence[str], old: Mapping[str, Json], new: Mapping[str, Json]) -> Mapping[str, Json]:
    """New inputs with the old values at the paths that are ignored.

    Source: pulumi, pkg/resource/deploy/step_generator.go (processIgnoreChanges) and PropertyPath.Reset: nothing is made
    above a path, and lists of different lengths do not match.
    """
    result: Json = new
    for pattern in patterns:
        result = _reset(parsed(pattern), old, result)
    kept: Mapping[str, Json] = result
    return kept


def _reset(pattern: PropertyPath, old: Json | Absent, new: Json | Absent) -> Json | Absent:
    if not pattern:
        return old
    step, *below = pattern
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = {*old, *new} if step == "*" else {step}
        items = dict(new)
        for key in sorted(map(str, keys)):
            value = _reset(tuple(below), old.get(key, ABSENT), new.get(key, ABSENT))
            items.pop(key, None)
            if not isinstance(value, Absent):
                items[key] = value
        return items
    if isinstance(old, list) and isinstance(new, list):
        if step == "*" and len(old) == len(new):
            return [_reset(tuple(below), *sides) for sides in zip(old, new, strict=True)]
        if isinstance(step, int) and step < min(len(old), len(new)):
            return [*new[:step], _reset(tuple(below), old[step], new[step]), *new[step + 1 :]]
    return new
