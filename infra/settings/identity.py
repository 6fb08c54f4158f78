"""People by the company's own login: the OpenID Connect issuer that the cluster's API trusts beside AWS."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from infra.settings.fields import ClaimName, ClaimValue, ClientId, Issuer, Model, Scope, Unique, Url

DEFAULT_SCOPES = ("openid", "profile", "email", "groups", "offline_access")
"""Who somebody is, their groups, and tokens that are refreshed, as ID tokens last an hour or less."""


class Identity(Model):
    """An issuer of ID tokens. EKS takes one, and one login is to serve everything: docs/decisions/0032-identity.md."""

    issuer: Issuer
    """Letter for letter what its tokens say (`iss`), a slash at its end included: `issuer` in its
    `/.well-known/openid-configuration`. EKS reads its keys over the internet."""
    client_id: ClientId
    """Of a public client that people's programs use: the audience (`aud`) of its tokens."""
    username_claim: ClaimName = "sub"
    """The claim that tells people apart, as submitters of jobs and in audit logs; `email` counts only if verified."""
    groups_claim: ClaimName = "groups"
    """The claim that has somebody's groups: a text, or a list of texts."""
    required_claims: dict[ClaimName, ClaimValue] = Field(default_factory=dict)
    """What else a token must say, such as an organization; one that says otherwise is nobody's."""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1), Unique] = DEFAULT_SCOPES
    """What logins ask for; `openid` is one of them."""
    jwks_uri: Url | None = None
    """Where the issuer has its keys, `jwks_uri` in its `/.well-known/openid-configuration`; needed for a `door`."""


class ListedIdentity(Model):
    """What a platform tells its tenants of its issuer: where people log in, and what of a token is their groups."""

    issuer: str
    client_id: str
    username_claim: str
    groups_claim: str
    scopes: tuple[str, ...]
