"""A platform as the registrations of its stacks describe it: zones, pools, queues, and what may talk to what."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from fleet.formats.connections import GROUP, RELEASE, Connection, connections, group_name, service_name
from fleet.offline.monitor import STACK_REFERENCE_TYPE
from fleet.offline.pools import LABELLED_POOL_TYPE, POOL_TYPE, QUEUE_TYPE, PoolRow, QueueRow, pool_rows, queue_rows
from fleet.offline.registration import Registrations, sources_of
from sizing import names
from sizing.values import Json, leaves

NO_ZONE: Final = ""
"""The zone of nodes of which only a label is known."""


@dataclass(frozen=True)
class Nodes:
    """Nodes at least and at most."""

    minimum: int
    maximum: int

    def __str__(self) -> str:
        return f"{self.minimum:,}" if self.minimum == self.maximum else f"{self.minimum:,} to {self.maximum:,}"


@dataclass(frozen=True)
class Zone:
    """An Availability Zone.

    Attributes:
        name: such as `eu-central-1a`; `NO_ZONE` for nodes of which only a label is known.
        subnet: the addresses of the nodes' subnet, where the platform makes it.
        nat: whether a NAT gateway stands in it.
        endpoints: interface endpoints with an address in it.
    """

    name: str
    subnet: str = ""
    nat: bool = False
    endpoints: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownPool:
    """A pool.

    Attributes:
        row: its numbers.
        zones: its nodes by zone.
        groups: its Auto Scaling groups, as connections call them.
        kept: whether the autoscaler takes none of its nodes away.
    """

    row: PoolRow
    zones: Mapping[str, Nodes]
    groups: frozenset[str] = frozenset()
    kept: bool = False

    @property
    def nodes(self) -> Nodes:
        """Over all zones."""
        return Nodes(self.row.min_nodes, self.row.max_nodes)


@dataclass(frozen=True)
class ShownQueue:
    """A queue, the stack that it belongs to, and its pools."""

    stack: str
    row: QueueRow
    pools: tuple[ShownPool, ...]


@dataclass(frozen=True)
class ControlPlane:
    """What everybody talks to first.

    Attributes:
        name: such as `EKS cluster spark-prod, Kubernetes 1.36`.
        endpoint: from where it can be reached.
        policies: admission policies that decide about what is sent to it.
    """

    name: str
    endpoint: str
    policies: int


@dataclass(frozen=True)
class Topology:
    """A platform.

    Attributes:
        platform: its stack.
        control_plane: None where the platform's registrations are not there.
        zones: sorted.
        pools: the platform's own; executor pools are their queues'.
        queues: sorted by name.
        installed: what runs on system nodes, with versions.
        gateways: services that subnets' routes lead to by a gateway endpoint.
        connections: what may talk to what.
    """

    platform: str
    control_plane: ControlPlane | None = None
    zones: tuple[Zone, ...] = ()
    pools: tuple[ShownPool, ...] = ()
    queues: tuple[ShownQueue, ...] = ()
    installed: tuple[tuple[str, str], ...] = ()
    gateways: tuple[str, ...] = ()
    connections: tuple[Connection, ...] = field(default=(), repr=False)


def by_platform(recorded: Mapping[str, Registrations]) -> dict[str, dict[str, Registrations]]:
    """Registrations by their stacks' names, by the stack of the platform that they are of or on."""
    found: defaultdict[str, dict[str, Registrations]] = defaultdict(dict)
    for stack, registrations in recorded.items():
        found[platform_of(registrations) or stack][stack] = registrations
    return dict(sorted(found.items()))


def topology(platform: str, recorded: Mapping[str, Registrations]) -> Topology:
    """The topology of a platform.

    Args:
        platform: its stack.
        recorded: its registrations and those of its tenants, by stack; any may be missing, and is then not shown.
    """
    own = recorded.get(platform)
    queues = tuple(
        queue
        for stack, registrations in recorded.items()
        if stack != platform
        for queue in _queues(stack, registrations)
    )
    pools = _pools(own) if own else ()
    zones = {zone for pool in (*pools, *(p for queue in queues for p in queue.pools)) for zone in pool.zones}
    return Topology(
        platform=platform,
        control_plane=_control_plane(own) if own else None,
        zones=tuple(sorted(_zones(own, zones), key=lambda zone: zone.name)),
        pools=pools,
        queues=tuple(sorted(queues, key=lambda queue: queue.row.queue)),
        installed=tuple(_installed(own)) if own else (),
        gateways=tuple(_gateways(own)) if own else (),
        connections=connections(recorded.values()),
    )


def platform_of(registrations: Registrations) -> str | None:
    """The platform's stack that a tenant refers to; None for a platform's own."""
    references = registrations.of_type(STACK_REFERENCE_TYPE)
    return references[0].name.rsplit("/", 1)[-1] if references and registrations.of_type(QUEUE_TYPE) else None


def _queues(stack: str, registrations: Registrations) -> Iterator[ShownQueue]:
    pools = {pool.row.identity: pool for pool in _pools(registrations)}
    for row in queue_rows(registrations):
        yield ShownQueue(stack, row, tuple(pools[each.identity] for each in row.pools))


