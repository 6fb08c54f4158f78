"""Which lines of two texts differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

MANY_LINES: Final = 2_000
"""From here on, texts are compared faster and less well."""


@dataclass(frozen=True)
class Line:
    """A line of a longer text: `sign` is `+`, `-`, a space, or `@` for a place between shown parts."""

    sign: str
    text: str


def differing_lines(before: str, after: str, context: int) -> Iterator[Line]:
    """The lines that differ, with so many around them; all lines where there is one side only."""
    if not before or not after:
        sign = "+" if after else "-"
        yield from (Line(sign, text) for text in (after or before).splitlines())
        return
    old, new = before.splitlines(), after.splitlines()
    # The heuristics for lines that come often make poor differences, and are needed for the longest texts alone.
    matcher = SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > MANY_LINES)
    for group in matcher.get_grouped_opcodes(context):
        yield Line("@", "")
        for tag, first, last, new_first, new_last in group:
            if tag == "equal":
                yield from (Line(" ", text) for text in old[first:last])
                continue
            yield from (Line("-", text) for text in old[first:last])
            yield from (Line("+", text) for text in new[new_first:new_last])
