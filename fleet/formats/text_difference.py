"""What changes in a stack, printed for people."""

from __future__ import annotations

import itertools

from rich.console import Console
from rich.text import Text

from fleet.formats.lines import differing_lines
from fleet.formats.meanings import by_weight
from fleet.formats.phrases import SIGNS, consequences, heading, place, sides_text
from fleet.formats.terminal import say
from fleet.offline.changes.difference import Difference, Operation
from fleet.offline.changes.property_changes import PropertyChange

STYLES = {
    Operation.ADDED: "green",
    Operation.REMOVED: "red",
    Operation.REPLACED: "magenta",
    Operation.CHANGED: "yellow",
    Operation.KEPT: "dim",
}
LINE_STYLES = {"+": "green", "-": "red"}
LONGEST = 100
"""Characters of a value that stands on one line; a longer one is shown line by line, or shortened."""
CONTEXT = 1
"""Lines around a change in a long text."""


def print_changes(console: Console, difference: Difference) -> None:
    """Print each change, those of queues and pools first, with the properties that change in it."""
    for change in itertools.chain(*by_weight(difference.changes)):
        style = STYLES[change.weight]
        say(console, f"{SIGNS[change.operation]} {heading(change)}", style)
        for sentence in consequences(change):
            style = "bold red" if change.refused else "dim" if change.routine else "magenta"
            say(console, f"    {sentence}", style)
        for each in change.properties:
            console.print(_property(each, console.width, routine=change.routine), soft_wrap=True)


def _property(change: PropertyChange, width: int, *, routine: bool) -> Text:
    text = Text(f"    {place(change)}")
    if change.forces_replacement and not routine:
        text.append(" (forces the replacement)", "magenta")
    before, after = sides_text(change)
    if "\n" in before + after and before and after:
        for line in differing_lines(before, after, CONTEXT):
            text.append(f"\n        {line.sign}{line.text}", LINE_STYLES.get(line.sign, "dim"))
        return text
    then, now = shortened(before) or "nothing", shortened(after) or "nothing"
    if len(text) + len(then) + len(now) + len(":  → ") > width:
        text.append(f"\n        -{then}", "red")
        text.append(f"\n        +{now}", "green")
        return text
    text.append(": ")
    text.append(then, "red")
    text.append(" → ")
    text.append(now, "green")
    return text


def shortened(text: str) -> str:
    """A text of one line, cut where it is long; the formats for machines have it whole."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}… ({len(line)} characters)"
