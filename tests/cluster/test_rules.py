"""No rule of an admission policy is untested, and none is there for nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sizing import names
from tests.cluster.api import Object
from tests.cluster.attempts import Attempt
from tests.cluster.binaries import Binaries
from tests.cluster.cluster import Cluster
from tests.cluster.control_plane import types_checked
from tests.cluster.pod_shapes import ADMINISTRATOR
from tests.cluster.rules import VALIDATING, AppliedRule, Switches, one_by_one, policies, rules_of, switches
from tests.cluster.settling import PREFIX
from tests.cluster.tables import all_cases, of_rule, platform_rules

CASES_BY_NAME = all_cases()
RULES = platform_rules()
REFUSING = [rule for rule in RULES if not rule.mutates]
MUTATING = [rule for rule in RULES if rule.mutates]
CHECK_SECONDS = 60


@pytest.fixture(scope="module")
def switched(cluster: Cluster) -> Iterator[Switches]:
    with switches(cluster.admin, cluster.canary) as found:
        yield found


def test_the_rules_are_those_that_the_api_server_has(cluster: Cluster) -> None:
    applied = [rule for policy in policies(cluster.admin) for rule in rules_of(policy)]
    assert sorted(applied, key=str) == sorted(RULES, key=str)


@pytest.mark.parametrize("rules", [REFUSING, MUTATING], ids=["rules", "mutations"])
def test_each_has_a_name_of_its_own(rules: list[AppliedRule]) -> None:
    assert sorted(rule.name for rule in rules) == sorted({rule.name for rule in rules})


def test_every_row_is_about_a_rule_that_is_there() -> None:
    named = {case.rule for case in CASES_BY_NAME.values() if case.rule}
    assert named <= {rule.name for rule in RULES}


def test_the_api_server_finds_no_wrong_types_in_the_rules(cluster: Cluster, binaries: Binaries) -> None:
    """Of kinds whose fields it knows: those of the Spark operator may hold anything here, and their rules are many.

    Copies are checked, one rule by one; the policies themselves count as checked, since theirs takes far longer.
    """
    deployed = [policy for policy in policies(cluster.admin) if policy["kind"] == VALIDATING]
    for policy in deployed:
        seen = {**policy, "status": {"observedGeneration": policy["metadata"]["generation"]}}
        cluster.admin.request("PUT", cluster.admin.path(policy, "status"), seen)
    checked = [one_by_one(policy) for policy in deployed if not _is_about(policy, names.OPERATOR_GROUP)]
    for policy in checked:
        policy["metadata"] = {"name": f"{PREFIX}{policy['metadata']['name']}"}
    with ExitStack() as made:
        for policy in checked:
            made.enter_context(cluster.made(ADMINISTRATOR, policy))
        made.enter_context(types_checked(binaries, cluster.plane))
        end = time.monotonic() + CHECK_SECONDS
        while True:
            found = [cluster.admin.read(policy) for policy in checked]
            if all(policy.get("status", {}).get("observedGeneration") for policy in found):
                break
            assert time.monotonic() < end, "the types are not checked"
            time.sleep(0.1)
    warnings = {p["metadata"]["name"]: p["status"].get("typeChecking", {}).get("expressionWarnings") for p in found}
    assert {name: warning for name, warning in warnings.items() if warning} == {}


def _is_about(policy: Object, group: str) -> bool:
    return any(group in one["apiGroups"] for one in policy["spec"]["matchConstraints"]["resourceRules"])


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_is_in_the_attack_tables(rule: AppliedRule) -> None:
    assert of_rule(rule, CASES_BY_NAME)


@pytest.mark.parametrize("rule", REFUSING, ids=str)
def test_without_a_rule_an_attempt_gets_through(cluster: Cluster, switched: Switches, rule: AppliedRule) -> None:
    switched.turn(rule, "off")
    attempts = [case for case in of_rule(rule, CASES_BY_NAME).values() if isinstance(case, Attempt)]
    assert any(attempt.unhindered(cluster) for attempt in attempts)


@pytest.mark.parametrize("rule", REFUSING, ids=str)
def test_a_twin_is_weighed_by_the_rule(cluster: Cluster, switched: Switches, rule: AppliedRule) -> None:
    switched.turn(rule, "never")
    refusals = [case.twin_wrong(cluster) for case in of_rule(rule, CASES_BY_NAME).values()]
    assert [refusal for refusal in refusals if f"[{rule.name}]" in refusal]


@pytest.mark.parametrize("rule", MUTATING, ids=str)
def test_without_a_mutation_a_completion_goes_wrong(cluster: Cluster, switched: Switches, rule: AppliedRule) -> None:
    switched.turn(rule, "on")
    right = [case for case in of_rule(rule, CASES_BY_NAME).values() if not case.wrong(cluster)]
    switched.turn(rule, "off")
    assert [case.name for case in right if case.wrong(cluster)]
