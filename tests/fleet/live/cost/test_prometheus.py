"""Asking a Prometheus, and what else may answer in its place."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

import promql_parser
import pytest
import requests

from fleet.live.cost.amounts import CostReportError
from fleet.live.cost.prometheus import Prometheus, token
from fleet.live.cost.prometheus_costs import matchers
from tests.cluster.certificates import Authority
from tests.fleet.live.cost.stub import Answer, Asked, serving

VECTOR = {"resultType": "vector", "result": [{"metric": {"queue": "ads-nightly"}, "value": [1700000000, "1.5"]}]}


def success(data: object = VECTOR, **more: object) -> Answer:
    return Answer(body=json.dumps({"status": "success", "data": data, **more}))


def client(url: str, *, token: str | None = None, ca_file: Path | None = None, timeout: float = 5) -> Prometheus:
    return Prometheus(url, token=token, ca_file=ca_file, timeout=timeout)


def told(answer: Callable[[Asked], Answer], **options: object) -> str:
    """The error of a query that is answered so."""
    with serving(answer) as server, pytest.raises(CostReportError) as error:
        client(server.url, **options).at("up", 0)  # type: ignore[arg-type]
    message = str(error.value)
    assert "\n" not in message
    assert "Traceback" not in message
    return message.replace(server.url, "URL")


def test_a_query_is_posted_and_its_values_come_back_with_labels() -> None:
    with serving(lambda _: success()) as server:
        (point,) = client(f"{server.url}/").at('sum(x{a="b"})', 1700000000)
    assert (dict(point.labels), point.time, point.value) == ({"queue": "ads-nightly"}, 1700000000, 1.5)
    (asked,) = server.asked
    assert (asked.path, asked.form) == ("/api/v1/query", {"query": 'sum(x{a="b"})', "time": "1700000000"})


def test_a_path_before_the_api_is_kept_and_what_follows_it_is_not() -> None:
    with serving(lambda _: success()) as server:
        client(f"{server.url}/select/0/prometheus/?x=1#top").at("up", 0)
    assert server.asked[0].path == "/select/0/prometheus/api/v1/query"


def test_a_token_goes_with_each_request_and_beats_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(lambda _: success()) as server:
        client(server.url, token="secret").at("up", 0)  # noqa: S106 it is none
    assert server.asked[0].headers["Authorization"] == "Bearer secret"


def test_user_and_password_of_the_address_are_used_and_never_shown() -> None:
    with serving(lambda _: Answer(status=401)) as server:
        asking = client(server.url.replace("http://", "http://fred:hidden@"))
        with pytest.raises(CostReportError) as error:
            asking.at("up", 0)
    assert server.asked[0].headers["Authorization"].startswith("Basic ")
    assert "hidden" not in str(error.value)
    assert "fred" not in str(asking)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_says_where_a_token_goes(status: int) -> None:
    message = told(lambda _: Answer(status=status, body="no"))
    assert message.startswith(f"URL refuses: {status}")
    assert "FLEET_PROMETHEUS_TOKEN" in message
    assert "--token-file" in message


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body="<html>Sign in</html>", headers={"Content-Type": "text/html; charset=utf-8"}),
        Answer(status=302, headers={"Location": "/login", "Content-Type": "text/html"}),
        Answer(status=404, body="404 page not found", headers={"Content-Type": "text/plain"}),
        Answer(body="[1, 2]"),
        Answer(body='{"status": "success"}'),
        Answer(body='{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}}]}}'),
        Answer(
            body='{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1]}]}}'
        ),
        Answer(body='{"status": "success", "data": {"resultType": "vector", "result": {"a": 1}}}'),
    ],
    ids=["login page", "redirect", "no such path", "a list", "no data", "no value", "half a pair", "no list"],
)
def test_what_does_not_answer_as_prometheus_does_is_no_prometheus(answer: Answer) -> None:
    message = told(lambda _: answer)
    assert message.startswith(f"URL answers, with {answer.status} and ")
    assert "not as Prometheus does" in message


def test_prometheus_own_words_are_passed_on() -> None:
    body = json.dumps({"status": "error", "errorType": "execution", "error": "query processing would load too many"})
    assert told(lambda _: Answer(status=422, body=body)) == (
        "Prometheus at URL refused the query: query processing would load too many"
    )


def test_warnings_are_kept_each_once() -> None:
    with serving(lambda _: success(warnings=["a store was not asked"])) as server:
        asking = client(server.url)
        asking.at("up", 0)
        asking.at("up", 0)
    assert asking.warnings == ["a store was not asked"]


def test_nobody_listening_is_told_with_the_way_into_the_cluster() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(CostReportError) as error:
            client(url).at("up", 0)
    assert str(error.value).startswith(f"{url} can't be reached: Connection refused; ")
    assert "kubectl -n spark-system port-forward" in str(error.value)


def test_a_name_that_nobody_knows_is_told_without_the_libraries_own_words() -> None:
    with pytest.raises(CostReportError) as error:
        client("http://prometheus.invalid").at("up", 0)
    assert str(error.value).startswith("http://prometheus.invalid can't be reached: ")
    assert "HTTPConnectionPool" not in str(error.value)
    assert "object at 0x" not in str(error.value)


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    def late(_: Asked) -> Answer:
        time.sleep(1.5)
        return success()

    message = told(late, timeout=0.2)
    assert message.startswith("URL didn't answer within 0.2 seconds; ")


def test_a_certificate_is_trusted_by_its_authority_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with serving(lambda _: success(), authority.server("prometheus")) as server:
        assert client(server.url, ca_file=authority.certificate).at("up", 0)
        with pytest.raises(CostReportError) as error:
            client(server.url).at("up", 0)
    assert "its certificate is not trusted: " in str(error.value)
    assert "--ca-file" in str(error.value)
    assert "HTTPSConnectionPool" not in str(error.value)


@pytest.mark.parametrize("url", ["", "localhost:9090", "ftp://x", "http://", "http://x:port", "http://[x", "file:///x"])
def test_what_is_no_address_is_told_before_anything_is_asked(url: str) -> None:
    with pytest.raises(CostReportError, match="is no URL"):
        client(url)


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("aps-workspaces.eu-central-1.amazonaws.com", "eu-central-1"),
        ("aps-workspaces-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    ],
)
def test_amazon_managed_prometheus_gets_signed_requests(
    host: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[requests.PreparedRequest] = []

    def send(_: object, request: requests.PreparedRequest, **__: object) -> requests.Response:
        sent.append(request)
        answer = requests.Response()
        answer.status_code = 200
        answer._content = success().body.encode()
        return answer

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", send)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    # Also with a token that was meant for another one.
    assert client(f"https://{host}/workspaces/ws-1", token="other").at("up", 0)  # noqa: S106 it is none
    headers = sent[0].headers
    assert str(headers["Authorization"]).startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert f"/{region}/aps/aws4_request" in str(headers["Authorization"])
    assert headers["X-Amz-Security-Token"] == "session"
    assert sent[0].url == f"https://{host}/workspaces/ws-1/api/v1/query"


def test_without_credentials_amazon_managed_prometheus_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session.get_credentials", lambda _: None)
    with pytest.raises(CostReportError, match="no credentials; set AWS_PROFILE"):
        client("https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1")


def test_a_token_comes_from_a_file_else_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text("of-the-file\n")
    monkeypatch.setenv("FLEET_PROMETHEUS_TOKEN", "of-the-environment")
    assert token(file) == "of-the-file"
    assert token(None) == "of-the-environment"
    monkeypatch.delenv("FLEET_PROMETHEUS_TOKEN")
    assert token(None) is None


@pytest.mark.parametrize("text", ["", "two words", "a\nb", "\u00e9"])
def test_a_file_without_a_token_is_told_and_not_shown(text: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(text)
    with pytest.raises(CostReportError) as error:
        token(file)
    assert str(error.value) == f"--token-file {file}: a token is one word of ASCII characters"


def test_a_token_of_the_environment_that_is_none_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_PROMETHEUS_TOKEN", "two\nlines")
    with pytest.raises(CostReportError) as error:
        token(None)
    assert str(error.value) == "FLEET_PROMETHEUS_TOKEN: a token is one word of ASCII characters"


def test_a_token_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CostReportError, match="can't be read: No such file or directory"):
        token(tmp_path / "none")


@pytest.mark.parametrize(
    ("pair", "matcher"),
    [("team=ad🚀s", 'team="ad🚀s"'), ('team=a"b\\c', 'team="a\\"b\\\\c"'), ("team=Zoë", 'team="Zoë"')],
)
def test_a_label_matcher_has_its_value_as_it_was_written(pair: str, matcher: str) -> None:
    assert matchers([pair]) == matcher
    assert promql_parser.parse(f"up{{{matcher}}}")


@pytest.mark.parametrize("pair", ["team=a\nb", "team=\udcff"])
def test_a_value_that_promql_can_not_hold_is_refused(pair: str) -> None:
    with pytest.raises(CostReportError, match="printable"):
        matchers([pair])
