"""The door of a platform: what is refused, and what its tenants are told of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.door.login import Endpoints
from infra.platform.export import listed_door
from infra.settings.door import ListedDoor, door_endpoints
from infra.settings.door_rules import door_cidrs
from infra.settings.platform import AwsPlatform
from infra.settings.validation import stack_settings
from tests.infra.settings.test_platform import findings
from tests.samples import DOOR, changed, config_of, doored_settings, platform

JWKS = doored_settings()["identity"]["jwksUri"]
EXISTING = {
    "existing": {
        "id": "vpc-0123456789abcdef0",
        "cidr": "10.40.0.0/16",
        "zones": {
            "eu-central-1a": {"privateSubnetId": "subnet-0123456789abcdef0", "private": "10.40.0.0/18"},
            "eu-central-1b": {"privateSubnetId": "subnet-0123456789abcdef1", "private": "10.40.64.0/18"},
        },
    }
}


def with_door(door: dict[str, Any] | None = None, **identity: Any) -> dict[str, Any]:  # noqa: ANN401
    """A sample platform with a door that is sound, but for what the test changes."""
    settings = doored_settings()
    settings["identity"] |= identity
    settings["door"] = door or settings["door"]
    return settings


def test_what_the_door_runs_counts_among_what_system_nodes_hold() -> None:
    assert read(with_door()).door
    too_small = changed(with_door(), "pools.system.nodesPerZone", 1)
    assert "at least 2" in findings(config_of(too_small))["pools.system.nodesPerZone"][1]


def read(settings: dict[str, Any]) -> AwsPlatform:
    found = stack_settings("test", config_of(settings)).settings
    assert isinstance(found, AwsPlatform)
    return found


CERTIFICATE = "arn:aws:acm:eu-central-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("key", "value", "where", "found", "allowed"),
    [
        ("domain", ..., "domain", "nothing", "<namespace>.<domain>"),
        ("domain", "spark", "domain", '"spark"', "a name of DNS"),
        ("domain", "Spark.example.com", "domain", "Spark", "in lower case"),
        ("domain", "*.example.com", "domain", "*", "a name of DNS"),
        ("domain", "spark.example.com.", "domain", "com.", "a name of DNS"),
        ("domain", "spark..example.com", "domain", "..", "a name of DNS"),
        ("domain", "spark-.example.com", "domain", "spark-", "a name of DNS"),
        ("domain", "10.0.0.1", "domain", "10.0.0.1", "a name of DNS"),
        ("domain", f"{'a' * 64}.example.com", "domain", "aaa", "at most 63"),
        ("domain", f"{'a.' * 108}com", "domain", "a.a", "at most 215"),
        ("domain", f"{'a' * 60}.com", "domain", "*.aaa", "at most 62 characters, or certificateArn"),
        ("clientId", ..., "clientId", "nothing", "confidential client"),
        ("clientId", "spark-dev", "clientId", "spark-dev", "another client than identity.clientId"),
        ("hostedZoneId", ..., "", "neither certificateArn nor hostedZoneId", "*.spark.example.com"),
        ("hostedZoneId", "/hostedzone/Z1", "hostedZoneId", "/hostedzone", "the id of a hosted zone"),
        ("certificateArn", "arn:aws:iam::111122223333:server-certificate/x", "certificateArn", "iam", "in ACM"),
        ("certificateArn", CERTIFICATE.replace("central", "west"), "certificateArn", "eu-west", "in eu-central-1"),
        ("certificateArn", CERTIFICATE.replace("1111", "9999"), "certificateArn", "9999", "the platform's account"),
        ("public", True, "cidrs", "nothing, but public", "the networks of those who need it"),
        ("cidrs", ["0.0.0.0/1"], "cidrs[0]", "0.0.0.0/1", "/8 or smaller"),
        ("cidrs", ["8.8.8.0/24"], "cidrs[0]", "8.8.8.0/24", "private addresses, or public: true"),
        ("cidrs", ["10.0.0.0/8", "10.0.0.0/8"], "cidrs", "10.0.0.0/8", "each entry once"),
        ("host", "x", "host", "an unknown key", ""),
    ],
)
def test_a_door_that_no_platform_may_have_is_refused(
    key: str,
    value: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    said = findings(config_of(changed(with_door(), f"door.{key}", value)))
    ((path, (is_found, is_allowed)),) = said.items()
    assert path == f"door.{where}".rstrip(".")
    assert found in is_found
    assert allowed in is_allowed


def test_a_door_needs_an_issuer_and_the_address_of_its_keys() -> None:
    nobody = changed(with_door(), "identity", ...)
    assert findings(config_of(nobody))["identity"] == (
        "nothing, but a door",
        "the issuer whose people the door lets in",
    )
    ((path, (found, allowed)),) = findings(config_of(changed(with_door(), "identity.jwksUri", ...))).items()
    assert (path, found) == ("identity.jwksUri", "nothing, but a door")
    assert "jwks_uri" in allowed


def test_a_public_door_stands_in_the_platforms_own_vpc() -> None:
    public = {**DOOR, "public": True, "cidrs": ["198.51.100.0/24"]}
    read(with_door(public))
    in_another = with_door(public) | {"network": EXISTING}
    assert "which of its subnets are public" in findings(config_of(in_another))["door.public"][1]


@pytest.mark.parametrize(
    ("door", "expected"),
    [({}, ["10.40.0.0/16"]), ({"cidrs": ["10.0.0.0/8", "172.16.0.0/12"]}, ["10.0.0.0/8", "172.16.0.0/12"])],
)
def test_who_may_connect_is_whom_the_settings_name_or_the_vpc(door: dict[str, Any], expected: list[str]) -> None:
    own = with_door(DOOR | door)
    there = with_door(DOOR | door) | {"network": EXISTING}
    for settings in (own, there):
        assert [str(cidr) for cidr in door_cidrs(read(settings))] == expected
    assert door_cidrs(read(platform())) == ()


def test_a_long_domain_is_fine_with_a_certificate_of_ones_own() -> None:
    door = {**DOOR, "domain": f"{'a' * 60}.com", "certificateArn": CERTIFICATE}
    assert read(with_door(door)).door


def test_tenants_learn_whose_tokens_open_the_door_and_no_secret_of_it() -> None:
    settings = read(with_door(requiredClaims={"org": "example"}))
    told = listed_door(settings.door, settings.identity)
    assert told
    listed = ListedDoor.model_validate_json(json.dumps(told))
    assert listed.audiences == ("spark-dev-door", "spark-dev")
    assert (listed.domain, listed.jwks_uri) == ("spark.example.com", JWKS)
    assert listed.required_claims == {"org": "example"}


def test_without_a_door_tenants_are_told_of_none() -> None:
    settings = read(platform())
    assert listed_door(None, settings.identity) is None


@pytest.mark.parametrize(
    ("identity", "where"),
    [({"groupsClaim": "realm.groups"}, "groupsClaim"), ({"requiredClaims": {"org.name": "x"}}, "requiredClaims")],
)
def test_a_claim_with_a_dot_is_refused_where_there_is_a_door(identity: dict[str, Any], where: str) -> None:
    ((path, (found, allowed)),) = findings(config_of(with_door(**identity))).items()
    assert (path, allowed.split(",")[0]) == (f"identity.{where}", "a claim without dots")
    assert "." in found
    settings = platform()
    settings["identity"] |= identity
    assert read(settings).identity


ENDPOINTS = {
    "authorizationEndpoint": "https://login.example.com/auth",
    "tokenEndpoint": "https://login.example.com/token",
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_of_the_issuers_endpoints_both_are_known_or_neither(name: str) -> None:
    door = read(with_door(DOOR | ENDPOINTS)).door
    assert door
    assert door_endpoints(door) == Endpoints(
        authorization=ENDPOINTS["authorizationEndpoint"], token=ENDPOINTS["tokenEndpoint"]
    )
    one = {key: value for key, value in ENDPOINTS.items() if key != name}
    ((path, (_, allowed)),) = findings(config_of(with_door(DOOR | one))).items()
    assert (path, allowed) == (f"door.{name}", "both, or neither: the issuer is asked then")
    plain = {**DOOR, **ENDPOINTS, name: "http://login.example.com/x"}
    assert list(findings(config_of(with_door(plain)))) == [f"door.{name}"]
