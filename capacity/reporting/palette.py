"""The colours of a report's figures: one set for light and dark, on paper too."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

FIXED: Final = "#767676"
DECLARED: Final = "#0072b2"
DEMAND: Final = "#d55e00"
RECOMMENDED: Final = "#009e73"
OTHER: Final = "#b8659a"
COLOURS: Final = (FIXED, DECLARED, DEMAND, RECOMMENDED, OTHER)
"""All of them. Each has a contrast of at least 3 to the page's cards in light and dark (a test holds them to that), so
a figure stays as it is when the reader's system changes or a page is printed.

Source: Okabe and Ito, Color Universal Design, 2008, but for grey, and a darker reddish purple
"""
MEANING: Final = MappingProxyType(
    {
        FIXED: "nodes fixed at the peak",
        DECLARED: "as declared",
        DEMAND: "demand, and what waits",
        RECOMMENDED: "recommended",
        OTHER: "other ways",
    }
)
"""What each stands for, in all figures."""


def faint(colour: str, opacity: float) -> str:
    """A colour with what is behind it shining through.

    Args:
        colour: such as `#0072b2`.
        opacity: from 0 to 1.
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
