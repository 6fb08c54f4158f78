"""Rules over several settings of a platform."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Network

from components.access.aws_rights.tenant_boundary import boundary_statements
from components.access.iam import MAXIMUM_MANAGED_POLICY, policy_document, policy_length
from components.software.versions import supported_kubernetes_versions
from infra.settings.catalog_rules import keys_are_the_regions
from infra.settings.data_rules import buckets_have_one_owner, listed_data_differ, listed_keys_are_of_data
from infra.settings.door_rules import (
    certificate_is_the_regions,
    door_is_for_somebody,
    door_is_sound,
    door_knows_both_endpoints,
    door_reads_claims,
)
from infra.settings.fields import DEPLOYED_TENANTS
from infra.settings.findings import Finding, shown
from infra.settings.identity_rules import identity_is_sound, people_are_known
from infra.settings.listed_tenants import RESERVED_TENANTS
from infra.settings.network_rules import (
    WIDEST_ACCESS,
    network_key,
    one_network,
    room_for_nodes,
    services_apart_from_nodes,
    services_as_eks_takes_them,
    subnets_fit,
)
from infra.settings.observability_rules import (
    aws_monitoring,
    existing_monitoring,
    measurements_fit,
    receivers_are_of_one_kind,
    somebody_is_told,
    topics_of,
)
from infra.settings.platform import AwsPlatform, Deployer
from infra.settings.pool_rules import (
    headroom_fits,
    pools_are_sound,
    software_fits,
    software_fits_existing,
)
from infra.settings.rights import boundary_args
from infra.settings.rules import SettingsRule, made_by_nobody_here, of_partition, tags_differ
from infra.settings.secret_rules import listed_secrets_are_one_tenants
from infra.settings.shared_rules import shared_tenants_are_listed
from infra.settings.unreadable import all_of
from sizing import names
from sizing.arns import Arns

SECTIONS = ("deployers", "people", "shared")
"""Of `access`, where principals are."""
DOCUMENTATION_BLOCKS = tuple(IPv4Network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
"""Used in examples, the samples' among them (RFC 5737)."""


def aws_platform_rules(region: str | None) -> tuple[SettingsRule, ...]:
    """The rules of a platform on EKS; those about the region are left out when it is unknown because it is wrong."""

    def zones_are_the_regions(settings: AwsPlatform) -> Iterator[Finding]:
        for zone in settings.network.zones:
            if region and zone[:-1] != region:
                yield Finding(f"network.{network_key(settings)}.zones.{zone}", shown(zone), f"a zone of {region}")

    def principals_are_of_the_partition(section: str, settings: AwsPlatform) -> Iterator[Finding]:
        for name, who in sorted(getattr(settings.access, section).items()):
            if who.principal_arn:
                yield from of_partition(f"access.{section}.{name}.principalArn", who.principal_arn, region)

    def topics_are_the_platforms(settings: AwsPlatform) -> Iterator[Finding]:
        if region:
            arns, prefix = Arns(account_id(settings), region), names.alert_topics(settings.name)
            yield from topics_of(settings.monitoring.receivers, "monitoring.receivers", arns, prefix)

    def alerts_are_told(settings: AwsPlatform) -> Iterator[Finding]:
        # The topic's ARN is an example: of a name or an account that is wrong itself there is none.
        name: str = getattr(settings, "name", "")
        accounts: tuple[str, ...] = getattr(settings, "allowed_account_ids", ())
        topic = Arns(accounts[0], region).topics(names.alert_topics(name))[:-1] if name and accounts and region else ""
        yield from somebody_is_told(settings, f"{topic}team" if topic else "")

    def listed_data_is_outside(settings: AwsPlatform) -> Iterator[Finding]:
        if region:
            arns = Arns(account_id(settings), region)
            yield from _listed_data(settings, arns)
            yield from buckets_have_one_owner(settings, arns.account)
            yield from listed_keys_are_of_data(settings, arns)

    def data_keys_are_the_regions(settings: AwsPlatform) -> Iterator[Finding]:
        for name, tenant in sorted(settings.tenants.items()):
            yield from keys_are_the_regions(f"tenants.{name}.data", tenant.data, region)

    def boundaries_fit(settings: AwsPlatform) -> Iterator[Finding]:
        if region:
            yield from _boundaries(settings, Arns(account_id(settings), region))

    return (
        _account,
        one_network,
        zones_are_the_regions,
        subnets_fit,
        services_apart_from_nodes,
        services_as_eks_takes_them,
        _public_access,
        _private_access,
        room_for_nodes,
        *pools_are_sound,
        headroom_fits,
        software_fits,
        receivers_are_of_one_kind,
        measurements_fit,
        alerts_are_told,
        aws_monitoring,
        topics_are_the_platforms,
        _autoscaler_of_the_clusters_minor,
        _creator,
        _principals,
        identity_is_sound,
        people_are_known,
        door_is_sound,
        door_knows_both_endpoints,
        door_reads_claims,
        door_is_for_somebody,
        partial(certificate_is_the_regions, region=region),
        *(partial(principals_are_of_the_partition, section) for section in SECTIONS),
        *(partial(_made_principals, section) for section in SECTIONS),
        tags_differ,
        _tenant_names,
        listed_secrets_are_one_tenants,
        _deployers_tenants,
        shared_tenants_are_listed,
        listed_data_is_outside,
        data_keys_are_the_regions,
        listed_data_differ,
        boundaries_fit,
    )


