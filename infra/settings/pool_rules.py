"""Rules over a platform's own pools: their types, what stands ready on them, and what runs there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from infra.settings import observability_sizes
from infra.settings.findings import Finding
from infra.settings.nodes import per_node, pool_usable
from infra.settings.platform import PODS_PER_NODE, AwsPlatform, DriverPoolSettings, ExistingPlatform, SystemPoolSettings
from infra.settings.rules import SettingsRule, alike, retiring
from sizing import system
from sizing.instances import instance
from sizing.nodes import Resources, max_pods
from sizing.quantities import format_bytes, format_cpu


def _types_alike(name: str, settings: AwsPlatform) -> Iterator[Finding]:
    yield from alike(f"pools.{name}.instanceTypes", getattr(settings.pools, name).instance_types)


def _generations(name: str, settings: AwsPlatform) -> Iterator[Finding]:
    yield from retiring(f"pools.{name}", getattr(settings.pools, name))


def _driver_minimum(settings: AwsPlatform) -> Iterator[Finding]:
    size = settings.pools.driver.nodes_per_zone
    if size.min > size.max:
        yield Finding("pools.driver.nodesPerZone.min", str(size.min), f"at most max, which is {size.max}")


def _nodes_hold_pods(name: str, settings: AwsPlatform) -> Iterator[Finding]:
    """Each type has addresses for as many pods; so something is left of a node for them."""
    pool: SystemPoolSettings | DriverPoolSettings = getattr(settings.pools, name)
    holds = {kind: max_pods(instance(kind)) for kind in pool.instance_types}
    fewest = min(holds, key=lambda kind: holds[kind])
    if pool.pods_per_node > holds[fewest]:
        found, allowed = str(pool.pods_per_node), f"at most {holds[fewest]}, what EKS recommends for {fewest}"
        yield Finding(f"pools.{name}.podsPerNode", found, allowed)


pools_are_sound: Final[tuple[SettingsRule, ...]] = (
    *(partial(rule, pool) for rule in (_types_alike, _nodes_hold_pods, _generations) for pool in ("system", "driver")),
    _driver_minimum,
)
"""Types of a pool are alike, its nodes hold its pods, and the driver pool's minimum is within its maximum."""


def _usable(pool: SystemPoolSettings | DriverPoolSettings) -> Resources | None:
    """What is left of a node; None where nothing is, with more pods than `_nodes_hold_pods` allows."""
    try:
        return pool_usable(pool.instance_types[0], pool.pods_per_node, pool.disk_gib)
    except ValueError:
        return None


def headroom_fits(settings: AwsPlatform) -> Iterator[Finding]:
    """The headroom for drivers fits on driver nodes of one zone."""
    pool = settings.pools.driver
    room = pool.headroom
    usable = _usable(pool)
    if usable is None:
        return
    fitting = per_node(usable, room.cpu, room.memory)
    path = "pools.driver.headroom"
    if fitting < 1:
        found = f"{format_cpu(room.cpu)} cpu, {format_bytes(room.memory)} memory"
        offer = f"{format_cpu(usable.cpu)} cpu, {format_bytes(usable.memory)} memory"
        yield Finding(path, found, f"at most what a driver node has for pods: {offer} on {pool.instance_types[0]}")
    elif room.drivers > fitting * pool.nodes_per_zone.max:
        # headroom is counted for one zone: the autoscaler may stand it up in any
        maximum = fitting * pool.nodes_per_zone.max
        yield Finding(
            f"{path}.drivers", str(room.drivers), f"what one zone holds at its maximum: {maximum} of this size"
        )


def software_fits(settings: AwsPlatform) -> Iterator[Finding]:
    """The platform's software fits on the system pool."""
    pool = settings.pools.system
    nodes = pool.nodes_per_zone * len(settings.network.zones)
    usable = _usable(pool)
    if usable is None:
        return
    workloads = system.workloads(
        max_nodes=settings.max_nodes,
        operator_workers=settings.spark_operator.workers,
        dns_replicas=system.dns_replicas(settings.max_nodes, nodes),
    )
    workloads += observability_sizes.workloads(settings)
    if settings.door:
        workloads += system.DOOR
    too_large = _too_large(workloads, usable)
    if too_large:
        yield Finding("pools.system.instanceTypes[0]", pool.instance_types[0], f"a larger type: {too_large}")
    elif nodes and (needed := system.nodes_for(workloads, usable)) > nodes:
        yield Finding(
            "pools.system.nodesPerZone",
            str(pool.nodes_per_zone),
            f"at least {-(-needed // len(settings.network.zones))}: the platform's software fills {needed} "
            f"{pool.instance_types[0]}; or larger types, fewer sparkOperator.workers, or a smaller cluster",
        )


def software_fits_existing(settings: ExistingPlatform) -> Iterator[Finding]:
    """Likewise, on an existing cluster's."""
    pool = settings.pools.system
    usable = Resources(cpu=pool.cpu, memory=pool.memory, pods=PODS_PER_NODE)
    workloads = system.job_systems(
        max_nodes=settings.max_nodes, operator_workers=settings.spark_operator.workers, replicas=settings.replicas
    )
    workloads += observability_sizes.workloads(settings)
    too_large = _too_large(workloads, usable)
    if too_large:
        yield Finding("pools.system", f"{format_cpu(pool.cpu)} cpu, {format_bytes(pool.memory)} a node", too_large)
    elif (needed := system.nodes_for(workloads, usable)) > pool.nodes:
        yield Finding(
            "pools.system.nodes", str(pool.nodes), f"at least {needed} of this size for the platform's software"
        )


def _too_large(workloads: tuple[system.Workload, ...], usable: Resources) -> str:
    """What does not fit on a node, or nothing."""
    for workload in workloads:
        if not workload.pod.fits_in(usable):
            size = f"{format_cpu(workload.cpu)} cpu and {format_bytes(workload.memory)}"
            return f"{workload.name} asks for {size} on one node"
    return ""
