"""What Cilium's own network policies let pass, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from fleet.formats.network_rules import Direction, NetworkRule, Peer, addresses, pods
from fleet.offline.registration import Registration
from sizing.values import Json

_KINDS: Final = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
_TYPES: Final = frozenset(f"kubernetes:cilium.io/v2:{kind}" for kind in _KINDS)
_NAMESPACE: Final = "io.kubernetes.pod.namespace"
_ENTITIES: Final[Mapping[str, str]] = {
    "all": "anybody",
    "cluster": "all of the cluster",
    "host": "the pods' own node",
    "kube-apiserver": "API server",
    "remote-node": "other nodes",
    "world": "any address outside the cluster",
}
_ANY_NAME: Final = [{"matchPattern": "*"}]


def cilium_rules(registered: Iterable[Registration]) -> Iterator[NetworkRule]:
    """The rules of Cilium's policies among these, in their order; not what they deny, which no policy then allows.

    Source: https://docs.cilium.io/en/v1.19/security/policy/language/
    """
    for policy, namespace, spec in _policies(registered):
        own = _selected(spec.get("endpointSelector") or {}, namespace)
        for rule in spec.get("egress") or ():
            for peer in _peers(rule, "to", namespace):
                yield NetworkRule(namespace, policy, own, peer.words, _ports(rule), outside=peer.outside)
        for rule in spec.get("ingress") or ():
            for peer in _peers(rule, "from", namespace):
                yield NetworkRule(namespace, policy, peer.words, own, _ports(rule))


def cilium_isolated(registered: Iterable[Registration], direction: Direction) -> set[str]:
    """The namespaces in which Cilium's policies close all pods in a direction but for what rules let pass."""
    way = direction.lower()
    return {
        namespace
        for _, namespace, spec in _policies(registered)
        if namespace
        and not spec.get("endpointSelector")
        and (spec.get(way) or spec.get(f"{way}Deny"))
        and (spec.get("enableDefaultDeny") or {}).get(way) is not False
    }


def _policies(registered: Iterable[Registration]) -> Iterator[tuple[str, str, Mapping[str, Json]]]:
    """(kind and name, namespace, spec); no namespace where a policy is the whole cluster's."""
    for one in registered:
        if one.type in _TYPES:
            metadata = one.inputs["metadata"]
            policy = f"{one.type.rsplit(':', 1)[-1]} {metadata['name']}"
            for spec in (one.inputs.get("spec"), *(one.inputs.get("specs") or ())):
                if spec:
                    yield policy, metadata.get("namespace", ""), spec


def _peers(rule: Mapping[str, Json], way: str, namespace: str) -> Iterator[Peer]:
    """Who is at the other end: without any field about it, everybody on the rule's ports, and nobody without these."""
    words: Mapping[str, Callable[[Json], Peer]] = {
        "Endpoints": lambda selector: Peer(_selected(selector or {}, namespace)),
        "CIDR": addresses,
        "CIDRSet": _cidr_set,
        "Entities": lambda entity: Peer(_ENTITIES.get(entity, str(entity))),
        "FQDNs": lambda host: Peer(host.get("matchName") or host["matchPattern"], outside=True),
        "Services": lambda service: Peer(_service(service)),
        "Nodes": lambda selector: Peer(pods(_plain(selector or {})).replace("pods", "nodes", 1)),
        "Groups": lambda _: Peer("groups of a cloud's", outside=True),
    }
    named = [(words[field], rule[f"{way}{field}"]) for field in words if rule.get(f"{way}{field}") is not None]
    if not named and (rule.get("toPorts") or rule.get("icmps")):
        yield Peer("anybody")
    for said, peers in named:
        yield from map(said, peers)


def _cidr_set(peer: Mapping[str, Json]) -> Peer:
    if "cidr" in peer:
        return addresses(peer["cidr"], peer.get("except") or ())
    return Peer(f"addresses of the group {peer.get('cidrGroupRef', 'selected')}", outside=True)


def _service(peer: Mapping[str, Json]) -> str:
    named = peer.get("k8sService")
    return f"service {named['serviceName']} of {named.get('namespace', 'the queue')}" if named else "selected services"


def _selected(selector: Mapping[str, Json], namespace: str) -> str:
    """Pods, of the policy's own namespace where the selector names none; of all where the policy is the cluster's."""
    found = _plain(selector)
    named = found.get("matchLabels", {}).pop(_NAMESPACE, namespace)
    where = "the queue" if namespace and named == namespace else named or "any namespace"
    return f"{pods({key: value for key, value in found.items() if value})} of {where}"


def _plain(selector: Mapping[str, Json]) -> dict[str, Json]:
    """A selector without the sources of labels, `k8s:` and `any:`, that Cilium's keys start with."""
    return {
        "matchLabels": {_key(key): value for key, value in (selector.get("matchLabels") or {}).items()},
        "matchExpressions": [
            {**each, "key": _key(str(each["key"]))} for each in selector.get("matchExpressions") or ()
        ],
    }


def _key(key: str) -> str:
    return key.removeprefix("k8s:").removeprefix("any:")


def _ports(rule: Mapping[str, Json]) -> str:
    said = []
    for one in rule.get("toPorts") or ():
        within = sorted(kind for kind, rules in (one.get("rules") or {}).items() if rules != _ANY_NAME)
        ports = ", ".join(map(_port, one.get("ports") or ())) or "any port"
        said.append(f"{ports} within rules of {' and '.join(within)}" if within else ports)
    return ", ".join([*said, *(["ICMP"] if rule.get("icmps") else [])]) or "any port"


def _port(port: Mapping[str, Json]) -> str:
    protocol, number = str(port.get("protocol", "ANY")), str(port.get("port", "0"))
    if number == "0":
        return "any port" if protocol == "ANY" else f"{protocol} any"
    end = f" to {port['endPort']}" if port.get("endPort") else ""
    return f"{'port' if protocol == 'ANY' else protocol} {number}{end}"
