"""Decides requests by IAM policies, as far as this project's policies go; whatever it doesn't know raises.

One document is judged at a time: that all of a request's documents (role, bucket, key, endpoint) have to agree is the
caller's to combine.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Json = Any
Decision = Literal["Allow", "Deny", "None"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody asks for.

    Args:
        action: such as `s3:GetObject`.
        resource: its ARN; empty for trust policies, which have none.
        context: values of condition keys; a key that isn't there is absent from the request.
        principal: kind (`AWS`, `Service`) and who, for policies that name principals.
    """

    action: str
    resource: str = ""
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    principal: tuple[str, str] | None = None


class NotUnderstood(Exception):
    """A policy holds what this evaluator doesn't know."""


def allowed(document: str, request: Request) -> bool:
    """Whether the document by itself allows the request."""
    return decision(document, request) == "Allow"


def decision(document: str, request: Request) -> Decision:
    """What the document says: a Deny that fits wins over every Allow; `None` if no statement fits.

    Raises:
        NotUnderstood: some statement, whether it fits or not, has an element, operator or variable unknown here.
    """
    if "${" in document:
        raise NotUnderstood("a policy variable")
    policy = json.loads(document)
    if policy.keys() != {"Version", "Statement"} or policy["Version"] != "2012-10-17":
        raise NotUnderstood(f"policy with {sorted(policy)}")
    effects = {statement["Effect"] for statement in policy["Statement"] if _fits(statement, request)}
    return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else "None"


def permitted(documents: Iterable[str], request: Request) -> bool:
    """Whether policies of one principal together allow the request: one does, and none denies it."""
    decisions = {decision(document, request) for document in documents}
    return "Allow" in decisions and "Deny" not in decisions


def like(pattern: str, value: str) -> bool:
    """Whether a pattern with `*` (any characters, also none, also slashes) and `?` (one) matches the whole value."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


def arn_like(pattern: str, value: str) -> bool:
    """`like`, for each of an ARN's six parts: no wildcard crosses their colons."""
    wanted, found = pattern.split(":", 5), value.split(":", 5)
    if len(wanted) < 6 or len(found) < 6:
        return False
    return all(like(part, actual) for part, actual in zip(wanted, found, strict=True))


_ELEMENTS: Final = {"Sid", "Effect", "Action", "Resource", "Principal", "Condition"}
_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": operator.eq,
    "StringLike": like,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda wanted, found: wanted.lower() == found.lower(),
}
"""By operator: does a wanted value match the one found? Any of several wanted values will do."""


def _fits(statement: Mapping[str, Json], request: Request) -> bool:
    if unknown := statement.keys() - _ELEMENTS:
        raise NotUnderstood(f"elements {sorted(unknown)}")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise NotUnderstood(f"effect {statement['Effect']}")
    parts = [
        _principal_fits(statement.get("Principal"), request),
        any(like(action.lower(), request.action.lower()) for action in _many(statement["Action"])),
        any(like(resource, request.resource) for resource in _many(statement.get("Resource", ""))),
        *(
            _condition_fits(name, key, _many(wanted), request.context)
            for name, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        ),
    ]
    return all(parts)


def _principal_fits(principal: Json, request: Request) -> bool:
    if principal is None:
        return request.principal is None
    if request.principal is None:
        return False
    if principal == "*":
        return True
    kind, who = request.principal
    return who in _many(principal.get(kind, []))


def _condition_fits(name: str, key: str, wanted: list[str], context: Mapping[str, str | tuple[str, ...]]) -> bool:
    several, _, rest = name.rpartition(":")
    base = rest.removesuffix("IfExists")
    if (base not in _OPERATORS or several not in ("", "ForAllValues", "ForAnyValue")) and name != "Null":
        raise NotUnderstood(f"operator {name}")
    found = {known.lower(): value for known, value in context.items()}.get(key.lower())
    if name == "Null":
        return ("true" if found is None else "false") in wanted
    if found is None:
        return base != rest or several == "ForAllValues"
    if several == "ForAllValues":
        return all(any(_OPERATORS[base](one, value) for one in wanted) for value in _many(found))
    if not several and not isinstance(found, str):
        raise NotUnderstood(f"{key} has several values, and {name} compares one")
    return any(_OPERATORS[base](one, value) for one in wanted for value in _many(found))


def _many(value: Json) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
