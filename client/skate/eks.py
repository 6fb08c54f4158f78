"""A kubeconfig for a cluster of EKS, as `aws eks update-kubeconfig` writes one, beside whatever else is in the file."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from skate.errors import InputError, LoginError, NotAllowedError, SkateError, UnreachableError

EXEC_VERSION: Final = "client.authentication.k8s.io/v1beta1"
"""Source: aws/aws-cli, awscli/customizations/eks/update_kubeconfig.py (API_VERSION)"""
TIMEOUT_SECONDS: Final = 30
WHO: Final = "Whoever runs the platform can say which cluster and region it is, and which of your roles reaches it."


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a cluster's API is.

    Args:
        server: its address.
        authority: the certificate of who signs for it, as base64 of PEM.
    """

    server: str
    authority: str


def described(cluster: str, region: str | None, profile: str | None) -> Endpoint:
    """Where a cluster's API is, as EKS says; asked by boto3 where that is installed, else by the aws command.

    Raises:
        InputError: there is no such cluster, or neither is installed.
        LoginError, NotAllowedError, UnreachableError: as their names say.
    """
    try:
        import boto3  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        return _of(_asked_by_command(cluster, region, profile))
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped,unused-ignore]

    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        return _of(session.client("eks").describe_cluster(name=cluster)["cluster"])
    except (BotoCoreError, ClientError) as error:
        raise _in_words(cluster, region, str(error)) from error


def from_file(server: str, authority: Path) -> Endpoint:
    """Where a cluster's API is, as somebody told the person.

    Raises:
        InputError: the file holds no certificate.
    """
    try:
        pem = authority.read_bytes()
    except OSError as error:
        raise InputError(f"{authority} can't be read: {error.strerror}.", WHO) from error
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        raise InputError(f"{authority} holds no certificate in PEM.", WHO)
    if not server.startswith("https://"):
        raise InputError(f"{server} is no address of a cluster's API.", "It starts with https://.")
    return Endpoint(server=server, authority=base64.b64encode(pem).decode())


def entries(
    context: str, endpoint: Endpoint, *, cluster: str, region: str | None, profile: str | None, role: str | None
) -> dict[str, Any]:
    """What a kubeconfig says of a cluster: a token is made by `aws eks get-token` whenever one is needed."""
    arguments = [
        *(["--region", region] if region else []),
        *("eks", "get-token", "--cluster-name", cluster, "--output", "json"),
        *(["--role-arn", role] if role else []),
    ]
    plugin = {
        "apiVersion": EXEC_VERSION,
        "command": "aws",
        "args": arguments,
        "env": [{"name": "AWS_PROFILE", "value": profile}] if profile else None,
        "interactiveMode": "IfAvailable",
        "provideClusterInfo": False,
        "installHint": "Install the AWS CLI, version 2: https://aws.amazon.com/cli/",
    }
    server = {"server": endpoint.server, "certificate-authority-data": endpoint.authority}
    return {
        "clusters": [{"name": context, "cluster": server}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        "users": [{"name": context, "user": {"exec": plugin}}],
    }


def added(path: Path, new: dict[str, Any]) -> dict[str, Any]:
    """A kubeconfig with a context more, or a newer one of the same cluster; all others are as they were.

    Raises:
        InputError: another cluster has that context, or the file is no kubeconfig.
    """
    try:
        text = path.read_text(encoding="utf-8")
        there = yaml.safe_load(text) or {}
    except FileNotFoundError:
        there = {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} can't be read as a kubeconfig: {error}", "Mend it, or name another file.") from error
    if not isinstance(there, dict):
        raise InputError(f"{path} is no kubeconfig.", "Name another file: KUBECONFIG.")
    whole: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "preferences": {}, **there}
    for part, (entry,) in new.items():
        others = [each for each in whole.get(part) or () if each.get("name") != entry["name"]]
        same = [each for each in whole.get(part) or () if each.get("name") == entry["name"]]
        if same and not _is_ours(part, same[0], entry):
            raise InputError(
                f"{path} has another {part[:-1]} called {entry['name']}; it is left as it is.",
                "Give this one another name: --context NAME.",
            )
        whole[part] = [*others, entry]
    whole.setdefault("current-context", new["contexts"][0]["name"])
    return whole


def write(path: Path, kubeconfig: dict[str, Any]) -> None:
    """Write a kubeconfig, whole or not at all, for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A link stays one.
    target = path.resolve()
    with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as file:
        file.write(yaml.safe_dump(kubeconfig, sort_keys=False))
    Path(file.name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o600)
    Path(file.name).replace(target)


def _is_ours(part: str, there: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether an entry is of the same cluster, so that a newer one may take its place."""
    match part:
        case "clusters":
            return bool((there.get("cluster") or {}).get("server") == new["cluster"]["server"])
        case "users":
            plugin = (there.get("user") or {}).get("exec") or {}
            return plugin.get("command") == "aws" and "get-token" in (plugin.get("args") or ())
        case _:
            inner = there.get("context") or {}
            return all(inner.get(key) == value for key, value in new["context"].items())


def _asked_by_command(cluster: str, region: str | None, profile: str | None) -> dict[str, Any]:
    program = shutil.which("aws")
    if program is None:
        raise InputError(
            f"Nothing is here to ask EKS where {cluster} is: neither the aws command nor boto3.",
            "Install one of them, or say where it is: --endpoint URL --ca FILE. " + WHO,
        )
    command = [program, "eks", "describe-cluster", "--name", cluster, "--output", "json"]
    command += ["--region", region] if region else []
    environment = {**os.environ, **({"AWS_PROFILE": profile} if profile else {})}
    try:
        done = subprocess.run(  # noqa: S603 - the person's own aws command
            command, capture_output=True, text=True, check=False, env=environment, timeout=TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise UnreachableError(f"EKS gave no answer in {TIMEOUT_SECONDS} seconds.", "Is the network there?") from error
    if done.returncode:
        raise _in_words(cluster, region, done.stderr.strip())
    answer: dict[str, Any] = json.loads(done.stdout)["cluster"]
    return answer


def _of(cluster: dict[str, Any]) -> Endpoint:
    if not cluster.get("endpoint"):
        raise UnreachableError(f"The cluster is {cluster.get('status', 'not there yet')}: it has no address.", WHO)
    return Endpoint(server=cluster["endpoint"], authority=cluster["certificateAuthority"]["data"])


def _in_words(cluster: str, region: str | None, message: str) -> SkateError:
    if "ResourceNotFound" in message:
        where = f"in {region}" if region else "in your profile's region"
        return InputError(f"There is no cluster {cluster} {where}.", WHO)
    if "AccessDenied" in message:
        return NotAllowedError(
            f"You may not ask EKS where {cluster} is: {message}",
            "Say where it is: --endpoint URL --ca FILE. Whoever runs the platform knows both.",
        )
    if "connect" in message.lower() or "timeout" in message.lower():
        return UnreachableError(f"EKS can't be reached: {message}", "Is the network there, and the region right?")
    return LoginError(
        f"AWS doesn't know you: {message}", "Log in to AWS, such as by `aws sso login`, or name your --profile."
    )
