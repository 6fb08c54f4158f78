"""What a change means, in a person's words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fleet.formats.meanings import first, meanings
from fleet.offline.changes.comparison import StackComparison
from fleet.offline.changes.setting_changes import SettingChange, setting_changes
from tests.fleet.formats.comparisons import fleet_of, stack_of
from tests.fleet.offline.recorded import platform_with, sample, tenant_with

BATCH = "queues.batch"
MAIN = f"{BATCH}.pools.main"


def sentences(*stacks: StackComparison) -> list[str]:
    return [one.sentence for one in meanings(fleet_of(*stacks))]


def of_tenant(*changes: tuple[str, Any]) -> list[str]:
    return sentences(stack_of("ads-dev", tenant_with(), tenant_with(*changes)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((f"{MAIN}.maxNodes", 24), "ads-batch: max nodes 20 → 24, CPU 157 → 187, +1,902 USD a month at maximum"),
        (
            (f"{MAIN}.maxNodes", 10),
            "ads-batch: max nodes 20 → 10, CPU 157 → 81.5, \N{MINUS SIGN}4,756 USD a month at maximum",
        ),
        (
            (f"{MAIN}.zones", {"eu-central-1a": 4}),
            "ads-batch: min nodes 2 → 4, guaranteed CPU 15.1 → 30.1, +951 USD a month at minimum",
        ),
        ((f"{MAIN}.instanceTypes", ["r7i.2xlarge"]), "ads-batch: instance types r7i.2xlarge/r6i.2xlarge → r7i.2xlarge"),
        ((f"{BATCH}.order", "fair"), "ads-batch: order of jobs fifo → fair"),
        ((f"{BATCH}.maxExecutorsPerJob", 40), "ads-batch: executors a job none → 40"),
        (
            (f"{BATCH}.data", [{"bucket": "example-ads-raw", "prefix": "events", "access": "read"}]),
            "ads-batch: no longer reaches data s3://example-ads-reports (read and write)",
        ),
    ],
    ids=["grows", "shrinks", "minimum", "types", "order", "share", "data"],
)
def test_a_queues_change_is_a_sentence(change: tuple[str, Any], said: str) -> None:
    assert of_tenant(change) == [said]


def test_a_platforms_pool_stands_with_what_it_costs() -> None:
    after = platform_with(("pools.driver.nodesPerZone.max", 6))
    found = sentences(stack_of("platform-dev", platform_with(), after))
    assert found == ["platform-dev: driver pool max nodes 8 → 12, +1,448 USD a month at maximum"]


def test_a_tenant_that_comes_or_goes_is_its_queues() -> None:
    (new,) = sentences(stack_of("ads-dev", None, sample("ads-dev")))
    assert new.startswith("ads-batch: new, with 2 to 20 nodes, at most 157 CPU and 1,212 GiB, +951 USD a month at min")
    (gone,) = sentences(stack_of("ads-dev", sample("ads-dev"), None))
    assert gone.startswith("ads-batch: goes, with 2 to 20 nodes")


def test_settings_that_no_number_says_are_told_as_they_are_written() -> None:
    changes = (SettingChange("people.lead.principalArn", "a", "b"), SettingChange(f"{MAIN}.maxNodes", 20, 24))
    stack = replace(stack_of("ads-dev", tenant_with(), tenant_with((f"{MAIN}.maxNodes", 24))), settings=changes)
    assert sentences(stack)[1:] == ["ads-dev: people.lead.principalArn a → b"]


def test_a_change_of_the_program_alone_is_told_as_that() -> None:
    stack = replace(stack_of("ads-dev", tenant_with(), tenant_with((f"{BATCH}.order", "fair"))), settings=())
    assert "its file doesn't change" in sentences(stack)[-1]


def test_nothing_is_said_of_what_does_not_change() -> None:
    assert sentences(stack_of("ads-dev", sample("ads-dev"), sample("ads-dev"))) == []


def test_of_many_the_first_are_told_and_the_others_counted() -> None:
    found = meanings(fleet_of(stack_of("search-dev", None, sample("search-dev"))))
    assert [one.sentence for one in first(found, 1)] == [found[0].sentence, "more: 1 change like these"]


def test_settings_differ_as_far_down_as_both_are_mappings() -> None:
    key = "elastic-spark:tenant"
    before = {"aws:region": "a", key: {"queues": {"x": {"order": "fifo", "data": [1]}}, "name": "n"}}
    after = {"aws:region": "b", key: {"queues": {"x": {"order": "fair", "data": [1]}, "y": {}}, "name": "n"}}
    assert setting_changes(before, after) == (
        SettingChange("aws:region", "a", "b"),
        SettingChange("queues.x.order", "fifo", "fair"),
        SettingChange("queues.y", None, {}),
    )