def account_id(settings: AwsPlatform) -> str:
    """The account that a platform's ARNs are made of."""
    return settings.account_id or settings.allowed_account_ids[0]


def _account(settings: AwsPlatform) -> Iterator[Finding]:
    accounts = settings.allowed_account_ids
    if settings.account_id is None and len(set(accounts)) > 1:
        yield Finding("accountId", "nothing", f"one of allowedAccountIds: {', '.join(accounts)}")
    if settings.account_id is not None and settings.account_id not in accounts:
        yield Finding("accountId", shown(settings.account_id), f"one of allowedAccountIds: {', '.join(accounts)}")


def _public_access(settings: AwsPlatform) -> Iterator[Finding]:
    for index, cidr in enumerate(settings.cluster.public_access_cidrs):
        path = f"cluster.publicAccessCidrs[{index}]"
        if cidr.prefixlen < WIDEST_ACCESS:
            yield Finding(path, str(cidr), f"the networks of those who need it: /{WIDEST_ACCESS} or smaller")
        elif not cidr.is_global and not any(cidr.subnet_of(block) for block in DOCUMENTATION_BLOCKS):
            yield Finding(path, str(cidr), "public addresses; private ones go to cluster.privateAccess.cidrs")


def _private_access(settings: AwsPlatform) -> Iterator[Finding]:
    access = settings.cluster.private_access
    for index, cidr in enumerate(access.cidrs):
        if cidr.prefixlen < WIDEST_ACCESS:
            allowed = f"the networks of those who need it: /{WIDEST_ACCESS} or smaller"
            yield Finding(f"cluster.privateAccess.cidrs[{index}]", str(cidr), allowed)
    if not (settings.cluster.public_access_cidrs or access.cidrs or access.security_groups):
        yield Finding(
            "cluster.privateAccess",
            "nobody",
            "cidrs or securityGroups of whoever deploys: a private endpoint (no publicAccessCidrs) is otherwise "
            "reached by nodes only",
        )


existing_platform_rules = (
    software_fits_existing,
    receivers_are_of_one_kind,
    measurements_fit,
    somebody_is_told,
    existing_monitoring,
)


def _autoscaler_of_the_clusters_minor(settings: AwsPlatform) -> Iterator[Finding]:
    known = supported_kubernetes_versions()
    if settings.cluster.version not in known:
        yield Finding(
            "cluster.version", shown(settings.cluster.version), f"one that has an autoscaler: {', '.join(known)}"
        )


def creator(settings: AwsPlatform) -> str:
    """The deployer who runs the platform's first `up`."""
    return settings.access.creator or _platform_deployers(settings)[0]


def _tenant_names(settings: AwsPlatform) -> Iterator[Finding]:
    for name in sorted(settings.tenants.keys() & RESERVED_TENANTS.keys()):
        yield Finding(f"tenants.{name}", name, f"another name: {RESERVED_TENANTS[name]}")


