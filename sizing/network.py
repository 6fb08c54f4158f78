"""Addresses: what a zone's private subnet must hold, and how it is divided.

With prefix delegation nodes take addresses in two ways: one address for each network interface, and blocks of 16 (/28
prefixes) for their pods. A prefix needs 16 free addresses in a row, so single addresses strewn over a subnet make it
useless long before it is full. Therefore a private subnet is divided: the first eighth is for single addresses, the
rest is reserved for prefixes (`prefix_reservations`), and the two are counted apart.

Sources: docs/prefix-and-ip-target.md and pkg/ipamd/ipamd.go of github.com/aws/amazon-vpc-cni-k8s (v1.23);
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network

PREFIX = 16
"""Addresses of a /28 prefix, the unit in which the CNI takes addresses for pods."""
WARM_PREFIXES = 1
"""Free prefixes that a node keeps (the CNI's WARM_PREFIX_TARGET as the platform sets it)."""
PREFIXES_PER_INTERFACE = 9
"""Prefixes that a node's interface holds beside its own address: 10 addresses on a `.large`, more on every larger size.

Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/ (addresses per interface).
"""
SINGLES_SHARE = 8
"""One part in this many of a private subnet is for single addresses. A node with a single pod takes one address and two
prefixes, 1 : 32; an eighth leaves room for what is not a node."""
SPARE_PERCENT = 10
"""Kept free of what nodes may take: a node that ended holds its addresses until EC2 has deleted its interfaces, and
pods' addresses cool down for 30 s before they are used again."""

RESERVED_FIRST = 4
"""Addresses that AWS keeps at a subnet's start; another one is at its end.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""
CONTROL_PLANE = 16
"""Addresses that EKS recommends to have free in each of the cluster's subnets for the control plane's interfaces.

Source: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
"""
PER_LOAD_BALANCER = 8
"""Free addresses that a load balancer asks of each of its subnets to scale.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
"""
LOAD_BALANCERS = 4
"""Internal load balancers for which room is left."""

INTERFACE_ENDPOINTS = (
    "aps-workspaces",
    "autoscaling",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "glue",
    "kms",
    "logs",
    "secretsmanager",
    "sns",
    "ssm",
    "sts",
)
"""AWS services for which a platform can have interface endpoints; each takes an address of every private subnet."""

LARGEST, SMALLEST = 16, 28
"""Prefix lengths between which a VPC's and a subnet's IPv4 range must lie.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
"""


def prefixes_per_node(pods_per_node: int) -> int:
    """Prefixes that a node takes for so many pods at once, the free one included.

    Raises:
        ValueError: fewer than one pod.
    """
    if pods_per_node < 1:
        raise ValueError(f"{pods_per_node} pods on a node: at least 1 is needed")
    return _ceil(pods_per_node, PREFIX) + WARM_PREFIXES


def interfaces_per_node(pods_per_node: int) -> int:
    """Network interfaces that a node needs for its prefixes; the CNI adds one only when the others are full.

    Raises:
        ValueError: fewer than one pod.
    """
    return _ceil(prefixes_per_node(pods_per_node), PREFIXES_PER_INTERFACE)


def addresses_needed_by(
    nodes: Mapping[int, int],
    *,
    endpoints: int = len(INTERFACE_ENDPOINTS),
    load_balancers: int = LOAD_BALANCERS,
) -> int:
    """The size, in addresses, of the smallest private subnet for the nodes of one zone: a power of two.

    Args:
        nodes: maximum of nodes of the zone at one time, by the maximum of pods of such a node.
        endpoints: interface endpoints in the subnet.
        load_balancers: load balancers with an address in the subnet.

    Raises:
        ValueError: a negative count, or fewer than one pod on a node.
    """
    for what, count in (
        ("nodes", min(nodes.values(), default=0)),
        ("endpoints", endpoints),
        ("load balancers", load_balancers),
    ):
        if count < 0:
            raise ValueError(f"{count} {what}: a count can't be negative")
    prefixes = _with_spare(sum(count * prefixes_per_node(pods) for pods, count in nodes.items()))
    interfaces = _with_spare(sum(count * interfaces_per_node(pods) for pods, count in nodes.items()))
    singles = interfaces + CONTROL_PLANE + endpoints + load_balancers * PER_LOAD_BALANCER
    size = PREFIX  # the smallest subnet there is has one prefix
    while _prefix_room(size) < prefixes or _single_room(size) < singles:
        size *= 2
    return size


def prefix_length(addresses: int) -> int:
    """The prefix length of the smallest range that holds so many addresses: 18 for 16,384.

    Raises:
        ValueError: fewer than one address, or more than IPv4 has.
    """
    if not 1 <= addresses <= 2**32:
        raise ValueError(f"{addresses} addresses: there must be between 1 and 2^32")
    return 32 - (addresses - 1).bit_length()


def prefix_reservations(cidr: str) -> list[str]:
    """The parts of a private subnet that are reserved for prefixes: all but the first eighth, from the subnet's start.

    Raises:
        ValueError: `cidr` is not an IPv4 range.
    """
    subnet = IPv4Network(cidr)
    if subnet.prefixlen > SMALLEST - 1:  # no /28 fits beside single addresses
        return []
    singles = next(subnet.subnets(new_prefix=subnet.prefixlen + SINGLES_SHARE.bit_length() - 1))
    return [str(part) for part in sorted(subnet.address_exclude(singles)) if part.prefixlen <= SMALLEST]


def allowed_in_vpc(cidr: str) -> bool:
    """Whether AWS takes a range of this size for a VPC or a subnet.

    Raises:
        ValueError: it is not an IPv4 range.
    """
    return LARGEST <= IPv4Network(cidr).prefixlen <= SMALLEST


def _prefix_room(size: int) -> int:
    """Prefixes in the reserved part; the last one is lost to the address that AWS keeps at the subnet's end."""
    return (size - size // SINGLES_SHARE) // PREFIX - 1


def _single_room(size: int) -> int:
    return size // SINGLES_SHARE - RESERVED_FIRST


def _with_spare(count: int) -> int:
    return _ceil(count * (100 + SPARE_PERCENT), 100)


def _ceil(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor)
