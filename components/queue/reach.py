"""Network policies that open what a queue's settings name: hosts and ranges, beside what every queue reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from pulumi_kubernetes.networking.v1 import NetworkPolicySpecArgsDict

from components.queue.network import DNS_LABELS, DNS_NAMESPACE
from sizing.reach import Opening
from sizing.values import Json

REACH: Final = "reach"
"""Both policies' name; one is Kubernetes', one is Cilium's."""
CILIUM_API: Final = "cilium.io/v2"
CILIUM_POLICY: Final = "CiliumNetworkPolicy"
DNS_SERVERS: Final = {
    "k8s:io.kubernetes.pod.namespace": DNS_NAMESPACE,
    **{f"k8s:{label}": value for label, value in DNS_LABELS.items()},
}
"""The cluster's DNS, as Cilium selects it."""


def ranges_policy(openings: Iterable[Opening]) -> NetworkPolicySpecArgsDict | None:
    """The spec of the network policy that opens ranges, for every pod of the queue; None where none is named."""
    ports = _ports(opening for opening in openings if not opening.by_name)
    if not ports:
        return None
    return {
        "pod_selector": {},
        "policy_types": ["Egress"],
        "egress": [
            {"to": [{"ip_block": {"cidr": cidr}}], "ports": [{"port": port, "protocol": "TCP"} for port in of_range]}
            for cidr, of_range in ports.items()
        ],
    }


def hosts_policy(openings: Iterable[Opening]) -> dict[str, Json] | None:
    """The spec of Cilium's policy that opens hosts, for every pod of the queue; None where none is named.

    Cilium knows a host's addresses from the answers that pods get of the cluster's DNS, and sees these by the first
    rule alone: it lets all names be asked, as another policy does anyway. Where both hold, the one that looks wins.
    Sources: https://docs.cilium.io/en/v1.19/security/policy/language/#dns-based; cilium/cilium v1.19.6,
    pkg/policy/types/entry.go (Merge)
    """
    ports = _ports(opening for opening in openings if opening.by_name)
    if not ports:
        return None
    return {
        "endpointSelector": {},
        "egress": [
            {
                "toEndpoints": [{"matchLabels": dict(DNS_SERVERS)}],
                "toPorts": [
                    {"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": [{"matchPattern": "*"}]}},
                ],
            },
            *(
                {
                    "toFQDNs": [{"matchPattern" if "*" in host else "matchName": host}],
                    "toPorts": [{"ports": [{"port": str(port), "protocol": "TCP"} for port in of_host]}],
                }
                for host, of_host in ports.items()
            ),
        ],
    }


def _ports(openings: Iterable[Opening]) -> Mapping[str, list[int]]:
    """Sorted ports by sorted addresses."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for opening in openings:
        found[opening.address].add(opening.port)
    return {address: sorted(found[address]) for address in sorted(found)}
