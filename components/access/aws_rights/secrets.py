"""Rights to read secrets: of Secrets Manager, and parameters of Systems Manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from components.access.aws_rights.keys import keys
from components.access.iam import Statement
from sizing.arns import Arns
from sizing.secrets import Service, secret_of

_READ: Final[Mapping[Service, tuple[str, str, str]]] = {
    "secretsmanager": ("Secrets", "secretsmanager:GetSecretValue", "SecretARN"),
    "ssm": ("Parameters", "ssm:GetParameter", "PARAMETER_ARN"),
}
"""By service: how the statement is called, the action, and where KMS learns which secret a key is asked for.

Sources: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html;
https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
"""

_KINDS: Final[Mapping[Service, str]] = {"secretsmanager": "secret:", "ssm": "parameter/"}
"""What stands before a name in an ARN."""


def secret_statements(arns: Arns, secrets: Sequence[str]) -> Iterator[Statement]:
    """Lets a role read secrets by their ARNs, and nothing else of their kind.

    A secret may be encrypted by any key of the account that leaves its use to IAM, for that secret alone.
    """
    for service in _READ:
        yield from _statements(arns, service, sorted({arn for arn in secrets if secret_of(arn).service == service}))


def secret_prefix_statements(arns: Arns, prefixes: Sequence[str]) -> Iterator[Statement]:
    """The same for all whose names are below a prefix, as a boundary has it."""
    for service in _READ:
        place = f"arn:{arns.partition}:{service}:{arns.region}:{arns.account}:{_KINDS[service]}"
        yield from _statements(arns, service, [f"{place}{prefix}/*" for prefix in sorted(prefixes)])


def _statements(arns: Arns, service: Service, resources: Sequence[str]) -> Iterator[Statement]:
    if not resources:
        return
    sid, action, context = _READ[service]
    yield Statement(sid=sid, actions=(action,), resources=resources)
    yield Statement(
        sid=f"{sid}Keys",
        actions=("kms:Decrypt",),
        resources=(keys(arns),),
        conditions={
            "StringEquals": {"kms:ViaService": f"{service}.{arns.region}.amazonaws.com"},
            "StringLike": {f"kms:EncryptionContext:{context}": list(resources)},
        },
    )
