"""Evaluates network policies as Kubernetes defines them: what any of them allows is allowed, the rest is not.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sizing.values import Json

Direction = Literal["Egress", "Ingress"]
NAMESPACE_NAME = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Peer:
    """A pod with its labels and its namespace's, or an address that is no pod's, as Cilium tells them apart."""

    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    namespace_labels: Mapping[str, str] = field(default_factory=dict)


def allowed(
    policies: Sequence[Json], direction: Direction, pod: Peer, peer: Peer, port: int, protocol: str = "TCP"
) -> bool:
    """Whether a pod may send to (Egress) or receive from (Ingress) a peer.

    Args:
        policies: NetworkPolicy objects with `metadata` and `spec`, of any namespaces.
        port: the receiver's.
    """
    rules, end = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    selecting = [
        policy["spec"]
        for policy in policies
        if policy["metadata"]["namespace"] == pod.namespace
        and direction in policy["spec"]["policyTypes"]
        and selects(policy["spec"]["podSelector"], pod.labels)
    ]
    return not selecting or any(
        any(_is_among(one, pod.namespace, peer) for one in rule[end]) and _has_port(rule, port, protocol)
        for spec in selecting
        for rule in spec.get(rules, [])
    )


def connects(policies: Sequence[Json], sender: Peer, receiver: Peer, port: int, protocol: str = "TCP") -> bool:
    """Whether both ends allow a connection."""
    out = not sender.namespace or allowed(policies, "Egress", sender, receiver, port, protocol)
    return out and (not receiver.namespace or allowed(policies, "Ingress", receiver, sender, port, protocol))


def selects(selector: Mapping[str, Json], labels: Mapping[str, str]) -> bool:
    """Whether a label selector selects what has these labels."""
    equal = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return equal and all(_fits(expression, labels) for expression in selector.get("matchExpressions", []))


def selectors(part: Json) -> list[Mapping[str, Json]]:
    """All selectors somewhere in an object."""
    if isinstance(part, list):
        return [found for item in part for found in selectors(item)]
    if not isinstance(part, dict):
        return []
    own = [value for key, value in part.items() if key.endswith("Selector")]
    return own + [found for value in part.values() for found in selectors(value)]


def keys(selector: Mapping[str, Json]) -> set[str]:
    """The labels that a selector asks for."""
    return {*selector.get("matchLabels", {}), *(e["key"] for e in selector.get("matchExpressions", []))}


def _fits(expression: Mapping[str, Json], labels: Mapping[str, str]) -> bool:
    match expression["operator"]:
        case "In":
            return labels.get(expression["key"]) in expression["values"]
        case "NotIn":
            return labels.get(expression["key"]) not in expression["values"]
        case "Exists":
            return expression["key"] in labels
    raise NotImplementedError(expression["operator"])


def _has_port(rule: Mapping[str, Json], port: int, protocol: str) -> bool:
    return "ports" not in rule or any(
        one["protocol"] == protocol and one.get("port", port) == port for one in rule["ports"]
    )


def _is_among(rule: Mapping[str, Json], own: str, peer: Peer) -> bool:
    if block := rule.get("ipBlock"):
        if not peer.address:
            return False
        address = ipaddress.ip_address(peer.address)
        return address in ipaddress.ip_network(block["cidr"]) and not any(
            address in ipaddress.ip_network(hole) for hole in block.get("except", [])
        )
    if peer.address:
        return False
    if "namespaceSelector" in rule:
        if not selects(rule["namespaceSelector"], {NAMESPACE_NAME: peer.namespace, **peer.namespace_labels}):
            return False
    elif peer.namespace != own:
        return False
    return selects(rule.get("podSelector", {}), peer.labels)
