"""The page of a preview: what is on it, in which order and words."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from fleet.formats.html import page
from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.registration import Alias, Options, Registrations
from fleet.offline.stack_preview import FleetPreview
from tests.fleet.formats.comparisons import BASE, fleet_of, stack_of
from tests.fleet.formats.pages import Element, article, bucket, everything, parsed, samples, shown
from tests.fleet.offline.recorded import sample, tenant_with


def compared(before: Registrations, after: Registrations) -> Element:
    """The page of one stack that changes."""
    return parsed(page(fleet_of(stack_of("ads-dev", before, after))))


def test_every_stack_queue_and_pool_is_on_the_page() -> None:
    root = shown(samples)
    for stack, queue, pool in (
        ("ads-dev", "ads-batch", "ads-batch-main"),
        ("research-dev", "research-explore", "research-explore-nvme"),
        ("demo-kind", "demo-try", "demo-try-main"),
    ):
        rows = [row.words for row in article(root, stack).all("th")]
        assert queue in rows
        assert pool in rows


def listed(root: Element) -> dict[str, list[str]]:
    """The side list: the words of each platform's entry, and its tenants' names."""
    return {
        (group.all("span", "absent") or group.all("a", "to-stack"))[0].words: [
            one.one("span", "name").words for tenants in group.all("ul") for one in tenants.all("a", "to-stack")
        ]
        for group in root.one("nav").all("li", "group")
    }


def test_tenants_stand_under_their_platform_in_the_list_and_behind_it_on_the_page() -> None:
    root = shown(samples)
    found = {words.split()[0]: tenants for words, tenants in listed(root).items()}
    assert found == {"platform-dev": ["ads-dev", "research-dev"], "platform-kind": ["demo-kind"]}
    names = [one.all("h3")[0].words for one in root.all("article", "stack")]
    assert names == ["platform-dev", "ads-dev", "research-dev", "platform-kind", "demo-kind"]


def test_a_tenant_whose_platform_is_not_in_the_preview_says_so() -> None:
    comparison = fleet_of(stack_of("ads-dev", None, sample("ads-dev"), compare=False), base=None)
    root = parsed(page(comparison))
    assert listed(root) == {"platform-dev, not in this preview": ["ads-dev"]}
    assert root.one("section", "totals").attributes["aria-label"] == "Totals"


def test_a_stack_that_fails_stays_under_the_platform_that_it_was_on() -> None:
    tenants = next(tenants for words, tenants in listed(shown(everything)).items() if words.startswith("platform-dev"))
    assert "search-dev" in tenants


def test_sums_are_told_by_environment_and_never_of_two_together() -> None:
    names = ("platform-dev", "ads-dev", "platform-prod", "ads-prod")
    stacks = [stack_of(name, None, sample(name), compare=False) for name in (*names, "demo-kind")]
    root = parsed(page(fleet_of(*stacks, base=None)))
    sums = {one.all("h2", "of")[0].words: one.all("p", "big") for one in root.all("section", "totals")}
    assert list(sums) == ["Development", "Production", "Environment not known"]
    assert [sums[name][0].words for name in sums] == ["2", "2", "1"]
    for name, of in (("Development", names[:2]), ("Production", names[2:])):
        costs = [stack.cost_after.per_month for stack in stacks if stack.stack in of and stack.cost_after]
        assert sums[name][2].words == f"{sum(one.minimum for one in costs):,.0f}"
        assert sums[name][3].words == f"{sum(one.maximum for one in costs):,.0f}"


def test_the_filter_knows_every_resource() -> None:
    words = article(shown(samples), "ads-dev").attributes["data-words"]
    assert {one.name.lower() for one in sample("ads-dev").values()} <= set(words.split(" "))


def test_every_resource_is_in_its_stacks_tree() -> None:
    root = shown(samples)
    registrations = sample("ads-dev")
    names = [one.all("span")[0].words for one in article(root, "ads-dev").one("ul", "tree").all("li")]
    assert sorted(names) == sorted(one.name for one in registrations.values() if one is not registrations.stack)


def test_every_change_and_every_changed_property_is_on_the_page() -> None:
    root = shown(everything)
    for stack in everything().stacks:
        if stack.difference and stack.difference.changes:
            part = article(root, stack.stack)
            assert len(part.all("li", "change")) == len(stack.difference.changes)
            count = sum(len(change.properties) for change in stack.difference.changes)
            assert sum(len(one.children) for one in part.all("ul", "properties")) == count
    group = next(one for one in article(root, "ads-dev").all("li", "change") if "autoscaling/group" in one.words)
    assert (group.one("del").words, group.one("ins").words) == ("20", "40")


@pytest.mark.parametrize("comparison", [samples, everything])
def test_elements_end_identifiers_are_unique_and_links_lead_somewhere(
    comparison: Callable[[], FleetComparison],
) -> None:
    root = shown(comparison)
    identifiers = [one.attributes["id"] for one in root.all() if "id" in one.attributes]
    assert len(identifiers) == len(set(identifiers))
    links = [one.attributes["href"] for one in root.all("a")]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(identifiers)
    described = [name for one in root.all("svg") for name in one.attributes["aria-labelledby"].split()]
    assert set(described) <= set(identifiers)


def test_the_same_comparison_gives_the_same_page() -> None:
    assert page(everything()) == page(everything())


def test_what_goes_for_good_comes_before_errors_and_errors_before_the_rest() -> None:
    root = shown(everything)
    titles = [one.all("h2")[0].words for one in root.all("section", "callout")]
    kept = Options(protect=True)
    registrations = Registrations(
        replace(one, options=kept) if one.name.endswith("-vpc") else one for one in sample("platform-dev").values()
    )
    refused = fleet_of(stack_of("platform-dev", registrations, None))
    assert titles[:4] == [
        "What goes for good",
        "1 stack that can't be previewed",
        "Wrong between stacks",
        "To look at twice",
    ]
    (ending,) = parsed(page(refused)).all("section", "callout")
    words = [one.words for one in ending.all("li")]
    assert words[0].startswith("The stack platform-dev is removed, with ")
    assert "Vpc spark-dev-network-vpc is removed in platform-dev: protected: the engine refuses" in words
    assert any("Key spark-dev-data-key is removed in platform-dev: what it encrypted" in one for one in words)


def test_an_error_says_the_path_what_was_found_and_what_is_allowed() -> None:
    root = shown(everything)
    errors = root.all("dl", "findings")
    assert errors[0].words == 'elastic-spark:tenant.name found "A" allowed: lower case'
    assert errors[1].words == "ads-dev, platform-dev found too many drivers allowed: fewer"
    assert "No preview" in article(root, "search-dev").words
    assert "without search-dev" in root.one("main").words


def test_a_stack_that_could_not_be_previewed_before_is_shown_and_not_counted() -> None:
    comparison = fleet_of(stack_of("ads-dev", "it was broken", sample("ads-dev")))
    root = parsed(page(comparison))
    assert "it was broken" in root.one("section", "stop").words
    part = article(root, "ads-dev")
    assert "Not compared" in part.words
    assert "ads-batch" in [row.words for row in part.all("th")]
    assert root.one("section", "totals").all("p", "big")[1].words == "0"


def test_a_replacement_is_told_with_what_follows_from_it() -> None:
    root = shown(everything)
    (look,) = [one for one in root.all("section", "look") if "twice" in one.words]
    replaced = next(one.words for one in look.all("li") if "Vpc" in one.words)
    stack = next(one for one in everything().stacks if one.stack == "platform-dev")
    assert stack.difference is not None
    followers = [change for change in stack.difference.changes if change.replaced_for]
    assert (
        replaced
        == f"Vpc spark-dev-network-vpc in platform-dev: replaced, and {len(followers)} resources that depend on it"
    )


def test_the_sync_jobs_replacement_is_no_alarm() -> None:
    root = compared(tenant_with(), tenant_with(("queues.batch.pools.main.maxNodes", 24)))
    (job,) = [one for one in root.all("li", "change") if "Job ads-batch-sync" in one.words]
    assert "changed" in job.attributes["class"]
    assert "made anew, as with every change of what it says; nothing stops" in job.words
    assert not [one for one in root.all("section", "look") if "twice" in one.words]
    assert "replace" not in root.one("main").words


def test_a_stack_without_change_is_one_line_and_comes_last() -> None:
    root = shown(everything)
    assert root.all("article", "stack")[-1].all("h3")[0].words == "platform-kind"
    part = article(root, "platform-kind").one("details", "line")
    assert "open" not in part.attributes
    resources = len(sample("platform-kind")) - 1
    assert part.all("summary")[0].words == f"platform-kind no change: {resources} resources"


def test_a_number_stands_beside_what_it_was() -> None:
    root = shown(everything)
    row = next(one for one in article(root, "ads-dev").all("tr") if one.words.startswith("ads-batch-main"))
    assert "2 to 20 → 2 to 40" in row.words


def test_costs_are_told_by_line_with_the_difference_and_what_has_no_price() -> None:
    root = shown(everything)
    part = article(root, "ads-dev")
    nodes = next(one for one in part.all("tr", "part") if "nodes of pool" in one.words)
    assert nodes.all("td")[3].words == "932"
    assert nodes.all("td")[4].words.startswith("18,6")
    assert nodes.all("td")[4].one("span", "more").words.startswith("+9,3")
    assert "Not in the sums, charged by use: logs in CloudWatch, objects in S3." in part.words
    research = article(root, "research-dev")
    assert "40% of on-demand, an assumption" in research.words


def test_the_total_is_the_sum_of_the_stacks() -> None:
    root = shown(samples)
    maximum = sum(one.cost_after.per_month.maximum for one in samples().stacks if one.cost_after)
    assert root.one("section", "totals").all("p", "big")[3].words == f"{maximum:,.0f}"


def test_a_budget_is_compared_and_called_out_where_it_is_exceeded() -> None:
    root = shown(everything)
    (callout,) = [one for one in root.all("section", "callout") if one.all("h2")[0].words == "Budgets"]
    assert "ads is over its budget of 12,000 USD a month if it ran at its maximum all month" in callout.words
    within = article(shown(samples), "ads-dev").one("p", "budget")
    assert within.words.startswith("ads is within its budget")


def test_a_long_text_is_shown_by_the_lines_that_differ() -> None:
    texts = ["\n".join(["same"] * 100 + [word] + ["same"] * 100) for word in ("old", "new")]
    before, after = (bucket(sample("ads-dev"), acl=text) for text in texts)
    part = compared(before, after).one("li", "change")
    assert part.one("span", "gone").words == "- old"
    assert part.one("span", "come").words == "+ new"
    assert len(part.all("span", "near")) == 4


def test_a_huge_value_is_cut_where_it_says_so() -> None:
    after = bucket(sample("ads-dev"), acl="\n".join(f"line {index}" for index in range(10_000)), policy="x" * 100_000)
    before = bucket(sample("ads-dev"))
    text = page(fleet_of(stack_of("ads-dev", before, after)))
    assert "… 9600 more lines" in text
    assert "98000 more characters" in text


def test_a_base64_text_and_a_json_text_are_shown_as_what_they_say() -> None:
    encoded = base64.b64encode(b"#!/bin/sh\necho hello").decode()
    registrations = bucket(sample("ads-dev"), userData=encoded, policy=json.dumps({"Statement": [{"Sid": "Mine"}]}))
    text = page(fleet_of(stack_of("ads-dev", None, registrations, compare=False), base=None))
    inputs = next(pre.text for pre in parsed(text).all("pre") if "Mine" in pre.text)
    assert json.loads(inputs) == {
        "bucket": "extra",
        "policy": {"Statement": [{"Sid": "Mine"}]},
        "userData": "#!/bin/sh\necho hello",
    }


def test_a_renamed_resource_says_what_it_was() -> None:
    registrations = sample("ads-dev")
    before = bucket(registrations)
    old = next(one for one in before.values() if one.name == "extra")
    new = replace(old, urn=old.urn + "2", name="extra2", options=Options(aliases=(Alias(urn=old.urn),)))
    part = compared(before, Registrations([*registrations.values(), new])).one("li", "change")
    assert "Bucket extra2, was Bucket extra" in part.words


def test_other_requirements_of_the_revision_are_told() -> None:
    base = replace(BASE, other_requirements=("pulumi-aws 7.50.0 (here 7.51.1)",))
    comparison = fleet_of(stack_of("ads-dev", sample("ads-dev"), sample("ads-dev")), base=base)
    root = parsed(page(comparison))
    assert "pulumi-aws 7.50.0 (here 7.51.1)" in root.one("section", "note").words
    assert "since main (commit 0123456789)" in root.one("p", "lead").words


def test_a_fleet_of_nothing_is_a_page_too() -> None:
    root = parsed(page(FleetComparison(FleetPreview((), ()), None, ())))
    assert root.one("h1").words == "Fleet preview"
