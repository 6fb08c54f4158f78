"""Rules for what queues reach: places that are named, and nothing of the cluster's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from policies.model import Severity, Stack, Violation, stack_rule
from policies.rules.network import CILIUMS_OWN, NETWORK_POLICY
from policies.rules.queues import queue_namespaces
from sizing.reach import host_error, range_error
from sizing.values import Json

OPEN_PORTS: Final = (443, 6443)
"""By which queues reach all but the metadata service: services of AWS, and the API server of an existing cluster."""
METADATA: Final = ip_network("169.254.169.254/32")
AGENT: Final = ("169.254.170.23/32", 80)
"""Where EKS's agent gives pods their credentials."""
DNS_PORT: Final = 53
DNS_SERVERS: Final = {"k8s-app": "kube-dns"}
NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"
IN_NAMESPACE: Final = "io.kubernetes.pod.namespace"
"""The label by which Cilium knows a pod's namespace; with `k8s:` before it, or `any:`, or nothing."""


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Name hosts or networks under reach in the tenant's settings; what they refuse stays closed.",
)
def queue_reaches_named_places_only(stack: Stack) -> Iterator[Violation]:
    """A network policy of a queue opens ports of named hosts and narrow networks, and nothing of the cluster's own.

    Beside HTTPS, by which AWS is reached. Policies add up: one that is too wide undoes every other one of its pods, and
    behind the nodes' metadata service or the API of the cluster are rights that are nobody's job.
    """
    own = tuple(stack.contract.get("clusterCidrs") or ()) if stack.contract else ()
    queues = {namespace.props["metadata"]["name"] for namespace in queue_namespaces(stack)}
    for policy in stack.known(NETWORK_POLICY):
        if policy.props["metadata"].get("namespace") in queues:
            for rule in policy.props["spec"].get("egress") or ():
                yield from (Violation(message, policy.urn) for message in _too_open(rule, own))
    for policy in stack.known(*CILIUMS_OWN):
        namespace = policy.props["metadata"].get("namespace")
        specs = [policy.props.get("spec") or {}, *(policy.props.get("specs") or ())]
        if namespace in queues:
            found = [message for spec in specs for message in _ciliums(spec)]
        elif namespace is None:
            found = [message for spec in specs for message in _clusterwide(spec)]
        else:
            found = []
        yield from (Violation(message, policy.urn) for message in found)


def _too_open(rule: Mapping[str, Json], own: Sequence[str]) -> Iterator[str]:
    peers, ports = rule.get("to") or (), rule.get("ports") or ()
    if not peers:
        yield "a rule of egress opens everything"
    for peer in peers:
        if "ipBlock" in peer:
            yield from _block(peer["ipBlock"], ports, own)
        elif "namespaceSelector" in peer and not _is_dns(peer, ports):
            yield "a rule of egress opens pods of other namespaces that are not the cluster's DNS"


def _block(block: Mapping[str, Json], ports: Sequence[Mapping[str, Json]], own: Sequence[str]) -> Iterator[str]:
    cidr = str(block["cidr"])
    network = ip_network(cidr, strict=False)
    numbers = [port.get("port") for port in ports]
    if (cidr, *numbers) == AGENT and not _spans(ports):
        return
    if not ports or _spans(ports) or not all(isinstance(number, int) for number in numbers):
        yield f"{cidr} is open on more than single ports"
    elif network.prefixlen == 0:
        holes = [ip_network(hole, strict=False) for hole in block.get("except") or ()]
        if not set(numbers) <= set(OPEN_PORTS):
            yield f"{cidr} is open on {', '.join(str(number) for number in numbers)}"
        if isinstance(network, IPv6Network) or METADATA not in holes:
            yield f"{cidr} is open without an exception for the nodes' metadata service"
    elif isinstance(network, IPv6Network):
        yield f"{cidr} is open, and pods have no IPv6"
    elif error := range_error(IPv4Network(network), own):
        yield f"{cidr} is open, where allowed is {error}"


def _spans(ports: Sequence[Mapping[str, Json]]) -> bool:
    return any("endPort" in port for port in ports)


def _is_dns(peer: Mapping[str, Json], ports: Sequence[Mapping[str, Json]]) -> bool:
    there, pods = peer["namespaceSelector"], peer.get("podSelector") or {}
    return (
        dict(there.get("matchLabels") or {}) == {NAMESPACE_NAME: "kube-system"}
        and dict(pods.get("matchLabels") or {}) == DNS_SERVERS
        and not any(selector.get("matchExpressions") for selector in (there, pods))
        and bool(ports)
        and all(port.get("port") == DNS_PORT and "endPort" not in port for port in ports)
    )


def _ciliums(spec: Mapping[str, Json]) -> Iterator[str]:
    for rule in spec.get("egress") or ():
        ports = [port for item in rule.get("toPorts") or () for port in item.get("ports") or ()]
        single = bool(ports) and not any("endPort" in port or str(port.get("port")) == "0" for port in ports)
        if set(rule) == {"toEndpoints", "toPorts"} and single and _asks_dns(rule["toEndpoints"], ports):
            continue
        if set(rule) != {"toFQDNs", "toPorts"}:
            yield "a policy of Cilium's own opens more than hosts and the cluster's DNS"
            continue
        if not single or not all(port.get("protocol") == "TCP" for port in ports):
            yield "hosts are open on more than single TCP ports"
        for host in rule["toFQDNs"]:
            for name in host.values():
                if error := host_error(str(name)):
                    yield f"the host {name} is open, where allowed is {error}"


def _asks_dns(endpoints: Sequence[Mapping[str, Json]], ports: Sequence[Mapping[str, Json]]) -> bool:
    wanted = {IN_NAMESPACE: "kube-system", **DNS_SERVERS}
    return all(str(port.get("port")) == str(DNS_PORT) for port in ports) and all(
        set(one) == {"matchLabels"} and {k.rpartition(":")[2]: v for k, v in one["matchLabels"].items()} == wanted
        for one in endpoints
    )


def _clusterwide(spec: Mapping[str, Json]) -> Iterator[str]:
    """What a policy without a namespace opens to queues' pods too; those of one namespace are its own."""
    selector = spec.get("endpointSelector") or {}
    if any(key.rpartition(":")[2] == IN_NAMESPACE for key in selector.get("matchLabels") or {}):
        return
    for rule in spec.get("egress") or ():
        ports = [str(port.get("port")) for item in rule.get("toPorts") or () for port in item.get("ports") or ()]
        if set(rule) != {"toEntities", "toPorts"} or list(rule["toEntities"]) != ["host"] or ports != [str(AGENT[1])]:
            yield "a policy of Cilium's own opens more to every queue than the agent of EKS Pod Identity"
