"""Colours that everybody can tell from what is behind them."""

from __future__ import annotations

import re

import pytest

from capacity.reporting.palette import COLOURS, MEANING
from tests.samples import ROOT

STYLE = (ROOT / "fleet" / "formats" / "templates" / "style.css").read_text()
LEAST = 3.0
"""Contrast of graphical objects: WCAG 2.2, 1.4.11."""


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def cards() -> tuple[str, ...]:
    found = re.search(r"--card: light-dark\((#\w{6}), (#\w{6})\)", STYLE)
    assert found
    return found.groups()


def test_there_are_five_colours_and_each_means_something() -> None:
    assert len(set(COLOURS)) == 5
    assert set(MEANING) == set(COLOURS)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_colour_stands_out_from_cards_in_light_and_in_dark(colour: str) -> None:
    assert [card for card in cards() if contrast(colour, card) < LEAST] == []


def test_contrast_is_reckoned_as_the_guidelines_do() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
