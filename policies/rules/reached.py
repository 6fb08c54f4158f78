"""Rules for what tenants' jobs reach in AWS beside objects: tables, keys and secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from policies.iam import ROLE_POLICIES, ReadStatement, bound_to, meet, statements_of
from policies.model import Severity, Stack, Violation, stack_rule
from policies.rules.queues import queue_namespaces
from sizing import names
from sizing.arns import Arns
from sizing.secrets import secret_of

READING: Final = re.compile(r"glue:(batchget|get|list|search)", re.IGNORECASE)
"""How actions of Glue begin that change nothing."""
ON_TABLES: Final = re.compile(
    r"glue:(getdatabase|(batch)?(get|create|update|delete)(table|partition|columnstatistics)[a-z]*)",
    re.IGNORECASE,
)
"""What is done with tables. Others of Glue are about all of a catalog, of which its ARN is the whole resource, or about
databases.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html
"""
USES_OF_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "read": frozenset({"kms:decrypt", "kms:describekey"}),
    "readWrite": frozenset({"kms:decrypt", "kms:describekey", "kms:encrypt", "kms:generatedatakey"}),
}
"""Neither grants, by which others would use a key, nor what changes it."""
READS_OF_SECRETS: Final = frozenset(
    {"secretsmanager:describesecret", "secretsmanager:getsecretvalue", "ssm:getparameter", "ssm:getparameters"}
)
"""Of the value that there is now: earlier ones were taken back for a reason."""
ALIASES: Final = "kms:ResourceAliases"
SECRETS: Final = {"secretsmanager": "kms:EncryptionContext:SecretARN", "ssm": "kms:EncryptionContext:PARAMETER_ARN"}
"""Where KMS learns, by the service that asks for a key, which secret it is for."""


@dataclass(frozen=True)
class Listed:
    """What a platform lists for the tenants of a stack.

    Attributes:
        tenants: their names.
        place: the platform's account and region.
        databases: of Glue, each `read` or `readWrite`.
        keys: ARNs of the keys of data, the platform's own by its alias, each `read` or `readWrite`.
        secrets: how the names of secrets and parameters begin, up to a slash.
    """

    tenants: str
    place: Arns
    databases: Mapping[str, str]
    keys: Mapping[str, str]
    secrets: tuple[str, ...]

    def has_secret(self, arn: str) -> bool:
        """Whether a secret or a parameter is one of those."""
        try:
            secret = secret_of(arn)
        except ValueError:
            return False
        here = (secret.partition, secret.region, secret.account) == (
            self.place.partition,
            self.place.region,
            self.place.account,
        )
        return here and any(secret.below(prefix) for prefix in self.secrets)


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
        actions = _of_service(statement, "glue")
        kind, _, path = resource.split(":", 5)[-1].partition("/")
        access = listed.databases.get(path.partition("/")[0]) if kind in ("database", "table") else None
        changing = [action for action in actions if not READING.match(action)]
        others = [action for action in actions if not ON_TABLES.fullmatch(action)]
        if resource != listed.place.glue("catalog") and (not access or resource != listed.place.glue(f"{kind}/{path}")):
            yield Violation(f"{resource} is not listed for {listed.tenants}", urn)
        elif access == "read" and changing:
            yield Violation(f"{', '.join(changing)} on {resource}, which is listed for reading", urn)
        elif others:
            yield Violation(f"{', '.join(others)} on {resource}, which is no use of tables", urn)


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="List the key with the data that it encrypts, under tenants.<tenant>.data of the platform, or take it out.",
)
def roles_of_tenants_use_listed_keys(stack: Stack) -> Iterator[Violation]:
    """A tenant's roles use the platform's key of data, by its alias, the keys that the platform lists with data,
    and any key for the secrets that it lists.

    A key is the second lock of what it encrypts, and of another team's data the only one that its bucket's policy
    doesn't hold.
    """
    if (listed := _listed(stack)) is None:
        return
    for urn, statement, resource in _allowed(stack, "kms"):
        aliases = statement.conditions.get("ForAnyValue:StringEquals", {}).get(ALIASES, [])
        every = resource.removesuffix("key/*")
        if resource == _keys(listed.place) and (secrets := _decrypted(statement, listed.place.region)):
            yield from (
                Violation(f"keys of {one}, which is not listed for {listed.tenants}", urn)
                for one in secrets
                if not listed.has_secret(one)
            )
            continue
        for key in [every + alias for alias in aliases] if every != resource and aliases else [resource]:
            if (access := listed.keys.get(key)) is None:
                yield Violation(f"{key} is not listed for {listed.tenants}", urn)
                continue
            actions = _of_service(statement, "kms")
            if wrong := [action for action in actions if action.lower() not in USES_OF_KEYS[access]]:
                yield Violation(f"{', '.join(wrong)} by {key}, which is listed for {access}", urn)
            if bound_to(statement, "kms:ViaService") != [f"s3.{listed.place.region}.amazonaws.com"]:
                yield Violation(f"{key} is used for more than objects of S3", urn)


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="List how its name begins under tenants.<tenant>.secrets of the platform, or take it out of the secrets.",
)
def roles_of_tenants_read_listed_secrets(stack: Stack) -> Iterator[Violation]:
    """A tenant's roles read secrets and parameters whose names begin as the platform lists for it.

    Whoever reads another team's password is that team to the database.
    """
    if (listed := _listed(stack)) is None:
        return
    for service in SECRETS:
        for urn, statement, resource in _allowed(stack, service):
            if not listed.has_secret(resource):
                yield Violation(f"{resource} is not listed for {listed.tenants}", urn)
            elif others := [a for a in _of_service(statement, service) if a.lower() not in READS_OF_SECRETS]:
                yield Violation(f"{', '.join(others)} on {resource}, which jobs read and no more", urn)


def _decrypted(statement: ReadStatement, region: str) -> list[str]:
    """The secrets for which alone a statement lets keys decrypt; none where it says none, or more."""
    found = []
    for service, context in SECRETS.items():
        via = statement.conditions.get("StringEquals", {}).get("kms:ViaService", [])
        if via == [f"{service}.{region}.amazonaws.com"] and {a.lower() for a in statement.actions} == {"kms:decrypt"}:
            found += statement.conditions.get("StringLike", {}).get(context, [])
    return found


def _listed(stack: Stack) -> Listed | None:
    """What is listed for a tenant's stack; None for a stack of another kind."""
    contract = stack.contract
    if contract is None or contract.get("aws") is None or not stack.is_tenants:
        return None
    aws = contract["aws"]
    place = Arns(aws["accountId"], aws["region"])
    tenants = sorted({n.props["metadata"]["labels"][names.TENANT_LABEL] for n in queue_namespaces(stack)})
    of_tenants = [aws["tenants"].get(tenant) or {} for tenant in tenants]
    keys: dict[str, str] = {place.key_alias(aws["dataKeyAlias"]): "readWrite"}
    for location in (one for listed in of_tenants for one in listed.get("data") or ()):
        if (key := location.get("kmsKey")) and keys.get(key) != "readWrite":
            keys[key] = location["access"]
    databases: dict[str, str] = {}
    for listed in of_tenants:
        databases |= listed.get("databases") or {}
    secrets = tuple(prefix for listed in of_tenants for prefix in listed.get("secrets") or ())
    return Listed(", ".join(tenants), place, databases, keys, secrets)


def _keys(place: Arns) -> str:
    """All keys of an account and region."""
    return f"arn:{place.partition}:kms:{place.region}:{place.account}:key/*"


def _of_service(statement: ReadStatement, service: str) -> list[str]:
    """The actions of a service that a statement names, or patterns that may be some."""
    return [action for action in statement.actions if meet(action.lower().partition(":")[0], service)]


def _allowed(stack: Stack, service: str) -> Iterator[tuple[str, ReadStatement, str]]:
    """Each resource on which a role's policy allows actions of a service: the policy, the statement, the ARN."""
    for policy in stack.of_type(*ROLE_POLICIES):
        for statement in statements_of(policy):
            if statement.allows and _of_service(statement, service):
                for resource in statement.resources:
                    yield policy.urn, statement, resource
