"""Which places outside the cluster a queue may name for its jobs to reach: hosts, ranges of addresses, ports.

What is refused by name is refused as a courtesy: a host's addresses are its owner's to choose, so what must stay closed
whatever a name resolves to is closed by address too (`components.network.policy_engine`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Network
from typing import Final

LINK_LOCAL: Final = "169.254.0.0/16"
"""The nodes' metadata service, the agent of EKS Pod Identity, the VPC's resolver and clock."""
NO_PLACES: Final[Mapping[str, str]] = {
    "0.0.0.0/8": "the pod itself",
    "127.0.0.0/8": "the pod itself",
    LINK_LOCAL: "the nodes' metadata service and what else answers on every node",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
"""Ranges that hold nothing a job has to do with, and what they are.

Source: https://www.iana.org/assignments/iana-ipv4-special-registry/
"""
PRIVATE: Final = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
"""Ranges of private networks, and of what providers share among customers (RFC 1918, RFC 6598)."""
WIDEST_PRIVATE: Final = 16
"""Bits of the prefix of the widest private range: as large as a VPC may be."""
WIDEST_PUBLIC: Final = 24
"""Bits of the prefix of the widest public range: the smallest that is routed by itself, and so one owner's."""

LABELS_BELOW: Final = 3
"""Labels that follow the wildcard at least: `*.kafka.example.com`, and not everything of a company or a registry."""
SHARED_DOMAINS: Final[Mapping[str, int]] = {
    "amazonaws.com": 5,
    "amazonaws.com.cn": 6,
    "api.aws": 5,
    "azure.com": 5,
    "googleapis.com": 5,
    "windows.net": 5,
}
"""Domains of providers in which everybody's names lie side by side, and how many labels must follow a wildcard there:
`*.c1a2b3.eu-central-1.rds.amazonaws.com` is for one account's databases, with a label less it is for those of all."""
CLUSTERS_OWN: Final = re.compile(
    r"(^|\.)(localhost|localdomain|svc|cluster\.local|kubernetes\.default|metadata\.[a-z]+\.internal"
    r"|compute\.internal|ec2\.internal"
    r"|eks\.amazonaws\.com(\.cn)?|eks-cluster\.[a-z0-9-]+\.api\.(aws|amazonwebservices\.com\.cn))$"
)
"""Names in a cluster, of EC2's instances and so of nodes, of clouds' metadata services, and of EKS clusters' APIs.

Sources: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/;
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html;
https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
"""
ADDRESS_IN_NAME: Final = re.compile(
    r"(^|[.-])(127([.-][0-9]{1,3}){3}|169[.-]254([.-][0-9]{1,3}){2}|0[.-]0[.-]0[.-]0)([.-]|$)"
    r"|(^|\.)(nip\.io|sslip\.io|xip\.io|traefik\.me|lvh\.me|localtest\.me)$"
)
"""Names that say an address of every node, and those below domains that answer with whatever address a name says, or
with the pod's own.

Source: https://nip.io, https://sslip.io
"""
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST: Final = rf"(\*\.)?({_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]"
"""A host's name: two labels or more, the last of which starts with a letter, as in no way to write an address."""
LONGEST_HOST: Final = 253
CATALOG: Final = "catalog"
"""The purpose of an opening to a catalog of the queue's, which its settings name elsewhere."""


@dataclass(frozen=True, order=True)
class Opening:
    """A place outside the cluster, and a TCP port there.

    Args:
        address: a host's name, where `*.` at its start is for one label, or an IPv4 range with its prefix.
        port: the TCP port.
        place: what the queue's settings call it: the name of the place, or of the catalog that is there.
        purpose: what is there, in a word.
    """

    address: str
    port: int
    place: str = ""
    purpose: str = ""

    @property
    def by_name(self) -> bool:
        """Whether the address is a host's name."""
        return "/" not in self.address


def address(place: str) -> str:
    """One host's name or IPv4 address, as an opening has it."""
    return f"{place}/32" if place.replace(".", "").isdigit() else place


def host_error(host: str) -> str | None:
    """What is allowed in the place of a host that a queue may not name; None where it may."""
    if len(host) > LONGEST_HOST or not re.fullmatch(HOST, host, re.ASCII):
        return (
            "the full name of a host in lower case, such as db.example.com, or *.kafka.example.com for all with one "
            f"label before that, of which there must be {LABELS_BELOW}; an address goes under cidr"
        )
    if CLUSTERS_OWN.search(host):
        return "a host outside: not the cluster's own, not a node, and not the API of an EKS cluster"
    if ADDRESS_IN_NAME.search(host):
        return "a host with a name of its own: this one stands for an address; an address goes under cidr"
    if host.startswith("*.") and (labels := host.count(".")) < (needed := _labels_below(host)):
        return f"a name with {needed} labels or more behind the wildcard, which has {labels}, or hosts one by one"
    return None


def place_error(place: str, clusters_own: Iterable[str] = ()) -> str | None:
    """What is allowed in the place of a host's name or of an IPv4 address that a queue may not name; None where it may.

    Args:
        place: the name or the address.
        clusters_own: as of `range_error`.
    """
    try:
        return range_error(IPv4Network(place), clusters_own)
    except AddressValueError:
        return host_error(place)


def _labels_below(host: str) -> int:
    return max((n for domain, n in SHARED_DOMAINS.items() if host.endswith(f".{domain}")), default=LABELS_BELOW)


def range_error(found: IPv4Network, clusters_own: Iterable[str] = ()) -> str | None:
    """What is allowed in the place of a range that a queue may not name; None where it may.

    Args:
        found: the range.
        clusters_own: ranges of the cluster's nodes, pods and services, and so of its API.
    """
    widest = WIDEST_PRIVATE if _within(found, PRIVATE) else WIDEST_PUBLIC
    if found.prefixlen < widest:
        kind = "private" if widest == WIDEST_PRIVATE else "public"
        return f"a {kind} range of /{widest} or narrower: name the networks in which the places are"
    for part, what in NO_PLACES.items():
        if found.overlaps(IPv4Network(part)):
            return f"a range outside of {part}, which is {what}"
    for part in sorted(clusters_own):
        if found.overlaps(IPv4Network(part)):
            return f"a range outside of {part}, in which the cluster's own nodes, pods, services or API are"
    return None


def _within(found: IPv4Network, ranges: Iterable[str]) -> bool:
    return any(found.subnet_of(IPv4Network(one)) for one in ranges)
