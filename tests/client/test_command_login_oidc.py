"""`skate login` at an identity provider."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from skate.config import Provider as Remembered
from skate.oidc import browser, device, plugin, store

from tests.client.api_stand_in import QUEUE, StandIn, certificate_authority, kubeconfig
from tests.client.command import skate, started
from tests.client.logins import end_token, kept, log_in, token
from tests.issuer import Client, Provider, browse, visit


@pytest.fixture
def person_at(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool | None], None]:
    """Says whether the person enters the code of a device; without one, nobody does."""

    def answers(agrees: bool | None) -> None:
        def sleeps(_seconds: float) -> None:
            for code in provider.codes:
                provider.codes[code] = agrees

        monkeypatch.setattr(device.log_in, "__kwdefaults__", {"sleep": sleeps})

    return answers


def test_a_person_without_a_kubeconfig_logs_in_and_is_told_how_to_add_a_cluster(provider: Provider) -> None:
    shown = log_in(provider)
    assert shown.code == 0, shown.err
    assert f"You are ana at {provider.url}." in shown.err
    assert "skate login --cluster NAME" in shown.err


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_what_is_kept_is_for_its_owner_alone(provider: Provider) -> None:
    log_in(provider)
    assert stat.S_IMODE(kept(provider).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept(provider).parent.stat().st_mode) & 0o077 == 0


def test_no_token_is_shown_but_by_the_command_for_it(provider: Provider) -> None:
    shown = [log_in(provider), skate("whoami", "--offline"), skate("whoami", "--offline", "--json")]
    secrets = [json.loads(kept(provider).read_text())[name] for name in ("idToken", "refreshToken")]
    assert not [secret for secret in secrets for each in shown if secret in each.out + each.err]
    assert not [secret for secret in secrets if secret in repr(store.all_logins())]


def test_the_next_login_needs_no_names_and_no_browser(
    provider: Provider, cluster: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(provider, "--queue", QUEUE)
    monkeypatch.setattr(webbrowser, "open", lambda _: pytest.fail("it opens a browser"))
    shown = skate("login")
    assert (shown.code, f"You are ana at {provider.url}." in shown.err) == (0, True), shown.err


def test_where_to_log_in_may_stand_in_the_environment(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKATE_ISSUER", provider.url)
    monkeypatch.setenv("SKATE_CLIENT_ID", "spark")
    assert f"You are ana at {provider.url}." in skate("login").err


def test_an_issuer_alone_is_half_of_what_it_takes(provider: Provider) -> None:
    shown = skate("login", "--issuer", provider.url)
    assert (shown.code, "--client-id ID" in shown.err) == (2, True), shown.err


def test_a_kubeconfig_from_the_platforms_people_is_enough(cluster: StandIn, provider: Provider) -> None:
    path = Path(os.environ["KUBECONFIG"])
    content = yaml.safe_load(kubeconfig(path, cluster.url).read_text())
    content["users"][0]["user"] = {"exec": plugin.plugin(Remembered(issuer=provider.url, client_id="spark"))}
    path.write_text(yaml.safe_dump(content))
    shown = skate("login", "--queue", QUEUE)
    assert shown.code == 0, shown.err
    assert "You may use: ads-batch." in shown.err
    assert yaml.safe_load(path.read_text()) == content


def test_beside_a_context_another_is_made_and_used_and_nothing_else_changes(
    cluster: StandIn, provider: Provider
) -> None:
    path = Path(os.environ["KUBECONFIG"])
    kubeconfig(path, cluster.url)
    before = yaml.safe_load(path.read_text())
    shown = log_in(provider, "--queue", QUEUE)
    assert shown.code == 0, shown.err
    after = yaml.safe_load(path.read_text())
    assert after["current-context"] == "spark-dev"
    assert after["clusters"] == before["clusters"]
    assert after["contexts"] == [
        *before["contexts"],
        {"name": "spark-dev-oidc", "context": {"cluster": "spark-dev", "user": "spark-dev-oidc"}},
    ]
    assert after["users"][0] == before["users"][0]
    assert after["users"][1]["user"]["exec"]["apiVersion"] == "client.authentication.k8s.io/v1"
    assert cluster.logins[-1] == f"Bearer {token(provider, '--raw').out.strip()}"


def test_a_login_twice_changes_the_kubeconfig_once(cluster: StandIn, provider: Provider) -> None:
    path = Path(os.environ["KUBECONFIG"])
    kubeconfig(path, cluster.url)
    log_in(provider, "--queue", QUEUE)
    before = path.read_text()
    assert log_in(provider, "--browser").code == 0
    assert path.read_text() == before


def test_a_new_cluster_is_added_beside_one_by_aws(cluster: StandIn, provider: Provider, tmp_path: Path) -> None:
    authority = tmp_path / "authority"
    authority.mkdir()
    certificate_authority(authority)
    place = ("--cluster", "spark-dev", "--endpoint", "https://127.0.0.1:1", "--ca", str(authority / "ca.crt"))
    shown = log_in(provider, *place)
    assert shown.code == 4, shown.err
    content = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text())
    assert [each["name"] for each in content["contexts"]] == ["spark-dev", "spark-dev-oidc"]
    assert content["users"][1]["user"]["exec"]["args"][0] == "token"


def test_a_context_by_aws_is_never_written_over(cluster: StandIn, provider: Provider, tmp_path: Path) -> None:
    path = Path(os.environ["KUBECONFIG"])
    content = yaml.safe_load(kubeconfig(path, "https://127.0.0.1:1").read_text())
    content["users"][0]["user"] = {"exec": {"command": "aws", "args": ["eks", "get-token"]}}
    path.write_text(yaml.safe_dump(content))
    before = path.read_text()
    authority = tmp_path / "authority"
    authority.mkdir()
    certificate_authority(authority)
    place = ("--cluster", "spark-dev", "--endpoint", "https://127.0.0.1:1", "--ca", str(authority / "ca.crt"))
    shown = log_in(provider, *place, "--context", "spark-dev")
    assert (shown.code, "it is left as it is" in shown.err) == (2, True), shown.err
    assert path.read_text() == before
    assert provider.asked == []


def test_a_kubeconfig_that_is_none_is_said_before_anybody_logs_in(cluster: StandIn, provider: Provider) -> None:
    Path(os.environ["KUBECONFIG"]).write_text("a: [")
    shown = log_in(provider)
    assert (shown.code, provider.asked) == (3, [])
    assert "can't be read as a kubeconfig" in shown.err


def test_a_dry_run_shows_the_kubeconfig_and_asks_nobody(cluster: StandIn, provider: Provider, tmp_path: Path) -> None:
    path = Path(os.environ["KUBECONFIG"])
    kubeconfig(path, cluster.url)
    before = path.read_text()
    shown = log_in(provider, "--dry-run")
    assert shown.code == 0, shown.err
    assert "name: spark-dev-oidc" in shown.out
    assert f"- {provider.url}" in shown.out
    assert (path.read_text(), provider.asked, (tmp_path / "config").exists()) == (before, [], False)


def test_a_browser_of_its_own_process_logs_a_person_in(provider: Provider, tmp_path: Path) -> None:
    opener = tmp_path / "opener"
    opener.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from tests.issuer import visit\n"
        f"visit(sys.argv[1], pathlib.Path({os.environ['SSL_CERT_FILE']!r}))\n"
    )
    opener.chmod(0o755)
    with started("login", "--issuer", provider.url, "--client-id", "spark", BROWSER=f"{opener} %s") as process:
        _, shown = process.communicate(timeout=60)
    assert (process.returncode, "You are ana" in shown) == (0, True), shown


def test_a_code_logs_a_person_in_without_a_browser(
    provider: Provider, person_at: Callable[[bool | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    person_at(True)
    shown = log_in(provider)
    assert shown.code == 0, shown.err
    assert f"open {provider.url}/activate and enter the code {next(iter(provider.codes))}" in shown.err


def test_a_device_that_asks_too_often_asks_less_often(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def sleeps(seconds: float) -> None:
        pauses.append(seconds)
        for code in provider.codes if len(pauses) == 3 else ():
            provider.codes[code] = True

    monkeypatch.setattr(device.log_in, "__kwdefaults__", {"sleep": sleeps})
    provider.interval, provider.slow_downs = 1, 1
    assert log_in(provider, "--device").code == 0
    assert pauses == [1, 6, 6]


@pytest.mark.parametrize(
    ("environment", "platform", "opens"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "a b"}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "a b"}, "darwin", False),
        ({"BROWSER": "firefox", "SSH_CONNECTION": "a b"}, "linux", True),
    ],
)
def test_a_browser_opens_where_the_person_sees_it(environment: dict[str, str], platform: str, opens: bool) -> None:
    assert browser.can_open(environment, platform) is opens


def test_without_browser_and_codes_the_address_is_shown_to_open_elsewhere(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.device = False
    monkeypatch.delenv("BROWSER")
    monkeypatch.setenv("SSH_CONNECTION", "a b")
    monkeypatch.setattr(browser, "WAIT_SECONDS", 0.1)
    shown = log_in(provider)
    assert "ssh -L" in shown.err
    assert f"{provider.url}/authorize?" in shown.err
    assert (shown.code, "Nobody logged in" in shown.err) == (3, True)


# What can go wrong: what the provider does, what is asked for, the exit code, and what is said.
WRONG: Final[dict[str, tuple[dict[str, Any], list[str], int, list[str]]]] = {
    "the person declines": ({"agrees": False}, [], 3, ["was declined", "ask whoever runs your identity provider"]),
    "another issuer describes itself": (
        {"describes": {"issuer": "https://other.example.com"}},
        [],
        2,
        ["is of another issuer: https://other.example.com", "--issuer https://other.example.com"],
    ),
    "an endpoint has no TLS": (
        {"describes": {"token_endpoint": "http://login.example.com/token"}},
        [],
        2,
        ["without TLS as its token_endpoint", "Nothing was sent there"],
    ),
    "no issuer is there": ({"describes": {"token_endpoint": None}}, [], 2, ["is no issuer of OpenID Connect"]),
    "the page is another": ({"answers_with": 404}, [], 2, ["is no issuer of OpenID Connect: the answer is 404"]),
    "the issuer fails": ({"answers_with": 503}, [], 4, ["answers with 503", "Try again"]),
    "it has no codes": ({"device": False}, ["--device"], 2, ["no login by code", "--browser"]),
    "the clock is behind": (
        {"changes": lambda claims: {**claims, "iat": claims["iat"] + 900, "exp": claims["exp"] + 900}},
        [],
        2,
        ["clock is", "behind that of", "timedatectl"],
    ),
    "the token is another client's": ({"changes": lambda claims: {**claims, "aud": "x"}}, [], 3, ["no ID token"]),
    "the token is another login's": ({"changes": lambda claims: {**claims, "nonce": "x"}}, [], 3, ["(nonce)"]),
    "somebody else answers": ({"names_itself": "https://evil.example.com"}, [], 3, ["of another issuer than"]),
    "a scope is unknown": ({}, ["--scope", "nonsense", "--device"], 2, ["doesn't know a scope", "--scope"]),
}  # fmt: skip


@pytest.mark.parametrize(("provides", "asks", "code", "says"), WRONG.values(), ids=WRONG.keys())
def test_what_goes_wrong_is_said_with_what_to_do(
    provider: Provider,
    provides: dict[str, Any],
    asks: list[str],
    code: int,
    says: list[str],
) -> None:
    for name, value in provides.items():
        setattr(provider, name, value)
    shown = log_in(provider, *asks)
    assert shown.code == code, shown.err
    assert [text for text in says if text not in shown.err] == [], shown.err
    assert not kept(provider).exists()


def test_an_issuer_that_does_not_answer_ends_with_4(provider: Provider) -> None:
    shown = skate("login", "--issuer", "https://127.0.0.1:1", "--client-id", "spark")
    assert (shown.code, "can't be reached" in shown.err) == (4, True), shown.err


def test_an_issuer_that_nobody_trusts_is_named_with_the_way_to_trust_it(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    shown = log_in(provider)
    assert (shown.code, "SSL_CERT_FILE=FILE" in shown.err) == (4, True), shown.err


@pytest.mark.parametrize("url", ["http://login.example.com", "login.example.com", "https://a@b", "https://a?b"])
def test_a_login_goes_only_where_it_is_safe(url: str) -> None:
    shown = skate("login", "--issuer", url, "--client-id", "spark")
    assert (shown.code, "is no address of an identity provider" in shown.err) == (2, True), shown.err


def test_a_client_that_is_none_is_said_to_be(provider: Provider) -> None:
    shown = log_in(provider, "--device", client="wrong")
    assert (shown.code, "Check --client-id" in shown.err) == (2, True), shown.err


def test_a_browser_that_shows_an_error_is_not_waited_for_without_end(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "WAIT_SECONDS", 1.0)
    shown = log_in(provider, client="wrong")
    assert (shown.code, "must have the client wrong" in shown.err) == (3, True), shown.err


def test_a_code_that_nobody_enters_expires(provider: Provider) -> None:
    provider.code_seconds = 0.2
    shown = log_in(provider, "--device")
    assert (shown.code, "enter the new code in time" in shown.err) == (3, True), shown.err


def test_a_code_may_be_declined(provider: Provider, person_at: Callable[[bool | None], None]) -> None:
    person_at(False)
    shown = log_in(provider, "--device")
    assert (shown.code, "was declined" in shown.err) == (3, True), shown.err


def test_a_port_that_another_program_has_is_said(provider: Provider) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shown = log_in(provider, "--port", str(port))
    assert shown.code == 2
    assert f"The port {port}, to which the login comes back, can't be had" in shown.err


def test_a_port_to_the_letter_is_remembered(provider: Provider) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    provider.clients["spark"] = Client("spark", redirects=(f"http://127.0.0.1:{port}/callback",), any_port=False)
    assert log_in(provider, "--port", str(port)).code == 0
    assert skate("login", "--browser").code == 0


def test_an_answer_to_another_login_is_left_aside(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Path(os.environ["SSL_CERT_FILE"])

    def opens(url: str) -> bool:
        def first_a_stranger() -> None:
            redirect = url.split("redirect_uri=")[1].split("&")[0].replace("%3A", ":").replace("%2F", "/")
            for query in ("", "?state=x&code=stolen", "?error=access_denied&state=x"):
                visit(f"{redirect}{query}", authority)
            browse(url, authority)

        threading.Thread(target=first_a_stranger, daemon=True).start()
        return True

    monkeypatch.setattr(webbrowser, "open", opens)
    assert log_in(provider).code == 0


def test_a_token_without_groups_is_said_with_what_to_ask_for(provider: Provider) -> None:
    del provider.person["groups"]
    shown = log_in(provider)
    assert shown.code == 0
    assert "(it has no claim groups)" in shown.err
    assert "into the ID tokens of the client spark" in shown.err


def test_groups_may_be_called_otherwise(provider: Provider) -> None:
    provider.person["roles"] = ["from-roles"]
    log_in(provider)
    shown = log_in(provider, "--groups-claim", "roles")
    assert shown.code == 0, shown.err
    assert skate("whoami", "--offline", "--json").json["logins"][0]["groups"] == ["from-roles"]


def test_a_login_without_a_refresh_token_is_said_to_end(provider: Provider) -> None:
    provider.scopes = ["openid", "groups"]
    shown = log_in(provider)
    assert (shown.code, "the scope offline_access" in shown.err) == (0, True), shown.err
    end_token(provider)
    shown = token(provider)
    assert (shown.code, "gave no refresh token" in shown.err) == (3, True)