def _deployers_tenants(settings: AwsPlatform) -> Iterator[Finding]:
    listed = ", ".join(sorted(settings.tenants)) or "none yet"
    for name, deployer in sorted(settings.access.deployers.items()):
        for index, tenant in enumerate(deployer.tenants or ()):
            if deployer.tenants != "all" and tenant not in settings.tenants:
                path = f"access.deployers.{name}.tenants[{index}]"
                yield Finding(path, tenant, f"a tenant that the platform lists under tenants: {listed}")


def _listed_data(settings: AwsPlatform, arns: Arns) -> Iterator[Finding]:
    own = set(names.buckets(settings.name, arns.account, arns.region).values())
    for tenant in sorted(settings.tenants):
        for index, location in enumerate(settings.tenants[tenant].data):
            path = f"tenants.{tenant}.data[{index}].bucket"
            if location.bucket in own:
                allowed = "a bucket other than the platform's own, where each queue has its prefix and no other"
                yield Finding(path, location.bucket, allowed)
            if settings.state and location.bucket == settings.state.bucket:
                yield Finding(path, location.bucket, "a bucket other than Pulumi's, which has the state of all stacks")


def _boundaries(settings: AwsPlatform, arns: Arns) -> Iterator[Finding]:
    for tenant in sorted(settings.tenants):
        document = policy_document(*boundary_statements(boundary_args(settings, arns, tenant)))
        if (length := policy_length(document)) > MAXIMUM_MANAGED_POLICY:
            tables = len(settings.tenants[tenant].databases)
            yield Finding(
                f"tenants.{tenant}.data",
                f"{len(settings.tenants[tenant].data)} locations{f' and {tables} databases' if tables else ''}, "
                f"a boundary of {length} characters",
                f"fewer, or shorter prefixes: AWS takes {MAXIMUM_MANAGED_POLICY} characters",
            )


def _platform_deployers(settings: AwsPlatform) -> list[str]:
    return sorted(name for name, deployer in all_of(settings.access.deployers).items() if deployer.stacks == "platform")


def _creator(settings: AwsPlatform) -> Iterator[Finding]:
    access = settings.access
    deployers = _platform_deployers(settings)
    if not deployers:
        yield Finding("access.deployers", "nobody with stacks: platform", "at least one who can deploy the platform")
    elif access.creator is None and len(deployers) > 1:
        yield Finding("access.creator", "nothing", f"who runs the first up, one of {', '.join(deployers)}")
    elif access.creator is not None and access.creator not in deployers:
        yield Finding(
            "access.creator", shown(access.creator), f"a deployer with stacks: platform: {', '.join(deployers)}"
        )


def _principals(settings: AwsPlatform) -> Iterator[Finding]:
    access = settings.access
    for name, deployer in sorted(access.deployers.items()):
        yield from _deployed(f"access.deployers.{name}.tenants", deployer)
    seen: dict[str, str] = {}
    others = {"deployers": set[str](), "people": {*access.deployers}, "shared": {*access.deployers, *access.people}}
    for section in SECTIONS:
        for name, who in sorted(getattr(access, section).items()):
            path = f"access.{section}.{name}"
            if name in others[section]:
                allowed = "a name that no deployer has" if section == "people" else "a name that no other has"
                yield Finding(path, name, allowed)
            if who.principal_arn and (first := seen.setdefault(who.principal_arn, path)) != path:
                yield Finding(
                    f"{path}.principalArn", who.principal_arn, f"a principal of its own; {first} has this one"
                )


def _made_principals(section: str, settings: AwsPlatform) -> Iterator[Finding]:
    for name, who in sorted(getattr(settings.access, section).items()):
        path = f"access.{section}.{name}.principalArn"
        yield from made_by_nobody_here(path, who.principal_arn or "", settings.name, account_id(settings))


def _deployed(path: str, deployer: Deployer) -> Iterator[Finding]:
    """Whether it is said whose stacks somebody deploys who deploys tenants, and of nobody else."""
    if deployer.stacks == "tenants" and deployer.tenants is None:
        yield Finding(path, "nothing", f"whose stacks they deploy: {DEPLOYED_TENANTS}")
    elif deployer.stacks == "platform" and deployer.tenants is not None:
        found = deployer.tenants if deployer.tenants == "all" else ", ".join(deployer.tenants)
        yield Finding(path, found, "nothing: with stacks: platform they deploy every tenant")
