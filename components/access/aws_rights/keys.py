"""Rights to use KMS keys: the platform's by its alias, as its ARN is known only after deployment, and those of data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from components.access.aws_rights.data import DataLocation
from components.access.iam import Statement
from sizing.arns import Arns

DECRYPT: Final = "kms:Decrypt"
ENCRYPT: Final = "kms:GenerateDataKey"
"""Writing takes both: the parts of an upload are decrypted when they are put together.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
"""


def use_key(account: str, region: str, alias: str) -> Statement:
    """Lets a role encrypt and decrypt, through S3 only, by the key that has this alias.

    The key is named by its alias, because its ARN is known only after deployment.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    return Statement(
        actions=(DECRYPT, ENCRYPT),
        resources=(keys(Arns(account, region)),),
        conditions={
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias},
            "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
        },
    )


def data_keys(data: Sequence[DataLocation]) -> Iterator[Statement]:
    """Lets a role use the keys that data locations name, through S3 of the key's region only.

    An alias stands for the key that has it: by a condition, since as a resource it would only be the alias itself. A
    key's own policy must let the role's account in, where that is another than the key's.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
    """
    writable = {location.kms_key for location in data if location.access == "readWrite"}
    named = sorted({location.kms_key for location in data if location.kms_key})
    for number, key in enumerate(named):
        before, kind, name = key.rpartition(":")[0], *key.rpartition(":")[2].split("/", 1)
        region = key.split(":")[3]
        conditions: dict[str, dict[str, str]] = {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}}
        if kind == "alias":
            conditions["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": f"alias/{name}"}
        yield Statement(
            sid=f"DataKey{number}",
            actions=(DECRYPT, ENCRYPT) if key in writable else (DECRYPT,),
            resources=(f"{before}:key/*" if kind == "alias" else key,),
            conditions=conditions,
        )


def keys(arns: Arns) -> str:
    """All KMS keys of the account and region."""
    return f"arn:{arns.partition}:kms:{arns.region}:{arns.account}:key/*"
