"""Rules over a platform's network: its zones, and what has addresses there."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Network

from infra.settings.findings import Finding
from infra.settings.platform import AwsPlatform
from sizing import network

LOAD_BALANCER_PREFIX_LENGTH = 27
"""Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""
WIDEST_ACCESS = 8
"""Bits of the prefix of the widest network that may reach the API endpoint, or the door: 10.0.0.0/8, the largest
private one, has so many, and two halves of the internet are the internet."""
SERVICE_BLOCKS = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""Where EKS takes a service CIDR from, between /12 and /24.

Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
"""


def network_key(settings: AwsPlatform) -> str:
    """Where the zones are, under `network`."""
    return "vpc" if settings.network.vpc else "existing"


def one_network(settings: AwsPlatform) -> Iterator[Finding]:
    """A VPC of the platform's own, or one that is there."""
    given = [key for key in ("vpc", "existing") if getattr(settings.network, key)]
    if len(given) != 1:
        yield Finding("network", " and ".join(given) or "neither vpc nor existing", "exactly one of vpc and existing")


def _named_subnets(settings: AwsPlatform) -> list[tuple[str, IPv4Network]]:
    key = network_key(settings)
    return [
        (f"network.{key}.zones.{zone}.{kind}", getattr(subnets, kind))
        for zone, subnets in settings.network.zones.items()
        for kind in ("private", "public")
        if hasattr(subnets, kind)
    ]


def subnets_fit(settings: AwsPlatform) -> Iterator[Finding]:
    """Subnets are parts of the VPC, apart from each other and as large as AWS takes them."""
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


def services_apart_from_nodes(settings: AwsPlatform) -> Iterator[Finding]:
    """Services have no addresses of the VPC."""
    source = settings.network.vpc or settings.network.existing
    service = settings.cluster.service_cidr
    if source and service.overlaps(source.cidr):
        yield Finding("cluster.serviceCidr", str(service), f"a network apart from the VPC's {source.cidr}")


def services_as_eks_takes_them(settings: AwsPlatform) -> Iterator[Finding]:
    """Services have private addresses."""
    service = settings.cluster.service_cidr
    if not 12 <= service.prefixlen <= 24 or not any(service.subnet_of(block) for block in SERVICE_BLOCKS):
        blocks = ", ".join(str(block) for block in SERVICE_BLOCKS)
        yield Finding("cluster.serviceCidr", str(service), f"between /12 and /24, within {blocks}")


def room_for_nodes(settings: AwsPlatform) -> Iterator[Finding]:
    """Each zone's subnet has addresses for all nodes and pods there."""
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
                f"network.{network_key(settings)}.zones.{zone}.private",
                str(subnets.private),
                f"/{network.prefix_length(needed)} or larger, for {nodes.total()} nodes and their pods in this zone; "
                "or fewer nodes (executors.nodesPerZone, pools) or a smaller podsPerNode",
            )
