"""IAM documents, read one way by rules and pictures; `tests.iam_eval` decides the same documents by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.iam import allowed, covers, meet, read
from tests import iam_eval

PATTERN = st.text("ab*?", max_size=5)
TEXT = st.text("ab", max_size=5)
ACTION = st.sampled_from(
    ["s3:GetObject", "S3:getobject", "s3:Get*", "s3:*", "*", "s3:PutObject", "kms:*", "s3:Get?bject"]
)
PLACE = st.sampled_from(["*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/b", "arn:aws:s3:::?/*", "arn:aws:s3:::b/*"])
STATEMENT = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Action": ACTION | st.lists(ACTION, min_size=1, max_size=2),
        "Resource": PLACE | st.lists(PLACE, min_size=1, max_size=2),
    }
)
DOCUMENT = st.lists(STATEMENT, min_size=1, max_size=4).map(lambda found: {"Version": "2012-10-17", "Statement": found})
OBJECTS = ("arn:aws:s3:::a/b", "arn:aws:s3:::a/c", "arn:aws:s3:::b/b", "arn:aws:s3:::cc/b")


def document(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def where(text: str, action: str = "s3:GetObject") -> list[str]:
    return [resources for _, resources in allowed(read(text), action)]


@given(DOCUMENT, st.sampled_from(["s3:GetObject", "s3:PutObject", "kms:Decrypt"]))
def test_whatever_a_document_permits_is_in_what_is_read_as_allowed(content: dict[str, object], action: str) -> None:
    text = json.dumps(content)
    for arn in OBJECTS:
        permitted = iam_eval.allowed(text, iam_eval.Request(action=action, resource=arn))
        read_so = any(covers(pattern, arn) for pattern in where(text, action))
        assert read_so or not permitted
        if "Deny" not in text:
            assert permitted == read_so


@given(PATTERN, TEXT)
def test_a_pattern_covers_the_texts_that_it_matches(pattern: str, text: str) -> None:
    assert covers(pattern, text) == iam_eval.like(pattern, text)
    assert meet(pattern, text) == iam_eval.like(pattern, text)


@given(PATTERN, PATTERN)
def test_patterns_meet_where_some_text_matches_both(one: str, other: str) -> None:
    short = [""]
    for _ in range(6):
        short += [text + letter for text in short if len(text) == len(short[-1]) for letter in "ab"]
    common = any(iam_eval.like(one, text) and iam_eval.like(other, text) for text in short)
    assert meet(one, other) or not common
    assert common or not meet(one, other) or max(len(one), len(other)) > 3


@given(PATTERN, PATTERN, TEXT)
def test_what_a_pattern_covers_it_matches_all_of(wide: str, narrow: str, text: str) -> None:
    if covers(wide, narrow) and iam_eval.like(narrow, text):
        assert iam_eval.like(wide, text)


def test_a_document_is_read_from_its_text_and_from_json_alike() -> None:
    one = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
    assert list(read(document(one))) == list(read({"Statement": one}))


@pytest.mark.parametrize("action", ["s3:GetObject", "S3:GETOBJECT", "s3:get*", "s?:*", "*"])
def test_an_action_is_named_in_any_case_and_by_wildcards(action: str) -> None:
    assert where(document({"Effect": "Allow", "Action": action, "Resource": ["x", "y"]})) == ["x", "y"]


@pytest.mark.parametrize(("excepted", "found"), [("s3:get*", []), (["iam:*", "S3:PutObject"], ["x"])])
def test_not_action_is_every_action_but_those(excepted: object, found: list[str]) -> None:
    assert where(document({"Effect": "Allow", "NotAction": excepted, "Resource": "x"})) == found


ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]}


@pytest.mark.parametrize(
    ("denial", "left"),
    [
        ({"Action": "s3:getobject", "Resource": "arn:aws:s3:::a/*"}, ["b"]),
        ({"Action": "s3:GetObject", "Resource": "*"}, []),
        ({"Action": "s3:PutObject", "Resource": "*"}, ["a", "b"]),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/secret/*"}, ["a", "b"]),
        ({"NotAction": "kms:*", "Resource": "arn:aws:s3:::b/*"}, ["a"]),
        ({"NotAction": "s3:Get*", "Resource": "*"}, ["a", "b"]),
        ({"Action": "*", "NotResource": "arn:aws:s3:::b/some/*"}, ["b"]),
        ({"Action": "*", "NotResource": "arn:aws:s3:::c/*"}, []),
        ({"Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, ["a", "b"]),
    ],
)
def test_a_deny_takes_what_it_refuses_whole(denial: dict[str, object], left: list[str]) -> None:
    found = where(document(ALLOW, {"Effect": "Deny", **denial}))
    assert [re.sub(r".*:|/\*", "", one) for one in found] == left


def test_of_not_resource_it_is_told_what_is_left_out() -> None:
    ((statement, resources),) = allowed(
        read(document({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::a/*"})), "s3:GetObject"
    )
    assert (resources, statement.resources_but) == ("*", ("arn:aws:s3:::a/*",))
