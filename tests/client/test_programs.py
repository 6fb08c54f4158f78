"""Programs that come with a client's secret: `skate token`, `skate login`, and the SDK as one of them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import jwt
import pytest
import yaml
from skate.aio import AsyncClient
from skate.oidc import programs
from skate.sync import Client as Sdk

from tests.client.api_stand_in import QUEUE, StandIn, certificate_authority, kubeconfig
from tests.client.command import skate
from tests.client.programs import AUDIENCE, SECRET, named, program, secret_file, token
from tests.issuer import Provider

CONTEXT: Final = "spark-dev-airflow"
ASKS: Final = ("POST", "/token")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Each test is a process without tokens."""
    programs._kept.clear()
    yield
    programs._kept.clear()


def said(text: str) -> Any:  # noqa: ANN401
    """What a token says, whoever wrote it."""
    return jwt.decode(text, options={"verify_signature": False})


@pytest.fixture
def enrolled(cluster: StandIn, provider: Provider, tmp_path: Path) -> StandIn:
    """A cluster that the program has a context for, and is chosen."""
    program(provider, tmp_path)
    kubeconfig(Path(os.environ["KUBECONFIG"]), cluster.url)
    shown = skate("login", *named(provider, tmp_path), "--queue", QUEUE)
    assert shown.code == 0, shown.err
    return cluster


def test_a_program_has_a_token_by_its_secret_and_nobody_logs_in(provider: Provider, tmp_path: Path) -> None:
    program(provider, tmp_path)
    shown = token(provider, tmp_path)
    assert shown.code == 0, shown.err
    found = shown.json["status"]
    claims = said(found["token"])
    assert (claims["sub"], claims["aud"], claims["groups"]) == ("airflow", AUDIENCE, ["spark-airflow"])
    ends = time.mktime(time.strptime(found["expirationTimestamp"], "%Y-%m-%dT%H:%M:%SZ"))
    assert 3500 < ends - time.mktime(time.gmtime()) <= 3540
    assert [path for _, path in provider.asked] == ["/.well-known/openid-configuration", "/token", "/keys"]


