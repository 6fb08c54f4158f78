"""What a queue's role reaches beside objects: exactly the databases and keys that the queue names."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.access.aws_rights.data import DataLocation
from components.access.aws_rights.glue import glue_statements
from components.access.iam import policy_document
from components.queue.identity import queue_statements
from tests.components.queue.test_identity import ARGS, ARNS
from tests.iam_eval import Request, allowed

Access = Literal["read", "readWrite"]
READING = ("glue:GetTable", "glue:GetTables")
WRITING = ("glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable")
NOBODYS = (
    "glue:BatchDeleteTable",
    "glue:CreateDatabase",
    "glue:DeleteDatabase",
    "glue:GetConnection",
    "glue:GetDatabases",
    "glue:GetSecurityConfiguration",
    "glue:PutResourcePolicy",
    "glue:UpdateDatabase",
)
KEY = "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = "arn:aws:kms:eu-central-1:999988887777:alias/partners"
VIA_S3 = {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}


def with_databases(databases: dict[str, Access]) -> str:
    return policy_document(*queue_statements(replace(ARGS, databases=databases)))


def permits(policy: str, action: str, database: str, table: str) -> bool:
    """Whether Glue lets a request pass: it asks for the right on the table and on all that the table is in."""
    resources = ["catalog", f"database/{database}", *([f"table/{database}/{table}"] if table else [])]
    return all(allowed(policy, Request(action=action, resource=ARNS.glue(resource))) for resource in resources)


names = st.from_regex(r"[ab_]{1,3}", fullmatch=True)


@given(st.dictionaries(names, st.sampled_from(["read", "readWrite"]), max_size=3), names, names)
def test_a_role_uses_tables_of_the_named_databases_alone_and_as_they_are_named(
    databases: dict[str, Access], database: str, table: str
) -> None:
    policy = with_databases(databases)
    for action in READING:
        assert permits(policy, action, database, table) == (database in databases)
    for action in WRITING:
        assert permits(policy, action, database, table) == (databases.get(database) == "readWrite")
    assert permits(policy, "glue:GetDatabase", database, "") == (database in databases)


@pytest.mark.parametrize("action", NOBODYS)
def test_no_role_does_more_in_glue_than_its_tables_need(action: str) -> None:
    policy = with_databases({"sales": "readWrite"})
    for resource in ("catalog", "database/sales", "table/sales/orders", "connection/x", "userDefinedFunction/sales/f"):
        assert not allowed(policy, Request(action=action, resource=ARNS.glue(resource)))


@pytest.mark.parametrize("other", ["arn:aws:glue:eu-west-1:111122223333", "arn:aws:glue:eu-central-1:444455556666"])
def test_a_database_of_the_same_name_elsewhere_is_another(other: str) -> None:
    policy = with_databases({"sales": "readWrite"})
    assert not allowed(policy, Request(action="glue:GetTable", resource=f"{other}:table/sales/orders"))


def test_a_name_that_would_mean_more_to_iam_is_refused() -> None:
    with pytest.raises(ValueError, match=r"sales\*"):
        list(glue_statements(ARNS, {"sales*": "read"}))
    with pytest.raises(ValueError, match=r"key/\* *: IAM would read \*|IAM would read"):
        DataLocation(bucket="lake", prefix="", access="read", kms_key="arn:aws:kms:eu-central-1:999988887777:key/*")


def with_keys(*data: tuple[Access, str | None]) -> str:
    locations = [
        DataLocation(bucket=f"lake{number}", prefix="", access=access, kms_key=key)
        for number, (access, key) in enumerate(data)
    ]
    return policy_document(*queue_statements(replace(ARGS, data=tuple(locations))))


def uses(policy: str, key: str, **context: str | tuple[str, ...]) -> set[str]:
    """What a policy lets be done with a key."""
    actions = ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:CreateGrant", "kms:DescribeKey")
    asked = {name.replace("_", ":"): value for name, value in context.items()} or VIA_S3
    return {
        action.removeprefix("kms:")
        for action in actions
        if allowed(policy, Request(action=action, resource=key, context=asked))
    }


def test_data_is_read_by_the_named_key_through_s3_of_its_region_and_by_no_other() -> None:
    policy = with_keys(("read", KEY), ("readWrite", None))
    assert uses(policy, KEY) == {"Decrypt"}
    assert uses(policy, KEY.replace("1234abcd", "1234abce")) == set()
    assert uses(policy, KEY.replace("9999", "1111")) == set()
    assert uses(policy, KEY, kms_ViaService="s3.eu-west-1.amazonaws.com") == set()
    assert uses(policy, KEY, kms_ViaService="secretsmanager.eu-central-1.amazonaws.com") == set()
    assert uses(policy, KEY, aws_x="y") == set()


def test_data_is_written_by_the_key_too_where_any_of_what_it_encrypts_is() -> None:
    policy = with_keys(("read", KEY), ("readWrite", KEY))
    assert uses(policy, KEY) == {"Decrypt", "GenerateDataKey"}


def test_an_alias_stands_for_the_key_that_has_it_in_its_account() -> None:
    policy = with_keys(("readWrite", ALIAS))
    aliases: dict[str, str | tuple[str, ...]] = {
        "kms_ViaService": VIA_S3["kms:ViaService"],
        "kms_ResourceAliases": ("alias/x", "alias/partners"),
    }
    assert uses(policy, KEY, **aliases) == {"Decrypt", "GenerateDataKey"}
    assert uses(policy, KEY.replace("9999", "1111"), **aliases) == set()
    assert uses(policy, KEY, **{**aliases, "kms_ResourceAliases": ("alias/partners2",)}) == set()
    assert uses(policy, KEY) == set()
