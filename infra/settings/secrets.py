"""The secrets that a queue's jobs read, and what of them a platform lets a tenant name."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from infra.settings.fields import Pattern, allowed
from sizing.secrets import NAME, PREFIX, secret_of

MAXIMUM_SECRETS = 20
"""Of a queue: each is a call to AWS when a pod starts."""


def _arn(value: str) -> str:
    try:
        secret_of(value)
    except ValueError as error:
        raise allowed(str(error)) from None
    return value


SecretArn = Annotated[
    str,
    AfterValidator(_arn),
    WithJsonSchema({"type": "string", "pattern": "^arn:aws(-cn|-us-gov)?:(secretsmanager|ssm):", "maxLength": 1024}),
]
SecretFile = Annotated[
    str, Pattern(NAME, "1 to 63 letters, digits and _.-, starting with a letter: the name of a file", 63)
]
SecretPrefix = Annotated[
    str,
    Pattern(
        PREFIX,
        "the beginning of names, up to a slash and without it, of letters, digits and _+=.@-, and none of AWS's own "
        "(aws/...)",
        256,
    ),
]
Secrets = Annotated[dict[SecretFile, SecretArn], Field(max_length=MAXIMUM_SECRETS)]
