"""IAM documents as rules read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from policies.model import Resource
from policies.values import plain
from sizing.values import Json

ROLE: Final = "aws:iam/role:Role"
ROLE_POLICIES: Final = (
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/policy:Policy",
    ROLE,
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
)
"""Policies of those who act, and roles, which can hold some; a policy of a bucket or a key speaks of that one alone."""
BINDING: Final = ("ArnEquals", "ArnLike", "StringEquals", "StringEqualsIgnoreCase", "StringLike")
"""Operators that refuse a request which lacks the key or has another value. `...IfExists` and `ForAllValues:` don't.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""


@dataclass(frozen=True, kw_only=True)
class ReadStatement:
    """One statement of a policy, single values made lists.

    Attributes:
        sid: its name; empty for none.
        allows: whether its effect is Allow.
        actions: what it allows or denies. To allow NotAction is to allow `*`; what denies NotAction denies nothing for
            certain.
        resources: on what, likewise; empty in a trust policy.
        principals: who, by kind, likewise; `*` is `{"*": ["*"]}`.
        conditions: by operator, then by key.
    """

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: Mapping[str, list[str]]
    conditions: Mapping[str, Mapping[str, list[str]]]


def statements_of(resource: Resource, document: str = "policy") -> Iterator[ReadStatement]:
    """The statements of a policy document of a resource; of a role's `policy`, those of its inline policies.

    Args:
        resource: that has it.
        document: the property that holds its JSON text.

    Raises:
        NotKnown: the document is not known yet.
    """
    texts = [resource.props[document]] if resource.props.get(document) else []
    if resource.type == ROLE and document == "policy":
        texts += [inline["policy"] for inline in resource.props.get("inlinePolicies") or () if "policy" in inline]
    for text in texts:
        found = json.loads(text) if isinstance(text, str) else plain(text)
        statements = found.get("Statement", [])
        for statement in statements if isinstance(statements, list) else [statements]:
            yield _statement(statement)


def bound_to(statement: ReadStatement, key: str) -> list[str]:
    """The values of which a request's condition key must have one; empty where a request without it passes."""
    for operator in BINDING:
        for name, values in statement.conditions.get(operator, {}).items():
            if name.lower() == key.lower():
                return values
    return []


def _statement(statement: Mapping[str, Json]) -> ReadStatement:
    allows = statement["Effect"] == "Allow"

    def told(what: str) -> Json:
        everything_else = "*" if allows else []
        return everything_else if f"Not{what}" in statement else statement.get(what, [])

    who = told("Principal")
    return ReadStatement(
        sid=statement.get("Sid", ""),
        allows=allows,
        actions=tuple(_list(told("Action"))),
        resources=tuple(_list(told("Resource"))),
        principals={kind: _list(names) for kind, names in (who if isinstance(who, Mapping) else {"*": who}).items()},
        conditions={
            operator: {key: _list(values) for key, values in keys.items()}
            for operator, keys in statement.get("Condition", {}).items()
        },
    )


def _list(value: Json) -> list[str]:
    return [str(value)] if isinstance(value, str | int | bool) else [str(item) for item in value]
