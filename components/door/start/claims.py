"""Who somebody is by their ID token, and whether a SecurityPolicy lets them through, as Envoy decides it.

It runs in the start page's pod, on the standard library alone. The Gateway has checked the token before.

Source: envoyproxy/gateway v1.9.1, api/v1alpha1/authorization_types.go
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

KNOWN: Final = {"name", "action", "operation", "principal"}


def payload(token: str) -> dict[str, Any]:
    """What a token says; its signature is not looked at.

    Raises:
        ValueError: it is no token.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("a token has three parts")
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError) as error:
        raise ValueError("a token's payload is JSON in base64") from error
    if not isinstance(found, dict):
        raise ValueError("a token's payload is an object")
    return found


def claim(claims: Mapping[str, Any], name: str) -> object:
    """A claim's value; a dot in the name leads into an object. None where there is none."""
    found: object = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def groups(claims: Mapping[str, Any], name: str) -> list[str]:
    """Somebody's groups, sorted, from the claim that has them: one of them, or a list."""
    found = claim(claims, name)
    several = found if isinstance(found, list) else [found]
    return sorted({group for group in several if isinstance(group, str)})


def allows(spec: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """Whether the `spec` of a route's SecurityPolicy lets somebody look (GET) by what their token says.

    The first rule that fits decides. Of a rule with conditions that the page knows nothing of, it assumes the worst.
    """
    authorization = spec.get("authorization") or {}
    for rule in authorization.get("rules") or []:
        denies = rule.get("action") != "Allow"
        fits = _fits(rule, claims)
        if denies if fits is None else fits:
            return not denies
    return authorization.get("defaultAction") == "Allow"


def _fits(rule: Mapping[str, Any], claims: Mapping[str, Any]) -> bool | None:
    """None: that can't be said."""
    principal, operation = rule.get("principal") or {}, rule.get("operation") or {}
    token = principal.get("jwt") or {}
    if set(rule) - KNOWN or set(principal) != {"jwt"} or set(operation) - {"methods"} or token.get("scopes"):
        return None
    if operation and "GET" not in operation["methods"]:
        return False
    return all(_says(claims, wanted) for wanted in token.get("claims") or [])


def _says(claims: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    found = claim(claims, wanted["name"])
    if wanted.get("valueType", "String") == "StringArray":
        return isinstance(found, list) and any(value in found for value in wanted["values"])
    return isinstance(found, str) and found in wanted["values"]
