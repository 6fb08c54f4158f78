"""The settings of a platform's door: one entrance for people and programs, and what tenants must know of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.door.login import Endpoints, Login
from infra.settings.fields import CertificateArn, Cidr, ClientId, Domain, HostedZoneId, Model, Unique, Url
from infra.settings.identity import Identity

MAXIMUM_CIDRS = 40
"""As for the API endpoint; a security group holds 60 rules (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html)."""


class Door(Model):
    """One login for every page and API of the platform's queues: docs/guides/door.md."""

    domain: Domain
    """Below it each queue has the host `<namespace>.<domain>`, and the platform's pages have theirs."""
    client_id: ClientId
    """Of a confidential client at `identity.issuer`, for browsers; another than `identity.clientId`."""
    authorization_endpoint: Url | None = None
    """`authorization_endpoint` in the issuer's `/.well-known/openid-configuration`; with `tokenEndpoint`, Envoy Gateway
    asks the issuer for neither."""
    token_endpoint: Url | None = None
    """`token_endpoint` there."""
    certificate_arn: CertificateArn | None = None
    """Of a certificate in ACM of `*.<domain>`, in the platform's region; absent: the stack asks ACM for one."""
    hosted_zone_id: HostedZoneId | None = None
    """Of the zone in Route 53 of the domain, where the stack writes the record of `*.<domain>`; absent: somebody
    else points that name at the load balancer."""
    public: bool = False
    """Whether the load balancer has public addresses; `cidrs` then says for whom."""
    cidrs: Annotated[tuple[Cidr, ...], Field(max_length=MAXIMUM_CIDRS), Unique] = ()
    """Networks that may connect; empty: the VPC's own, for a door that is not public."""


class ListedDoor(Model):
    """What a platform tells its tenants of its door: hosts, and whose tokens open it."""

    domain: str
    issuer: str
    jwks_uri: str
    audiences: tuple[str, ...]
    """Of tokens of browsers first, then of people's programs."""
    groups_claim: str
    required_claims: dict[str, str] = Field(default_factory=dict)


def door_login(door: Door | None, identity: Identity | None) -> Login | None:
    """Whose tokens open a platform's door; None without one, which by the rules has an issuer whose keys are known."""
    if door is None or identity is None or identity.jwks_uri is None:
        return None
    return Login(
        issuer=identity.issuer,
        jwks_uri=identity.jwks_uri,
        audiences=(door.client_id, identity.client_id),
        groups_claim=identity.groups_claim,
        required_claims=identity.required_claims,
    )


def door_endpoints(door: Door) -> Endpoints | None:
    """Where the issuer logs people in, as far as the settings say so; by the rules they say both or neither."""
    if door.authorization_endpoint is None or door.token_endpoint is None:
        return None
    return Endpoints(authorization=door.authorization_endpoint, token=door.token_endpoint)


def login_of(door: ListedDoor) -> Login:
    """Whose tokens open a door, as its policies have it."""
    return Login(
        issuer=door.issuer,
        jwks_uri=door.jwks_uri,
        audiences=door.audiences,
        groups_claim=door.groups_claim,
        required_claims=door.required_claims,
    )
