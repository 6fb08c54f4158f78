from __future__ import annotations

from typing import Any

import pytest

from components.access.queue_rbac import (
    APPLICATIONS,
    BINDABLE_ROLES,
    DRIVER_ROLE,
    OPERATOR_ROLE,
    PURPOSE_ROLES,
    RULES,
    TenantRoles,
)
from components.access.tenant_deployers import TenantDeployers, TenantDeployersArgs
from tests.recording import registrations_of

ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
OWNER, SUBMITTER, VIEWER = (PURPOSE_ROLES[purpose] for purpose in ("owner", "submitter", "viewer"))
WRITES = {"create", "delete", "deletecollection", "patch", "update"}


def rights(role: str) -> set[tuple[str, str, str]]:
    """(group, resource, verb) of everything that the registered role allows."""
    registered = registrations_of(lambda: TenantRoles("roles")).of_type(ROLE)
    (found,) = (r.inputs for r in registered if r.inputs["metadata"]["name"] == role)
    rules: list[dict[str, Any]] = found["rules"]
    return {
        (group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_exactly_the_bindable_roles_are_registered() -> None:
    registered = registrations_of(lambda: TenantRoles("roles")).of_type(ROLE)
    assert sorted(r.inputs["metadata"]["name"] for r in registered) == list(BINDABLE_ROLES) == sorted(RULES)


def test_deployers_of_tenant_stacks_may_bind_them_and_no_others() -> None:
    args = TenantDeployersArgs(bindable_roles=BINDABLE_ROLES, groups=())
    (bind,) = (
        rule
        for rule in registrations_of(lambda: TenantDeployers("t", args)).one(ROLE).inputs["rules"]
        if "bind" in rule["verbs"]
    )
    assert bind["resourceNames"] == list(BINDABLE_ROLES)


@pytest.mark.parametrize("role", BINDABLE_ROLES)
def test_no_role_has_a_wildcard(role: str) -> None:
    assert not any("*" in part for right in rights(role) for part in right)


@pytest.mark.parametrize("role", BINDABLE_ROLES)
@pytest.mark.parametrize(
    "resource",
    [
        "secrets",
        "serviceaccounts/token",
        "pods/exec",
        "pods/attach",
        "pods/ephemeralcontainers",
        "pods/binding",
        "pods/eviction",
        "nodes",
        "resourcequotas",
        "roles",
        "clusterroles",
    ],
)
def test_no_role_touches(role: str, resource: str) -> None:
    assert resource not in {found for _, found, _ in rights(role)}


@pytest.mark.parametrize("role", BINDABLE_ROLES)
def test_no_role_hands_on_rights_or_acts_as_somebody_else(role: str) -> None:
    assert not {verb for _, _, verb in rights(role)} & {"bind", "escalate", "impersonate"}


@pytest.mark.parametrize("role", BINDABLE_ROLES)
def test_no_role_writes_what_makes_the_queue(role: str) -> None:
    written = {resource for _, resource, verb in rights(role) if verb in WRITES}
    assert not written & {"namespaces", "limitranges", "networkpolicies", "rolebindings", "serviceaccounts", "jobs"}


@pytest.mark.parametrize("verb", ["create", "delete", "deletecollection", "get", "list", "patch", "watch"])
def test_a_driver_manages_its_executors(verb: str) -> None:
    assert ("", "pods", verb) in rights(DRIVER_ROLE)


def test_a_driver_makes_and_removes_its_configuration_and_volumes() -> None:
    for resource in ("configmaps", "persistentvolumeclaims"):
        assert {("", resource, verb) for verb in ("create", "list", "deletecollection")} <= rights(DRIVER_ROLE)


@pytest.mark.parametrize("resource", ["configmaps", "persistentvolumeclaims", "services"])
def test_spark_submit_in_a_queue_applies_a_drivers_configuration_service_and_claims(resource: str) -> None:
    assert {("", resource, "create"), ("", resource, "patch")} <= rights(DRIVER_ROLE)


def test_a_driver_submits_no_applications() -> None:
    assert {group for group, _, _ in rights(DRIVER_ROLE)} == {""}


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (PURPOSE_ROLES["viewer"], [["spark-history-0"]]),
        (PURPOSE_ROLES["submitter"], [["spark-history-0"], None]),
        (PURPOSE_ROLES["owner"], [["spark-history-0"], None]),
        (DRIVER_ROLE, []),
        (OPERATOR_ROLE, []),
    ],
)
def test_viewers_forward_ports_of_the_history_servers_pod_alone_and_whoever_reads_logs_of_all(
    role: str, names: list[list[str] | None]
) -> None:
    assert [rule.get("resourceNames") for rule in rules(role) if "pods/portforward" in rule["resources"]] == names


@pytest.mark.parametrize("role", sorted(PURPOSE_ROLES.values()))
def test_people_read_the_queues_card_and_no_other_configuration(role: str) -> None:
    found = [rule for rule in rules(role) if "configmaps" in rule["resources"]]
    assert [(rule["verbs"], rule["resourceNames"]) for rule in found] == [(["get"], ["elastic-spark-queue-card"])]


def rules(role: str) -> list[dict[str, Any]]:
    registered = registrations_of(lambda: TenantRoles("roles")).of_type(ROLE)
    (found,) = (r.inputs["rules"] for r in registered if r.inputs["metadata"]["name"] == role)
    return list(found)


def test_a_viewer_changes_nothing_and_reads_no_logs() -> None:
    looks = {(resource, verb) for _, resource, verb in rights(VIEWER) if resource != "pods/portforward"}
    assert {verb for _, verb in looks} == {"get", "list", "watch"}
    assert ("", "pods/log", "get") not in rights(VIEWER)


def test_each_purpose_has_what_the_lesser_one_has() -> None:
    assert rights(VIEWER) < rights(SUBMITTER) < rights(OWNER)


def test_a_submitter_writes_applications_and_nothing_else() -> None:
    written = {(group, resource) for group, resource, verb in rights(SUBMITTER) if verb in WRITES}
    kinds = ("sparkapplications", "scheduledsparkapplications", "sparkconnects")
    assert written - {("", "pods/portforward")} == {("sparkoperator.k8s.io", kind) for kind in kinds}


def test_the_operator_makes_and_removes_what_an_application_consists_of() -> None:
    pods = {verb for _, resource, verb in rights(OPERATOR_ROLE) if resource == "pods"}
    assert pods == {"create", "delete", "update"}
    assert ("", "services", "create") in rights(OPERATOR_ROLE)
    assert ("sparkoperator.k8s.io", "sparkapplications", "create") in rights(OPERATOR_ROLE)


def test_the_operator_writes_no_application_that_somebody_else_made() -> None:
    written = {verb for group, resource, verb in rights(OPERATOR_ROLE) if resource in APPLICATIONS}
    assert written == {"create", "delete"}


def test_the_operator_opens_no_way_in_from_outside() -> None:
    assert "ingresses" not in {resource for _, resource, _ in rights(OPERATOR_ROLE)}


def test_nobody_removes_all_applications_by_one_request() -> None:
    removable = {
        resource for role in (SUBMITTER, OWNER) for _, resource, verb in rights(role) if verb == "deletecollection"
    }
    assert not removable


def test_an_owner_also_removes_pods() -> None:
    written = {right for right in rights(OWNER) - rights(SUBMITTER) if right[2] in WRITES}
    assert written == {("", "pods", "delete")}
