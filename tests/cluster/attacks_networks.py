"""What network policies of a queue might open, by whoever deploys its tenant; and that the queue stays closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from components.queue.reach import hosts_policy
from sizing.reach import Opening
from tests.cluster.api import Object
from tests.cluster.attacks_deployers import Try
from tests.cluster.attempts import Attempt, Case, Change, Create
from tests.cluster.cluster import TENANT_DEPLOYER
from tests.cluster.pod_shapes import NAMESPACE

TCP: Final = {"port": 5432, "protocol": "TCP"}
DNS_PEER: Final = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}


def _policy(version: str, kind: str, spec: Object) -> Object:
    metadata = {"generateName": "tests-", "namespace": NAMESPACE}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def egress(*rules: Object) -> Object:
    """A network policy of Kubernetes' own that opens these rules to all pods."""
    return _policy(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        {"podSelector": {}, "policyTypes": ["Egress"], "egress": list(rules)},
    )


def to_range(cidr: str, *ports: Object, **block: object) -> Object:
    """A rule that opens a range."""
    return {"to": [{"ipBlock": {"cidr": cidr, **block}}], "ports": list(ports or (TCP,))}


def hosts(*names: str) -> Object:
    """A policy of Cilium's as a queue has it that names these hosts."""
    spec: Any = hosts_policy([Opening(name, 5432) for name in names])
    return _policy("cilium.io/v2", "CiliumNetworkPolicy", spec)


def cilium(**spec: object) -> Object:
    """A policy of Cilium's that says something else beside its pods."""
    return _policy("cilium.io/v2", "CiliumNetworkPolicy", {"endpointSelector": {}, **spec})


def _fqdn(*names: Object, ports: object = ({"port": "5432", "protocol": "TCP"},), **rule: object) -> Object:
    return cilium(egress=[{"toFQDNs": list(names), "toPorts": [{"ports": list(ports)}], **rule}])  # type: ignore[call-overload]