def test_its_secret_may_be_in_a_variable(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(provider, tmp_path)
    monkeypatch.setenv("SPARK_SECRET", SECRET)
    options = ("--issuer", provider.url, "--client-id", "airflow", "--client-secret-env", "SPARK_SECRET")
    assert said(skate("token", "--raw", *options).out.strip())["sub"] == "airflow"


def test_an_issuer_may_want_the_secret_in_the_form(provider: Provider, tmp_path: Path) -> None:
    program(provider, tmp_path, secret_by="client_secret_post")  # noqa: S106
    provider.describes["token_endpoint_auth_methods_supported"] = ["private_key_jwt", "client_secret_post"]
    assert token(provider, tmp_path).code == 0


def test_an_issuer_that_lists_no_ways_takes_the_standards(provider: Provider, tmp_path: Path) -> None:
    program(provider, tmp_path)
    provider.describes["token_endpoint_auth_methods_supported"] = None
    assert token(provider, tmp_path).code == 0


def test_an_audience_and_scopes_are_asked_for_where_they_are_named(provider: Provider, tmp_path: Path) -> None:
    program(provider, tmp_path, says={}, audiences=(AUDIENCE,))
    shown = token(provider, tmp_path, "--audience", AUDIENCE, "--scope", "openid", "--scope", "groups", "--raw")
    assert said(shown.out.strip())["aud"] == AUDIENCE, shown.err


def test_a_token_may_lack_what_only_people_have(provider: Provider, tmp_path: Path) -> None:
    program(provider, tmp_path)
    provider.changes = lambda claims: {name: claims[name] for name in ("iss", "aud", "exp")}
    assert token(provider, tmp_path).code == 0


# What can go wrong: the client, what the provider does, what is asked for, the exit code, and what is said.
Wrong = tuple[dict[str, Any], dict[str, Any], list[str], int, list[str]]
WRONG: Final[dict[str, Wrong]] = {
    "the secret is another": ({"secret": "x"}, {}, [], 3, ["doesn't know the client airflow", "client-secret."]),
    "the grant isn't allowed": ({"grants": ()}, {}, [], 2, ["no token by its secret alone", "client_credentials"]),
    "a scope is unknown": ({}, {}, ["--scope", "nonsense"], 2, ["no token for nonsense", "--scope NAME"]),
    "an audience is not the client's": (
        {},
        {},
        ["--audience", "payroll"],
        2,
        ["no token for the audience payroll", "airflow may not ask for payroll", "identity.clientId"],
    ),
    "the token is for somebody else": (
        {"audiences": (AUDIENCE,), "says": {"aud": ["account", "payroll"]}},
        {},
        ["--audience", AUDIENCE],
        3,
        ["it is for account, payroll (aud), not for spark-dev", "identity.clientId", "Auth0", "Entra ID", "Keycloak"],
    ),
    "the token is for nobody": (
        {},
        {"changes": lambda claims: {name: claims[name] for name in claims if name != "aud"}},
        [],
        3,
        ["it lacks aud", "identity.clientId"],
    ),
    "the token has no end": (
        {},
        {"changes": lambda claims: {name: claims[name] for name in claims if name != "exp"}},
        [],
        3,
        ["it lacks exp"],
    ),
    "the token is no JWT": ({"says": {}}, {}, [], 3, ["it is no JWT", "--audience", "--scope"]),
    "the token is of another issuer": (
        {},
        {"changes": lambda claims: {**claims, "iss": "https://sts.example.com/"}},
        [],
        3,
        ["it says that https://sts.example.com/ wrote it (iss)"],
    ),
    "the clock is behind": (
        {},
        {"changes": lambda claims: {**claims, "nbf": claims["iat"] + 900, "iat": claims["iat"] + 900}},
        [],
        2,
        ["clock is 15 minutes behind", "timedatectl"],
    ),
    "the issuer takes no secrets": (
        {},
        {"describes": {"token_endpoint_auth_methods_supported": ["private_key_jwt"]}},
        [],
        2,
        ["takes no secrets of clients (private_key_jwt)"],
    ),
    "the issuer fails": ({}, {"answers_with": 503}, [], 4, ["answers with 503", "Try again"]),
    "the endpoint has no TLS": (
        {},
        {"describes": {"token_endpoint": "http://login.example.com/token"}},
        [],
        2,
        ["without TLS as its token_endpoint", "Nothing was sent there"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("client", "provides", "asks", "code", "says"), WRONG.values(), ids=WRONG.keys())
def test_what_goes_wrong_is_said_with_what_to_do(
    provider: Provider,
    tmp_path: Path,
    client: dict[str, Any],
    provides: dict[str, Any],
    asks: list[str],
    code: int,
    says: list[str],
) -> None:
    program(provider, tmp_path, **client)
    for name, value in provides.items():
        setattr(provider, name, value)
    shown = token(provider, tmp_path, *asks)
    assert (shown.code, shown.out) == (code, ""), shown.err
    assert [text for text in says if text not in shown.err] == [], shown.err
    assert SECRET not in shown.err


def test_a_token_that_another_key_signed_is_not_believed(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(provider, tmp_path)
    monkeypatch.setattr(provider, "public_keys", Provider().public_keys)
    shown = token(provider, tmp_path)
    assert (shown.code, "Signature verification failed" in shown.err) == (3, True), shown.err


@pytest.mark.parametrize(
    ("content", "says"), [(None, "No such file"), ("", "holds no secret"), ("\n", "holds no secret")]
)
def test_a_secret_that_is_not_there_is_said(provider: Provider, tmp_path: Path, content: str | None, says: str) -> None:
    program(provider, tmp_path)
    secret_file(tmp_path).unlink()
    if content is not None:
        secret_file(tmp_path).write_text(content)
    shown = token(provider, tmp_path)
    assert (shown.code, says in shown.err, str(secret_file(tmp_path)) in shown.err) == (3, True, True), shown.err
    assert provider.asked == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--client-secret-file", "f", "--client-secret-env", "V"], "both say where the secret is"),
        (["--audience", AUDIENCE], "it isn't said where its secret is"),
        (["--client-secret-env", "s3cret/of-mine"], "takes the name of a variable"),
        (["--client-secret-file", "f"], "--issuer URL --client-id ID"),
        (["--scope", "x"], "skate login --scope NAME"),
    ],
)
def test_options_that_make_no_program_are_said(provider: Provider, options: list[str], says: str) -> None:
    shown = skate("token", *options)
    assert (shown.code, says in shown.err, "s3cret" in shown.err) == (2, True, False), shown.err


def test_a_variable_without_a_secret_is_said(provider: Provider) -> None:
    options = ("--issuer", provider.url, "--client-id", "airflow", "--client-secret-env", "NOT_THERE")
    shown = skate("token", *options)
    assert (shown.code, "The variable NOT_THERE holds no secret." in shown.err) == (3, True), shown.err


def test_a_program_gets_a_context_of_its_own_beside_a_persons(enrolled: StandIn, tmp_path: Path) -> None:
    content = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text())
    assert [each["name"] for each in content["contexts"]] == ["spark-dev", CONTEXT]
    plugin = content["users"][1]["user"]["exec"]
    assert plugin["args"][-2:] == ["--client-secret-file", str(secret_file(tmp_path))]
    assert SECRET not in str(content)
    assert said(enrolled.logins[-1].removeprefix("Bearer "))["sub"] == "airflow"


def test_a_program_logs_in_to_a_cluster_that_it_is_told_of(
    cluster: StandIn, provider: Provider, tmp_path: Path
) -> None:
    program(provider, tmp_path, says={}, audiences=(AUDIENCE,))
    authority = tmp_path / "authority"
    authority.mkdir()
    certificate_authority(authority)
    place = ("--cluster", "spark-dev", "--endpoint", "https://127.0.0.1:1", "--ca", str(authority / "ca.crt"))
    shown = skate("login", *named(provider, tmp_path), "--audience", AUDIENCE, "--scope", "openid", *place)
    assert (shown.code, "The client airflow has a token: it is of" in shown.err) == (4, True), shown.err
    content = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text())
    assert content["contexts"][-1]["name"] == CONTEXT
    assert content["users"][-1]["user"]["exec"]["args"][-4:] == ["--audience", AUDIENCE, "--scope", "openid"]


