"""Each rule by a sample that keeps it, a change that breaks it and no other, and a value that isn't known yet."""

from __future__ import annotations

import pytest

from infra.settings.stack_file import stack_names
from policies.catalogue import RULES
from policies.model import Enforcement
from tests import samples
from tests.policies.drafts import draft
from tests.policies.rows import Mutation
from tests.policies.tables import MUTATIONS

LEVELS = {rule.name: rule.enforcement for rule in RULES}


@pytest.mark.parametrize("stack", stack_names(samples.ROOT))
def test_a_sample_keeps_every_rule_and_lets_each_decide(stack: str) -> None:
    assert draft(stack).findings({"all": "mandatory"}) == []


def test_every_rule_is_broken_by_a_change() -> None:
    assert {mutation.rule for mutation in MUTATIONS} == LEVELS.keys()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_a_change_breaks_its_rule_and_no_unrelated_one(mutation: Mutation) -> None:
    found = draft(mutation.stack, mutation.breaks).findings(mutation.config)
    assert {finding.rule for finding in found if not finding.undecided} == {mutation.rule, *mutation.also}
    assert {f.enforcement for f in found if f.rule == mutation.rule} == {LEVELS[mutation.rule]}
    assert all(finding.message and finding.remedy for finding in found)


@pytest.mark.parametrize(
    "mutation", [mutation for mutation in MUTATIONS if mutation.lacks], ids=lambda mutation: mutation.rule
)
def test_a_rule_that_lacks_a_value_says_so_and_stops_nothing(mutation: Mutation) -> None:
    assert mutation.lacks
    found = draft(mutation.stack, mutation.lacks).findings({mutation.rule: "mandatory"})
    of_rule = [finding for finding in found if finding.rule == mutation.rule]
    assert of_rule
    assert all(finding.undecided and finding.enforcement is Enforcement.ADVISORY for finding in of_rule)


def test_every_rule_says_what_must_hold_why_and_what_to_do() -> None:
    for rule in RULES:
        assert rule.statement.endswith("."), rule.name
        assert rule.reason.endswith("."), rule.name
        assert rule.remedy.endswith("."), rule.name
    assert len({rule.name for rule in RULES}) == len(RULES)
