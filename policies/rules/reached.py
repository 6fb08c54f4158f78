"""Rules for what tenants' jobs reach in AWS beside objects: tables and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from policies.iam import ROLE_POLICIES, ReadStatement, statements_of
from policies.model import Severity, Stack, Violation, stack_rule
from policies.rules.queues import queue_namespaces
from sizing import names
from sizing.arns import Arns

READING: Final = re.compile(r"glue:(batchget|get|list|search)", re.IGNORECASE)
"""How actions of Glue begin that change nothing."""
ALIASES: Final = "kms:ResourceAliases"


@dataclass(frozen=True)
class Listed:
    """What a platform lists for the tenants of a stack.

    Attributes:
        tenants: their names.
        place: the platform's account and region.
        databases: of Glue, each `read` or `readWrite`.
        keys: ARNs of the keys of data, the platform's own by its alias.
    """

    tenants: str
    place: Arns
    databases: Mapping[str, str]
    keys: frozenset[str]


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="List the database under tenants.<tenant>.databases of the platform, or take it out of the catalogs.",
)
def roles_of_tenants_reach_listed_databases(stack: Stack) -> Iterator[Violation]:
    """In AWS Glue, a tenant's roles use tables of the databases that the platform lists for it, as it lists them.

    Glue is one catalog for all of an account: whoever may write a table of another team's moves its readers to other
    files.
    """
    if (listed := _listed(stack)) is None:
        return
    for urn, statement, resource in _allowed(stack, "glue"):
        kind, _, path = resource.split(":", 5)[-1].partition("/")
        access = listed.databases.get(path.partition("/")[0]) if kind in ("database", "table") else None
        changing = [action for action in statement.actions if not READING.match(action)]
        if resource != listed.place.glue("catalog") and (not access or resource != listed.place.glue(f"{kind}/{path}")):
            yield Violation(f"{resource} is not listed for {listed.tenants}", urn)
        elif access == "read" and changing:
            yield Violation(f"{', '.join(changing)} on {resource}, which is listed for reading", urn)


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="List the key with the data that it encrypts, under tenants.<tenant>.data of the platform, or take it out.",
)
def roles_of_tenants_use_listed_keys(stack: Stack) -> Iterator[Violation]:
    """A tenant's roles use the platform's key of data, by its alias, and the keys that the platform lists with data.

    A key is the second lock of what it encrypts, and of another team's data the only one that its bucket's policy
    doesn't hold.
    """
    if (listed := _listed(stack)) is None:
        return
    for urn, statement, resource in _allowed(stack, "kms"):
        aliases = statement.conditions.get("ForAnyValue:StringEquals", {}).get(ALIASES, [])
        every = resource.removesuffix("key/*")
        for key in [every + alias for alias in aliases] if every != resource and aliases else [resource]:
            if key not in listed.keys:
                yield Violation(f"{key} is not listed for {listed.tenants}", urn)


def _listed(stack: Stack) -> Listed | None:
    """What is listed for a tenant's stack; None for a stack of another kind."""
    contract = stack.contract
    if contract is None or contract.get("aws") is None or not stack.is_tenants:
        return None
    aws = contract["aws"]
    place = Arns(aws["accountId"], aws["region"])
    tenants = sorted({n.props["metadata"]["labels"][names.TENANT_LABEL] for n in queue_namespaces(stack)})
    of_tenants = [aws["tenants"].get(tenant) or {} for tenant in tenants]
    keys = {location.get("kmsKey") for listed in of_tenants for location in listed.get("data") or ()} - {None}
    databases: dict[str, str] = {}
    for listed in of_tenants:
        databases |= listed.get("databases") or {}
    return Listed(", ".join(tenants), place, databases, frozenset({*keys, place.key_alias(aws["dataKeyAlias"])}))


def _allowed(stack: Stack, service: str) -> Iterator[tuple[str, ReadStatement, str]]:
    """Each resource on which a role's policy allows actions of a service: the policy, the statement, the ARN."""
    for policy in stack.of_type(*ROLE_POLICIES):
        for statement in statements_of(policy):
            if statement.allows and any(a.lower().startswith((f"{service}:", "*")) for a in statement.actions):
                for resource in statement.resources:
                    yield policy.urn, statement, resource
