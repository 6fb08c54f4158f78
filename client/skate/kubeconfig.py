"""The person's login to a cluster: their kubeconfig, as kubectl reads it, or the account of the pod around it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import yaml
from lightkube import KubeConfig
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ConfigError

from skate.errors import LoginError

EXEC_API: Final = "client.authentication.k8s.io"
FILES: Final = {
    "clusters": ("cluster", ("certificate-authority",)),
    "users": ("user", ("client-certificate", "client-key", "tokenFile")),
}
"""What in a kubeconfig names files, beside which other names stand; relative ones are meant from the kubeconfig."""
NO_LOGIN: Final = (
    "Make one with `skate login --cluster NAME --region REGION`, or have whoever runs the platform send you a "
    "kubeconfig and name it in KUBECONFIG."
)


def load(context: str | None = None, kubeconfig: Path | None = None) -> SingleConfig:
    """A context of the person's kubeconfig; without one, in a pod, the pod's own account.

    Args:
        context: its name; if not given, the current one.
        kubeconfig: the file; if not given, those that KUBECONFIG lists, or ~/.kube/config.

    Raises:
        LoginError: there is none, it can't be read, or it has no such context.
    """
    paths = [kubeconfig] if kubeconfig else kubeconfig_files()
    there = [path for path in paths if path.is_file()]
    if not there:
        return _of_the_pod(paths)
    return _chosen(_merged([(path, _text(path)) for path in there]), context, ", ".join(map(str, there)))


def loads(text: str, context: str | None = None, name: str = "The kubeconfig") -> SingleConfig:
    """A context of a kubeconfig that is no file; files that it names are meant from the folder of the process.

    Args:
        text: the kubeconfig.
        context: its name; if not given, the current one.
        name: how errors call it.

    Raises:
        LoginError: it can't be read, or has no such context.
    """
    return _chosen(_merged([(Path(name), text)]), context, name)


def _chosen(merged: dict[str, Any], context: str | None, of: str) -> SingleConfig:
    name = context or merged.get("current-context")
    if not name:
        raise LoginError(
            f"{of} has no current context.", "Name one: --context NAME, or `kubectl config use-context NAME`."
        )
    known = [each.get("name") for each in merged["contexts"]]
    if name not in known:
        raise LoginError(
            f"There is no context {name} in {of}.",
            f"There are: {', '.join(sorted(map(str, known))) or 'none'}.",
        )
    try:
        config = KubeConfig.from_dict(merged).get(context_name=name)
    except (ConfigError, KeyError, TypeError, ValueError) as error:
        raise LoginError(f"The context {name} of {of} can't be used: {error}.", NO_LOGIN) from error
    if config is None:
        raise LoginError(f"The context {name} of {of} names no cluster.", NO_LOGIN)
    return config


def kubeconfig_files() -> list[Path]:
    """The person's kubeconfigs, of which the first gets what is new: those of KUBECONFIG, or ~/.kube/config."""
    named = os.environ.get("KUBECONFIG", "")
    return [Path(each).expanduser() for each in named.split(os.pathsep) if each] or [Path.home() / ".kube" / "config"]


def _of_the_pod(tried: list[Path]) -> SingleConfig:
    try:
        config = KubeConfig.from_service_account().get()
    except (ConfigError, KeyError, OSError) as error:
        raise LoginError(f"You have no kubeconfig: {', '.join(map(str, tried))} isn't there.", NO_LOGIN) from error
    if config is None:
        raise LoginError("The pod's account can't be used.", NO_LOGIN)
    return config


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LoginError(f"{path} can't be read as a kubeconfig: {error}", NO_LOGIN) from error


def _merged(texts: list[tuple[Path, str]]) -> dict[str, Any]:
    """Several kubeconfigs as one: of two things with one name, the first counts, as with kubectl."""
    merged: dict[str, Any] = {"clusters": [], "contexts": [], "users": []}
    for path, text in texts:
        try:
            content = yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            raise LoginError(f"{path} can't be read as a kubeconfig: {error}", NO_LOGIN) from error
        if not isinstance(content, dict):
            raise LoginError(f"{path} is no kubeconfig.", NO_LOGIN)
        for part in ("clusters", "contexts", "users"):
            seen = {each["name"] for each in merged[part]}
            merged[part] += [_usable(part, each, path) for each in content.get(part) or () if each["name"] not in seen]
        if content.get("current-context"):
            merged.setdefault("current-context", content["current-context"])
    return merged


def _usable(part: str, entry: dict[str, Any], path: Path) -> dict[str, Any]:
    if part not in FILES:
        return entry
    key, files = FILES[part]
    inner = dict(entry.get(key) or {})
    for each in files:
        if inner.get(each):
            inner[each] = str(path.parent / Path(inner[each]).expanduser())
    if isinstance(inner.get("exec"), dict):
        inner["exec"] = _plugin(inner["exec"])
    return {**entry, key: inner}


def _plugin(plugin: dict[str, Any]) -> dict[str, Any]:
    """A credential plugin that is told what kubectl tells it; version v1 answers as v1beta1 does.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
    """
    version = str(plugin.get("apiVersion", f"{EXEC_API}/v1beta1"))
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    told = {"name": "KUBERNETES_EXEC_INFO", "value": json.dumps(info)}
    return {
        **plugin,
        "apiVersion": f"{EXEC_API}/v1beta1" if version == f"{EXEC_API}/v1" else version,
        "env": [*(plugin.get("env") or ()), told],
    }
