"""What Kubernetes network policies say, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fleet.offline.registration import Registration
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
        policy: its name.
        source: who may start a connection.
        target: what may be reached.
        ports: such as `TCP 443`.
    """

    namespace: str
    policy: str
    source: str
    target: str
    ports: str


def network_rules(registered: Iterable[Registration]) -> Iterator[NetworkRule]:
    """The rules of the policies among these, in their order.

    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    for namespace, policy, spec in _policies(registered):
        own = f"{_pods(spec.get('podSelector') or {})} of the queue"
        for rule in spec.get("egress") or ():
            for peer in _peers(rule.get("to"), namespace):
                yield NetworkRule(namespace, policy, own, peer, _ports(rule))
        for rule in spec.get("ingress") or ():
            for peer in _peers(rule.get("from"), namespace):
                yield NetworkRule(namespace, policy, peer, own, _ports(rule))


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
            yield metadata.get("namespace", ""), metadata["name"], one.inputs["spec"]


def _directions(spec: Mapping[str, Json]) -> Sequence[str]:
    named: Sequence[str] | None = spec.get("policyTypes")
    return named or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def _peers(peers: Json, namespace: str) -> Iterator[str]:
    """In words; without any peer, a rule is about everybody."""
    if not peers:
        yield "anybody"
    for peer in peers or ():
        block = peer.get("ipBlock")
        if block:
            cidr = "any address" if block["cidr"] == "0.0.0.0/0" else block["cidr"]
            but = ", ".join(block.get("except") or ())
            yield f"{cidr} but {but}" if but else cidr
            continue
        pods = _pods(peer.get("podSelector") or {})
        yield f"{pods} of {_namespaces(peer.get('namespaceSelector'), namespace)}"


def _namespaces(selector: Json, namespace: str) -> str:
    if selector is None:
        return "the queue"
    labels = selector.get("matchLabels") or {}
    if set(labels) == {_NAMESPACE_NAME} and not selector.get("matchExpressions"):
        name = str(labels[_NAMESPACE_NAME])
        return "the queue" if name == namespace else name
    return f"namespaces with {_labels(selector)}" if selector else "any namespace"


def _pods(selector: Mapping[str, Json]) -> str:
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
