"""The secrets that a queue's jobs read, and what of them a platform lets a tenant name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from infra.settings.fields import Model, Pattern, allowed
from sizing.secrets import NAME, PREFIX, Way, secret_of

MAXIMUM_SECRETS = 20
"""Of a queue: each is a call to AWS when a pod starts."""


def _arn(value: str) -> str:
    try:
        secret_of(value)
    except ValueError as error:
        raise allowed(str(error)) from None
    return value


_ARN_SCHEMA: Final = {"type": "string", "pattern": "^arn:aws(-cn|-us-gov)?:(secretsmanager|ssm):", "maxLength": 1024}
SecretArn = Annotated[str, AfterValidator(_arn), WithJsonSchema(_ARN_SCHEMA)]


class QueueSecret(Model):
    """A secret, and how jobs find it."""

    arn: SecretArn
    way: Way = Field(default="file", alias="as")
    """As a file of that name, or as an environment variable of that name."""


@dataclass(frozen=True)
class _OrArn:
    """Marks a secret that may be its ARN alone, for a file."""

    def check(self, value: object, handler: ValidatorFunctionWrapHandler) -> QueueSecret:
        """Reads what a stack file says."""
        if isinstance(value, str):
            return QueueSecret.model_construct(arn=_arn(value))
        if not isinstance(value, dict):
            raise allowed("the whole ARN of a secret or a parameter, or a mapping of `arn` and `as`")
        found: QueueSecret = handler(value)
        return found

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [_ARN_SCHEMA, handler(schema)]}


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
Secrets = Annotated[dict[SecretFile, Annotated[QueueSecret, _OrArn()]], Field(max_length=MAXIMUM_SECRETS)]


def arns_of(secrets: Mapping[str, QueueSecret], way: Way) -> dict[str, str]:
    """The ARNs of those that jobs find in one way, by name, sorted."""
    return {name: secret.arn for name, secret in sorted(secrets.items()) if secret.way == way}
