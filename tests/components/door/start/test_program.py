from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from components.door.login import ID_COOKIE, Login, people_policy
from components.door.pages import SCHEDULER, page_route
from components.door.routes import history_route
from components.door.start.claims import allows, payload
from components.door.start.program import POLICIES, ROUTES, Objects, Settings, cluster, open_paths, responder
from components.software.page_http import server
from sizing import names
from tests.components.door.start.serving import ACCOUNT_TOKEN, api, running

DOMAIN = "spark.example.com"
LOGIN = Login(
    issuer="https://login.example.com",
    jwks_uri="https://login.example.com/keys",
    audiences=("door",),
    groups_claim="groups",
    required_claims={"hd": "example.com"},
)
SETTINGS = Settings(
    domain=DOMAIN,
    gateway=names.DOOR,
    namespace=names.SYSTEM_NAMESPACE,
    groups_claim="groups",
    id_cookie=ID_COOKIE,
)


def made(namespace: str, name: str, spec: Mapping[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"metadata": {"namespace": namespace, "name": name}, "spec": dict(spec), **more}


def door() -> tuple[Objects, Objects]:
    """What two queues and YuniKorn's page register."""
    routes = [
        made("ads-etl", "history", history_route("ads-etl", DOMAIN)),
        made("risk-daily", "history", history_route("risk-daily", DOMAIN)),
        made(names.SYSTEM_NAMESPACE, "scheduler", page_route("scheduler", SCHEDULER, DOMAIN)),
    ]
    policies = [
        made("ads-etl", "p", people_policy(LOGIN, "history", ["ads"], ("GET", "HEAD"))),
        made("risk-daily", "p", people_policy(LOGIN, "history", ["risk"], ("GET", "HEAD"))),
        made(names.SYSTEM_NAMESPACE, "p", people_policy(LOGIN, "scheduler", ["on-call"], ("GET", "HEAD"))),
    ]
    return routes, policies


def person(groups: object, **more: object) -> dict[str, Any]:
    return {"groups": groups, "hd": "example.com", **more}


def token(claims: object) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        (person(["ads"]), ["ads-etl"]),
        (person("ads"), ["ads-etl"]),
        (person(["risk", "on-call"]), ["risk-daily", "scheduler"]),
        (person("ads risk"), []),
        (person([]), []),
        (person(None), []),
        (person(["ads"], hd="other.com"), []),
        ({"groups": ["ads"]}, []),
    ],
)
def test_hosts_are_those_that_the_policies_open(claims: dict[str, Any], shown: list[str]) -> None:
    assert list(open_paths(SETTINGS, *door(), claims)) == shown


def test_a_further_route_of_a_queues_host_is_another_link() -> None:
    routes, policies = door()
    logs = history_route("ads-etl", DOMAIN)
    logs["rules"] = [{"matches": [{"path": {"type": "PathPrefix", "value": "/logs/"}}]}]
    routes.append(made("ads-etl", "logs", logs))
    policies.append(made("ads-etl", "q", people_policy(LOGIN, "logs", ["ads"])))
    assert open_paths(SETTINGS, routes, policies, person(["ads"])) == {"ads-etl": ["/", "/logs/"]}


@pytest.mark.parametrize("host", ["scheduler", "risk-daily", "evil.example"])
def test_a_tenants_route_shows_no_other_host(host: str) -> None:
    routes, policies = door()
    routes[0]["spec"]["hostnames"] = [f"{host}.{DOMAIN}"]
    assert open_paths(SETTINGS, routes, policies, person(["ads"])) == {}


def test_a_route_without_a_policy_or_with_a_faulty_one_or_of_another_gateway_is_closed() -> None:
    routes, policies = door()
    assert open_paths(SETTINGS, routes, [], person(["ads"])) == {}
    faulty = {"ancestors": [{"conditions": [{"type": "Accepted", "status": "False"}]}]}
    assert open_paths(SETTINGS, routes, [{**policies[0], "status": faulty}], person(["ads"])) == {}
    routes[0]["spec"]["parentRefs"][0]["name"] = "other"
    assert open_paths(SETTINGS, routes, policies, person(["ads"])) == {}


