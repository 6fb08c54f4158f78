"""AWS by a role that the tenant's stack makes for a queue's people. Needs boto3 (`elastic-spark-client[aws]`)."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from skate.card import QueueCard
from skate.errors import InputError, LoginError, NotAllowedError, SkateError, UnreachableError

SESSION: Final = "skate"
EXPIRED: Final = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")
NO_LOGIN: Final = ("NoCredentialsError", "SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError")
"""Classes of botocore's errors."""
DENIED: Final = ("AccessDenied", "AccessDeniedException")


def connected(
    card: QueueCard, role: str, services: tuple[str, ...], *, region: str | None, purpose: str, endpoint: str | None
) -> dict[str, Any]:
    """Clients of AWS's services, by their names, as a role of a queue.

    Args:
        card: the queue's.
        role: its ARN.
        services: such as `s3`.
        region: where they are.
        purpose: what is done by them, a sentence without its end.
        endpoint: of all of them and of STS, where it isn't AWS's own.

    Raises:
        InputError: boto3 isn't installed.
        LoginError, NotAllowedError, UnreachableError: as their names say.
    """
    needed(purpose)
    import boto3  # type: ignore[import-untyped]

    session = boto3.Session(region_name=region)
    with told(card, f"taking the role {role}", LoginError):
        given = session.client("sts", endpoint_url=endpoint).assume_role(RoleArn=role, RoleSessionName=SESSION)
    keys = {
        "aws_access_key_id": given["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": given["Credentials"]["SecretAccessKey"],
        "aws_session_token": given["Credentials"]["SessionToken"],
    }
    return {name: session.client(name, endpoint_url=endpoint, **keys) for name in services}


def needed(purpose: str) -> None:
    """Say so where boto3 isn't installed.

    Args:
        purpose: what is done by it, a sentence without its end.

    Raises:
        InputError: it isn't.
    """
    if importlib.util.find_spec("boto3") is None:
        raise InputError(
            f"{purpose} by boto3, which isn't installed.", "Install it: pip install 'elastic-spark-client[aws]'"
        )


@contextmanager
def told(card: QueueCard, doing: str, refused: type[SkateError] = UnreachableError) -> Iterator[None]:
    """Says to a person what goes wrong in AWS.

    Args:
        card: the queue's, whose tenant can help.
        doing: what was being done, such as `uploading job.py`.
        refused: what is raised where AWS refuses for a reason that isn't the person.
    """
    try:
        yield
    except SkateError:
        raise
    except Exception as error:
        raise _in_words(card, doing, refused, error) from error


def _in_words(card: QueueCard, doing: str, refused: type[SkateError], error: Exception) -> SkateError:
    from boto3.exceptions import S3UploadFailedError  # type: ignore[import-untyped]
    from botocore.exceptions import ClientError, HTTPClientError  # type: ignore[import-untyped]

    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code in DENIED:
        return NotAllowedError(
            f"AWS does not let you, {doing}.",
            f"An owner of {card.tenant} can let you: your IAM principal under `people` of the tenant's stack file, "
            "with the purpose `submitter`.",
        )
    if code in EXPIRED or type(error).__name__ in NO_LOGIN:
        return LoginError(
            f"You have no login to AWS, or it has expired, {doing}.",
            "Log in, such as by `aws sso login`, or set AWS_PROFILE.",
        )
    if isinstance(error, HTTPClientError):
        return UnreachableError(
            f"AWS can't be reached, {doing}: {error}", "Is the network there? Then try again: it starts over."
        )
    if isinstance(error, S3UploadFailedError):
        return refused(f"It broke off, {doing}: {error}", "Try again: it starts over.")
    return refused(f"It can't be done, {doing}: {error}", "Try again; if it stays so, tell an owner.")
