"""Statements as policies of a size that IAM takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.access.iam import MAXIMUM_MANAGED_POLICY, Statement, policy_document, policy_length

MAXIMUM_ATTACHED: Final = 10
"""Managed policies of one role or user, unless AWS has raised it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


class TooLarge(Exception):
    """The statements don't fit the policies that a role can have; the message says by how much."""


def documents(statements: Sequence[Statement]) -> tuple[str, ...]:
    """The statements in order, in as few policies as their order allows.

    Raises:
        TooLarge: one of them is longer than a policy, or they take more policies than a role can have.
    """
    found: list[list[Statement]] = [[]]
    for statement in statements:
        if policy_length(policy_document(*found[-1], statement)) > MAXIMUM_MANAGED_POLICY and found[-1]:
            found.append([])
        found[-1].append(statement)
    texts = tuple(policy_document(*each) for each in found)
    longest = max(map(policy_length, texts))
    if longest > MAXIMUM_MANAGED_POLICY:
        raise TooLarge(f"a statement of {longest} characters, and IAM takes {MAXIMUM_MANAGED_POLICY} in a policy")
    if len(texts) > MAXIMUM_ATTACHED:
        raise TooLarge(f"{len(texts)} policies, and a role can have {MAXIMUM_ATTACHED}")
    return texts
