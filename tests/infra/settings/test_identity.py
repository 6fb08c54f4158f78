"""The issuer that a platform trusts, and people by its groups: what is refused, and what both sides must say."""

from __future__ import annotations

from typing import Any

import pytest

from infra.contract import AwsContract
from infra.settings.platform import AwsPlatform
from infra.settings.validation import stack_settings
from infra.tenant.people import queue_groups
from tests.infra.settings.on_platforms import wrong
from tests.infra.settings.test_platform import findings
from tests.samples import changed, config_of, contract, platform, tenant, tenant_config

IDENTITY = platform()["identity"]
WELL_KNOWN = "https://login.example.com/.well-known/openid-configuration"


def said(path: str, value: Any) -> dict[str, tuple[str, str]]:  # noqa: ANN401
    return findings(config_of(changed(platform(), path, value)))


@pytest.mark.parametrize(
    ("key", "value", "where", "found", "allowed"),
    [
        ("issuer", ..., ".issuer", "nothing", "Letter for letter"),
        ("issuer", "http://login.example.com", ".issuer", "http:", "the https address of an issuer"),
        ("issuer", "https://login.example.com?realm=a", ".issuer", "?realm", "without a query"),
        ("issuer", "https://login.example.com/#a", ".issuer", "#a", "the https address"),
        ("issuer", WELL_KNOWN, ".issuer", "well-known", "without /.well-known/openid-configuration"),
        ("issuer", "https://login", ".issuer", "https://login", "by a public name"),
        ("issuer", "https://10.0.0.1/x", ".issuer", "10.0.0.1", "by a public name"),
        ("issuer", "https://jane@login.example.com", ".issuer", "...@login", "the https address"),
        ("issuer", "https://login.example.com//", ".issuer", "//", "the https address"),
        ("issuer", "https://oidc.eks.eu-central-1.amazonaws.com/id/AB", ".issuer", "oidc.eks", "for pods"),
        ("clientId", "", ".clientId", '""', "the id of a client"),
        ("clientId", "a b", ".clientId", '"a b"', "without spaces"),
        ("clientId", ..., ".clientId", "nothing", "Of a public client"),
        ("usernameClaim", "", ".usernameClaim", '""', "the name of a claim"),
        ("usernameClaim", "aud", ".usernameClaim", "aud", "about who somebody is"),
        ("usernameClaim", "groups", ".usernameClaim", "groups", "another claim than groupsClaim"),
        ("groupsClaim", "iss", ".groupsClaim", "iss", "about who somebody is"),
        ("groupsClaim", "my groups", ".groupsClaim", '"my groups"', "without spaces"),
        ("groupClaim", "groups", ".groupClaim", "an unknown key", "did you mean groupsClaim?"),
        ("requiredClaims", {"exp": "1"}, ".requiredClaims.exp", "exp", "times are checked anyway"),
        ("requiredClaims", {"a" * 64: "1"}, f".requiredClaims.{'a' * 64}", "aaa", "at most 63"),
        ("requiredClaims", {"org": "a" * 254}, ".requiredClaims.org", "aaa", "at most 253"),
        ("requiredClaims", {"org": ""}, ".requiredClaims.org", '""', "what a claim must say"),
        ("scopes", ["profile"], ".scopes", "profile", "openid among them"),
        ("scopes", [], ".scopes", "[]", "at least 1"),
        ("scopes", ["openid", "openid"], ".scopes", "openid", "each entry once"),
    ],
)
def test_an_issuer_that_no_platform_may_trust_is_refused(
    key: str,
    value: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    ((path, (is_found, is_allowed)),) = said(f"identity.{key}", value).items()
    assert path == f"identity{where}"
    assert found in is_found
    assert allowed in is_allowed


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example.com",
        "https://login.example.com/",
        "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123",
        "https://id.example.com:8443/realms/a/b/",
    ],
)
def test_an_issuer_stays_as_it_is_written(issuer: str) -> None:
    settings = stack_settings("test", config_of(changed(platform(), "identity.issuer", issuer))).settings
    assert isinstance(settings, AwsPlatform)
    assert settings.identity
    assert settings.identity.issuer == issuer


def test_without_more_the_claims_are_the_usual_ones() -> None:
    minimal = {key: IDENTITY[key] for key in ("issuer", "clientId")}
    settings = stack_settings("test", config_of(changed(platform(), "identity", minimal))).settings
    assert isinstance(settings, AwsPlatform)
    assert settings.identity
    assert (settings.identity.username_claim, settings.identity.groups_claim) == ("sub", "groups")


PERSON = {"access": "viewer"}


