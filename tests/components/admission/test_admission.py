"""How the admission policies are registered; what the API server makes of them is in tests/cluster."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from components.admission.admission import Admission, AdmissionArgs, admission_policies
from components.admission.applications import ApplicationArgs
from components.admission.networks import NetworkRulesArgs
from components.admission.policy import MutatingPolicy, ValidatingPolicy, validating_spec
from components.nodes.autoscaler import FLAGS
from components.software.yunikorn import scheduler_user
from fleet.offline.registration import Registration, Registrations
from sizing import names
from sizing.values import Json
from tests.recording import registrations_of

GROUP = "kubernetes:admissionregistration.k8s.io/v1"
KINDS = ("MutatingAdmissionPolicy", "ValidatingAdmissionPolicy")
ARGS = AdmissionArgs(
    networks=NetworkRulesArgs(clusters_own=("172.20.0.0/16",), egress_ports=(443,)),
    scheduler_user=scheduler_user(names.SYSTEM_NAMESPACE),
    applications=ApplicationArgs(
        images=("docker.io/apache/spark",),
        packages=("org.apache.hadoop",),
        conf_keys=(),
        region="eu-central-1",
        events_bucket="demo-events",
        driver_nodes={},
        kept_seconds=24 * 3600,
    ),
    people_groups=names.ISSUERS,
    door=None,
)
POLICIES = admission_policies(ARGS)
EVERY: tuple[MutatingPolicy | ValidatingPolicy, ...] = (*POLICIES.mutating, *POLICIES.validating)
RULES = [rule for policy in POLICIES.validating for rule in policy.rules]


@pytest.fixture(scope="module")
def registrations() -> Registrations:
    return registrations_of(lambda: Admission("a", ARGS))


def registered(registrations: Registrations, suffix: str = "") -> dict[str, Registration]:
    found = [one for kind in KINDS for one in registrations.of_type(f"{GROUP}:{kind}{suffix}")]
    return {one.inputs["metadata"]["name"]: one for one in found}


def spec(one: Registration) -> Mapping[str, Json]:
    inputs: Mapping[str, Json] = one.inputs["spec"]
    return inputs


def test_every_policy_is_registered_and_bound_and_refuses(registrations: Registrations) -> None:
    policies, bindings = registered(registrations), registered(registrations, "Binding")
    assert policies.keys() == bindings.keys() == {policy.name for policy in EVERY}
    for name, binding in bindings.items():
        assert spec(binding)["policyName"] == name
        assert spec(binding).get("validationActions", ["Deny"]) == ["Deny"]
        assert policies[name].urn in binding.dependencies


def test_a_policy_that_fails_lets_nothing_through(registrations: Registrations) -> None:
    assert {spec(one)["failurePolicy"] for one in registered(registrations).values()} == {"Fail"}


def test_mutations_run_again_where_a_webhook_changed_something(registrations: Registrations) -> None:
    mutating = [one for one in registered(registrations).values() if one.type.endswith(":MutatingAdmissionPolicy")]
    assert {spec(one)["reinvocationPolicy"] for one in mutating} == {"IfNeeded"}


def test_the_priority_classes_are_there_before_a_policy_puts_pods_into_them(registrations: Registrations) -> None:
    classes = registrations.of_type("kubernetes:scheduling.k8s.io/v1:PriorityClass")
    assert {one.inputs["metadata"]["name"] for one in classes} == {"elastic-spark-job", "elastic-spark-backfill"}
    assert {one.inputs["preemptionPolicy"] for one in classes} == {"Never"}
    assert all(one.urn in policy.dependencies for one in classes for policy in registered(registrations).values())


def test_backfill_is_below_all_other_jobs_and_still_has_nodes_added(registrations: Registrations) -> None:
    """By the autoscaler's default of `--expendable-pods-priority-cutoff`, which the platform doesn't set.

    Source: kubernetes/autoscaler, tag cluster-autoscaler-1.36.1, config/flags/flags.go
    """
    classes = registrations.of_type("kubernetes:scheduling.k8s.io/v1:PriorityClass")
    values = {one.inputs["metadata"]["name"]: one.inputs["value"] for one in classes}
    assert -10 <= values["elastic-spark-backfill"] < values["elastic-spark-job"] == 0
    assert "expendable-pods-priority-cutoff" not in FLAGS


def test_policies_are_for_namespaces_that_have_a_queues_label_or_say_otherwise(registrations: Registrations) -> None:
    everywhere = {policy.name for policy in EVERY if not policy.match.in_queues}
    labels = {policy.name: policy.match.label for policy in EVERY}
    assert {label for label in labels.values() if label != names.QUEUE_LABEL} == {names.SECRETS_LABEL}
    for name, one in registered(registrations).items():
        selector = spec(one)["matchConstraints"].get("namespaceSelector")
        expected = {"matchExpressions": [{"key": labels[name], "operator": "Exists"}]}
        assert selector == (None if name in everywhere else expected)


def test_names_of_rules_and_of_mutations_are_unique() -> None:
    mutations = [mutation.name for policy in POLICIES.mutating for mutation in policy.mutations]
    for found in ([rule.name for rule in RULES], mutations, [policy.name for policy in EVERY]):
        assert len(set(found)) == len(found)
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in found)


@pytest.mark.parametrize("policy", POLICIES.validating, ids=lambda policy: policy.name)
def test_a_refusal_ends_with_its_rules_name(policy: ValidatingPolicy) -> None:
    apart = validating_spec(replace(policy, together=False, all_at_once=False))["validations"]
    for rule, validation in zip(policy.rules, apart, strict=True):
        assert validation["message"].endswith(f" [{rule.name}]")
        assert validation.get("message_expression", f' [{rule.name}]"').endswith(f' [{rule.name}]"')


@pytest.mark.parametrize("policy", POLICIES.validating, ids=lambda policy: policy.name)
def test_rules_that_are_evaluated_together_say_the_same_as_apart(policy: ValidatingPolicy) -> None:
    together = validating_spec(replace(policy, together=True))
    (validation,) = together["validations"]
    refusal = together["variables"][-1]
    assert validation["expression"] == f"variables.{refusal['name']} == ''"
    assert validation["message_expression"] == f"variables.{refusal['name']}"
    for rule in policy.rules:
        assert f"// {rule.name}\n!({rule.expression}\n) ? " in refusal["expression"]
        assert f' [{rule.name}]" :\n' in refusal["expression"]


def test_rules_that_are_evaluated_together_ask_nothing_that_a_message_can_not() -> None:
    """A message is evaluated anew, and without `authorizer` (k8s.io/apiserver, plugin/policy/validating/plugin.go)."""
    texts = [
        expression
        for policy in POLICIES.validating
        if policy.together
        for expression in (*(r.expression for r in policy.rules), *(v.expression for v in policy.variables))
    ]
    assert texts
    assert not any("authorizer" in text for text in texts)


def test_only_a_pod_that_lacks_something_is_patched() -> None:
    """Whatever a mutation of pods does is for what the policy's condition asks."""
    (placement,) = (policy for policy in POLICIES.mutating if policy.name == "elastic-spark-pods-placement")
    (condition,) = placement.conditions
    for mutation in placement.mutations:
        lacking = mutation.expression.partition(") ? ")[0] + ")"
        assert lacking in condition.expression
        assert "variables" not in lacking


def test_no_rule_is_longer_than_the_api_server_takes_of_a_message() -> None:
    """5 KiB of a message expression's value (k8s.io/apiserver, pkg/cel/limits)."""
    assert all(len(rule.message) < 1024 for rule in RULES)
