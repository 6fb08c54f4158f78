"""What policies of the door say of tokens, logins and groups."""

from __future__ import annotations

from typing import Any

import pytest

from components.door.login import MAXIMUM_VALUES, Endpoints, Login, authorization, closed, jwt, oidc, people_policy
from sizing.values import Json

LOGIN = Login(
    issuer="https://login.example.com",
    jwks_uri="https://login.example.com/keys",
    audiences=("door", "spark"),
    groups_claim="groups",
    required_claims={"org": "example"},
)


def claims(found: dict[str, Json]) -> list[Any]:
    return [rule["principal"]["jwt"]["claims"] for rule in found["rules"]]


def test_a_group_counts_as_a_text_and_in_a_list_and_required_claims_with_it() -> None:
    found = authorization(LOGIN, ["ops"])
    org = {"name": "org", "valueType": "String", "values": ["example"]}
    assert claims(found) == [
        [{"name": "groups", "valueType": kind, "values": ["ops"]}, org] for kind in ("String", "StringArray")
    ]
    assert {rule["action"] for rule in found["rules"]} == {"Allow"}


def test_of_no_group_nobody_passes() -> None:
    assert authorization(LOGIN, []) == {"defaultAction": "Deny", "rules": []}


def test_more_groups_than_a_rule_holds_are_in_several() -> None:
    groups = [f"g{number:03}" for number in range(MAXIMUM_VALUES + 1)]
    found = authorization(LOGIN, groups)
    values = [claim[0]["values"] for claim in claims(found)]
    assert [len(each) for each in values] == [MAXIMUM_VALUES, MAXIMUM_VALUES, 1, 1]
    assert sorted({group for each in values for group in each}) == groups
    assert len({rule["name"] for rule in found["rules"]}) == len(found["rules"])


@pytest.mark.parametrize(("methods", "expected"), [((), None), (("GET", "HEAD"), {"methods": ["GET", "HEAD"]})])
def test_a_page_to_look_at_takes_no_other_method(methods: tuple[str, ...], expected: Json) -> None:
    assert {str(rule.get("operation")) for rule in authorization(LOGIN, ["ops"], methods)["rules"]} == {str(expected)}


def test_the_gateway_lets_nobody_pass_by_itself() -> None:
    found = closed(LOGIN, "door", ["openid"])
    assert found["authorization"] == {"defaultAction": "Deny"}
    assert found["jwt"] == jwt(LOGIN)
    assert found["csrf"] == {}


def test_a_token_must_be_of_the_issuer_and_for_the_door_or_peoples_programs() -> None:
    (provider,) = jwt(LOGIN)["providers"]
    assert (provider["issuer"], provider["audiences"]) == ("https://login.example.com", ["door", "spark"])
    assert provider["extractFrom"]["headers"] == [{"name": "Authorization", "valuePrefix": "Bearer "}]
    assert provider["extractFrom"]["cookies"] == [oidc(LOGIN, "door", ["openid"])["cookieNames"]["idToken"]]


def test_logins_are_one_hosts_own_and_come_back_by_https() -> None:
    found = oidc(LOGIN, "door", ["openid", "groups", "offline_access"])
    assert found["redirectURL"] == "https://%REQ(:authority)%/oauth2/callback"
    assert "cookieDomain" not in found
    assert found["scopes"] == ["openid", "groups"]
    assert found["clientSecret"] == {"group": "", "kind": "Secret", "name": "door-login"}


def test_an_issuer_whose_endpoints_are_known_is_not_asked_for_them() -> None:
    known = Endpoints(authorization="https://login.example.com/auth", token="https://login.example.com/token")  # noqa: S106
    assert closed(LOGIN, "door", ["openid"], known)["oidc"]["provider"] == {
        "issuer": LOGIN.issuer,
        "authorizationEndpoint": "https://login.example.com/auth",
        "tokenEndpoint": "https://login.example.com/token",
    }
    assert oidc(LOGIN, "door", ["openid"])["provider"] == {"issuer": LOGIN.issuer}


def test_a_route_is_held_to_its_own_origin_unless_it_says_otherwise() -> None:
    assert "csrf" not in people_policy(LOGIN, "a-route", ["ops"])
    found = people_policy(LOGIN, "a-route", ["ops"], csrf=False)
    assert found["csrf"] == {"shadowFraction": {"numerator": 100}}
