"""Shapes of a drawing, in pixels from its upper left corner; the template `drawing.svg` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Anchor = Literal["start", "middle", "end"]

_NARROW: Final = frozenset("iljtfrI.,:;|'!()[]{} -/")
_WIDE: Final = frozenset("mwMW@%→")
_CJK: Final = 0x2E80
"""From here on, characters are about as wide as they are high."""


@dataclass(frozen=True)
class Box:
    """A rectangle; `title` is what a reader sees who points at it."""

    x: float
    y: float
    width: float
    height: float
    style: str
    title: str = ""

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


@dataclass(frozen=True)
class Label:
    """A line of text, with its baseline at `y`."""

    x: float
    y: float
    text: str
    style: str
    anchor: Anchor = "start"


@dataclass(frozen=True)
class Arrow:
    """A line over points; its head is at the last one, where it has a head."""

    points: tuple[tuple[float, float], ...]
    style: str
    head: bool = True

    @property
    def path(self) -> str:
        """As the attribute `d` of an SVG path."""
        return "M" + " L".join(f"{x:g} {y:g}" for x, y in self.points)


@dataclass
class Drawing:
    """Shapes in the order in which they are painted.

    Attributes:
        title: what is drawn.
        description: what there is to see, for those who don't see it.
        width: of the whole.
        height: likewise.
        shapes: what is drawn.
    """

    title: str
    description: str
    width: float
    height: float = 0
    shapes: list[Box | Label | Arrow] = field(default_factory=list)

    def box(self, x: float, y: float, width: float, height: float, style: str, title: str = "") -> Box:
        """Add a rectangle."""
        box = Box(x, y, width, height, style, title)
        self.shapes.append(box)
        return box

    def text(self, x: float, y: float, text: str, style: str, anchor: Anchor = "start") -> None:
        """Add a line of text."""
        self.shapes.append(Label(x, y, text, style, anchor))

    def lines(self, box: Box, texts: Sequence[str], *, step: float = 15, first: float = 19, inset: float = 12) -> None:
        """Add lines of text to a box: the first as its heading, each shortened where it is too long."""
        for index, text in enumerate(texts):
            style, size = ("h", 13) if index == 0 else ("s", 11.5)
            self.text(box.x + inset, box.y + first + step * index, fitted(text, box.width - 2 * inset + 4, size), style)

    def arrow(self, *points: tuple[float, float], style: str, head: bool = True) -> None:
        """Add a line."""
        self.shapes.append(Arrow(points, style, head))


def text_width(text: str, size: float) -> float:
    """About how many pixels wide a text is in a sans-serif font: SVG does not wrap, and no browser is asked."""
    return size * sum(map(_share, text))


def _share(character: str) -> float:
    if character in _NARROW:
        return 0.34
    if character in _WIDE or ord(character) >= _CJK:
        return 0.95
    return 0.72 if character.isupper() else 0.62


def fitted(text: str, width: float, size: float) -> str:
    """The text, shortened with an ellipsis where it is wider."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip(" ,:") + "…"


def broken(text: str, width: float, size: float) -> list[str]:
    """A name, whole, on as many lines as it needs: broken behind a sign where one is near, anywhere else."""
    lines = []
    while text_width(text, size) > width:
        end = len(text) - 1
        while end > 1 and text_width(text[:end], size) > width:
            end -= 1
        sign = max(text.rfind(each, 0, end) for each in "/-._:") + 1
        end = sign if sign > end / 2 else end
        lines.append(text[:end])
        text = text[end:]
    return [*lines, text]


def wrapped(words: Sequence[str], width: float, size: float) -> list[str]:
    """Words, with commas between them, on as many lines as they need."""
    found: list[str] = []
    for index, word in enumerate(words):
        one = word + ("," if index < len(words) - 1 else "")
        if found and text_width(f"{found[-1]} {one}", size) <= width:
            found[-1] += f" {one}"
        else:
            found.append(one)
    return [fitted(line, width, size) for line in found]
