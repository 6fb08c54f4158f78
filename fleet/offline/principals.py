"""Whom stacks let in, against what stacks make: no principal that one makes is let in as a person by another."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

from fleet.offline.registration import Registrations, has_unknown
from infra.settings.fleet_rules import FleetFinding
from policies.iam import read

AWS_PROVIDER = "pulumi:providers:aws"
MADE = {"aws:iam/role:Role": "role", "aws:iam/user:User": "user"}
"""What principals are made of, and what their ARNs call it."""
NODES = "EC2_LINUX"
"""The type of the one access entry that is for what a stack makes."""


def made_principals(recorded: Mapping[str, Registrations]) -> list[FleetFinding]:
    """The principals that some stack makes and some stack lets in, sorted: by an access entry, a policy of EKS, or the
    trust of a role."""
    makers: defaultdict[str, set[str]] = defaultdict(set)
    for stack, registrations in recorded.items():
        for principal in _made(registrations):
            makers[principal].add(stack)
    return sorted(
        FleetFinding(
            tuple(sorted({stack, *makers[_without_path(arn)]})),
            f"{stack} lets in {arn}, which {', '.join(sorted(makers[_without_path(arn)]))} makes",
            "a principal that no stack makes: nodes and jobs are nobody to let in",
        )
        for stack, registrations in recorded.items()
        for arn in sorted({*_let_in(registrations)})
        if _without_path(arn) in makers
    )


def _made(registrations: Registrations) -> Iterator[str]:
    accounts = {
        account
        for provider in registrations.of_type(AWS_PROVIDER)
        for account in _list(provider.inputs["allowedAccountIds"])
    }
    for registered in registrations.values():
        if (kind := MADE.get(registered.type)) and isinstance(name := registered.inputs.get("name"), str):
            yield from (f"{account}:{kind}/{name}" for account in accounts)


def _let_in(registrations: Registrations) -> Iterator[str]:
    for entry in registrations.of_type("aws:eks/accessEntry:AccessEntry"):
        if entry.inputs.get("type") != NODES:
            yield from _arns(entry.inputs["principalArn"])
    for association in registrations.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation"):
        yield from _arns(association.inputs["principalArn"])
    for role in registrations.of_type("aws:iam/role:Role"):
        trust = role.inputs["assumeRolePolicy"]
        for statement in () if has_unknown(trust) else read(trust):
            for value in statement.principals.get("AWS", ()) if statement.allows else ():
                yield from _arns(value)


def _arns(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("arn:"):
        yield value


def _without_path(arn: str) -> str:
    """Account, kind and name of a role or user; paths tell no two of one name apart."""
    account, _, principal = arn.split(":", 4)[4].partition(":")
    kind, _, name = principal.partition("/")
    return f"{account}:{kind}/{name.rpartition('/')[2]}"


def _list(value: object) -> list[object]:
    decoded = json.loads(value) if isinstance(value, str) and value.startswith("[") else value
    return list(decoded) if isinstance(decoded, list | tuple) else [decoded]
