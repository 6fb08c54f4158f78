from __future__ import annotations

from policies.catalogue import CONFIG_SCHEMA, README, RULES, catalogue, written_schema
from policies.rules.autoscaler import known_flags
from tests import samples


def test_the_catalogue_is_current() -> None:
    assert (samples.ROOT / README).read_text() == catalogue(), "run `make policies`"


def test_the_schema_of_configurations_is_current() -> None:
    assert (samples.ROOT / CONFIG_SCHEMA).read_text() == written_schema(), "run `make policies`"


def test_the_catalogue_has_every_rule_once() -> None:
    headings = [line.removeprefix("### ") for line in catalogue().splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(rule.name for rule in RULES)


def test_flags_that_came_or_went_are_known() -> None:
    flags = known_flags("1.36")
    assert flags
    assert {"capacity-buffer-controller-enabled", "node-group-auto-discovery", "v"} <= flags
    assert not {"max-empty-bulk-delete", ""} & flags
