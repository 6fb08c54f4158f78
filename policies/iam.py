"""IAM documents as rules and pictures read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
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
            certain: `about` tells it exactly.
        actions_but: of a NotAction, what it is not about; None where the statement has Action.
        resources: on what, as with actions; empty in a trust policy.
        resources_but: of a NotResource, likewise.
        principals: who, by kind, likewise; `*` is `{"*": ["*"]}`.
        conditions: by operator, then by key.
    """

    sid: str
    allows: bool
    actions: tuple[str, ...]
    actions_but: tuple[str, ...] | None
    resources: tuple[str, ...]
    resources_but: tuple[str, ...] | None
    principals: Mapping[str, list[str]]
    conditions: Mapping[str, Mapping[str, list[str]]]

    def about(self, action: str) -> bool:
        """Whether it allows or denies an action such as `s3:GetObject`, whose letters' case says nothing."""
        named = self.actions if self.actions_but is None else self.actions_but
        found = any(covers(pattern.lower(), action.lower()) for pattern in named)
        return found if self.actions_but is None else not found

    def about_all_of(self, resources: str) -> bool:
        """Whether it is about every resource that a pattern of ARNs matches."""
        if self.resources_but is not None:
            return not any(arns_meet(pattern, resources) for pattern in self.resources_but)
        return any(all(map(covers, *map(_segments, (pattern, resources)))) for pattern in self.resources)


def statements_of(resource: Resource, document: str = "policy") -> Iterator[ReadStatement]:
    """The statements of a policy document of a resource; of a role's `policy`, those of its inline policies.

    Args:
        resource: that has it.
        document: the property that holds its JSON text.

    Raises:
        NotKnown: the document is not known yet.
    """
    for text in documents(resource.type, resource.props, document):
        yield from read(text)


def documents(token: str, props: Mapping[str, Json], document: str = "policy") -> Iterator[Json]:
    """The policy documents in a resource's properties, as they are there; see `statements_of`."""
    if props.get(document):
        yield props[document]
    if token == ROLE and document == "policy":
        yield from (inline["policy"] for inline in props.get("inlinePolicies") or () if "policy" in inline)


def read(document: Json) -> Iterator[ReadStatement]:
    """The statements of a policy document, which is JSON or its text."""
    found = json.loads(document) if isinstance(document, str) else plain(document)
    statements = found.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        yield _statement(statement)


def allowed(statements: Iterable[ReadStatement], action: str) -> Iterator[tuple[ReadStatement, str]]:
    """Where statements of one principal together allow an action: which does, and the pattern of the ARNs.

    What a Deny refuses in part, or on a condition, is allowed as to the rest. Of an allowed NotResource the pattern is
    `*`.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    about = [statement for statement in statements if statement.about(action)]
    refused = [statement for statement in about if not statement.allows and not statement.conditions]
    for statement in about:
        for resources in statement.resources if statement.allows else ():
            if not any(denial.about_all_of(resources) for denial in refused):
                yield statement, resources


def covers(wide: str, narrow: str) -> bool:
    """Whether a pattern matches all that another matches, or a text: `*` is any characters, `?` is one."""
    parts = (".*" if c == "*" else "[^*]" if c == "?" else re.escape(c) for c in wide)
    return re.fullmatch("".join(parts), narrow, re.DOTALL) is not None


def meet(one: str, other: str) -> bool:
    """Whether there is a text that both patterns match."""
    met, waiting = {(0, 0)}, [(0, 0)]
    while waiting:
        i, j = waiting.pop()
        here, there = one[i : i + 1], other[j : j + 1]
        if not here and not there:
            return True
        steps = []
        if "*" in (here, there):
            # The `*` ends, or takes what stands on the other side.
            steps += [(i + 1, j)] if here else []
            steps += [(i, j + 1)] if there else []
        elif here and there and (here == there or "?" in (here, there)):
            steps = [(i + 1, j + 1)]
        waiting += [step for step in steps if step not in met]
        met.update(steps)
    return False


def arns_meet(one: str, other: str) -> bool:
    """Whether there is an ARN that both patterns match; no wildcard goes on beyond a part of an ARN, but for `*` alone.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    return all(map(meet, _segments(one), _segments(other)))


def _segments(arn: str) -> list[str]:
    segments = arn.split(":", 5)
    return segments if len(segments) == 6 else ["*"] * 6


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

    def not_told(what: str) -> tuple[str, ...] | None:
        return tuple(_list(statement[f"Not{what}"])) if f"Not{what}" in statement else None

    who = told("Principal")
    return ReadStatement(
        sid=statement.get("Sid", ""),
        allows=allows,
        actions=tuple(_list(told("Action"))),
        actions_but=not_told("Action"),
        resources=tuple(_list(told("Resource"))),
        resources_but=not_told("Resource"),
        principals={kind: _list(names) for kind, names in (who if isinstance(who, Mapping) else {"*": who}).items()},
        conditions={
            operator: {key: _list(values) for key, values in keys.items()}
            for operator, keys in statement.get("Condition", {}).items()
        },
    )


def _list(value: Json) -> list[str]:
    return [str(value)] if isinstance(value, str | int | bool) else [str(item) for item in value]
