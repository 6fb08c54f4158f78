"""A person's login, as kubectl reads it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from skate import kubeconfig
from skate.errors import LoginError


def write(
    path: Path, *, context: str = "dev", server: str = "https://dev.example", user: dict[str, Any] | None = None
) -> Path:
    """A kubeconfig of one context."""
    content = {
        "current-context": context,
        "clusters": [{"name": context, "cluster": {"server": server, "certificate-authority": "ca.crt"}}],
        "users": [{"name": context, "user": user or {"token": "t"}}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content))
    return path


def test_several_files_are_one_and_the_first_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b", server="https://other.example")
    third = write(tmp_path / "c", context="prod", server="https://prod.example")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, (first, second, tmp_path / "none", third))))
    assert kubeconfig.load().cluster.server == "https://dev.example"
    assert kubeconfig.load("prod").cluster.server == "https://prod.example"


def test_files_beside_it_are_found_from_anywhere(tmp_path: Path) -> None:
    config = kubeconfig.load(kubeconfig=write(tmp_path / "deep" / "config"))
    assert config.cluster.certificate_auth == str(tmp_path / "deep" / "ca.crt")


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_credential_plugin_of_either_version_is_told_what_kubectl_tells_it(tmp_path: Path, version: str) -> None:
    api = f"client.authentication.k8s.io/{version}"
    plugin = {
        "apiVersion": api,
        "command": "aws",
        "args": ["eks", "get-token"],
        "env": [{"name": "AWS_PROFILE", "value": "x"}],
    }
    user = kubeconfig.load(kubeconfig=write(tmp_path / "config", user={"exec": plugin})).user
    assert user is not None
    assert user.exec is not None
    told = {each.name: each.value for each in user.exec.env or ()}
    assert told["AWS_PROFILE"] == "x"
    assert json.loads(told["KUBERNETES_EXEC_INFO"])["apiVersion"] == api


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no current context"),
        ("[1]", "is no kubeconfig"),
        ("a: [", "can't be read"),
        ("current-context: x\ncontexts: []\n", "There is no context x"),
        ("current-context: x\ncontexts: [{name: x, context: {cluster: y, user: y}}]\n", "can't be used"),
    ],
)
def test_what_is_no_login_is_said(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(LoginError, match=what):
        kubeconfig.load(kubeconfig=tmp_path / "config")


def test_without_a_kubeconfig_the_remedy_is_skate_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(LoginError, match="skate login"):
        kubeconfig.load()
