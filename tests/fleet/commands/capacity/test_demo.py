"""`fleet capacity demo`, as somebody sees it who has no jobs yet, and the README's picture of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet.cli import app
from tests.fleet.commands.capacity.demo_picture import PICTURE, QUEUE, WIDTH, numbers, shown
from tests.fleet.commands.capacity.demonstrated import Demo, demonstrated
from tests.fleet.formats.pages import Element, parsed
from tests.samples import ROOT

OF_PLATFORMS = {
    "platform-dev": {"ads-batch", "research-explore", "search-adhoc", "search-scheduled"},
    "platform-prod": {"ads-reports"},
}
QUEUES = {queue for queues in OF_PLATFORMS.values() for queue in queues}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return demonstrated(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def picture() -> Element:
    return parsed(PICTURE.read_text(encoding="utf-8"))


def flat(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """Its keys, texts and numbers, in their order."""
    if isinstance(value, dict):
        return [one for key, of in value.items() for one in (key, *flat(of))]
    return [one for of in value for one in flat(of)] if isinstance(value, list) else [value]


def test_it_prints_savings_of_all_sample_queues_and_where_the_report_is(demo: Demo) -> None:
    assert all(queue in demo.printed for queue in QUEUES)
    assert "The jobs are made up" in demo.printed
    assert "capacity-demo/report.html" in demo.printed
    assert max(map(len, demo.printed.splitlines())) <= 80
    assert {
        platform["platform"]: {figures["queue"] for figures in platform["figures"]}
        for platform in demo.numbers["platforms"]
    } == OF_PLATFORMS
    assert demo.numbers["rests"]["made_up"] == 1.0


def test_the_readme_has_the_table_that_it_prints(demo: Demo) -> None:
    printed = [[cell.strip() for cell in line.strip("│").split("│")] for line in demo.printed.splitlines()]
    readme = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(tuple(f"| {queue} |" for queue in QUEUES))
    ]
    assert len(readme) == len(QUEUES)
    assert [row for row in readme if row not in printed] == []
    (saved,) = (row[3] for row in readme if row[0] == "ads-reports")
    assert int(saved.removesuffix("%")) < 5, "one queue is busy round the clock, and saves nothing"


def test_the_picture_shows_what_the_demo_gives_now(demo: Demo, picture: Element) -> None:
    now, then = flat(numbers(shown(demo.page))), flat(json.loads(picture.one("metadata").text))
    stale = "docs/images/demo.svg is of an earlier demo: make demo-picture"
    assert [one for one in now if isinstance(one, str)] == [one for one in then if isinstance(one, str)], stale
    values = [[one for one in side if isinstance(one, int | float)] for side in (now, then)]
    assert values[0] == pytest.approx(values[1], rel=1e-3, abs=0.02), stale


def test_the_picture_draws_the_numbers_that_it_carries(picture: Element) -> None:
    *savings, nodes = json.loads(picture.one("metadata").text)
    *costs, hours = (one for one in picture.one("svg", "picture").children if one.tag == "svg")
    said = [one.words for one in picture.all("text")]
    for queues, figure, svg in zip(OF_PLATFORMS.values(), savings, costs, strict=True):
        for of in figure["series"].values():
            assert set(of["y"]) == queues <= set(said)
            assert set(of.get("text", ())) <= set(said)
        bars = (one.all("path")[0].attributes["d"] for one in svg.all("g", "point"))
        drawn = [float(re.findall(r"H([\d.]+)", bar)[0]) for bar in bars]
        usd = [one for of in figure["series"].values() for one in of["x"]]
        assert [length / drawn[0] for length in drawn] == pytest.approx([one / usd[0] for one in usd], abs=0.01)
    assert f"Nodes over time: {QUEUE}" in said
    assert set(nodes["series"]) == {"demand", "nodes as declared", "fixed at the peak"} <= set(said)
    assert len(hours.all("g", "trace")) == len(nodes["series"])


def test_the_picture_loads_nothing_is_small_and_has_a_ground_of_its_own_in_both_themes(picture: Element) -> None:
    text = PICTURE.read_text(encoding="utf-8")
    assert len(text.encode()) < 150_000
    assert set(re.findall(r"https?://[^\"\s]+", text)) == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"url\(['\"]?(?:&quot;)?(.)", text)) == {"#"}
    assert not picture.all("script")
    assert not picture.all("image")
    assert picture.one("rect", "back").attributes["width"] == str(WIDTH - 1)
    light, _, dark = picture.all("style")[0].text.partition("@media (prefers-color-scheme: dark)")
    assert ".back{fill:" in light
    assert ".back{fill:" in dark


def test_a_platform_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    command = ["capacity", "demo", "--platform", "platform-x", "--out", str(tmp_path / "o"), "--root", str(ROOT)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "platform-dev" in result.output
    assert not (tmp_path / "o").exists()


def test_its_folder_is_not_committed() -> None:
    assert "capacity-demo/" in (ROOT / ".gitignore").read_text().splitlines()
