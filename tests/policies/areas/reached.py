"""Rows on the rules about what tenants' roles reach: databases, keys, secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.policies.drafts import rewrite
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import ROLE_POLICY

DATABASE: Final = "arn:aws:glue:eu-central-1:111122223333:database/research"
KEY: Final = "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"
"""Of the tenant research of a development platform, as the platform lists them."""
FOREIGN_SECRET: Final = "arn:aws:ssm:eu-central-1:111122223333:parameter/ads/batch/kafka-login"  # noqa: S105 a name
"""Of another tenant than `search`."""


def jobs(inputs: Mapping[str, Any]) -> bool:
    """Whether a policy is the one of a queue's jobs."""
    return "-queue-" in inputs["role"] and not inputs["role"].endswith(".logs")


def with_action(action: str, change: Mapping[str, Any]) -> Callable[[Any], None]:
    """Changes parts of the first statement of a policy that allows an action."""

    def edit(document: Any) -> None:  # noqa: ANN401 - JSON
        next(one for one in document["Statement"] if action in one["Action"]).update(change)

    return edit


def _for_secrets(service: str, arn: str) -> dict[str, Any]:
    """A condition by which a key may be used through a service, for a parameter."""
    via = {"kms:ViaService": f"{service}.eu-central-1.amazonaws.com"}
    return {"Condition": {"StringEquals": via, "StringLike": {"kms:EncryptionContext:PARAMETER_ARN": [arn]}}}


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="roles-of-tenants-reach-listed-databases",
        stack="research-dev",
        breaks=rewrite(
            ROLE_POLICY,
            "policy",
            with_action("glue:GetTable", {"Resource": [DATABASE.replace("/research", "/search")]}),
            jobs,
        ),
    ),
    Mutation(
        rule="roles-of-tenants-use-listed-keys",
        stack="research-dev",
        breaks=rewrite(
            ROLE_POLICY, "policy", with_action("kms:Decrypt", {"Resource": [KEY.replace("1234", "4321")]}), jobs
        ),
    ),
    Mutation(
        rule="roles-of-tenants-read-listed-secrets",
        stack="search-dev",
        breaks=rewrite(ROLE_POLICY, "policy", with_action("ssm:GetParameter", {"Resource": [FOREIGN_SECRET]}), jobs),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        (
            "roles-of-tenants-read-listed-secrets",
            "search-dev",
            rewrite(ROLE_POLICY, "policy", with_action("ssm:GetParameter", {"Resource": [arn]}), jobs),
            "is not listed for search",
        )
        for arn in (
            "*",
            "arn:aws:ssm:eu-central-1:111122223333:parameter/search*",
            "arn:aws:ssm:eu-central-1:111122223333:parameter/search2/login",
            "arn:aws:ssm:eu-central-1:999922223333:parameter/search/adhoc/kafka-login",
            "arn:aws:secretsmanager:us-east-1:111122223333:secret:search/adhoc/warehouse-a1B2c3",
        )
    ),
    *(
        (
            "roles-of-tenants-use-listed-keys",
            "search-dev",
            rewrite(ROLE_POLICY, "policy", with_action("kms:Decrypt", change), jobs),
            said,
        )
        for change, said in (
            ({"Condition": {}}, "key/* is not listed for search"),
            ({"Action": ["kms:Decrypt", "kms:Encrypt"]}, "key/* is not listed for search"),
            (_for_secrets("s3", FOREIGN_SECRET), "key/* is not listed for search"),
            (_for_secrets("ssm", FOREIGN_SECRET), f"keys of {FOREIGN_SECRET}, which is not listed"),
            (_for_secrets("ssm", "*"), "keys of *, which is not listed"),
        )
    ),
    *(
        (
            "roles-of-tenants-reach-listed-databases",
            "research-dev",
            rewrite(ROLE_POLICY, "policy", with_action("glue:CreateTable", {"Resource": [resource]}), jobs),
            said,
        )
        for resource, said in (
            ("*", "* is not listed for research"),
            (DATABASE.replace("/research", "/*"), "database/* is not listed"),
            (DATABASE.replace("/research", "/res*"), "database/res* is not listed"),
            (DATABASE.replace("1111", "2222"), "is not listed"),
            (DATABASE.replace("database/research", "table/reference/x"), "UpdateTable on arn:aws:glue:eu-central-1"),
            (DATABASE.replace("database/research", "connection/research"), "connection/research is not listed"),
        )
    ),
    *(
        (
            "roles-of-tenants-use-listed-keys",
            "research-dev",
            rewrite(ROLE_POLICY, "policy", with_action("kms:Decrypt", change), jobs),
            said,
        )
        for change, said in (
            ({"Resource": KEY.rpartition("/")[0] + "/*"}, "key/* is not listed for research"),
            ({"Resource": KEY.replace("1234abcd", "12345678")}, "12345678"),
            (
                {
                    "Resource": KEY.rpartition("/")[0] + "/*",
                    "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/theirs"}},
                },
                "alias/theirs is not listed",
            ),
        )
    ),
)

KEPT: Final[tuple[Kept, ...]] = ()
