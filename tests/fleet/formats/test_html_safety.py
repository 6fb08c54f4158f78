"""What must never be on the page of a preview, and who must be able to read it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from fleet.formats.html import page
from fleet.offline.registration import Registration, Registrations, Secret
from fleet.offline.stack_preview import Failure, StackPreview
from infra.settings.findings import Finding
from infra.settings.fleet_rules import FleetFinding
from sizing.values import Json
from tests.fleet.formats.comparisons import BASE, fleet_of, stack_of
from tests.fleet.formats.pages import article, bucket, everything, parsed
from tests.fleet.offline.recorded import sample
from tests.samples import ROOT

HOSTILE = """</script><script>alert(1)</script>'"><img src=x onerror=alert(2)>&amp;"""


def test_the_page_loads_nothing_and_runs_nothing_but_its_own_script() -> None:
    text = page(everything())
    root = parsed(text)
    loading = ("src", "srcset", "action", "data", "poster", "background", "formaction", "ping")
    assert not [one.tag for one in root.all() if set(loading) & set(one.attributes)]
    assert not root.all("link")
    assert not [name for one in root.all() for name in one.attributes if name == "style" or name.startswith("on")]
    assert all(one.attributes["href"].startswith("#") for one in root.all() if "href" in one.attributes)
    style, script = root.one("style").text, root.one("script").text
    assert "url(" not in style
    assert "@import" not in style
    assert not re.search(r"fetch|XMLHttpRequest|import\(|WebSocket|innerHTML|eval", script)
    (policy,) = [one.attributes["content"] for one in root.all("meta") if "http-equiv" in one.attributes]
    assert policy.split("; ")[0] == "default-src 'none'"
    for kind, own in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy.split("; ")


def test_texts_of_stacks_never_become_elements() -> None:
    registrations = sample("ads-dev")
    queue = next(one for one in registrations.values() if one.type == "elastic-spark:queue:Queue")
    hostile = Registrations(
        [
            *(
                replace(one, inputs={**one.inputs, "queue": HOSTILE}) if one is queue else one
                for one in registrations.values()
            ),
            Registration(
                registrations.stack.urn + HOSTILE,
                HOSTILE,
                HOSTILE,
                registrations.stack.urn,
                True,
                False,
                {HOSTILE: HOSTILE},
            ),
        ]
    )
    wrong = Failure(HOSTILE, (Finding(HOSTILE, HOSTILE, HOSTILE),))
    broken = replace(stack_of("b", None, HOSTILE), after=StackPreview("b", None, wrong))
    comparison = fleet_of(
        stack_of(HOSTILE, registrations, hostile),
        stack_of("a", None, HOSTILE),
        stack_of("gone", hostile, None),
        broken,
        base=replace(BASE, asked=HOSTILE, other_requirements=(HOSTILE,)),
        findings=(FleetFinding((HOSTILE,), HOSTILE, HOSTILE),),
    )
    root = parsed(page(comparison))
    assert len(root.all("script")) == 1
    assert not root.all("img")
    assert "alert" not in root.one("script").text
    assert HOSTILE in [one.all("h3")[0].text for one in root.all("article", "stack")]
    assert any(HOSTILE in one.text for one in root.all("text"))


def test_characters_that_reorder_or_hide_text_are_shown_as_escapes() -> None:
    text = page(fleet_of(stack_of("ads-dev", sample("ads-dev"), bucket(sample("ads-dev"), "safe\u202eliam\u2066\x1b"))))
    assert not re.search("[\u202e\u2066\x1b]", text)
    assert r"safe\u202eliam\u2066" in text


def test_a_secret_is_not_on_the_page_nor_that_two_are_alike() -> None:
    registrations = sample("ads-dev")
    before, after = (
        bucket(registrations, policy=Secret(word), tags={"a": Secret([word])}) for word in ("hunter1", "hunter2")
    )
    text = page(fleet_of(stack_of("ads-dev", before, after), stack_of("new", None, after)))
    assert "hunter" not in text
    change = next(one for one in article(parsed(text), "ads-dev").all("li", "change"))
    assert [one.words for one in change.all("del")] == ["<secret>"] * 2
    assert [one.words for one in change.all("ins")] == ["<another secret>"] * 2


def test_a_page_that_is_too_long_leaves_out_what_does_not_change_and_says_so() -> None:
    whole = page(everything())
    shorter = page(everything(), len(whole.encode()) - 1)
    shortest = page(everything(), 1)
    assert len(shortest) < len(shorter) < len(whole)
    assert "the inputs of resources are left out" in parsed(shorter).one("main").words
    assert (
        "the inputs of resources and the resources that don't change are left out" in parsed(shortest).one("main").words
    )
    assert "left out" not in parsed(whole).one("main").words
    assert len(parsed(shortest).all("li", "change")) == len(parsed(whole).all("li", "change"))


def test_a_hundred_tenants_fit_on_a_page() -> None:
    registrations = sample("ads-dev")
    stacks = [stack_of("platform-dev", sample("platform-dev"), sample("platform-dev"))]
    stacks += [stack_of(f"t{index}-dev", None, renamed(registrations, f"t{index}")) for index in range(100)]
    written = page(fleet_of(*stacks))
    assert len(written.encode()) <= 5_000_000
    root = parsed(written)
    assert len(root.all("li", "change")) == 100 * len(registrations)
    assert "100 queues of 100 tenants" in root.one("article", "platform").words
    assert "t99-batch" in [one.words for one in root.one("svg").all("text")]


def renamed(value: Json, name: str) -> Json:
    """Registrations of another tenant, or a part of it: `ads` by another name."""
    match value:
        case Registrations():
            return Registrations(renamed(one, name) for one in value.values())
        case Registration():
            return replace(value, **{key: renamed(part, name) for key, part in vars(value).items() if key != "options"})
        case str():
            return value.replace("ads", name)
        case dict():
            return {renamed(key, name): renamed(item, name) for key, item in value.items()}
        case list() | tuple():
            return type(value)(renamed(item, name) for item in value)
        case _:
            return value


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, by WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_is_readable_on_what_is_behind_it_in_both_themes(theme: int) -> None:
    style = (ROOT / "fleet" / "formats" / "templates" / "style.css").read_text()
    tokens = {
        name: (light, dark)[theme]
        for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", style)
    }
    pairs = [(text, back) for text in ("ink", "soft", "link") for back in ("page", "card", "sunk")]
    pairs += [(mark, back) for mark in ("added", "removed", "changed", "replaced") for back in ("card", f"{mark}-back")]
    pairs += [(text, back) for text in ("ink", "soft") for back in ("system", "driver", "executor", "service")]
    for text, back in pairs:
        dark, light = sorted((luminance(tokens[text]), luminance(tokens[back])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, back)
    for edge in ("system-edge", "driver-edge", "executor-edge", "service-edge"):
        dark, light = sorted((luminance(tokens[edge]), luminance(tokens["card"])))
        assert (light + 0.05) / (dark + 0.05) >= 3, edge
