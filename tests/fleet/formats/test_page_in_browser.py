"""The page of a preview in a browser: what its script does, and that nothing is wider than the screen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from fleet.formats.html import page
from tests.browser import BROWSER, MISSING, dumped
from tests.fleet.formats.pages import samples

WIDE, NARROW = 1440, 500
FILTER: Final = """
const input = document.querySelector("#filter input");
const type = (text) => { input.value = text; input.dispatchEvent(new Event("input")); };
const press = (key) => input.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
const names = (selector) => shown(selector).map((one) => one.querySelector("h3, .name").textContent);
const seen = (one) => { const box = one.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; };
"""
pytestmark = pytest.mark.skipif(not BROWSER, reason=MISSING)


@pytest.fixture(scope="module")
def whole() -> str:
    """The page of the samples, without the policy that keeps other scripts from it."""
    return re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page(samples()))


def answer(folder: Path, text: str, script: str, width: int = WIDE) -> Any:  # noqa: ANN401 - as the script says
    """What a script, added to a page, returns in a window of a width and 900 pixels high."""
    said = f'<script>addEventListener("load", () => {{ {FILTER} setTimeout(() => {{'
    said += f"const found = (() => {{ {script} }})();"
    said += 'const last = document.createElement("pre"); last.id = "answer"; last.textContent = JSON.stringify(found);'
    said += "document.body.append(last); }, 300); });</script></body>"
    file = folder / "page.html"
    file.write_text(text.replace("</body>", said), encoding="utf-8")
    done = dumped(file, milliseconds=2000, width=width)
    found = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    return json.loads(found[1].replace("&quot;", '"').replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))


def test_the_filter_shows_its_stacks_with_their_platform_and_goes_to_the_place(tmp_path: Path, whole: str) -> None:
    found = answer(
        tmp_path,
        whole,
        """type("nvme"); return {stacks: names("article.stack"), pictures: names("article.platform"),
        list: names("nav .to-stack"), dim: names("nav .dim"), scrolled: scrollY > 0,
        hits: [...document.querySelectorAll("tr.hit")].map((one) => one.closest("table").caption.textContent),
        seen: seen(document.querySelector("tr.hit")), said: document.getElementById("found").textContent}""",
    )
    assert found["stacks"] == ["research-dev"]
    assert found["pictures"] == ["platform-dev"]
    assert found["list"] == ["platform-dev", "research-dev"]
    assert found["dim"] == ["platform-dev"]
    assert (found["scrolled"], found["seen"]) == (True, True)
    assert found["hits"][0] == "Pools of research-dev, from minimum to maximum"
    assert found["said"].startswith("In 1 of 5 stacks")


def test_a_resource_is_found_in_what_is_closed_and_all_is_as_before_without_words(tmp_path: Path, whole: str) -> None:
    found = answer(
        tmp_path,
        whole,
        """type("research-dev"); const named = [names("article.stack"), document.querySelectorAll(".hit").length];
        type("spark-dev-network-vpc"); const hit = document.querySelector(".hit");
        const then = [names("article.stack"), hit.textContent, hit.checkVisibility(), seen(hit), scrollY > 0];
        type(""); return {named, then, now: [names("article.stack").length, hit.checkVisibility(), scrollY]}""",
    )
    assert found["named"] == [["research-dev"], 0]
    stacks, text, visible, seen, scrolled = found["then"]
    assert stacks == ["platform-dev"]
    assert text.startswith("spark-dev-network-vpc")
    assert (visible, seen, scrolled) == (True, True, True)
    assert found["now"] == [5, False, 0]


def test_enter_goes_from_place_to_place_and_round(tmp_path: Path, whole: str) -> None:
    found = answer(
        tmp_path,
        whole,
        """type("main"); const at = [scrollY];
        for (let one = 0; one < document.querySelectorAll("tr.hit").length; one++) { press("Enter"); at.push(scrollY); }
        return at""",
    )
    assert len(set(found)) > 2
    assert found[0] == found[-1] or found[0] in found[1:]


def test_where_the_filter_would_scroll_away_the_page_waits_for_enter(tmp_path: Path, whole: str) -> None:
    found = answer(
        tmp_path,
        whole,
        """type("nvme"); const typed = [scrollY, names("nav .to-stack")]; press("Enter");
        return {typed, seen: seen(document.querySelector("tr.hit"))}""",
        NARROW,
    )
    assert found["typed"] == [0, ["platform-dev", "research-dev"]]
    assert found["seen"]


def test_what_no_stack_has_is_told(tmp_path: Path, whole: str) -> None:
    found = answer(
        tmp_path, whole, 'type("zzz"); return [names("article.stack"), document.getElementById("found").textContent]'
    )
    assert found == [[], "No stack has that in it."]


def test_all_details_open_but_what_each_resource_is_made_of(tmp_path: Path, whole: str) -> None:
    found = answer(
        tmp_path,
        whole,
        """const button = document.getElementById("details");
        const count = (selector) => document.querySelectorAll(selector).length;
        button.click(); const open = ["main details[open]", ".tree details[open]"].map(count);
        const height = document.body.scrollHeight;
        button.click(); return {all: count("main details:not(.tree details)"), open, height,
        closed: count("main details[open]")}""",
    )
    assert found["open"] == [found["all"], 0]
    assert found["closed"] == 0
    assert found["height"] < 40_000


def test_details_open_and_close_from_anywhere_without_losing_the_place(tmp_path: Path, whole: str) -> None:
    found = answer(
        tmp_path,
        whole,
        """const button = document.getElementById("details"), stacks = [...document.querySelectorAll("article.stack")];
        stacks[2].scrollIntoView(); const at = [seen(button)];
        const top = () => Math.abs(stacks[2].getBoundingClientRect().top - 16) < 2;
        for (const _ of [1, 2]) { button.click(); at.push(seen(button), top()); }
        return at""",
    )
    assert found == [True] * 5


@pytest.mark.parametrize("width", [NARROW, 900, WIDE])
def test_no_width_scrolls_the_page_sideways_and_wide_tables_say_that_they_do(
    tmp_path: Path, whole: str, width: int
) -> None:
    found = answer(
        tmp_path,
        whole,
        """return {page: document.documentElement.scrollWidth - innerWidth,
        wide: shown(".scroll").filter((one) => one.scrollWidth > one.clientWidth + 1).length,
        hints: shown(".scroll.wider").length,
        captions: shown("caption").every((one) => one.getBoundingClientRect().right <= innerWidth)}""",
        width,
    )
    assert found["page"] <= 0
    assert found["captions"]
    assert found["hints"] == found["wide"]
    if width != 900:
        assert (found["wide"] > 0) == (width == NARROW)