@pytest.mark.parametrize(
    ("people", "where", "found", "allowed"),
    [
        ({"x": PERSON}, "access.people.x", "neither principalArn nor group", "principalArn, group, or both"),
        ({"x": PERSON | {"group": "system:masters"}}, "access.people.x.group", "system:masters", "Kubernetes' own"),
        ({"x": PERSON | {"group": "elastic-spark:a"}}, "access.people.x.group", "elastic-spark:a", "does not start"),
        ({"x": PERSON | {"group": "oidc:ops"}}, "access.people.x.group", "oidc:ops", "ops, as the issuer says it"),
        ({"x": {"group": "ops", "access": "admin"}}, "access.people.x.access", "the group ops", "principals of AWS"),
        (
            {"x": PERSON | {"group": "ops"}, "y": PERSON | {"group": "ops"}},
            "access.people.y.group",
            "ops",
            "access.people.x has this one",
        ),
    ],
)
def test_a_person_of_the_platform_who_is_nobody_is_refused(
    people: dict[str, Any], where: str, found: str, allowed: str
) -> None:
    ((path, (is_found, is_allowed)),) = said("access.people", people).items()
    assert path == where
    assert found in is_found
    assert allowed in is_allowed


def test_groups_of_the_platform_need_an_issuer_and_are_told_at_once() -> None:
    settings = changed(platform(), "access.people", {"ops": PERSON | {"group": "ops"}})
    settings = changed(settings, "access.shared.airflow.group", "airflow")
    ((path, (found, _)),) = findings(config_of(changed(settings, "identity", ...))).items()
    assert (path, found) == ("identity", "nothing, but access.people.ops.group, access.shared.airflow.group")


def without_identity() -> AwsContract:
    found = contract()
    assert isinstance(found, AwsContract)
    return found.model_copy(update={"identity": None})


def test_a_tenants_groups_need_an_issuer_which_one_error_says_with_the_platforms_file() -> None:
    people = {name: {"group": f"{name}-team", "purpose": "viewer"} for name in ("a", "b")}
    settings = stack_settings("ads-dev", tenant_config(changed(tenant(), "people", people))).settings
    assert wrong(settings, "eu-central-1", contract()) == []
    (found,) = wrong(settings, "eu-central-1", without_identity())
    assert (found.path, found.found) == ("people", "people.a.group: a-team, people.b.group: b-team")
    assert "add identity in stacks/Pulumi.platform-dev.yaml and deploy the platform first" in found.allowed


def test_principals_need_no_issuer() -> None:
    settings = stack_settings("ads-dev", tenant_config(tenant())).settings
    assert wrong(settings, "eu-central-1", without_identity()) == []


def test_the_contract_says_where_people_log_in_and_nothing_that_tenants_need_not_know() -> None:
    found = contract().identity
    assert found
    assert found.model_dump(by_alias=True) == {
        "issuer": IDENTITY["issuer"],
        "clientId": IDENTITY["clientId"],
        "usernameClaim": "email",
        "groupsClaim": "groups",
        "scopes": ("openid", "profile", "email", "groups", "offline_access"),
    }
    assert contract("platform-kind").identity is None
    assert contract("platform-prod").identity is None


def sharing(**shared: Any) -> AwsContract:  # noqa: ANN401
    """The contract of the platform where it shares Airflow in this way."""
    found = contract()
    assert isinstance(found, AwsContract)
    airflow = found.shared["airflow"].model_copy(update=shared)
    return found.model_copy(update={"shared": {"airflow": airflow}})


@pytest.mark.parametrize(
    ("shared", "groups"),
    [
        ({}, {"elastic-spark:shared:airflow:ads-batch:submitter"}),
        ({"group": "airflow"}, {"elastic-spark:shared:airflow:ads-batch:submitter", "oidc:airflow"}),
        ({"group": "airflow", "principal_arn": None}, {"oidc:airflow"}),
    ],
)
def test_who_is_shared_comes_as_a_principal_a_group_or_both(shared: dict[str, Any], groups: set[str]) -> None:
    settings = stack_settings("ads-dev", tenant_config(changed(tenant(), "people", {}))).settings
    assert wrong(settings, "eu-central-1", sharing(**shared)) == []
    found = queue_groups(settings, "batch", sharing(**shared).shared)  # type: ignore[arg-type]
    assert found == dict.fromkeys(groups, "submitter")


def test_a_group_that_the_platform_shares_is_nobody_elses() -> None:
    people = {"robots": {"group": "airflow", "purpose": "owner"}}
    settings = stack_settings("ads-dev", tenant_config(changed(tenant(), "people", people))).settings
    (found,) = wrong(settings, "eu-central-1", sharing(group="airflow"))
    assert found.path == "people.robots.group"
    assert "accepts.airflow" in found.allowed
