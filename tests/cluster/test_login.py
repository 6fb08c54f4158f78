"""`skate login` at an identity provider, and what a real API server that trusts it makes of the login."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import urllib3

from sizing import names
from tests.client.command import Ended, skate
from tests.client.programs import named, program
from tests.cluster.authentication import authentication
from tests.cluster.binaries import Binaries
from tests.cluster.control_plane import ControlPlane, control_plane
from tests.issuer import Client, Provider, served, visit

CONTEXT: Final = "spark-dev-oidc"
PROGRAM_CONTEXT: Final = "spark-dev-airflow"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the provider's certificates are."""
    return tmp_path_factory.mktemp("issuer")


@pytest.fixture(scope="module")
def provider(folder: Path) -> Iterator[Provider]:
    """The identity provider."""
    with served(folder) as there:
        yield there


@pytest.fixture(scope="module")
def plane(binaries: Binaries, provider: Provider, folder: Path) -> Iterator[ControlPlane]:
    """A control plane that takes the provider's tokens, where ads-engineers may list pods."""
    trusted = {
        "issuerUrl": provider.url,
        "clientId": "spark",
        "usernameClaim": "email",
        "usernamePrefix": names.ISSUERS,
        "groupsClaim": "groups",
        "groupsPrefix": names.ISSUERS,
    }
    config = folder / "authentication.json"
    config.write_text(json.dumps(authentication(trusted, folder / "ca.crt")))
    with control_plane(binaries, api_server=[f"--authentication-config={config}"]) as there:
        _let_engineers_list_pods(there)
        yield there


def _let_engineers_list_pods(plane: ControlPlane) -> None:
    http = urllib3.PoolManager(
        cert_file=str(plane.admin.certificate), key_file=str(plane.admin.key), ca_certs=str(plane.authority)
    )
    rbac = "rbac.authorization.k8s.io"
    role = {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]}
    binding = {
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "lists-pods"},
        "subjects": [{"apiGroup": rbac, "kind": "Group", "name": names.issuers_group("ads-engineers")}],
    }
    for kind, content in (("ClusterRole", role), ("ClusterRoleBinding", binding)):
        body = {"apiVersion": f"{rbac}/v1", "kind": kind, "metadata": {"name": "lists-pods"}, **content}
        made = http.request("POST", f"{plane.server}/apis/{rbac}/v1/{kind.lower()}s", json=body)
        assert made.status == 201, made.data


@pytest.fixture(autouse=True)
def person(
    plane: ControlPlane, provider: Provider, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody with a browser, in which they are logged in, and without a kubeconfig."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("SKATE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.crt"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BROWSER", "of this test")
    monkeypatch.setattr(webbrowser, "open", lambda url: _in_a_browser(url, folder / "ca.crt"))
    provider.lifetime = 3600


def _in_a_browser(url: str, authority: Path) -> bool:
    threading.Thread(target=visit, args=(url, authority), daemon=True).start()
    return True


def log_in(plane: ControlPlane, provider: Provider) -> Ended:
    """`skate login` with all that it takes for a cluster that the person doesn't know."""
    place = ("--cluster", "spark-dev", "--endpoint", plane.server, "--ca", str(plane.authority))
    return skate("login", "--issuer", provider.url, "--client-id", "spark", *place)


def log_in_as_program(plane: ControlPlane, provider: Provider, folder: Path, **says: Any) -> Ended:  # noqa: ANN401
    """`skate login` of the client `airflow` by its secret; `says` are claims of its tokens."""
    usual = {"aud": "spark", "email": "airflow@programs.example.com", "groups": ["ads-engineers"]}
    program(provider, folder, says={name: value for name, value in {**usual, **says}.items() if value is not None})
    place = ("--cluster", "spark-dev", "--endpoint", plane.server, "--ca", str(plane.authority))
    return skate("login", *named(provider, folder), *place)


def who_am_i() -> Any:  # noqa: ANN401
    """What the cluster says."""
    shown = skate("whoami", "--json")
    assert shown.code == 0, shown.err
    return shown.json["cluster"]