def _pools(registrations: Registrations) -> tuple[ShownPool, ...]:
    zones: dict[str, dict[str, Nodes]] = {}
    groups: defaultdict[str, set[str]] = defaultdict(set)
    kept = {one.inputs["identity"] for one in registrations.of_type(POOL_TYPE) if one.inputs.get("scaleIn") == "never"}
    for one in registrations.of_type(POOL_TYPE):
        groups[one.inputs["identity"]].update(
            map(group_name, (g for g in registrations.children(one.urn) if g.type == GROUP))
        )
        found = {zone: Nodes(size["minimum"], size["maximum"]) for zone, size in sorted(one.inputs["zones"].items())}
        # The groups of Spot nodes and of their fall-back have the same zones and sizes.
        zones.setdefault(one.inputs["identity"], found)
    for one in registrations.of_type(LABELLED_POOL_TYPE):
        zones[one.inputs["identity"]] = {NO_ZONE: Nodes(one.inputs["nodes"], one.inputs["nodes"])}
    return tuple(
        ShownPool(row, zones[row.identity], frozenset(groups[row.identity]), row.identity in kept)
        for row in pool_rows(registrations)
    )


def _control_plane(registrations: Registrations) -> ControlPlane:
    policies = sum(
        one.type.endswith(("MutatingAdmissionPolicy", "ValidatingAdmissionPolicy")) for one in registrations.values()
    )
    clusters = registrations.of_type("eks:index:Cluster")
    if not clusters:
        contexts = [one.inputs.get("context") for one in registrations.of_type("pulumi:providers:kubernetes")]
        context = next((str(each) for each in contexts if isinstance(each, str)), "")
        return ControlPlane(f"existing cluster {context}".rstrip(), "wherever its owner lets it be reached", policies)
    inputs = clusters[0].inputs
    ways = ["inside the VPC"] if inputs.get("endpointPrivateAccess") else []
    if inputs.get("endpointPublicAccess"):
        ways.append(f"from {', '.join(map(str, inputs.get('publicAccessCidrs') or ['anywhere']))}")
    name = f"EKS cluster {inputs.get('name', clusters[0].name)}, Kubernetes {inputs.get('version', 'of the day')}"
    return ControlPlane(name, f"reached {' and '.join(ways) or 'from nowhere'}", policies)


def _zones(registrations: Registrations | None, known: Iterable[str]) -> Iterator[Zone]:
    """The zones with nodes, and those with the platform's subnets."""
    subnets: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in registrations.of_type("aws:ec2/subnet:Subnet") if registrations else ():
        subnets[str(one.inputs.get("availabilityZone"))].append((one.urn, str(one.inputs.get("cidrBlock"))))
    nat = _subnets_of(registrations, "aws:ec2/natGateway:NatGateway", "subnetId") if registrations else {}
    endpoints = _subnets_of(registrations, "aws:ec2/vpcEndpoint:VpcEndpoint", "subnetIds") if registrations else {}
    private = (
        {urn for urns in _subnets_of(registrations, POOL_TYPE, "zones").values() for urn in urns}
        if registrations
        else set()
    )
    for zone in {*known, *subnets}:
        urns = {urn for urn, _ in subnets[zone]}
        yield Zone(
            zone,
            ", ".join(cidr for urn, cidr in subnets[zone] if urn in private),
            any(urns & set(of) for of in nat.values()),
            tuple(sorted(service for service, of in endpoints.items() if urns & set(of))),
        )


def _subnets_of(registrations: Registrations, token: str, key: str) -> dict[str, set[str]]:
    """URNs of the subnets that resources of a type are in: by service for endpoints, else by name."""
    found = {}
    for one in registrations.of_type(token):
        urns = sources_of(one.inputs.get(key))
        found[service_name(one) if "serviceName" in one.inputs else one.name] = urns
    return found


def _gateways(registrations: Registrations) -> Iterator[str]:
    for one in registrations.of_type("aws:ec2/vpcEndpoint:VpcEndpoint"):
        if one.inputs.get("vpcEndpointType", "Gateway") == "Gateway":
            yield service_name(one)


def _installed(registrations: Registrations) -> Iterator[tuple[str, str]]:
    """(name, version) of charts and add-ons that ask for system nodes."""
    for one in registrations.of_type(RELEASE):
        if _asks_for_system_nodes(one.inputs.get("values")):
            yield str(one.inputs["name"]), str(one.inputs.get("version", ""))
    for one in registrations.of_type("aws:eks/addon:Addon"):
        configuration = one.inputs.get("configurationValues")
        if isinstance(configuration, str) and _asks_for_system_nodes(json.loads(configuration)):
            yield str(one.inputs["addonName"]), str(one.inputs.get("addonVersion", ""))


def _asks_for_system_nodes(value: Json) -> bool:
    wanted = (names.POOL_LABEL,), names.SYSTEM_POOL
    return any((path[-1:], leaf) == wanted for path, leaf in leaves(value))
