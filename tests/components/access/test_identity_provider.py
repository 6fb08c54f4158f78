"""The issuer of people's tokens, and people of the platform by its groups."""

from __future__ import annotations

from typing import Any

import botocore.session  # type: ignore[import-untyped]
import pytest

from components.access.identity_provider import IdentityProvider, IdentityProviderArgs
from components.access.platform_viewers import PlatformViewers, PlatformViewersArgs
from fleet.offline.registration import Registration, Registrations
from sizing import names
from tests.destroy_order import outlived_by
from tests.infra.platform.test_platform_program import CLUSTER_ROLE_BINDING, registrations_of
from tests.recording import registrations_of as recorded
from tests.samples import changed, platform, platform_registrations

CONFIG = "aws:eks/identityProviderConfig:IdentityProviderConfig"


def issuer(**changes: Any) -> Registration:  # noqa: ANN401
    given: dict[str, Any] = {
        "cluster_name": "demo",
        "platform": "demo",
        "issuer": "https://login.example.com/",
        "client_id": "spark",
        "username_claim": "email",
        "groups_claim": "groups",
        "required_claims": {},
    }
    registrations = recorded(lambda: IdentityProvider("i", IdentityProviderArgs(**(given | changes))))
    return registrations.one(CONFIG, "i-issuer")


def test_the_issuer_is_associated_as_it_is_written_and_its_people_have_a_prefix() -> None:
    assert issuer().inputs == {
        "clusterName": "demo",
        "oidc": {
            "identityProviderConfigName": "demo-people",
            "issuerUrl": "https://login.example.com/",
            "clientId": "spark",
            "usernameClaim": "email",
            "usernamePrefix": "oidc:",
            "groupsClaim": "groups",
            "groupsPrefix": "oidc:",
        },
    }


def test_required_claims_are_there_where_there_are_some() -> None:
    assert issuer(required_claims={"org": "a", "hd": "b"}).inputs["oidc"]["requiredClaims"] == {"hd": "b", "org": "a"}


def test_another_issuer_comes_when_the_one_before_has_gone() -> None:
    assert issuer().options.delete_before_replace


def test_what_is_said_of_it_is_what_eks_takes() -> None:
    """By botocore's model of the API; the prefix keeps to what EKS says of prefixes, that none has `system:`."""
    operation = (
        botocore.session.get_session().get_service_model("eks").operation_model("AssociateIdentityProviderConfig")
    )
    said = issuer(required_claims={"a": "b"}).inputs["oidc"]
    assert said.keys() == operation.input_shape.members["oidc"].members.keys()
    assert "system:" not in names.ISSUERS
    assert not names.ISSUERS.startswith(names.OWN_GROUPS)


def test_it_is_off_unless_the_settings_name_one() -> None:
    assert not platform_registrations("platform-prod").of_type(CONFIG)
    assert platform_registrations("platform-dev").of_type(CONFIG)


def test_it_goes_before_the_cluster_and_nothing_waits_for_it() -> None:
    registrations = platform_registrations("platform-dev")
    (config,) = registrations.of_type(CONFIG)
    (cluster,) = registrations.of_type("eks:index:Cluster")
    after = outlived_by(registrations)
    assert cluster.urn in after[config.urn]
    assert not [r.name for r in registrations.values() if config.urn in r.dependencies]


def viewers(**people: dict[str, str]) -> Registrations:
    return registrations_of(changed(platform(), "access.people", people))


def test_a_group_of_the_platforms_people_looks_at_everything() -> None:
    registrations = viewers(
        support={"group": "support", "access": "viewer"},
        audit={"group": "audit", "principalArn": "arn:aws:iam::111122223333:role/audit", "access": "viewer"},
        boss={"principalArn": "arn:aws:iam::111122223333:role/boss", "access": "admin"},
    )
    binding = registrations.one(CLUSTER_ROLE_BINDING, "spark-dev-viewers-binding").inputs
    assert binding["roleRef"]["name"] == "view"
    assert [(s["kind"], s["name"]) for s in binding["subjects"]] == [("Group", "oidc:audit"), ("Group", "oidc:support")]
    entries = {r.name for r in registrations.of_type("aws:eks/accessEntry:AccessEntry")}
    assert {"spark-dev-access-audit-entry", "spark-dev-access-boss-entry"} <= entries
    assert "spark-dev-access-support-entry" not in entries


def test_without_groups_nobody_is_bound() -> None:
    boss = {"principalArn": "arn:aws:iam::111122223333:role/boss", "access": "viewer"}
    bindings = viewers(boss=boss).of_type(CLUSTER_ROLE_BINDING)
    assert "spark-dev-viewers-binding" not in {r.name for r in bindings}


def test_groups_are_bound_in_the_order_of_their_names() -> None:
    registrations = recorded(lambda: PlatformViewers("v", PlatformViewersArgs(groups=("b", "a"))))
    binding = registrations.one(CLUSTER_ROLE_BINDING, "v-binding").inputs
    assert [s["name"] for s in binding["subjects"]] == ["oidc:a", "oidc:b"]


@pytest.mark.parametrize("principal", [None, "arn:aws:iam::111122223333:role/airflow"])
def test_who_is_shared_by_a_group_has_an_entry_only_as_a_principal(principal: str | None) -> None:
    airflow = {"group": "airflow", "queues": {"ads-batch": "submitter"}}
    chosen = changed(platform(), "access.shared.airflow", airflow | ({"principalArn": principal} if principal else {}))
    registrations = registrations_of(chosen)
    entries = {r.name for r in registrations.of_type("aws:eks/accessEntry:AccessEntry")}
    assert ("spark-dev-access-airflow-entry" in entries) == (principal is not None)
    shared = registrations.stack.outputs["contract"]["shared"]["airflow"]
    assert shared == airflow | ({"principalArn": principal} if principal else {})


def test_a_tenants_stack_may_bind_groups_where_there_is_an_issuer_and_no_others() -> None:
    def rule(settings: dict[str, Any], region: str | None = "eu-central-1") -> str:
        registrations = registrations_of(settings, region)
        (policy,) = (
            r
            for r in registrations.of_type("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy")
            if r.inputs["metadata"]["name"] == "elastic-spark-deployers-bindings"
        )
        (found,) = (v for v in policy.inputs["spec"]["validations"] if "[deployer-groups]" in v["message"])
        return str(found["expression"])

    with_issuer, without = rule(platform()), rule(changed(platform(), "identity", ...))
    assert 's[1].startsWith("oidc:")' in with_issuer
    assert "oidc:" not in without
    assert without.rstrip(")").endswith(": false")
    assert "!s[1].startsWith('system:')" in rule(platform("platform-kind"), None)