@pytest.mark.parametrize(
    ("rule", "looks"),
    [
        ({"action": "Allow", "principal": {"jwt": {}}}, True),
        ({"action": "Deny", "principal": {"jwt": {}}}, False),
        ({"action": "Allow", "operation": {"methods": ["POST"]}, "principal": {"jwt": {}}}, False),
        ({"action": "Allow", "principal": {"jwt": {}, "clientCIDRs": ["10.0.0.0/8"]}}, False),
        ({"action": "Allow", "principal": {"jwt": {"scopes": ["x"]}}}, False),
        ({"action": "Deny", "principal": {"clientCIDRs": ["10.0.0.0/8"]}}, False),
        ({"action": "Allow", "principal": {"jwt": {"claims": [{"name": "a.b", "values": ["c"]}]}}}, True),
    ],
)
def test_the_first_rule_that_fits_decides_and_unknown_ones_open_nothing(rule: dict[str, Any], looks: bool) -> None:
    allowing = {"action": "Allow", "principal": {"jwt": {"claims": [{"name": "no", "values": ["x"]}]}}}
    assert allows({"authorization": {"rules": [rule, allowing]}}, {"a": {"b": "c"}}) is looks


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "a.!.c", "e30.W10.x", "e30._w.x"])
def test_a_faulty_token_is_one_error(text: str) -> None:
    with pytest.raises(ValueError, match="token"):
        payload(text)


def got(port: int, headers: dict[str, str], path: str = "/") -> tuple[int, str]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    client.request("GET", path, headers=headers)
    answer = client.getresponse()
    text = answer.read().decode()
    client.close()
    return answer.status, text


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, dict[str, Objects]]]:
    monkeypatch.setattr("components.door.start.program.FRESH_SECONDS", -1.0)
    (tmp_path / "token").write_text(f"{ACCOUNT_TOKEN}\n")
    found = dict(zip((ROUTES, POLICIES), door(), strict=True))
    with (
        api(found) as address,
        running(server(responder(SETTINGS, cluster(address, tmp_path)), 0, "127.0.0.1")) as port,
    ):
        yield port, found


@pytest.mark.parametrize("kind", ["header", "cookie"])
def test_a_person_sees_their_queue_and_nothing_else(start: tuple[int, dict[str, Objects]], kind: str) -> None:
    brought = token(person(["ads"]))
    headers = {"Authorization": f"Bearer {brought}"} if kind == "header" else {"Cookie": f"{ID_COOKIE}={brought}"}
    status, text = got(start[0], headers)
    assert status == 200
    assert f'<a href="https://ads-etl.{DOMAIN}/">History server</a>' in text
    assert '<a href="/logout">' in text
    assert "risk" not in text
    assert "scheduler" not in text


def test_a_queue_that_goes_is_away(start: tuple[int, dict[str, Objects]]) -> None:
    port, found = start
    found[ROUTES] = found[ROUTES][1:]
    assert "ads-etl" not in got(port, {"Authorization": f"Bearer {token(person(['ads']))}"})[1]


def test_who_may_open_nothing_reads_their_groups_and_whom_to_ask(start: tuple[int, dict[str, Objects]]) -> None:
    status, text = got(start[0], {"Authorization": f"Bearer {token(person(['<b>x', 'other']))}"})
    assert status == 200
    assert "has these groups: &lt;b&gt;x, other." in text
    assert "Ask your tenant&#x27;s owner" in text


def test_faults_are_one_clear_answer(start: tuple[int, dict[str, Objects]]) -> None:
    port, found = start
    good = {"Authorization": f"Bearer {token(person(['ads']))}"}
    assert got(port, {})[0] == 401
    assert got(port, {"Authorization": "Bearer a.b.c"})[0] == 401
    assert got(port, good, "/other")[0] == 404
    del found[POLICIES]
    status, text = got(port, good)
    assert (status, "Traceback" in text) == (503, False)


def test_many_who_come_at_once_are_one_question_to_the_api_server_also_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.door.start.program.FRESH_SECONDS", 60.0)
    (tmp_path / "token").write_text(ACCOUNT_TOKEN)
    asked: list[str] = []
    with api({}, asked) as address, ThreadPoolExecutor(20) as people:
        objects = cluster(address, tmp_path)
        answers = [people.submit(objects) for _ in range(20)]
        assert {type(answer.exception()) for answer in answers} == {HTTPError}
    assert asked == [ROUTES]
