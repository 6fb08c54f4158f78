"""Rights to use a KMS key, which policies name by its alias: its ARN is known only after deployment."""

from __future__ import annotations

from components.access.iam import Statement
from sizing.arns import Arns


def use_key(account: str, region: str, alias: str) -> Statement:
    """Lets a role encrypt and decrypt, through S3 only, by the key that has this alias.

    The key is named by its alias, because its ARN is known only after deployment.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    return Statement(
        actions=("kms:Decrypt", "kms:GenerateDataKey"),
        resources=(keys(Arns(account, region)),),
        conditions={
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias},
            "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
        },
    )


def keys(arns: Arns) -> str:
    """All KMS keys of the account and region."""
    return f"arn:{arns.partition}:kms:{arns.region}:{arns.account}:key/*"
