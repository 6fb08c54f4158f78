"""A policy's resource is as wide as its fixed part says, for every kind of resource that AWS has."""

from __future__ import annotations

import re

import pytest

from policies.arns import KINDS_FILE, is_everything
from tests.aws.arn_kinds import formats, table

VARIABLE = re.compile(r"\$\{[^}]*\}")
ODD = "arn:${Partition}:opsworks-cm::${Account}:backup/${ServerName}-{Date-and-Time-Stamp-of-Backup}"
"""Its second variable isn't written as one."""


def test_the_table_of_kinds_is_current() -> None:
    assert KINDS_FILE.read_text(encoding="utf-8") == table(), "run make arn-kinds"


def test_any_of_a_kind_is_everything_and_one_that_is_named_is_not() -> None:
    for arn in formats():
        head, path = arn.rsplit(":", arn.count(":") - 4)[0], arn.split(":", 5)[5]
        if (
            not VARIABLE.search(path) or arn == ODD or "$" in arn.split(":")[2]
        ):  # a service that may be any has no kinds
            continue
        head = VARIABLE.sub("*", head)
        assert is_everything(f"{head}:{VARIABLE.sub('*', path)}"), arn
        assert not is_everything(f"{head}:{VARIABLE.sub('*', VARIABLE.sub('ours-1', path, count=1))}"), arn


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:s3:*:*:example-lake/*",
        "arn:aws:s3:::example-*",
        "arn:aws:iam::*:role/spark-dev-*",
        "arn:aws:ec2:*:*:key-pair/prod-*",
        "arn:aws:glue:*:*:catalog",
        "arn:aws:new-service:*:*:thing/ours*",
    ],
)
def test_what_is_named_is_not_everything(arn: str) -> None:
    assert not is_everything(arn)
