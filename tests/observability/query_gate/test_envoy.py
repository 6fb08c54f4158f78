"""The gate's Envoy, real, with somebody who signs tokens and two who answer behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from components.observability.query_gate.envoy import ALL_HEADER, ID_TOKEN_HEADER, TENANTS_HEADER
from tests.observability.query_gate.running import Gate, Issuer, running_gate

PLATFORM = ["data-platform", 'the "other"\\one']
SIGN_IN = {"groups_claim": "groups", "tenant_prefix": "spark-", "platform_groups": PLATFORM}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    with running_gate(tmp_path_factory.mktemp("gate"), SIGN_IN) as gate:
        yield gate


@pytest.fixture
def gate(running: Gate) -> Gate:
    running.seen.clear()
    return running


@pytest.mark.parametrize(
    ("groups", "tenants"),
    [
        (["spark-ads"], "ads"),
        (["everyone", "spark-ads", "spark-search", "sparkle"], "ads,search"),
        ("spark-ads", "ads"),
        (["spark-ads,search", "spark-", "spark-.*", "spark-Ads", "spark-ads"], "ads"),
    ],
)
def test_a_tenant_s_people_are_asked_for_by_their_tenants(gate: Gate, groups: object, tenants: str) -> None:
    assert gate.ask(groups)[0] == 200
    ((upstream, _, headers),) = gate.seen
    assert upstream == "label-proxy"
    assert headers[TENANTS_HEADER] == tenants


@pytest.mark.parametrize("group", PLATFORM)
def test_the_platform_s_people_see_everything(gate: Gate, group: str) -> None:
    assert gate.ask(["spark-ads", group])[0] == 200
    ((upstream, _, _),) = gate.seen
    assert upstream == "prometheus"


@pytest.mark.parametrize("groups", [[], ["everyone"], ["spark-"], None, 7, {"spark-ads": "spark-ads"}, [["spark-ads"]]])
def test_whoever_is_in_no_such_group_sees_nothing(gate: Gate, groups: object) -> None:
    status, text = gate.ask(groups)
    assert status == 403
    assert "groups" in text
    assert gate.seen == []


@pytest.mark.parametrize("header", [ALL_HEADER, TENANTS_HEADER])
def test_nobody_says_for_themselves_what_they_may_see(gate: Gate, header: str) -> None:
    assert gate.ask(["spark-ads"], headers={header: "true"})[0] == 200
    ((upstream, _, headers),) = gate.seen
    assert upstream == "label-proxy"
    assert headers[TENANTS_HEADER] == "ads"


def test_tokens_do_not_leave_the_gate(gate: Gate) -> None:
    assert gate.ask(["spark-ads"], headers={"authorization": "Bearer x", "cookie": "session=x"})[0] == 200
    ((_, _, headers),) = gate.seen
    assert {"authorization", "cookie", ID_TOKEN_HEADER} & set(headers) == set()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.example.org"},
        {"aud": "another-client"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
    ],
    ids=["another issuer", "meant for somebody else", "old", "for ever"],
)
def test_a_token_that_does_not_hold_is_refused(gate: Gate, claims: dict[str, object]) -> None:
    token = gate.issuer.token(groups=["data-platform"], **claims)
    assert gate.send({ID_TOKEN_HEADER: token})[0] in {401, 403}
    assert gate.seen == []


def test_a_token_that_somebody_else_signed_is_refused(gate: Gate) -> None:
    assert gate.send({ID_TOKEN_HEADER: Issuer().token(groups=["data-platform"])})[0] == 401
    assert gate.seen == []


def test_without_a_token_nobody_sees_anything(gate: Gate) -> None:
    assert gate.send({})[0] == 401
    assert gate.send({"authorization": f"Bearer {gate.issuer.token(groups=['data-platform'])}"})[0] == 401
    assert gate.seen == []


@pytest.mark.parametrize(
    "path", ["/-/reload", "/metrics", "/", "/api/v1/../../-/reload", "/api/v1/..%2f..%2f-/reload", "/federate"]
)
@pytest.mark.parametrize("groups", [["spark-ads"], ["data-platform"]])
def test_questions_come_through_and_nothing_else(gate: Gate, path: str, groups: list[str]) -> None:
    assert gate.ask(groups, path)[0] in {400, 404}
    assert gate.seen == []


def test_a_question_arrives_as_it_was_asked(gate: Gate) -> None:
    path = "/api/v1/query_range?query=sum%28up%29&start=0&end=60&step=15"
    assert gate.ask(["spark-ads"], path)[0] == 200
    assert gate.seen[0][1] == path
