"""Rules over several settings of a platform."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Network

from components.access.aws_rights.tenant_boundary import boundary_statements
from components.access.iam import MAXIMUM_MANAGED_POLICY, policy_document, policy_length
from components.software.versions import supported_kubernetes_versions
from infra.settings.catalog_rules import keys_are_the_regions
from infra.settings.data_rules import buckets_have_one_owner, listed_data_differ, listed_keys_are_of_data
from infra.settings.fields import DEPLOYED_TENANTS
from infra.settings.findings import Finding, shown
from infra.settings.listed_tenants import RESERVED_TENANTS
from infra.settings.observability_rules import aws_monitoring, existing_monitoring, platform_monitoring, topics_of
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
from sizing import names, network
from sizing.arns import Arns

LOAD_BALANCER_PREFIX_LENGTH = 27
"""Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""
SECTIONS = ("deployers", "people", "shared")
"""Of `access`, where principals are."""
WIDEST_ACCESS = 8
"""Bits of the prefix of the widest network that may reach the API endpoint: 10.0.0.0/8, the largest private one, has so
many, and two halves of the internet are the internet."""
DOCUMENTATION_BLOCKS = tuple(IPv4Network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
"""Used in examples, the samples' among them (RFC 5737)."""
SERVICE_BLOCKS = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""Where EKS takes a service CIDR from, between /12 and /24.

Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
"""


def aws_platform_rules(region: str | None) -> tuple[SettingsRule, ...]:
    """The rules of a platform on EKS; those about the region are left out when it is unknown because it is wrong."""

    def zones_are_the_regions(settings: AwsPlatform) -> Iterator[Finding]:
        for zone in settings.network.zones:
            if region and zone[:-1] != region:
                yield Finding(f"network.{_network_key(settings)}.zones.{zone}", shown(zone), f"a zone of {region}")

    def principals_are_of_the_partition(settings: AwsPlatform) -> Iterator[Finding]:
        for section in SECTIONS:
            for name, who in sorted(getattr(settings.access, section).items()):
                yield from of_partition(f"access.{section}.{name}.principalArn", who.principal_arn, region)

    def topics_are_the_platforms(settings: AwsPlatform) -> Iterator[Finding]:
        if region:
            arns, prefix = Arns(account_id(settings), region), names.alert_topics(settings.name)
            yield from topics_of(settings.monitoring.receivers, "monitoring.receivers", arns, prefix)

    def monitoring_is_sound(settings: AwsPlatform) -> Iterator[Finding]:
        # The topic's ARN is an example: of a name or an account that is wrong itself there is none.
        name: str = getattr(settings, "name", "")
        accounts: tuple[str, ...] = getattr(settings, "allowed_account_ids", ())
        topic = Arns(accounts[0], region).topics(names.alert_topics(name))[:-1] if name and accounts and region else ""
        yield from platform_monitoring(settings, f"{topic}team" if topic else "")

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
        SettingsRule(("allowed_account_ids", "account_id"), _account),
        SettingsRule(("network",), _one_network),
        SettingsRule(("network",), zones_are_the_regions),
        SettingsRule(("network",), _subnets),
        SettingsRule(("network", "cluster"), _service_addresses),
        SettingsRule(("cluster",), _public_access),
        SettingsRule(("cluster",), _private_access),
        SettingsRule(("network", "pools", "executors"), _room_for_nodes),
        SettingsRule(("pools",), pools_are_sound),
        SettingsRule(("pools",), headroom_fits),
        SettingsRule(("network", "pools", "executors", "spark_operator", "monitoring", "environment"), software_fits),
        SettingsRule(("network", "pools", "executors", "monitoring", "environment"), monitoring_is_sound),
        SettingsRule(("monitoring",), aws_monitoring),
        SettingsRule(("monitoring", "name", "allowed_account_ids", "account_id"), topics_are_the_platforms),
        SettingsRule(("cluster",), _autoscaler_of_the_clusters_minor),
        SettingsRule(("access",), _access),
        SettingsRule(("access",), principals_are_of_the_partition),
        SettingsRule(("access", "name", "allowed_account_ids", "account_id"), _made_principals),
        SettingsRule(("tags",), tags_differ),
        SettingsRule(("tenants",), _tenant_names),
        SettingsRule(("tenants",), listed_secrets_are_one_tenants),
        SettingsRule(("access", "tenants"), _deployers_tenants),
        SettingsRule(("access", "tenants"), shared_tenants_are_listed),
        SettingsRule(("name", "allowed_account_ids", "account_id", "tenants", "state"), listed_data_is_outside),
        SettingsRule(("tenants",), data_keys_are_the_regions),
        SettingsRule(("tenants",), listed_data_differ),
        SettingsRule(("name", "allowed_account_ids", "account_id", "tenants"), boundaries_fit),
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


def _network_key(settings: AwsPlatform) -> str:
    return "vpc" if settings.network.vpc else "existing"


def _one_network(settings: AwsPlatform) -> Iterator[Finding]:
    given = [key for key in ("vpc", "existing") if getattr(settings.network, key)]
    if len(given) != 1:
        yield Finding("network", " and ".join(given) or "neither vpc nor existing", "exactly one of vpc and existing")


def _named_subnets(settings: AwsPlatform) -> list[tuple[str, IPv4Network]]:
    key = _network_key(settings)
    return [
        (f"network.{key}.zones.{zone}.{kind}", getattr(subnets, kind))
        for zone, subnets in settings.network.zones.items()
        for kind in ("private", "public")
        if hasattr(subnets, kind)
    ]


def _subnets(settings: AwsPlatform) -> Iterator[Finding]:
    vpc = settings.network.vpc
    source = vpc or settings.network.existing
    if source is None:
        return
    named = _named_subnets(settings)
    for path, cidr in [("network.vpc.cidr", source.cidr), *named] if vpc else named:
        if not network.allowed_in_vpc(str(cidr)):
            yield Finding(path, str(cidr), f"between /{network.LARGEST} and /{network.SMALLEST}, as AWS takes them")
    for path, cidr in named:
        if not cidr.subnet_of(source.cidr):
            yield Finding(path, str(cidr), f"a part of the VPC's {source.cidr}")
        if path.endswith(".public") and cidr.prefixlen > LOAD_BALANCER_PREFIX_LENGTH:
            yield Finding(path, str(cidr), f"/{LOAD_BALANCER_PREFIX_LENGTH} or larger, for load balancers")
    if settings.network.existing:
        seen: dict[str, str] = {}
        for zone, given in sorted(settings.network.existing.zones.items()):
            path = f"network.existing.zones.{zone}.privateSubnetId"
            if (first_path := seen.setdefault(given.private_subnet_id, path)) != path:
                yield Finding(path, given.private_subnet_id, f"a subnet of its own; {first_path} has this one")
    for (first, one), (second, other) in itertools.combinations(named, 2):
        if one.overlaps(other):
            yield Finding(second, str(other), f"a subnet apart from {first}, which is {one}")


def _service_addresses(settings: AwsPlatform) -> Iterator[Finding]:
    source = settings.network.vpc or settings.network.existing
    service = settings.cluster.service_cidr
    if source and service.overlaps(source.cidr):
        yield Finding("cluster.serviceCidr", str(service), f"a network apart from the VPC's {source.cidr}")
    if not 12 <= service.prefixlen <= 24 or not any(service.subnet_of(block) for block in SERVICE_BLOCKS):
        blocks = ", ".join(str(block) for block in SERVICE_BLOCKS)
        yield Finding("cluster.serviceCidr", str(service), f"between /12 and /24, within {blocks}")


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


def _room_for_nodes(settings: AwsPlatform) -> Iterator[Finding]:
    pools = settings.pools
    nodes: Counter[int] = Counter()
    nodes[pools.system.pods_per_node] += pools.system.nodes_per_zone
    nodes[pools.driver.pods_per_node] += pools.driver.nodes_per_zone.max
    nodes[settings.executors.pods_per_node] += settings.executors.nodes_per_zone
    endpoints = len(settings.network.vpc.endpoints) if settings.network.vpc else len(network.INTERFACE_ENDPOINTS)
    needed = network.addresses_needed_by(nodes, endpoints=endpoints)
    for zone, subnets in settings.network.zones.items():
        if subnets.private.num_addresses < needed:
            yield Finding(
                f"network.{_network_key(settings)}.zones.{zone}.private",
                str(subnets.private),
                f"/{network.prefix_length(needed)} or larger, for {nodes.total()} nodes and their pods in this zone; "
                "or fewer nodes (executors.nodesPerZone, pools) or a smaller podsPerNode",
            )


existing_platform_rules = (
    SettingsRule(("pools", "spark_operator", "monitoring", "environment"), software_fits_existing),
    SettingsRule(("pools", "monitoring", "environment"), platform_monitoring),
    SettingsRule(("monitoring",), existing_monitoring),
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
    return sorted(name for name, deployer in settings.access.deployers.items() if deployer.stacks == "platform")


def _access(settings: AwsPlatform) -> Iterator[Finding]:
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
            if (first := seen.setdefault(who.principal_arn, path)) != path:
                yield Finding(
                    f"{path}.principalArn", who.principal_arn, f"a principal of its own; {first} has this one"
                )


def _made_principals(settings: AwsPlatform) -> Iterator[Finding]:
    for section in SECTIONS:
        for name, who in sorted(getattr(settings.access, section).items()):
            path = f"access.{section}.{name}.principalArn"
            yield from made_by_nobody_here(path, who.principal_arn, settings.name, account_id(settings))


def _deployed(path: str, deployer: Deployer) -> Iterator[Finding]:
    """Whether it is said whose stacks somebody deploys who deploys tenants, and of nobody else."""
    if deployer.stacks == "tenants" and deployer.tenants is None:
        yield Finding(path, "nothing", f"whose stacks they deploy: {DEPLOYED_TENANTS}")
    elif deployer.stacks == "platform" and deployer.tenants is not None:
        found = deployer.tenants if deployer.tenants == "all" else ", ".join(deployer.tenants)
        yield Finding(path, found, "nothing: with stacks: platform they deploy every tenant")
