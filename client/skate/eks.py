"""Where a cluster of EKS is, and what makes tokens for it, as `aws eks update-kubeconfig` writes it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any, Final

from skate.contexts import Endpoint
from skate.errors import InputError, LoginError, NotAllowedError, SkateError, UnreachableError

EXEC_VERSION: Final = "client.authentication.k8s.io/v1beta1"
"""Source: aws/aws-cli, awscli/customizations/eks/update_kubeconfig.py (API_VERSION)"""
TIMEOUT_SECONDS: Final = 30
WHO: Final = "Whoever runs the platform can say which cluster and region it is, and which of your roles reaches it."


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


def token_plugin(*, cluster: str, region: str | None, profile: str | None, role: str | None) -> dict[str, Any]:
    """What makes tokens for a cluster, as a kubeconfig has it: `aws eks get-token`, whenever one is needed."""
    arguments = [
        *(["--region", region] if region else []),
        *("eks", "get-token", "--cluster-name", cluster, "--output", "json"),
        *(["--role-arn", role] if role else []),
    ]
    return {
        "apiVersion": EXEC_VERSION,
        "command": "aws",
        "args": arguments,
        "env": [{"name": "AWS_PROFILE", "value": profile}] if profile else None,
        "interactiveMode": "IfAvailable",
        "provideClusterInfo": False,
        "installHint": "Install the AWS CLI, version 2: https://aws.amazon.com/cli/",
    }


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
