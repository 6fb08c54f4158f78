"""The comment on a pull request: what it says, what it can't be mistaken for, and how it is cut."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.formats.markdown import LONGEST, MAXIMUM_CALLOUTS, markdown
from fleet.offline.changes.comparison import StackComparison
from fleet.offline.changes.difference import Change, Difference, Operation
from fleet.offline.changes.property_changes import ABSENT, PropertyChange
from fleet.offline.registration import Registrations, Secret
from infra.settings.fleet_rules import FleetFinding
from sizing.markdown import code_span
from tests.fleet.formats.comparisons import BASE, fleet_of, stack_of
from tests.fleet.offline.recorded import platform_with, sample, tenant_with

MAXIMUM = "queues.batch.pools.main.maxNodes"


@pytest.fixture(scope="module")
def grown() -> StackComparison:
    """A tenant whose pool may have four nodes more."""
    return stack_of("ads-dev", tenant_with(), tenant_with((MAXIMUM, 24)))


def with_changes(*changes: PropertyChange) -> StackComparison:
    """A stack in which one resource changes."""
    registrations = sample("ads-dev")
    one = registrations.one("elastic-spark:queue:Queue")
    found = Difference((Change(Operation.CHANGED, one, one, changes),), 5)
    return replace(stack_of("ads-dev", registrations, registrations), difference=found)


def test_a_stack_that_changes_has_a_line_with_its_changes_and_its_cost(grown: StackComparison) -> None:
    (line,) = [line for line in markdown(fleet_of(grown)).splitlines() if line.startswith("| ads-dev |")]
    assert "8 changed, 2 made anew as with every such change" in line
    assert "951 to 9,511 → 951 to 11,413 (+1,902 at maximum)" in line


def test_what_a_person_changed_comes_first(grown: StackComparison) -> None:
    lead = "- **ads-batch**: max nodes 20 → 24, CPU 157 → 187, +1,902 USD a month at maximum\n"
    text = markdown(fleet_of(grown))
    assert lead in text[: text.index("| stack |")]


def test_queues_pools_and_groups_come_before_what_follows_from_them(grown: StackComparison) -> None:
    text = markdown(fleet_of(grown))
    shown, folded = text.split("more that follow</summary>")
    assert [line.split()[2] for line in shown.splitlines() if line.startswith("! ")] == ["Queue", "Pool", "Group"]
    for named in ("PrometheusRule", "± Job ads-batch-sync", "ConfigMap", "Namespace"):
        assert named not in shown
        assert named in folded


def test_tables_have_what_was_beside_what_is(grown: StackComparison) -> None:
    text = markdown(fleet_of(grown))
    assert "| ads-batch | 15.1 | 118.7 | 156.8 → **187** | 1,212.1 → **1,449.5** | 6 | 2 to 20 → **2 to 24** |" in text
    assert "| ads-batch-main | 2 to 20 → **2 to 24** | 16 to 160 → **16 to 192** |" in text
    assert "| ads-batch | 951 |  | 9,511 → **11,413** | +1,902 |" in text


def test_amounts_are_in_units_that_people_read(grown: StackComparison) -> None:
    text = markdown(fleet_of(grown))
    shown = text[: text.index("more that follow</summary>")]
    assert "-     1,212.1 GiB\n+     1,449.5 GiB\n" in shown
    assert "-     156.8 CPU\n+     187 CPU\n" in shown
    assert "1301449539584" not in shown


def test_a_stack_without_a_preview_has_no_empty_details() -> None:
    text = markdown(fleet_of(stack_of("ads-dev", None, "stacks/Pulumi.ads-dev.yaml: 1 error"), base=None))
    assert "<details>" not in text


def test_the_sync_jobs_replacement_is_no_alarm(grown: StackComparison) -> None:
    text = markdown(fleet_of(grown))
    assert "made anew, as with every change of what it says; nothing stops" in text
    assert "replaced" not in text


def test_stacks_that_do_not_change_share_a_line(grown: StackComparison) -> None:
    same = sample("search-dev")
    text = markdown(fleet_of(grown, *(stack_of(name, same, same) for name in ("one", "two"))))
    assert "2 stacks do not change: one, two." in text
    assert text.count("<details><summary><b>") == 1


def test_property_changes_are_folded_lines_of_a_diff(grown: StackComparison) -> None:
    text = markdown(fleet_of(grown))
    folded = text[text.index("```diff") : text.index("```\n", text.index("```diff"))]
    assert re.search(r"^! ~ Pool ads-batch-main\n(.*\n)*?-     20\n\+     24$", folded, re.MULTILINE)


def test_a_preview_without_a_base_names_resources_queues_and_costs() -> None:
    text = markdown(fleet_of(stack_of("ads-dev", None, sample("ads-dev"), compare=False), base=None))
    assert "Compared" not in text
    assert re.search(r"\| ads\\?-dev \| \d+ resources \|", text)
    assert "| ads-batch | 15.1 |" in text
    assert "| ads-batch | 951 | 9,511 |" in text


def test_what_ends_something_stands_on_top() -> None:
    text = markdown(
        fleet_of(
            stack_of("ads-dev", sample("ads-dev"), None),
            stack_of("platform-dev", sample("platform-prod"), platform_with()),
        )
    )
    warning = text[text.index("> [!WARNING]") : text.index("| stack |")]
    assert "**The tenant ads \\(stack ads-dev\\) is removed, with its queue ads-batch and 60 resources.**" in warning
    assert re.search(r"`platform-dev`: \*\*Cluster .* is removed\*\*; protected: the engine refuses", warning)


def test_of_many_endings_the_first_are_told_and_the_others_counted() -> None:
    registrations = sample("platform-prod")
    ended = Registrations(replace(one, options=replace(one.options, protect=True)) for one in registrations.values())
    text = markdown(fleet_of(stack_of("platform-prod", ended, platform_with())))
    warning = text[text.index("> [!WARNING]") : text.index("| stack |")]
    assert warning.count("the engine refuses") == MAXIMUM_CALLOUTS
    assert re.search(r"And \d+ more like these", warning)


@pytest.mark.parametrize(
    ("whole_at", "said"),
    [
        ("https://example.com/runs/7", "is at <https://example.com/runs/7>."),
        ("the artifact `preview`", "is in the artifact \\`preview\\`."),
        ("javascript:alert(1)", "is in javascript:alert\\(1\\)."),
    ],
)
def test_it_says_where_the_whole_is(grown: StackComparison, whole_at: str, said: str) -> None:
    text = markdown(fleet_of(grown), whole_at=whole_at)
    assert said in text[: text.index("Compared with")]


def test_errors_stand_on_top_too() -> None:
    finding = FleetFinding(("ads-dev", "platform-dev"), "too many drivers", "fewer")
    broken = stack_of("ads-dev", sample("ads-dev"), "stacks/Pulumi.ads-dev.yaml: 1 error")
    text = markdown(fleet_of(broken, findings=(finding,)))
    caution = text[text.index("> [!CAUTION]") : text.index("| stack |")]
    assert "1 error" in caution
    assert "too many drivers" in caution
    assert "**can't be previewed**" in text


def test_a_base_with_other_requirements_is_told(grown: StackComparison) -> None:
    base = replace(BASE, other_requirements=("pulumi-aws 7.0.0 (here 7.51.1)",))
    assert "pulumi-aws 7.0.0" in markdown(fleet_of(grown, base=base))


HOSTILE = "</details>\n```\n# A title | <script> @everyone [x](http://example.com) ![i](x)"


def test_a_value_can_not_pass_for_anything_but_a_value() -> None:
    text = markdown(fleet_of(with_changes(PropertyChange("input", ("x",), "before", HOSTILE))))
    fence = text[text.index("````") : text.rindex("````")]
    outside = text.replace(fence, "")
    for mark in ("<script>", "@everyone", "# A title", "http://"):
        assert mark not in outside
    assert text.count("<details>") == outside.count("</details>")


@pytest.mark.parametrize("message", [HOSTILE, "`code` and ``more``"])
def test_a_message_can_not_either(message: str) -> None:
    text = markdown(fleet_of(stack_of("ads-dev", None, message)))
    assert "<script>" not in text
    assert "@everyone" not in text
    assert all(line.startswith(">") for line in text.splitlines() if "A title" in line)


@pytest.mark.parametrize("name", ["a`b", "`", "x`` **y** `z"])
def test_names_with_backquotes_stay_in_their_code_spans(name: str) -> None:
    removed = stack_of("platform-dev", sample("platform-prod"), platform_with())
    base = replace(BASE, asked=name)
    text = markdown(fleet_of(replace(removed, stack=name), base=base))
    compared = next(line for line in text.splitlines() if line.startswith("Compared with"))
    assert compared == f"Compared with {code_span(str(base))}."
    assert f"> {code_span(name)}: **" in text


def test_a_secret_is_not_in_it() -> None:
    change = PropertyChange("input", ("password",), Secret("hunter1"), Secret("hunter2"))
    text = markdown(fleet_of(with_changes(change)))
    assert "hunter" not in text
    assert "<secret>" in text


def test_a_value_that_comes_and_one_that_goes_are_one_line_each() -> None:
    text = markdown(
        fleet_of(
            with_changes(
                PropertyChange("input", ("new",), ABSENT, 1), PropertyChange("input", ("old",), {"a": 1}, ABSENT)
            )
        )
    )
    assert '  new\n+     1\n  old\n-     {"a": 1}\n' in text


def test_a_text_of_several_lines_is_a_diff_of_lines() -> None:
    text = markdown(fleet_of(with_changes(PropertyChange("input", ("userData",), "one\ntwo\n", "one\nthree\n"))))
    assert "-     two\n+     three\n" in text
    assert "+     one" not in text


def test_what_is_too_long_is_cut_and_says_so(grown: StackComparison) -> None:
    many = [replace(grown, stack=f"tenant-{index}") for index in range(300)]
    text = markdown(fleet_of(*many))
    assert LONGEST - 2000 < len(text) <= LONGEST
    assert "the whole preview has it all" in text
    assert text.count("<details>") == text.count("</details>")


@settings(max_examples=60, deadline=None)
@given(st.integers(2_000, 20_000), st.lists(st.integers(0, 400), max_size=30), st.integers(0, 40))
def test_it_is_never_longer_than_asked(longest: int, lines: list[int], same: int) -> None:
    registrations = sample("ads-dev")
    stacks = [
        replace(
            with_changes(*(PropertyChange("input", (f"p{n}",), "`" * (n % 7), n) for n in range(count))),
            stack=f"stack-{index}",
        )
        for index, count in enumerate(lines)
    ]
    unchanged = [stack_of(f"same-{index}", registrations, registrations) for index in range(same)]
    text = markdown(fleet_of(*stacks, *unchanged), longest)
    assert len(text) <= longest
    assert text.count("<details>") == text.count("</details>")