def test_a_dry_run_asks_nobody_and_writes_nothing(cluster: StandIn, provider: Provider, tmp_path: Path) -> None:
    program(provider, tmp_path)
    path = kubeconfig(Path(os.environ["KUBECONFIG"]), cluster.url)
    before = path.read_text()
    shown = skate("login", *named(provider, tmp_path), "--dry-run")
    assert (shown.code, f"name: {CONTEXT}" in shown.out, provider.asked) == (0, True, []), shown.err
    assert path.read_text() == before


def test_a_wrong_secret_leaves_the_kubeconfig_as_it_was(cluster: StandIn, provider: Provider, tmp_path: Path) -> None:
    program(provider, tmp_path, secret="x")  # noqa: S106
    path = kubeconfig(Path(os.environ["KUBECONFIG"]), cluster.url)
    before = path.read_text()
    assert skate("login", *named(provider, tmp_path)).code == 3
    assert path.read_text() == before


def test_a_program_has_no_browser(provider: Provider, tmp_path: Path) -> None:
    program(provider, tmp_path)
    shown = skate("login", *named(provider, tmp_path), "--device")
    assert (shown.code, "about people's logins" in shown.err) == (2, True), shown.err


def test_the_next_command_needs_no_names(enrolled: StandIn) -> None:
    enrolled.user = "oidc:airflow"
    assert "You are oidc:airflow" in skate("login").err
    assert "oidc:airflow" in skate("whoami").out
    assert skate("ls").code == 0


def test_clients_of_a_process_ask_for_one_token(enrolled: StandIn, provider: Provider) -> None:
    before = provider.asked.count(ASKS)
    with ThreadPoolExecutor(6) as pool:
        programs._kept.clear()
        assert set(pool.map(lambda _: _who(), range(6))) == {"ana"}
    assert provider.asked.count(ASKS) == before + 1


def _who() -> str:
    with Sdk() as client:
        return client.who_am_i()


def test_a_token_is_asked_anew_before_it_ends(enrolled: StandIn, provider: Provider) -> None:
    programs._kept.clear()
    provider.lifetime = 2
    with Sdk() as client:
        client.who_am_i()
        first = enrolled.logins[-1]
        # At four fifths of its time.
        time.sleep(1.7)
        provider.lifetime = 3600
        client.who_am_i()
        second = enrolled.logins[-1]
        assert first != second
        client.who_am_i()
        assert enrolled.logins[-1] == second


def test_a_new_secret_counts_at_once_and_a_wrong_one_gets_nobodys_token(
    enrolled: StandIn, provider: Provider, tmp_path: Path
) -> None:
    provider.clients["airflow"].secret = "the new one"  # noqa: S105
    secret_file(tmp_path).write_text("the new one")
    assert skate("ls").code == 0
    secret_file(tmp_path).write_text("x")
    shown = skate("ls")
    assert (shown.code, "doesn't know the client airflow by the secret" in shown.err) == (3, True), shown.err


def test_a_kubeconfig_may_say_the_variable_itself(cluster: StandIn, provider: Provider, tmp_path: Path) -> None:
    program(provider, tmp_path)
    path = kubeconfig(Path(os.environ["KUBECONFIG"]), cluster.url)
    content = yaml.safe_load(path.read_text())
    options = ["--issuer", provider.url, "--client-id", "airflow", "--client-secret-env", "SPARK_SECRET"]
    content["users"][0]["user"] = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "skate",
            "args": ["token", *options],
            "env": [{"name": "SPARK_SECRET", "value": SECRET}],
        }
    }
    path.write_text(yaml.safe_dump(content))
    assert _who() == "ana"
    assert said(cluster.logins[-1].removeprefix("Bearer "))["sub"] == "airflow"


def test_a_cluster_that_does_not_take_the_token_is_told_with_what_it_says(enrolled: StandIn) -> None:
    enrolled.code = 401
    shown = skate("ls")
    assert shown.code == 3
    for text in (
        "of the client airflow",
        "for spark-dev (aud)",
        "aud, azp, exp, groups, iat, iss, sub",
        "usernameClaim",
    ):
        assert text in shown.err, shown.err
    assert "aws" not in shown.err


def test_an_issuer_that_is_away_is_what_is_said(enrolled: StandIn, provider: Provider) -> None:
    programs._kept.clear()
    provider.answers_with = 503
    shown = skate("ls")
    assert (shown.code, f"The issuer {provider.url} answers with 503." in shown.err) == (4, True), shown.err


def test_what_a_program_is_has_no_secret_in_it(enrolled: StandIn) -> None:
    client = AsyncClient()
    login = client.cluster._program
    assert login is not None
    assert SECRET not in repr(login.program)
    assert str(secret_file(Path("x")).name) in repr(login.program)
