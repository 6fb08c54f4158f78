"""What the Spark operator may do outside queues; within them it is one of the roles that queues bind."""

from __future__ import annotations

import pytest

from components.software.operator_rights import CONTROLLER, WEBHOOK, OperatorRights, OperatorRightsArgs
from fleet.offline.registration import Registrations
from sizing.values import Json
from tests.recording import registrations_of

RBAC = "kubernetes:rbac.authorization.k8s.io/v1"
WRITES = {"create", "delete", "deletecollection", "patch", "update"}
ACCOUNTS = (CONTROLLER, WEBHOOK)


def registrations() -> Registrations:
    return registrations_of(lambda: OperatorRights("rights", OperatorRightsArgs(namespace="spark-system")))


def rules(kind: str, account: str) -> list[Json]:
    """The rules of what a binding of this kind gives an account."""
    (binding,) = (
        r.inputs for r in registrations().of_type(f"{RBAC}:{kind}Binding") if r.inputs["subjects"][0]["name"] == account
    )
    (role,) = (
        r.inputs
        for r in registrations().of_type(f"{RBAC}:{kind}")
        if r.inputs["metadata"]["name"] == binding["roleRef"]["name"]
    )
    return list(role["rules"])


@pytest.mark.parametrize("account", ACCOUNTS)
def test_nothing_is_written_everywhere_but_the_webhooks_own_configurations(account: str) -> None:
    for rule in rules("ClusterRole", account):
        named = rule.get("resourceNames") == [WEBHOOK] and rule["apiGroups"] == ["admissionregistration.k8s.io"]
        assert named or not WRITES & set(rule["verbs"])


@pytest.mark.parametrize("account", ACCOUNTS)
def test_no_secret_is_read_everywhere(account: str) -> None:
    assert not [rule for rule in rules("ClusterRole", account) if "secrets" in rule["resources"]]


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("kind", ["ClusterRole", "Role"])
def test_there_is_no_wildcard(kind: str, account: str) -> None:
    for rule in rules(kind, account):
        assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]


def test_the_controller_watches_what_it_keeps_in_its_caches() -> None:
    watched = {resource for rule in rules("ClusterRole", CONTROLLER) for resource in rule["resources"]}
    assert watched == {
        "configmaps",
        "namespaces",
        "pods",
        "scheduledsparkapplications",
        "services",
        "sparkapplications",
        "sparkconnects",
    }


def test_the_webhook_reads_no_secret_but_its_certificate() -> None:
    (read,) = (rule for rule in rules("Role", WEBHOOK) if "secrets" in rule["resources"] and "get" in rule["verbs"])
    assert read["resourceNames"] == ["spark-operator-webhook-certs"]
    assert "list" not in read["verbs"]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_two_replicas_agree_on_a_leader_by_a_lease_of_their_own(account: str) -> None:
    (lease,) = (rule for rule in rules("Role", account) if "leases" in rule["resources"] and "update" in rule["verbs"])
    assert lease["resourceNames"] == [f"{account}-lock"]


@pytest.mark.parametrize("kind", ["ClusterRole", "Role"])
def test_a_binding_waits_for_its_role(kind: str) -> None:
    registered = registrations()
    roles = {r.inputs["metadata"]["name"]: r.urn for r in registered.of_type(f"{RBAC}:{kind}")}
    for binding in registered.of_type(f"{RBAC}:{kind}Binding"):
        assert roles[binding.inputs["roleRef"]["name"]] in binding.dependencies
