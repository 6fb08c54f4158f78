"""Statements that a pipeline of a tenant could add to a role: what the pack lets by of tables, keys and secrets."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from tests.policies.drafts import Draft, draft

GLUE: Final = "arn:aws:glue:eu-central-1:111122223333:"
KEY: Final = "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEYS: Final = "arn:aws:kms:eu-central-1:111122223333:key/*"
STORED: Final = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:"
PARAMETER: Final = "arn:aws:ssm:eu-central-1:111122223333:parameter/"
TABLES, OF_KEYS, STORES = (
    f"roles-of-tenants-{what}" for what in ("reach-listed-databases", "use-listed-keys", "read-listed-secrets")
)
ROLES: Final = {"research-dev": "spark-dev-research-explore", "search-dev": "spark-dev-search-adhoc"}


def by_s3(**conditions: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"Condition": {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}, **conditions}}


def own_key(operator: str = "ForAnyValue:StringEquals", alias: str = "alias/spark-dev-data") -> dict[str, Any]:
    return by_s3(**{operator: {"kms:ResourceAliases": alias}})


def for_secret(arn: str) -> dict[str, Any]:
    via = {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}
    return {"Condition": {"StringEquals": via, "StringLike": {"kms:EncryptionContext:SecretARN": arn}}}


def messages(rule: str, stack: str, **statement: Any) -> list[str]:  # noqa: ANN401
    """What a rule says of a role with one more policy."""

    def edit(made: Draft) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
        made.add("aws:iam/rolePolicy:RolePolicy", role=ROLES[stack], name="more", policy=document)

    return [found.message for found in draft(stack, edit).findings() if found.rule == rule]


WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    *(
        (TABLES, "research-dev", {"Action": action, "Resource": f"{GLUE}{where}"}, said)
        for action, where, said in (
            ("glue:GetTable", "table/ads/*", "not listed"),
            ("GLUE:GETTABLE", "table/ads/*", "not listed"),
            ("gl?e:GetTable", "table/ads/*", "not listed"),
            ("g*:GetTable", "table/ads/*", "not listed"),
            ("*:*", "table/ads/*", "not listed"),
            ("glue:GetTable", "table/research*/*", "not listed"),
            ("glue:GetTable", "table/researc?/*", "not listed"),
            ("glue:GetUserDefinedFunction", "userDefinedFunction/research/*", "not listed"),
            ("glue:CreateDatabase", "catalog", "no use of tables"),
            ("glue:DeleteDatabase", "database/research", "no use of tables"),
            ("glue:GetDatabases", "catalog", "no use of tables"),
            ("glue:GetResourcePolicies", "catalog", "no use of tables"),
            ("glue:PutResourcePolicy", "catalog", "no use of tables"),
            ("glue:Get*", "catalog", "no use of tables"),
            ("glue:BatchDeleteTable", "table/reference/*", "listed for reading"),
            ("glue:CreatePartition", "table/reference/*", "listed for reading"),
        )
    ),
    (TABLES, "research-dev", {"NotAction": "s3:*", "Resource": f"{GLUE}table/ads/*"}, "not listed"),
    (TABLES, "research-dev", {"Action": "glue:GetTable", "NotResource": f"{GLUE}table/ads/*"}, "not listed"),
    *(
        (OF_KEYS, "research-dev", {"Action": action, "Resource": resource, **condition}, said)
        for action, resource, condition, said in (
            ("kms:Decrypt", KEY, {}, "more than objects of S3"),
            ("kms:Decrypt", KEY, {"Condition": {"StringLike": {"kms:ViaService": "*"}}}, "more than objects"),
            ("kms:CreateGrant", KEY, by_s3(), "kms:CreateGrant"),
            ("kms:GenerateDataKey", KEY, by_s3(), "listed for read"),
            ("kms:ReEncrypt*", KEYS, own_key(), "kms:ReEncrypt*"),
            ("kms:ScheduleKeyDeletion", KEYS, own_key(), "kms:ScheduleKeyDeletion"),
            ("k*:Decrypt", KEYS, {}, "not listed"),
            ("kms:Decrypt", KEYS, own_key(alias="alias/spark-dev-secrets"), "not listed"),
            ("kms:Decrypt", KEYS, own_key(alias="alias/*", operator="ForAnyValue:StringLike"), "not listed"),
            ("kms:Decrypt", KEYS, own_key(operator="ForAllValues:StringEquals"), "not listed"),
            ("kms:Decrypt", KEYS, own_key(operator="ForAnyValue:StringEqualsIfExists"), "not listed"),
            ("kms:Decrypt", KEY.replace("eu-central-1", "*"), by_s3(), "not listed"),
        )
    ),
    *(
        (OF_KEYS, "search-dev", {"Action": "kms:Decrypt", "Resource": resource, **for_secret(arn)}, said)
        for resource, arn, said in (
            (KEYS, f"{STORED}ads/x-a1B2c3", "which is not listed"),
            (KEYS, f"{STORED}*", "which is not listed"),
            (KEYS.replace("1111", "9999"), f"{STORED}search/x-a1B2c3", "not listed"),
            (KEYS.replace("eu-central-1", "*"), f"{STORED}search/x-a1B2c3", "not listed"),
        )
    ),
    *(
        (STORES, "search-dev", {"Action": action, "Resource": resource}, said)
        for action, resource, said in (
            ("secretsmanager:Get?ecretValue", f"{STORED}ads/x-a1B2c3", "not listed"),
            ("SecretsManager:GetSecretValue", f"{STORED}ads/x-a1B2c3", "not listed"),
            ("secrets*:GetSecretValue", f"{STORED}ads/x-a1B2c3", "not listed"),
            ("secretsmanager:GetSecretValue", f"{STORED}search/x", "not listed"),
            ("secretsmanager:GetSecretValue", f"{STORED}search/x-??????", "not listed"),
            ("secretsmanager:BatchGetSecretValue", "*", "not listed"),
            ("secretsmanager:PutSecretValue", f"{STORED}search/x-a1B2c3", "read and no more"),
            ("secretsmanager:PutResourcePolicy", f"{STORED}search/x-a1B2c3", "read and no more"),
            ("secretsmanager:Get*", f"{STORED}search/x-a1B2c3", "read and no more"),
            ("ssm:GetParametersByPath", f"{PARAMETER}search", "not listed"),
            ("ssm:GetParameterHistory", f"{PARAMETER}search/x", "read and no more"),
            ("ssm:PutParameter", f"{PARAMETER}search/x", "read and no more"),
        )
    ),
]


@pytest.mark.parametrize(("rule", "stack", "statement", "said"), WRONG)
def test_a_right_beyond_what_is_listed_is_found(rule: str, stack: str, statement: dict[str, Any], said: str) -> None:
    found = messages(rule, stack, **statement)
    assert any(said in message for message in found), found


@pytest.mark.parametrize(
    ("rule", "stack", "statement"),
    [
        (TABLES, "research-dev", {"Action": "glue:BatchGetPartition", "Resource": f"{GLUE}table/reference/*"}),
        (
            TABLES,
            "research-dev",
            {"Action": "glue:DeleteTable", "Resource": [f"{GLUE}catalog", f"{GLUE}table/research/x"]},
        ),
        (TABLES, "research-dev", {"Action": ["glue:GetTable", "s3:GetObject"], "Resource": f"{GLUE}table/research/*"}),
        (OF_KEYS, "research-dev", {"Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": KEY, **by_s3()}),
        (OF_KEYS, "research-dev", {"Action": "kms:GenerateDataKey", "Resource": KEYS, **own_key()}),
        (OF_KEYS, "search-dev", {"Action": "kms:Decrypt", "Resource": KEYS, **for_secret(f"{STORED}search/x-a1B2c3")}),
        (STORES, "search-dev", {"Action": "secretsmanager:GetSecretValue", "Resource": f"{STORED}search/x-a1B2c3"}),
        (STORES, "search-dev", {"Action": "ssm:GetParameters", "Resource": f"{PARAMETER}search/x/y"}),
    ],
)
def test_a_right_to_what_is_listed_is_fine(rule: str, stack: str, statement: dict[str, Any]) -> None:
    assert messages(rule, stack, **statement) == []
