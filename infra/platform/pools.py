"""The nodes of a platform on EKS, and what makes them come and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_kubernetes as k8s

from components.cluster.cluster import Cluster
from components.network.policy_engine import STARTUP_TAINT
from components.network.vpc import NetworkIds
from components.nodes.autoscaler import Autoscaler, AutoscalerArgs
from components.nodes.boot import NodeBoot
from components.nodes.buffer_crd import capacity_buffer_crd
from components.nodes.headroom import Headroom, HeadroomArgs
from components.nodes.node_role import NodeRole
from components.nodes.pool import Pool, PoolArgs, ZoneGroup
from components.nodes.quota_crd import capacity_quota_crd
from components.nodes.termination_handler import TerminationHandler, TerminationHandlerArgs
from infra.platform.context import Platform
from infra.platform.kubernetes_part import Definitions
from infra.settings.nodes import pool_allocatable
from infra.settings.platform import DriverPoolSettings, SystemPoolSettings
from sizing import names, system
from sizing.autoscaling_tags import ScaleIn
from sizing.instances import instance
from sizing.node_labels import NodeLabels, pool_labels
from sizing.nodes import Resources


@dataclass(frozen=True)
class NodeSupply:
    """What nodes of any pool need.

    Attributes:
        boot: to join the cluster.
        network: where they live.
        after: what must be there before the first of them.
    """

    boot: NodeBoot
    network: NetworkIds
    after: Sequence[pulumi.Resource]


def driver_labels(platform: Platform) -> NodeLabels:
    """The labels of the driver pool's nodes."""
    pool = platform.settings.pools.driver
    return pool_labels(
        identity=names.DRIVER_POOL,
        purpose="driver",
        architecture=instance(pool.instance_types[0]).architecture,
        instance_types=pool.instance_types,
        zones=platform.zones,
        capacities=("on-demand",),
        generations=(pool.generation, *pool.retiring),
        labels={},
    )


def node_boot(platform: Platform, cluster: Cluster, role: NodeRole) -> NodeBoot:
    """What nodes of this platform boot with."""
    return NodeBoot(
        platform=platform.name,
        kubernetes_version=platform.settings.cluster.version,
        ami_release=platform.ami_release,
        endpoint=cluster.endpoint,
        certificate_authority=cluster.certificate_authority,
        service_cidr=str(platform.settings.cluster.service_cidr),
        instance_profile=role.instance_profile_name,
        security_group_ids=[cluster.security_group_id],
        volume_key_arn=platform.volume_key_arn,
        startup_taints=(STARTUP_TAINT,),
    )


def system_pool(platform: Platform, supply: NodeSupply) -> Pool:
    """The static nodes of everything that the platform installs."""
    pool = platform.settings.pools.system
    return _pool(platform, supply, "system", pool, size=(pool.nodes_per_zone, pool.nodes_per_zone), scale_in="empty")


def driver_pool(platform: Platform, supply: NodeSupply) -> Pool:
    """The nodes that all drivers share, which are scaled out only."""
    pool = platform.settings.pools.driver
    size = (pool.nodes_per_zone.min, pool.nodes_per_zone.max)
    return _pool(platform, supply, "driver", pool, size=size, scale_in="never")


def headroom(platform: Platform, kubernetes: k8s.Provider, defined: Definitions, autoscaler: Autoscaler) -> None:
    """The room for drivers that stands ready on their nodes."""
    pool = platform.settings.pools.driver
    Headroom(
        f"{platform.name}-driver-headroom",
        HeadroomArgs(
            namespace=names.SYSTEM_NAMESPACE,
            drivers=pool.headroom.drivers,
            driver=Resources(cpu=pool.headroom.cpu, memory=pool.headroom.memory),
        ),
        platform.options(kubernetes, after=[defined.namespace, autoscaler]),
    )


def autoscaling(
    platform: Platform,
    cluster: Cluster,
    kubernetes: k8s.Provider,
    defined: Definitions,
    after: Sequence[pulumi.Resource],
) -> Autoscaler:
    """cluster-autoscaler, and the handler of Spot interruptions.

    The definitions of capacity buffers and quotas come first: the autoscaler waits for them without end.
    """
    first = pulumi.ResourceOptions(provider=kubernetes, depends_on=[cluster])
    read = (
        capacity_buffer_crd(f"{platform.name}-capacity-buffers", first),
        capacity_quota_crd(f"{platform.name}-capacity-quotas", first),
    )
    opts = platform.options(kubernetes, after=[*after, *read, defined.monitoring])
    TerminationHandler(f"{platform.name}-termination-handler", TerminationHandlerArgs(source=platform.charts), opts)
    return Autoscaler(
        f"{platform.name}-autoscaler",
        AutoscalerArgs(
            permissions_boundary=platform.boundary,
            platform=platform.name,
            cluster_name=cluster.ready,
            arns=platform.arns,
            kubernetes_version=platform.settings.cluster.version,
            source=platform.charts,
            workload=system.autoscaler(platform.settings.max_nodes),
            startup_taints=(STARTUP_TAINT.key,),
            unneeded_time=platform.settings.autoscaler.unneeded_time,
            delay_after_scale_out=platform.settings.autoscaler.delay_after_scale_out,
        ),
        opts,
    )


def _pool(
    platform: Platform,
    supply: NodeSupply,
    purpose: Literal["system", "driver"],
    pool: SystemPoolSettings | DriverPoolSettings,
    *,
    size: tuple[int, int],
    scale_in: ScaleIn,
) -> Pool:
    first = instance(pool.instance_types[0])
    minimum, maximum = size
    return Pool(
        f"{platform.name}-{purpose}",
        PoolArgs(
            boot=supply.boot,
            identity=purpose,
            purpose=purpose,
            generation=pool.generation,
            retiring=pool.retiring,
            instance_types=pool.instance_types,
            architecture=first.architecture,
            zones={
                zone: ZoneGroup(subnet_id=supply.network.private_subnet_ids[zone], minimum=minimum, maximum=maximum)
                for zone in platform.zones
            },
            maximum=maximum * len(platform.zones),
            capacity="on-demand",
            disk_gib=pool.disk_gib,
            instance_store=first.nvme_disks > 0,
            allocatable=pool_allocatable(first.name, pool.pods_per_node, pool.disk_gib),
            labels={},
            scale_in=scale_in,
            unneeded_time=None,
            tags=platform.cost_tags,
            protect=platform.protect,
        ),
        platform.options(after=supply.after),
    )
