"""What becomes of a login at an identity provider: `skate token`, `whoami` and `logout`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from skate.oidc import plugin, store

from tests.client.api_stand_in import QUEUE, StandIn, kubeconfig
from tests.client.command import skate
from tests.client.logins import end_token, kept, log_in, token
from tests.issuer import Client, Provider


def test_a_token_is_what_kubectl_asks_for(provider: Provider) -> None:
    log_in(provider)
    found = token(provider).json
    assert (found["apiVersion"], found["kind"]) == ("client.authentication.k8s.io/v1", "ExecCredential")
    assert found["status"]["token"].count(".") == 2
    ends = time.strptime(found["status"]["expirationTimestamp"], "%Y-%m-%dT%H:%M:%SZ")
    assert 3500 < time.mktime(ends) - time.mktime(time.gmtime()) <= 3540


@pytest.mark.parametrize(("asked", "given"), [("v1", "v1"), ("v1beta1", "v1beta1"), ("v1alpha1", "v1"), ("", "v1")])
def test_it_comes_in_the_version_that_is_asked_for(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, asked: str, given: str
) -> None:
    log_in(provider)
    if asked:
        info = {"apiVersion": f"client.authentication.k8s.io/{asked}", "kind": "ExecCredential", "spec": {}}
        monkeypatch.setenv("KUBERNETES_EXEC_INFO", json.dumps(info))
    assert token(provider).json["apiVersion"] == f"client.authentication.k8s.io/{given}"


def test_a_token_that_is_good_is_given_without_asking_anybody(provider: Provider) -> None:
    log_in(provider)
    before = len(provider.asked)
    assert token(provider).code == 0
    assert len(provider.asked) == before


@pytest.mark.parametrize("rotates", [True, False])
def test_a_token_that_has_ended_is_renewed_again_and_again(provider: Provider, rotates: bool) -> None:
    provider.rotates = rotates
    log_in(provider)
    for _ in range(2):
        first = token(provider, "--raw").out
        end_token(provider)
        provider.person["again"] = len(provider.asked)
        shown = token(provider, "--raw")
        assert (shown.code, shown.err, shown.out != first) == (0, "", True), shown.err


def test_several_programs_at_once_renew_a_login_once(provider: Provider) -> None:
    log_in(provider)
    end_token(provider)
    with ThreadPoolExecutor(6) as pool:
        command = [sys.executable, "-m", "skate.command", "token", "--issuer", provider.url, "--client-id", "spark"]
        done = list(pool.map(lambda _: subprocess.run(command, capture_output=True, text=True, check=False), range(6)))
    assert [each.stderr for each in done if each.returncode] == []
    assert len({each.stdout for each in done}) == 1
    assert provider.asked.count(("POST", "/token")) == 2


def test_a_key_that_is_new_counts_for_a_renewed_token(provider: Provider) -> None:
    log_in(provider)
    provider.rotate_keys()
    end_token(provider)
    assert token(provider).code == 0


def test_a_login_that_is_over_says_how_to_log_in_and_opens_nothing(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(provider)
    end_token(provider)
    provider.refresh_tokens.clear()
    monkeypatch.setattr(webbrowser, "open", lambda _: pytest.fail("it opens a browser"))
    shown = token(provider)
    assert (shown.code, shown.out) == (3, "")
    assert shown.err == (
        f"error: Your login at {provider.url} has ended and can't be renewed.\n"
        f"Log in again: `skate login --issuer {provider.url} --client-id spark`\n"
    )
    assert provider.asked[-1] == ("POST", "/token")


def test_a_renewed_token_must_be_of_the_same_person(provider: Provider) -> None:
    log_in(provider)
    end_token(provider)
    provider.person["sub"] = "somebody-else"
    before = kept(provider).read_text()
    shown = token(provider)
    assert (shown.code, "where 248289761001 was logged in" in shown.err) == (3, True), shown.err
    assert kept(provider).read_text() == before


def test_an_issuer_that_renews_no_id_tokens_is_said_to(provider: Provider) -> None:
    provider.renews_id_tokens = False
    log_in(provider)
    end_token(provider)
    shown = token(provider)
    assert (shown.code, "renews no ID tokens" in shown.err) == (3, True), shown.err


def test_an_issuer_that_fails_while_a_login_is_renewed_loses_nothing(provider: Provider) -> None:
    log_in(provider)
    end_token(provider)
    provider.answers_with = 503
    assert token(provider).code == 4
    provider.answers_with = None
    assert token(provider).code == 0


def test_nobody_logged_in_is_said_to_whoever_asks_for_a_token(provider: Provider) -> None:
    shown = token(provider)
    assert (shown.code, f"You are not logged in at {provider.url}." in shown.err) == (3, True)


def test_skates_own_commands_say_the_same_as_the_plugin(cluster: StandIn, provider: Provider) -> None:
    kubeconfig(Path(os.environ["KUBECONFIG"]), cluster.url)
    log_in(provider, "--queue", QUEUE)
    skate("logout")
    shown = skate("ls")
    assert shown.code == 3
    assert f"You are not logged in at {provider.url} (context spark-dev-oidc)." in shown.err
    assert "skate login --issuer" in shown.err
    assert "aws" not in shown.err


def test_a_cluster_that_does_not_take_the_token_is_not_a_matter_of_aws(cluster: StandIn, provider: Provider) -> None:
    kubeconfig(Path(os.environ["KUBECONFIG"]), cluster.url)
    log_in(provider, "--queue", QUEUE)
    cluster.code = 401
    shown = skate("ls")
    assert (shown.code, "aws" in shown.err) == (3, False), shown.err
    assert "skate whoami --offline" in shown.err


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_login_that_others_may_read_is_not_used(provider: Provider, mode: int) -> None:
    log_in(provider)
    kept(provider).chmod(mode)
    shown = token(provider)
    assert (shown.code, shown.out) == (3, "")
    assert f"is open to others (mode {mode:o})" in shown.err
    assert f"chmod 600 {kept(provider)}" in shown.err


@pytest.mark.parametrize("text", ["", "{", "[]", '{"issuer": "x"}', "\x00"])
def test_a_login_file_that_is_none_is_said_to_be(provider: Provider, text: str) -> None:
    log_in(provider)
    kept(provider).write_text(text)
    shown = token(provider)
    assert (shown.code, f"{kept(provider)} holds no login" in shown.err) == (3, True), shown.err
    assert "Remove it, then" in shown.err


def test_a_login_file_that_is_no_file_is_said_to_be(provider: Provider) -> None:
    kept(provider).mkdir(parents=True)
    shown = token(provider)
    assert (shown.code, "can't be read" in shown.err) == (3, True), shown.err


def test_a_login_that_can_not_be_kept_is_said(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "logins").write_text("in the way")
    shown = log_in(provider)
    assert (shown.code, "can't be kept" in shown.err) == (3, True), shown.err


def test_whoami_shows_the_login_and_what_the_cluster_makes_of_it(cluster: StandIn, provider: Provider) -> None:
    kubeconfig(Path(os.environ["KUBECONFIG"]), cluster.url)
    log_in(provider, "--queue", QUEUE)
    cluster.user, cluster.groups = "oidc:ana@example.com", ["oidc:ads-engineers"]
    shown = skate("whoami")
    assert shown.code == 0, shown.err
    for text in (provider.url, "spark", "ana", "ads-engineers, everybody", "by itself", "oidc:ana@example.com"):
        assert text in shown.out
    assert "(59 min)" in shown.out
    found = skate("whoami", "--json").json
    assert found["cluster"]["groups"] == ["oidc:ads-engineers"]
    assert found["logins"][0]["subject"] == "248289761001"


def test_whoami_of_somebody_by_aws_is_what_the_cluster_says(cluster: StandIn) -> None:
    shown = skate("whoami")
    assert (shown.code, "ana" in shown.out) == (0, True), shown.err
    assert skate("whoami", "--offline").code == 3


def test_logout_ends_the_login_here_and_there(provider: Provider) -> None:
    log_in(provider)
    assert len(provider.refresh_tokens) == 1
    shown = skate("logout")
    assert (shown.code, provider.refresh_tokens, kept(provider).exists()) == (0, {}, False), shown.err
    assert "You are not logged in." in skate("logout").err


def test_logout_ends_only_what_is_named(provider: Provider) -> None:
    provider.clients["other"] = Client("other")
    log_in(provider)
    log_in(provider, client="other")
    assert skate("logout", "--client-id", "other").code == 0
    assert [login.client_id for login in store.all_logins()] == ["spark"]


def test_logout_forgets_the_login_even_if_the_issuer_does_not_hear_of_it(provider: Provider) -> None:
    log_in(provider)
    provider.answers_with = 503
    shown = skate("logout")
    assert (shown.code, kept(provider).exists()) == (4, False)
    assert "there, the login may go on" in shown.err


def test_logout_says_where_an_issuer_ends_no_logins(provider: Provider) -> None:
    provider.describes["revocation_endpoint"] = None
    log_in(provider)
    shown = skate("logout")
    assert (shown.code, "has no way to end a login" in shown.err) == (1, True)


def test_without_its_extra_a_login_says_what_to_install(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    shown = log_in(provider)
    assert (shown.code, "pip install 'elastic-spark-client[login]'" in shown.err) == (3, True), shown.err


def test_a_token_that_is_good_takes_no_extra(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(provider)
    for name in ("jwt", "oauthlib.oauth2", "filelock"):
        monkeypatch.setitem(sys.modules, name, None)
    assert token(provider).code == 0


def test_the_kubeconfig_calls_skate_so_that_it_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: str(Path(sys.executable).parent / "skate"))
    assert plugin.program() == str(Path(sys.executable).parent / "skate")
    monkeypatch.setattr(shutil, "which", lambda _: str(tmp_path / "skate"))
    assert plugin.program() == "skate"
