"""Comparisons with a revision whose components had other inputs: the side of now is whole in every format."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from fleet.formats.html import page
from fleet.formats.markdown import markdown
from fleet.formats.report import preview_form, to_json
from fleet.formats.text import print_preview
from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.registration import Registration, Registrations, Unknown
from sizing.values import Json
from tests.fleet.formats.comparisons import fleet_of, stack_of
from tests.fleet.formats.pages import Element, article, parsed
from tests.fleet.offline.recorded import sample

STACKS = ("platform-dev", "platform-kind", "ads-dev", "demo-kind")
OTHERS: tuple[Json, ...] = (None, "other", -1, 2.5, True, [], {}, ["other"], {"other": 1}, Unknown())
"""Values of every kind, one of which an input may have had."""


def with_inputs(registrations: Registrations, urn: str, inputs: Mapping[str, Json]) -> Registrations:
    return Registrations(replace(one, inputs=inputs) if one.urn == urn else one for one in registrations.values())


def without(registrations: Registrations, kind: str, name: str) -> Registrations:
    """Registrations whose components of a type have no input of a name."""
    return Registrations(
        replace(one, inputs={key: value for key, value in one.inputs.items() if key != name})
        if one.type == kind
        else one
        for one in registrations.values()
    )


def with_types(registrations: Registrations, *types: str) -> Registrations:
    """Registrations whose pools have nodes of some types."""
    return Registrations(
        replace(one, inputs={**one.inputs, "instanceTypes": list(types)}) if one.type.endswith(":Pool") else one
        for one in registrations.values()
    )


def components() -> list[tuple[str, str, str]]:
    """(stack, type, input) of every input of every component that samples have, with one stack that has it."""
    found = {
        (one.type, name): stack
        for stack in reversed(STACKS)
        for one in sample(stack).values()
        if one.type.startswith("elastic-spark:")
        for name in one.inputs
    }
    return [(stack, *what) for what, stack in sorted(found.items())]


def formats(comparison: FleetComparison) -> dict[str, str]:
    """The comparison in all formats."""
    console = Console(file=io.StringIO(), width=150)
    print_preview(console, comparison, resources=True)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return {
        "text": text,
        "json": to_json(preview_form(comparison)),
        "markdown": markdown(comparison),
        "html": page(comparison),
    }


def both(stack: str, before: Registrations, after: Registrations | None) -> dict[str, str]:
    """A stack in all formats, beside its platform or without one."""
    return formats(fleet_of(stack_of(stack, before, after)))


def of_now(written: Mapping[str, str]) -> dict[str, Any]:
    (stack,) = json.loads(written["json"])["stacks"]
    return {key: stack[key] for key in ("cost", "pools", "queues", "resources")}


@pytest.mark.parametrize(("stack", "kind", "name"), components())
def test_a_component_that_had_no_input_of_today_hides_nothing_of_now(stack: str, kind: str, name: str) -> None:
    after = sample(stack)
    found = both(stack, without(after, kind, name), after)
    assert of_now(found) == of_now(both(stack, after, after))


@pytest.mark.parametrize(("stack", "kind"), sorted({(stack, kind) for stack, kind, _ in components()}))
def test_a_stack_that_is_no_more_and_had_other_inputs_is_shown_as_far_as_it_is_known(stack: str, kind: str) -> None:
    before = Registrations(replace(one, inputs={}) if one.type == kind else one for one in sample(stack).values())
    found = both(stack, before, None)
    assert all("is removed" in found[each] for each in ("text", "markdown", "html"))


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, Registrations]:
    """A sample some of whose resources had other values in one place, at any depth, or none."""
    stack = draw(st.sampled_from(STACKS))
    registrations = sample(stack)
    for _ in range(draw(st.integers(1, 3))):
        one: Registration = draw(st.sampled_from([each for each in registrations.values() if each.inputs]))
        registrations = with_inputs(registrations, one.urn, _with_other(draw, one.inputs))
    return stack, registrations


def _with_other(draw: st.DrawFn, value: Json) -> Json:
    """A value in which one thing is another, or not there."""
    if isinstance(value, Mapping) and value:
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.booleans()):
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: _below(draw, value[key])}
    if isinstance(value, list) and value:
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], _below(draw, value[index]), *value[index + 1 :]]
    return draw(st.sampled_from(OTHERS))


def _below(draw: st.DrawFn, value: Json) -> Json:
    return _with_other(draw, value) if draw(st.booleans()) else draw(st.sampled_from(OTHERS))


@settings(max_examples=60, deadline=None)
@given(changed(), st.booleans())
def test_no_value_of_before_ends_a_preview(was: tuple[str, Registrations], there: bool) -> None:
    stack, before = was
    both(stack, before, sample(stack) if there else None)


class TestNodesOfATypeThatTheDataFileHasNoMore:
    @pytest.fixture
    def found(self) -> dict[str, str]:
        after = sample("ads-dev")
        return both("ads-dev", with_types(after, "z9.mega"), after)

    @pytest.fixture
    def root(self, found: dict[str, str]) -> Element:
        return parsed(found["html"])

    def test_cost_queues_and_pools_are_said_to_be_not_known_in_every_format(self, found: dict[str, str]) -> None:
        sentence = "Before, not known: cost, queues, pools (unknown instance type"
        assert sentence in found["text"]
        assert sentence in found["markdown"].replace("\\", "")
        assert sentence in parsed(found["html"]).words
        (stack,) = json.loads(found["json"])["stacks"]
        (said,) = stack["difference"]["notKnown"]
        assert said.startswith(sentence)
        assert stack["costBefore"] is None

    def test_a_cost_is_not_called_all_new(self, found: dict[str, str], root: Element) -> None:
        assert "| not known → 951 to 9,511" in found["markdown"]
        totals = root.one("section", "totals").words
        assert totals.count("before: not known") == 2
        assert "+" not in article(root, "ads-dev").one("table", "costs").words
        assert "a month before" not in found["text"]

    def test_queues_and_pools_are_not_called_new(self, root: Element) -> None:
        tables = article(root, "ads-dev").all("table")
        assert not [badge for table in tables for badge in table.all("span", "badge")]

    def test_the_drawing_is_of_now_and_says_so(self, root: Element) -> None:
        platform = root.one("article", "platform")
        assert "what this platform was can't be drawn (unknown instance type 'z9.mega'" in platform.words
        assert "2 to 20 nodes" in platform.words

    def test_a_stack_that_does_not_change_is_compared_beside_it(self) -> None:
        after, same = sample("ads-dev"), sample("search-dev")
        stacks = stack_of("ads-dev", with_types(after, "z9.mega"), after), stack_of("search-dev", same, same)
        found = formats(fleet_of(*stacks))
        assert "search-dev  no change" in found["text"]
        assert "What ads-dev cost before is not known" in parsed(found["html"]).words
