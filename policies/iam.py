"""IAM documents as rules read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from policies.model import Resource
from policies.values import Json, plain

ROLE_POLICIES: Final = (
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
)
"""Policies of those who act; a policy of a bucket or a key speaks of that one alone."""
ROLE: Final = "aws:iam/role:Role"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy, single values made lists.

    Attributes:
        sid: its name; empty for none.
        allows: whether its effect is Allow.
        actions: what it allows or denies; NotAction counts as `*`.
        resources: on what; NotResource counts as `*`; empty in a trust policy.
        principals: who, by kind; `*` is `{"*": ["*"]}`.
        conditions: by operator, then by key.
    """

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: Mapping[str, list[str]]
    conditions: Mapping[str, Mapping[str, list[str]]]


def statements_of(resource: Resource, document: str = "policy") -> Iterator[Statement]:
    """The statements of a policy document of a resource, and of a role's inline policies too.

    Args:
        resource: that has it.
        document: the property that holds its JSON text.

    Raises:
        NotKnown: the document is not known yet.
    """
    texts = [resource.props[document]] if resource.props.get(document) else []
    for text in texts:
        found = json.loads(text) if isinstance(text, str) else plain(text)
        statements = found.get("Statement", [])
        for statement in statements if isinstance(statements, list) else [statements]:
            yield _statement(statement)


def _statement(statement: Mapping[str, Json]) -> Statement:
    principal = statement.get("Principal", {})
    return Statement(
        sid=statement.get("Sid", ""),
        allows=statement["Effect"] == "Allow",
        actions=("*",) if "NotAction" in statement else tuple(_list(statement.get("Action", []))),
        resources=("*",) if "NotResource" in statement else tuple(_list(statement.get("Resource", []))),
        principals={kind: _list(who) for kind, who in ({"*": "*"} if principal == "*" else principal).items()},
        conditions={
            operator: {key: _list(values) for key, values in keys.items()}
            for operator, keys in statement.get("Condition", {}).items()
        },
    )


def _list(value: Json) -> list[str]:
    return [str(value)] if isinstance(value, str | int | bool) else [str(item) for item in value]