def kubectl(*arguments: str, context: str = CONTEXT) -> subprocess.CompletedProcess[str]:
    """Call kubectl; skips the test where there is none."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl is not on the path")
    return subprocess.run(
        [program, "--context", context, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_cluster_knows_whoever_logs_in_by_name_and_groups(plane: ControlPlane, provider: Provider) -> None:
    shown = log_in(plane, provider)
    assert f"You are oidc:ana@example.com at {plane.server} (context {CONTEXT})." in shown.err
    found = who_am_i()
    assert found["user"] == "oidc:ana@example.com"
    assert {"oidc:ads-engineers", "oidc:everybody"} <= set(found["groups"])


def test_kubectl_uses_the_login_with_the_rights_of_the_persons_groups(plane: ControlPlane, provider: Provider) -> None:
    log_in(plane, provider)
    listed = kubectl("get", "pods", "--namespace", "default")
    assert (listed.returncode, listed.stderr) == (0, "No resources found in default namespace.\n")
    refused = kubectl("get", "secrets", "--namespace", "default")
    assert 'User "oidc:ana@example.com" cannot list resource "secrets"' in refused.stderr


def test_a_login_that_has_ended_is_renewed_behind_kubectl(plane: ControlPlane, provider: Provider) -> None:
    provider.lifetime = 1
    log_in(plane, provider)
    first = skate("token", "--raw").out
    provider.lifetime = 3600
    time.sleep(1.1)
    assert kubectl("get", "pods", "--namespace", "default").returncode == 0
    assert skate("token", "--raw").out != first


def test_kubectl_says_how_to_log_in_where_the_login_is_over(plane: ControlPlane, provider: Provider) -> None:
    log_in(plane, provider)
    assert skate("logout").code == 0
    shown = kubectl("get", "pods")
    assert shown.returncode != 0
    assert f"You are not logged in at {provider.url}." in shown.stderr
    assert f"skate login --issuer {provider.url} --client-id spark" in shown.stderr


def test_a_token_of_another_client_is_not_taken_and_skate_says_what_to_look_at(
    plane: ControlPlane, provider: Provider
) -> None:
    provider.clients["other"] = Client("other")
    place = ("--cluster", "spark-dev", "--endpoint", plane.server, "--ca", str(plane.authority))
    shown = skate("login", "--issuer", provider.url, "--client-id", "other", *place)
    assert shown.code == 3
    assert "doesn't accept your token" in shown.err
    assert "skate whoami --offline" in shown.err


def test_a_queue_that_is_none_of_the_persons_is_no_matter_of_the_login(plane: ControlPlane, provider: Provider) -> None:
    log_in(plane, provider)
    shown = skate("ls", "--queue", "ads-batch")
    assert (shown.code, "There is no queue ads-batch that you may use." in shown.err) == (2, True), shown.err


def test_other_programs_of_the_kubeconfig_use_it_too(plane: ControlPlane, provider: Provider) -> None:
    log_in(plane, provider)
    program = (
        "import json, kubernetes\n"
        f"kubernetes.config.load_kube_config(context={CONTEXT!r})\n"
        "answer = kubernetes.client.AuthenticationV1Api().create_self_subject_review(\n"
        "    kubernetes.client.V1SelfSubjectReview())\n"
        "print(json.dumps(answer.status.user_info.username))\n"
    )
    # The client for Python takes SSL_CERT_FILE in place of the kubeconfig's authority, which is another.
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == "oidc:ana@example.com"


def test_a_program_comes_by_its_secret_with_the_rights_of_its_group(
    plane: ControlPlane, provider: Provider, tmp_path: Path
) -> None:
    shown = log_in_as_program(plane, provider, tmp_path)
    assert f"You are oidc:airflow@programs.example.com at {plane.server} (context {PROGRAM_CONTEXT})." in shown.err
    listed = kubectl("get", "pods", "--namespace", "default", context=PROGRAM_CONTEXT)
    assert (listed.returncode, listed.stderr) == (0, "No resources found in default namespace.\n")
    refused = kubectl("get", "secrets", "--namespace", "default", context=PROGRAM_CONTEXT)
    assert 'User "oidc:airflow@programs.example.com" cannot list resource "secrets"' in refused.stderr


def test_a_program_of_no_group_has_no_rights(plane: ControlPlane, provider: Provider, tmp_path: Path) -> None:
    log_in_as_program(plane, provider, tmp_path, groups=None)
    refused = kubectl("get", "pods", "--namespace", "default", context=PROGRAM_CONTEXT)
    assert 'User "oidc:airflow@programs.example.com" cannot list resource "pods"' in refused.stderr


@pytest.mark.parametrize(("says", "shown"), [({"aud": "another"}, "for another (aud)"), ({"email": None}, "has aud")])
def test_a_programs_token_that_the_cluster_refuses_is_shown_beside_what_it_takes(
    plane: ControlPlane, provider: Provider, tmp_path: Path, says: dict[str, Any], shown: str
) -> None:
    ended = log_in_as_program(plane, provider, tmp_path, **says)
    assert ended.code == 3
    assert "doesn't accept the token of the client airflow" in ended.err
    assert shown in ended.err
    assert "usernameClaim is there" in ended.err
