"""Changes and values as the HTML page shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from fleet.formats.html_tables import MINUS
from fleet.formats.lines import Line, differing_lines
from fleet.formats.phrases import place, value_text
from fleet.offline.changes.difference import Change, Difference, Operation
from fleet.offline.changes.property_changes import ABSENT, Absent, PropertyChange, comparable
from fleet.offline.changes.property_paths import PropertyPath
from fleet.offline.registration import Registration, Secret
from sizing.values import Json

SHORT: Final = 160
"""Characters of a value that stands on one line; a longer one is shown line by line."""
CONTEXT: Final = 2
"""Lines around a change in a long text."""
MAXIMUM_LINES: Final = 400
"""Lines shown of one value."""
LONGEST_LINE: Final = 2_000
"""Characters shown of one line."""
_ORDER: Final = (Operation.REPLACED, Operation.REMOVED, Operation.CHANGED, Operation.ADDED, Operation.KEPT)


@dataclass(frozen=True)
class Marked:
    """A text of one line, with the part in it that is not the same on the other side."""

    start: str
    differing: str
    end: str


@dataclass(frozen=True)
class PropertyView:
    """A property that changes: two texts side by side, or the lines of a longer one.

    Attributes:
        place: its path.
        note: why it makes a new resource, or may; empty where it doesn't.
        before: None where there was nothing, or `lines` tell.
        after: likewise.
        lines: of a longer text, those that differ and a few around them.
        left_out: lines that are not shown.
    """

    place: str
    note: str
    before: Marked | None = None
    after: Marked | None = None
    lines: tuple[Line, ...] = ()
    left_out: int = 0

    @property
    def counts(self) -> str:
        """`+3 -1`: lines that come and go."""
        come, gone = (sum(line.sign == sign for line in self.lines) for sign in "+-")
        return f"+{come} {MINUS}{gone} lines"


def grouped(difference: Difference) -> Iterator[tuple[Operation, list[tuple[int, Change]]]]:
    """The changes of a stack, each with its number, by what becomes of the resources: the gravest first."""
    for operation in _ORDER:
        found = [(number, one) for number, one in enumerate(difference.changes) if one.weight is operation]
        if found:
            yield operation, sorted(found, key=lambda one: (not one[1].refused, one[0]))


def property_view(change: PropertyChange, *, routine: bool) -> PropertyView:
    """A property of a change; a routine replacement needs no note."""
    note = "forces the replacement" if change.forces_replacement and not routine else ""
    if change.replaced_if:
        note = f"replaces it if {change.replaced_if}"
    before, after = _text(change.before), _text(change.after)
    if isinstance(change.before, Secret) and isinstance(change.after, Secret):
        after = "<another secret>"
    if not before and not after:
        before = "" if isinstance(change.before, Absent) else "(empty)"
        after = "" if isinstance(change.after, Absent) else "(empty)"
    if "\n" in before + after or max(len(before), len(after)) > SHORT:
        sides = _long(change.before), _long(change.after)
        lines = [replace(line, text=_cut_line(line.text)) for line in differing_lines(*sides, CONTEXT)]
        return PropertyView(
            place(change), note, lines=tuple(lines[:MAXIMUM_LINES]), left_out=len(lines[MAXIMUM_LINES:])
        )
    return PropertyView(place(change), note, *_marked(before, after))


def inputs_text(registration: Registration) -> str:
    """The inputs of a resource as JSON, in which texts that are JSON themselves are taken apart."""
    return _cut(json.dumps(_readable((), registration.inputs), indent=2, **_JSON))


_JSON: Final[dict[str, Json]] = {"ensure_ascii": False, "sort_keys": True, "default": str}
"""`default`: unknown and secret values say what they are by themselves."""


def _text(value: Json | Absent) -> str:
    return json.dumps(value) if isinstance(value, str) and value != value.strip() else value_text(value)


def _long(value: Json | Absent) -> str:
    """A value on lines of its own."""
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(_readable((), value), indent=2, **_JSON)
    return value_text(value)


def _readable(path: PropertyPath, value: Json) -> Json:
    """A value in the form in which changes are compared too."""
    match comparable(path, value):
        case Mapping() as items:
            pairs = ((key, _readable((*path, key), item)) for key, item in items.items())
            return {key: item for key, item in pairs if item is not ABSENT}
        case list() as items:
            return [None if item is None else _readable((*path, index), item) for index, item in enumerate(items)]
        case other:
            return other


def _marked(before: str, after: str) -> tuple[Marked | None, Marked | None]:
    if not before or not after:
        return (Marked("", before, "") if before else None), (Marked("", after, "") if after else None)
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    # Numbers and words are read as a whole.
    while start and before[start - 1].isalnum():
        start -= 1
    while end and before[len(before) - end].isalnum():
        end -= 1
    sides = [Marked(text[:start], text[start : len(text) - end], text[len(text) - end :]) for text in (before, after)]
    return sides[0], sides[1]


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next(
        (index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )


def _cut(text: str) -> str:
    lines = text.splitlines()
    shown = [_cut_line(line) for line in lines[:MAXIMUM_LINES]]
    left_out = len(lines) - len(shown)
    return "\n".join([*shown, f"… {left_out} more lines"] if left_out else shown)


def _cut_line(line: str) -> str:
    left_out = len(line) - LONGEST_LINE
    return f"{line[:LONGEST_LINE]}… {left_out} more characters" if left_out > 0 else line
