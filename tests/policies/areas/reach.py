"""Rows on the rules about what queues reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.policies.drafts import UNKNOWN, add
from tests.policies.rows import Kept, Mutation, Way
from tests.policies.tokens import IN_QUEUE, NETWORK_POLICY

_TCP: Final = {"port": 5432, "protocol": "TCP"}
_HOST: Final = {"matchName": "db.example.com"}
_ANYWHERE: Final = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]}


def _to(cidr: str, port: int = 5432) -> Mapping[str, Any]:
    return {"to": [{"ipBlock": {"cidr": cidr}}], "ports": [{"port": port, "protocol": "TCP"}]}


def _to_hosts(*hosts: Mapping[str, str]) -> Mapping[str, Any]:
    return {"toFQDNs": list(hosts), "toPorts": [{"ports": [{"port": "5432", "protocol": "TCP"}]}]}


def _in_kube_system(labels: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": labels},
    }


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="queue-reaches-named-places-only",
        stack="ads-dev",
        breaks=add(NETWORK_POLICY, metadata=IN_QUEUE, spec={"policyTypes": ["Egress"], "egress": [{}]}),
        unknown=add(NETWORK_POLICY, metadata=IN_QUEUE, spec={"policyTypes": ["Egress"], "egress": UNKNOWN}),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    *(
        (
            "queue-reaches-named-places-only",
            "ads-dev",
            add(NETWORK_POLICY, metadata=IN_QUEUE, spec={"policyTypes": ["Egress"], "egress": [rule]}),
            said,
        )
        for rule, said in (
            ({"to": [], "ports": [_TCP]}, "opens everything"),
            (_ANYWHERE, "more than single ports"),
            ({**_ANYWHERE, "ports": [{"protocol": "TCP"}]}, "more than single ports"),
            ({**_ANYWHERE, "ports": [{**_TCP, "endPort": 9000}]}, "more than single ports"),
            ({**_ANYWHERE, "ports": [{"port": 443}, _TCP]}, "open on 443, 5432"),
            (_to("0.0.0.0/0", 443), "metadata service"),
            (_to("::/0", 443), "metadata service"),
            (_to("2001:db8::/64"), "no IPv6"),
            (_to("169.254.169.254/32", 80), "outside of 169.254.0.0/16"),
            (_to("169.254.170.23/32", 8080), "outside of 169.254.0.0/16"),
            (_to("128.0.0.0/1"), "/24 or narrower"),
            (_to("10.0.0.0/8"), "/16 or narrower"),
            (_to("10.40.7.0/24"), "outside of 10.40.0.0/18"),
            (_to("172.20.0.1/32"), "outside of 172.20.0.0/16"),
            ({"to": [{"namespaceSelector": {}}]}, "pods of other namespaces"),
            ({"to": [_in_kube_system({"k8s-app": "kube-dns"})]}, "pods of other namespaces"),
            ({"to": [_in_kube_system({})], "ports": [{"port": 53}]}, "pods of other namespaces"),
        )
    ),
    *(
        (
            "queue-reaches-named-places-only",
            "ads-dev",
            add(
                "kubernetes:cilium.io/v2:CiliumNetworkPolicy",
                metadata=IN_QUEUE,
                spec={"endpointSelector": {}, "egress": [rule]},
            ),
            said,
        )
        for rule, said in (
            ({}, "more than hosts"),
            ({"toEntities": ["world"]}, "more than hosts"),
            ({"toCIDR": ["10.60.0.0/24"], "toPorts": [{"ports": [{"port": "5432"}]}]}, "more than hosts"),
            ({"toFQDNs": [_HOST]}, "more than hosts"),
            ({"toFQDNs": [_HOST], "toPorts": [{"ports": [{"port": "5432"}]}]}, "more than single TCP ports"),
            (_to_hosts({"matchName": "kubernetes.default.svc"}), "kubernetes.default.svc"),
            (_to_hosts({"matchPattern": "*"}), "the host *"),
            (_to_hosts(_HOST, {"matchPattern": "*.com"}), "the host *.com"),
            (_to_hosts({**_HOST, "matchPattern": "*.rds.amazonaws.com"}), "the host *.rds.amazonaws.com"),
            (
                {
                    "toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}}],
                    "toPorts": [{"ports": [{"port": "53"}]}],
                },
                "more than hosts",
            ),
        )
    ),
    *(
        (
            "queue-reaches-named-places-only",
            "platform-dev",
            add("kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy", metadata={"name": "x"}, **{kind: spec}),
            "to every queue",
        )
        for kind, spec in (
            ("spec", {"endpointSelector": {}, "egress": [{"toEntities": ["host"]}]}),
            ("specs", [{"endpointSelector": {}, "egress": [{"toCIDR": ["169.254.169.254/32"]}]}]),
        )
    ),
)

KEPT: Final[tuple[Kept, ...]] = ()
