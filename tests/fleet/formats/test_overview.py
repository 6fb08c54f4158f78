"""The picture at the top of the README: what it says of costs is so, and it can be read in both themes."""

from __future__ import annotations

import re
from typing import Final

import pytest

from fleet.offline.pools import POOL_TYPE
from tests.fleet.formats.comparisons import stack_of
from tests.fleet.formats.pages import parsed
from tests.fleet.formats.test_html_safety import luminance
from tests.fleet.offline.recorded import sample
from tests.samples import ROOT

PICTURE: Final = ROOT / "docs" / "images" / "overview.svg"
BACKS: Final = ("bg", "zone", "box", "sys", "drv", "exe", "usd")


def texts() -> str:
    return " ".join(one.words for one in parsed(PICTURE.read_text(encoding="utf-8")).all("text"))


def fills(theme: str) -> dict[str, str]:
    """The colour of each class, `#rrggbb`."""
    style = PICTURE.read_text(encoding="utf-8").partition("<style>")[2].partition("</style>")[0]
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"\.?([a-z]+)\{[^}]*?fill:(#[0-9a-f]{3,6})", light))
    if theme == "dark":
        found |= dict(re.findall(r"\.?([a-z]+)\{[^}]*?fill:(#[0-9a-f]{3,6})", dark))
    return {
        name: colour if len(colour) == 7 else "#" + "".join(2 * c for c in colour[1:]) for name, colour in found.items()
    }


def test_it_shows_a_user_a_job_and_what_the_sample_costs() -> None:
    said = texts()
    cost = stack_of("ads-dev", None, sample("ads-dev"), compare=False).cost_after
    assert cost is not None
    assert f"ads-dev: {cost.per_month.minimum:,.0f} USD a month at least" in said
    assert f"{cost.per_month.maximum:,.0f} with every node all month" in said
    (pool,) = sample("ads-dev").of_type(POOL_TYPE)
    minimum = sum(size["minimum"] for size in pool.inputs["zones"].values())
    assert f"4 nodes, {cost.per_hour.minimum / minimum * 4:.2f} USD an hour" in said
    for word in ("a user of ads", "skate submit", "driver of etl", "etl 3", "fleet cost"):
        assert word in said


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_words_are_readable_in_both_themes(theme: str) -> None:
    colours = fills(theme)
    pairs = [(text, back) for text in ("text", "s") for back in BACKS] + [("n", "job")]
    for text, back in pairs:
        low, high = sorted((luminance(colours[text]), luminance(colours[back])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (theme, text, back)
