"""Rules about a platform's door: who may come to it, by which names, and with whose certificate."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from infra.settings.findings import Finding, shown
from infra.settings.network_rules import WIDEST_ACCESS
from infra.settings.platform import AwsPlatform

MAXIMUM_CERTIFICATE_NAME = 64
"""Characters of the first name of a certificate that ACM issues.

Source: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html (RFC 5280)
"""


def door_is_sound(settings: AwsPlatform) -> Iterator[Finding]:
    """The door has an issuer whose tokens it can check, a client of its own there, and a certificate."""
    door = settings.door
    if door is None:
        return
    if settings.identity is None:
        yield Finding("identity", "nothing, but a door", "the issuer whose people the door lets in")
    else:
        if settings.identity.jwks_uri is None:
            yield Finding(
                "identity.jwksUri",
                "nothing, but a door",
                "where the issuer has its keys: jwks_uri in its /.well-known/openid-configuration",
            )
        if door.client_id == settings.identity.client_id:
            yield Finding(
                "door.clientId",
                door.client_id,
                "another client than identity.clientId: a browser's cookie must be nothing to the cluster's API",
            )
    if door.certificate_arn is None and door.hosted_zone_id is None:
        yield Finding(
            "door",
            "neither certificateArn nor hostedZoneId",
            f"a certificate of *.{door.domain}, or the zone of that name, by which ACM issues one",
        )
    if door.certificate_arn is None and len(wildcard := f"*.{door.domain}") > MAXIMUM_CERTIFICATE_NAME:
        allowed = (
            f"at most {MAXIMUM_CERTIFICATE_NAME - 2} characters, or certificateArn: ACM takes no longer name first"
        )
        yield Finding("door.domain", shown(wildcard), allowed)


def door_reads_claims(settings: AwsPlatform) -> Iterator[Finding]:
    """Envoy Gateway takes a claim's name with a dot for a claim inside another, so that nobody would pass.

    Source: envoyproxy/gateway v1.9.1, internal/xds/translator/authorization.go (strings.Split of claim.Name)
    """
    if settings.door is None or settings.identity is None:
        return
    allowed = "a claim without dots, which the door takes for claims inside others: add one at the issuer"
    if "." in settings.identity.groups_claim:
        yield Finding("identity.groupsClaim", shown(settings.identity.groups_claim), allowed)
    for claim in sorted(settings.identity.required_claims):
        if "." in claim:
            yield Finding("identity.requiredClaims", shown(claim), allowed)


def door_knows_both_endpoints(settings: AwsPlatform) -> Iterator[Finding]:
    """Envoy Gateway asks the issuer for its endpoints unless it is told both."""
    door = settings.door
    if door is None:
        return
    said = {"authorizationEndpoint": door.authorization_endpoint, "tokenEndpoint": door.token_endpoint}
    missing = [name for name, value in said.items() if value is None]
    if len(missing) == 1:
        (other,) = said.keys() - set(missing)
        yield Finding(f"door.{missing[0]}", f"nothing, but door.{other}", "both, or neither: the issuer is asked then")


def door_is_for_somebody(settings: AwsPlatform) -> Iterator[Finding]:
    """Who may connect is said where the door is public, and they are no half of the internet."""
    door = settings.door
    if door is None:
        return
    if door.public and not door.cidrs:
        yield Finding("door.cidrs", "nothing, but public: true", "the networks of those who need it")
    if door.public and settings.network.existing is not None:
        yield Finding(
            "door.public",
            "true, in a VPC that was there",
            "false: which of its subnets are public is not known here; put a load balancer of yours before it",
        )
    for index, cidr in enumerate(door.cidrs):
        if cidr.prefixlen < WIDEST_ACCESS:
            allowed = f"the networks of those who need it: /{WIDEST_ACCESS} or smaller"
            yield Finding(f"door.cidrs[{index}]", str(cidr), allowed)
        elif not door.public and cidr.is_global:
            yield Finding(f"door.cidrs[{index}]", str(cidr), "private addresses, or public: true")


def certificate_is_the_regions(settings: AwsPlatform, region: str | None) -> Iterator[Finding]:
    """A load balancer takes certificates of its own region and account.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/tls-listener-certificates.html
    """
    if settings.door is None or (arn := settings.door.certificate_arn) is None:
        return
    its_region, account = arn.split(":")[3:5]
    if region and its_region != region:
        yield Finding("door.certificateArn", arn, f"a certificate in {region}, where the load balancer is")
    elif account not in settings.allowed_account_ids:
        allowed = f"a certificate of the platform's account: {', '.join(settings.allowed_account_ids)}"
        yield Finding("door.certificateArn", arn, allowed)


def door_cidrs(settings: AwsPlatform) -> tuple[IPv4Network, ...]:
    """Who may connect to the door: the networks that are named, or else the VPC's own."""
    door = settings.door
    if door is None:
        return ()
    if door.cidrs:
        return door.cidrs
    vpc = settings.network.vpc or settings.network.existing
    return (vpc.cidr,) if vpc else ()
