"""What Kubernetes network policies say, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import Final, Literal

from fleet.offline.registration import Registration
from sizing.reach import NO_PLACES
from sizing.values import Json

POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
_NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"
_ROLE: Final = "spark-role"
_OPERATORS: Final = {"In": "in", "NotIn": "not in", "Exists": "set", "DoesNotExist": "not set"}
Direction = Literal["Ingress", "Egress"]


@dataclass(frozen=True)
class NetworkRule:
    """What one rule of a policy lets pass.

    Attributes:
        namespace: whose pods it is about.
        policy: its kind and name.
        source: who may start a connection.
        target: what may be reached.
        ports: such as `TCP 443`.
        outside: whether the target is a place outside the cluster: a host, or a range that isn't all addresses.
    """

    namespace: str
    policy: str
    source: str
    target: str
    ports: str
    outside: bool = False


@dataclass(frozen=True)
class Peer:
    """The other end of a rule, in words, and whether it is a place outside the cluster."""

    words: str
    outside: bool = False


def network_rules(registered: Iterable[Registration]) -> Iterator[NetworkRule]:
    """The rules of the policies among these, in their order.

    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    for namespace, policy, spec in _policies(registered):
        own = f"{pods(spec.get('podSelector') or {})} of the queue"
        for rule in spec.get("egress") or ():
            for peer in _peers(rule.get("to"), namespace):
                yield NetworkRule(namespace, policy, own, peer.words, _ports(rule), outside=peer.outside)
        for rule in spec.get("ingress") or ():
            for peer in _peers(rule.get("from"), namespace):
                yield NetworkRule(namespace, policy, peer.words, own, _ports(rule))


def isolated(registered: Iterable[Registration], direction: Direction) -> set[str]:
    """The namespaces in which all pods are closed in a direction but for what rules let pass."""
    return {
        namespace
        for namespace, _, spec in _policies(registered)
        if not spec.get("podSelector") and direction in _directions(spec)
    }


def _policies(registered: Iterable[Registration]) -> Iterator[tuple[str, str, Mapping[str, Json]]]:
    for one in registered:
        if one.type == POLICY:
            metadata = one.inputs["metadata"]
            yield metadata.get("namespace", ""), f"NetworkPolicy {metadata['name']}", one.inputs["spec"]


def _directions(spec: Mapping[str, Json]) -> Sequence[str]:
    named: Sequence[str] | None = spec.get("policyTypes")
    return named or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def _peers(peers: Json, namespace: str) -> Iterator[Peer]:
    """In words; without any peer, a rule is about everybody."""
    if not peers:
        yield Peer("anybody")
    for peer in peers or ():
        block = peer.get("ipBlock")
        if block:
            yield addresses(block["cidr"], block.get("except") or ())
            continue
        selected = pods(peer.get("podSelector") or {})
        yield Peer(f"{selected} of {_namespaces(peer.get('namespaceSelector'), namespace)}")


def addresses(cidr: str, but: Sequence[str] = ()) -> Peer:
    """A range of addresses; one that holds what answers on every node is no place outside, nor is an unknown one."""
    try:
        found = ip_network(str(cidr), strict=False)
    except ValueError:
        return Peer(str(cidr))
    own = found.version == 4 and any(found.overlaps(IPv4Network(one)) for one in NO_PLACES)
    said = str(cidr) if found.prefixlen else "any address"
    return Peer(f"{said} but {', '.join(but)}" if but else said, outside=found.prefixlen > 0 and not own)


def _namespaces(selector: Json, namespace: str) -> str:
    if selector is None:
        return "the queue"
    labels = selector.get("matchLabels") or {}
    if set(labels) == {_NAMESPACE_NAME} and not selector.get("matchExpressions"):
        name = str(labels[_NAMESPACE_NAME])
        return "the queue" if name == namespace else name
    return f"namespaces with {_labels(selector)}" if selector else "any namespace"


def pods(selector: Mapping[str, Json]) -> str:
    """What a selector of pods selects, such as `drivers` or `pods with app=x`."""
    if not selector:
        return "pods"
    labels, others = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if set(labels) == {_ROLE} and not others:
        return f"{labels[_ROLE]}s"
    if not labels and [(each["key"], each["operator"]) for each in others] == [(_ROLE, "In")]:
        return " and ".join(f"{role}s" for role in sorted(others[0]["values"]))
    return f"pods with {_labels(selector)}"


def _labels(selector: Mapping[str, Json]) -> str:
    said = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for each in selector.get("matchExpressions") or ():
        values = ", ".join(map(str, each.get("values") or ()))
        said.append(f"{each['key']} {_OPERATORS[each['operator']]} {values}".rstrip())
    return ", ".join(said)


def _ports(rule: Mapping[str, Json]) -> str:
    ports = [
        f"{port.get('protocol', 'TCP')} {port.get('port', 'any')}"
        + (f" to {port['endPort']}" if port.get("endPort") else "")
        for port in rule.get("ports") or ()
    ]
    return ", ".join(ports) or "any port"