RANGES: Final[dict[str, Object]] = {
    "everything on another port": to_range("0.0.0.0/0", TCP, **{"except": ["169.254.169.254/32"]}),
    "everything and the metadata service": to_range("0.0.0.0/0", {"port": 443, "protocol": "TCP"}),
    "half of everything": to_range("128.0.0.0/1"),
    "a wide private range": to_range("10.0.0.0/8"),
    "a wide public range": to_range("203.0.0.0/16"),
    "the metadata service": to_range("169.254.169.254/32", {"port": 80, "protocol": "TCP"}),
    "the range around the metadata service": to_range("169.254.169.0/24"),
    "the agent of Pod Identity on another port": to_range("169.254.170.23/32"),
    "nodes and pods": to_range("10.40.64.0/24"),
    "a node": to_range("10.40.0.9/32"),
    "a range in which nodes are": to_range("10.40.0.0/16"),
    "services": to_range("172.20.0.1/32"),
    "the pod's own host": to_range("127.0.0.1/32"),
    "IPv6": to_range("2001:db8::/64"),
    "the metadata service's address in IPv6": to_range("fd00:ec2::254/128"),
    "everything in IPv6": to_range("::/0", {"port": 443, "protocol": "TCP"}),
    "UDP": to_range("10.60.1.0/24", {"port": 53, "protocol": "UDP"}),
    "a range of ports": to_range("10.60.1.0/24", {**TCP, "endPort": 65535}),
    "a port by its name": to_range("10.60.1.0/24", {"port": "any", "protocol": "TCP"}),
    "all ports": {"to": [{"ipBlock": {"cidr": "10.60.1.0/24"}}]},
    "all ports of TCP": to_range("10.60.1.0/24", {"protocol": "TCP"}),
}
"""Rules that are refused; each is a rule of egress beside one that is allowed."""
PEERS: Final[dict[str, Object]] = {
    "everything": {},
    "every port of everything": {"to": []},
    "pods of every namespace": {"to": [{"namespaceSelector": {}}]},
    "pods of another queue": {
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "search-adhoc"}}}]
    },
    "the cluster's DNS on every port": {"to": [DNS_PEER]},
    "all that is beside the DNS": {
        "to": [{"namespaceSelector": DNS_PEER["namespaceSelector"]}],
        "ports": [{"port": 53, "protocol": "UDP"}],
    },
}
HOSTS: Final = (
    "*",
    "*.com",
    "*.example.com",
    "*.eu-central-1.rds.amazonaws.com",
    "db.*.example.com",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "*.spark-system.svc.cluster.local",
    "*.gr7.eu-central-1.eks.amazonaws.com",
    "0123456789abcdef.gr7.eu-central-1.eks.amazonaws.com",
    "ip-10-40-0-9.eu-central-1.compute.internal",
    "instance-data.ec2.internal",
    "169.254.169.254",
    "localhost",
    "Db.example.com",
    "169.254.169.254.nip.io",
    "169-254-170-23.example.com",
    "127.0.0.1.example.com",
    "a9fea9fe.sslip.io",
    "metadata.google.internal",
    f"{'a.' * 130}example.com",
)
_DNS_PORTS: Final = [{"ports": [{"port": "53", "protocol": "ANY"}]}]
CILIUM: Final = {
    "the world": cilium(egress=[{"toEntities": ["world"]}]),
    "the API server": cilium(egress=[{"toEntities": ["kube-apiserver"], "toPorts": [{"ports": [{"port": "443"}]}]}]),
    "a range": cilium(egress=[{"toCIDR": ["169.254.169.254/32"]}]),
    "a set of ranges": cilium(egress=[{"toCIDRSet": [{"cidr": "0.0.0.0/0"}]}]),
    "pods of others": cilium(egress=[{"toEndpoints": [{}]}]),
    "all that is beside the DNS": cilium(
        egress=[{"toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}}]}]
    ),
    "services": cilium(egress=[{"toServices": [{"k8sService": {"serviceName": "x", "namespace": "spark-system"}}]}]),
    "an empty rule": cilium(egress=[{}]),
    "ingress": cilium(ingress=[{"fromEntities": ["all"]}]),
    "several specs": {**cilium(), "specs": [{"endpointSelector": {}, "egress": [{"toEntities": ["all"]}]}]},
    "no default of its own": cilium(enableDefaultDeny={"egress": False}),
    "a host on all ports": cilium(egress=[{"toFQDNs": [{"matchName": "db.example.com"}]}]),
    "a host on a range of ports": _fqdn(
        {"matchName": "db.example.com"}, ports=[{"port": "1", "endPort": 65535, "protocol": "TCP"}]
    ),
    "a host on port 0, which is every port": _fqdn(
        {"matchName": "db.example.com"}, ports=[{"port": "0", "protocol": "TCP"}]
    ),
    "a host on every protocol": _fqdn({"matchName": "db.example.com"}, ports=[{"port": "5432"}]),
    "a host and an entity": _fqdn({"matchName": "db.example.com"}, toEntities=["all"]),
    "a host and DNS servers": _fqdn(
        {"matchName": "db.example.com"}, toEndpoints=[{"matchLabels": {"k8s:k8s-app": "kube-dns"}}]
    ),
    "no host": _fqdn(),
    "DNS on every port": cilium(
        egress=[
            {
                "toEndpoints": [
                    {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": "kube-dns"}}
                ]
            }
        ]
    ),
}


def _ranges() -> Iterator[Case]:
    right = to_range("10.60.1.0/24", TCP, {"port": 9092})
    twins = {
        "a wide public range": to_range("203.0.113.0/24"),
        "everything on another port": to_range(
            "0.0.0.0/0", {"port": 443, "protocol": "TCP"}, **{"except": ["169.254.169.254/32"]}
        ),
        "the agent of Pod Identity on another port": to_range("169.254.170.23/32", {"port": 80, "protocol": "TCP"}),
        "a range in which nodes are": to_range("10.41.0.0/16"),
        "a node": to_range("10.40.128.9/32"),
        "services": to_range("172.31.0.1/32"),
    }
    for rules, wrong in (("network-ranges", RANGES), ("network-peers", PEERS)):
        for name, rule in wrong.items():
            yield Attempt(
                name=f"a queue that reaches {name}",
                who=TENANT_DEPLOYER,
                does=Create(egress(right, rule)),
                rule=rules,
                twin=Create(egress(right, twins.get(name, right))),
            )
    yield Attempt(
        name="a queue that comes to reach the metadata service",
        who=TENANT_DEPLOYER,
        does=Change(egress(right), {"spec": {"egress": [RANGES["the metadata service"]]}}),
        rule="network-ranges",
        twin=Change(egress(right), {"spec": {"egress": [to_range("10.60.2.0/24")]}}),
    )


def _hosts() -> Iterator[Case]:
    twin = hosts("db.example.com", "*.brokers.kafka.example.com", "*.c1a2.eu-central-1.rds.amazonaws.com")
    for name in HOSTS:
        yield Attempt(
            name=f"a queue that reaches the host {name[:60]}",
            who=TENANT_DEPLOYER,
            does=Create(hosts("db.example.com", name)),
            rule="network-hosts",
            twin=Create(twin),
        )
    yield Attempt(
        name="a host behind which all names hide",
        who=TENANT_DEPLOYER,
        does=Create(_fqdn({"matchName": "db.example.com", "matchPattern": "*"})),
        rule="network-hosts",
        twin=Create(_fqdn({"matchName": "db.example.com"})),
    )
    for name, thing in CILIUM.items():
        yield Attempt(
            name=f"a policy of Cilium's that opens {name}",
            who=TENANT_DEPLOYER,
            does=Create(thing),
            rule="network-cilium",
            twin=Create(twin),
        )


def _default() -> Iterator[Case]:
    """The policy that closes a queue, which its stack brought."""
    name, kind = "default-deny", ("networking.k8s.io/v1", "NetworkPolicy")
    default = {"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": name, "namespace": NAMESPACE}}
    other = {**default, "metadata": {"name": "metrics", "namespace": NAMESPACE}}
    yield Attempt(
        name="the policy that closes a queue, removed",
        who=TENANT_DEPLOYER,
        does=Try("remove", default),
        rule="network-default",
        twin=Try("remove", other),
    )
    annotated = Try("change", default, {"metadata": {"annotations": {"example.org/any": "7"}}})
    for what, spec in (
        ("for some pods", {"podSelector": {"matchLabels": {"a": "b"}}}),
        ("one way", {"policyTypes": ["Ingress"]}),
        ("with a way out", {"egress": [{"to": [{"podSelector": {}}]}]}),
        ("with a way in", {"ingress": [{}]}),
    ):
        yield Attempt(
            name=f"the policy that closes a queue, {what}",
            who=TENANT_DEPLOYER,
            does=Try("change", default, {"spec": spec}),
            rule="network-default",
            twin=annotated,
        )


CASES: Final[tuple[Case, ...]] = (*_ranges(), *_hosts(), *_default())
