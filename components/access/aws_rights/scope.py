"""Whose things a statement is about, and the ways in which IAM can tell them from others'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.access.iam import Statement
from sizing import names
from sizing.arns import Arns
from sizing.cost_tags import PLATFORM_TAG, TENANT_TAG

Conditions = dict[str, dict[str, str | list[str]]]
WRITE_LOG_GROUPS = (
    "logs:AssociateKmsKey",
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DeleteRetentionPolicy",
    "logs:DisassociateKmsKey",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
)
"""All that is done to log groups; what is in them is not read."""


@dataclass(frozen=True, kw_only=True)
class StateStore:
    """Where Pulumi keeps states.

    Args:
        bucket: the bucket's name.
        key_alias: alias of the key that encrypts secrets in them; None where another provider does.
        stack: the stack that is deployed.
        read: stacks whose exports it reads.
        write: whether it is deployed, or only previewed.
    """

    bucket: str
    key_alias: str | None
    stack: str
    read: tuple[str, ...]
    write: bool


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A platform, or one of its tenants, or all of these.

    Args:
        platform: the platform's name.
        arns: the account and region.
        principals: ARNs of those whose access entries are the platform's own.
        subnets: ids of the nodes' subnets where they are not the platform's own, which have its tag.
        tenant: the tenant's name; `*` for all tenants; empty for the platform itself.
        state: Pulumi's; None where somebody else sees to it.
    """

    platform: str
    arns: Arns
    principals: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    tenant: str = ""
    state: StateStore | None = None

    @property
    def tags(self) -> dict[str, str]:
        """The tags by which AWS tells what is in this scope."""
        return {PLATFORM_TAG: self.platform, **({TENANT_TAG: self.tenant} if self.tenant else {})}

    def tagged(self, kind: str = "ResourceTag") -> Conditions:
        """Holds for what has the scope's tags already, or gets them in the request (`RequestTag`)."""
        found: Conditions = {}
        for key, value in self.tags.items():
            found.setdefault(self.matches(value), {})[f"aws:{kind}/{key}"] = value
        if not self.tenant:
            found["Null"] = {f"aws:{kind}/{TENANT_TAG}": "true"}
        return found

    @staticmethod
    def matches(value: str) -> str:
        """The operator that compares with a value, which may be a pattern."""
        return "StringLike" if "*" in value else "StringEquals"

    @property
    def buckets(self) -> list[str]:
        """The ARNs of the platform's buckets."""
        found = names.buckets(self.platform, self.arns.account, self.arns.region)
        return [self.arns.bucket(bucket) for bucket in found.values()]

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something of the account and region."""
        return f"arn:{self.arns.partition}:{service}:{self.arns.region}:{self.arns.account}:{resource}"


def both(*conditions: Mapping[str, Mapping[str, str | list[str]]]) -> Conditions:
    """Conditions that must hold together."""
    found: Conditions = {}
    for one in conditions:
        for operator, keys in one.items():
            found.setdefault(operator, {}).update(keys)
    return found


def pass_role(sid: str, scope: Scope, roles: Sequence[str], *services: str) -> Statement:
    """Lets roles be handed to AWS services, and to these only."""
    return Statement(
        sid=sid,
        actions=("iam:PassRole",),
        resources=[scope.arns.role(role) for role in roles],
        conditions={"StringEquals": {"iam:PassedToService": list(services)}},
    )


def same_tags(scope: Scope) -> Conditions:
    """Holds for a request that leaves the tags alone by which a scope is told apart."""
    found: Conditions = {}
    for key, value in scope.tags.items():
        found.setdefault(f"{scope.matches(value)}IfExists", {})[f"aws:RequestTag/{key}"] = value
    return found


def tagging(what: str, scope: Scope, actions: Sequence[str], resources: Sequence[str]) -> tuple[Statement, Statement]:
    """Lets what is new get the scope's tags, and what has them get others, but keep those.

    Args:
        what: end of the statements' names.
        scope: whose it is.
        actions: that tag.
        resources: what may be tagged.
    """
    untagged = {"Null": {f"aws:ResourceTag/{key}": "true" for key in scope.tags}}
    return (
        Statement(
            sid=f"TagNew{what}",
            actions=actions,
            resources=resources,
            conditions=both(scope.tagged("RequestTag"), untagged),
        ),
        Statement(
            sid=f"Tag{what}", actions=actions, resources=resources, conditions=both(scope.tagged(), same_tags(scope))
        ),
    )


def groups(scope: Scope) -> list[str]:
    """The Kubernetes groups of a tenant's people."""
    return [names.tenant_group(scope.tenant, purpose) for purpose in ("owner", "submitter", "viewer")]
