"""Rules about the issuer that a platform trusts, and about people who are known by a group of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from infra.contract import AwsContract
from infra.settings.findings import Finding
from infra.settings.platform import AwsPlatform
from infra.settings.stack_file import STACKS
from infra.settings.tenant import AwsTenant
from sizing import names

TOKENS_OWN: Final = frozenset({"aud", "azp", "at_hash", "auth_time", "exp", "iat", "iss", "jti", "nbf", "nonce"})
"""Claims that are about a token, and tell nobody from anybody else.

Source: OpenID Connect Core 1.0, section 2, and RFC 7519, section 4.1
"""
CLUSTERS_ISSUERS: Final = "oidc.eks"
"""How the hosts of EKS's own issuers begin, which are for pods: https://docs.aws.amazon.com/general/latest/gr/eks.html"""
WITHOUT: Final = "neither principalArn nor group"
ONE_OR_BOTH: Final = "principalArn, group, or both"


def identity_is_sound(settings: AwsPlatform) -> Iterator[Finding]:
    """Claims tell people apart, logins ask for ID tokens, and the issuer is one of people."""
    identity = settings.identity
    if identity is None:
        return
    host = urlsplit(identity.issuer).hostname or ""
    if host.startswith(f"{CLUSTERS_ISSUERS}."):
        yield Finding("identity.issuer", identity.issuer, "an issuer of people's tokens: a cluster's own is for pods")
    if "openid" not in identity.scopes:
        yield Finding("identity.scopes", ", ".join(identity.scopes), "openid among them: without it no ID token comes")
    claims = {"usernameClaim": identity.username_claim, "groupsClaim": identity.groups_claim}
    for key, claim in claims.items():
        if claim in TOKENS_OWN:
            yield Finding(f"identity.{key}", claim, "a claim about who somebody is: this one is about the token")
    if identity.username_claim == identity.groups_claim:
        allowed = "another claim than groupsClaim, which many people share"
        yield Finding("identity.usernameClaim", identity.username_claim, allowed)
    for claim in sorted(TOKENS_OWN & identity.required_claims.keys()):
        yield Finding(
            f"identity.requiredClaims.{claim}",
            claim,
            "a claim about who somebody is: issuer, client and times are checked anyway",
        )


def people_are_known(settings: AwsPlatform) -> Iterator[Finding]:
    """Who is named under `access` is somebody, and a group is one of the issuer that the platform trusts."""
    by_group: list[str] = []
    for section in ("people", "shared"):
        seen: dict[str, str] = {}
        for name, who in sorted(getattr(settings.access, section).items()):
            path = f"access.{section}.{name}"
            if not who.principal_arn and not who.group:
                yield Finding(path, WITHOUT, ONE_OR_BOTH)
            if who.group:
                by_group.append(f"{path}.group")
                yield from issuers_group(f"{path}.group", who.group)
                if (first := seen.setdefault(who.group, path)) != path:
                    yield Finding(f"{path}.group", who.group, f"a group of its own; {first} has this one")
    for name, person in sorted(settings.access.people.items()):
        if person.group and person.access == "admin":
            yield Finding(
                f"access.people.{name}.access",
                f"admin, of the group {person.group}",
                "viewer: a group of the issuer may only look; administrators are principals of AWS, in an entry alone",
            )
    if by_group and settings.identity is None:
        yield Finding("identity", f"nothing, but {', '.join(by_group)}", "the issuer whose groups these are")


def issuers_group(path: str, group: str) -> Iterator[Finding]:
    """A group is written as its issuer writes it, and is none that stacks make themselves."""
    if group.startswith(names.OWN_GROUPS):
        allowed = f"a group that does not start with {names.OWN_GROUPS}, as those of principals do"
        yield Finding(path, group, allowed)
    elif group.startswith(names.ISSUERS):
        allowed = (
            f"{group.removeprefix(names.ISSUERS) or 'a name'}, as the issuer says it: {names.ISSUERS} comes by itself"
        )
        yield Finding(path, group, allowed)


def groups_on_platform(settings: AwsTenant, contract: AwsContract) -> Iterator[Finding]:
    """Groups are an issuer's, which the platform names; nobody whom it shares has two ways in."""
    groups: Mapping[str, str] = {name: who.group for name, who in sorted(settings.people.items()) if who.group}
    if groups and contract.identity is None:
        said = ", ".join(f"people.{name}.group: {group}" for name, group in groups.items())
        file = f"{STACKS}/Pulumi.{settings.platform}.yaml"
        yield Finding(
            "people",
            said,
            f"principalArn: {settings.platform} trusts no issuer whose groups these could be; or add identity in "
            f"{file} and deploy the platform first",
        )
    shared = {one.group: name for name, one in sorted(contract.shared.items()) if one.group}
    for name, group in groups.items():
        if owner := shared.get(group):
            allowed = (
                f"nothing: {settings.platform} shares this group as {owner}; say what it may do in accepts.{owner}"
            )
            yield Finding(f"people.{name}.group", group, allowed)
