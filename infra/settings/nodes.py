"""What the settings' pools offer: the sizing arithmetic with the platform's own choices filled in."""

from __future__ import annotations

from collections.abc import Sequence

from sizing.daemonsets import AWS_DAEMON_SETS, SPOT_DAEMON_SETS
from sizing.instances import instance
from sizing.nodes import Resources, allocatable, usable


def pool_allocatable(instance_type: str, pods_per_node: int, disk_gib: int) -> Resources:
    """What Kubernetes offers of a node of a pool.

    Args:
        instance_type: the pool's first type; the others are alike.
        pods_per_node: the kubelet's limit.
        disk_gib: size of the root volume.
    """
    return allocatable(instance(instance_type), pods_per_node, disk_gib)


def pool_usable(instance_type: str, pods_per_node: int, disk_gib: int, *, spot: bool = False) -> Resources:
    """What drivers or executors can fill of a node of a pool: `pool_allocatable` less the platform's DaemonSets.

    Args:
        spot: the pool has Spot nodes, which run one DaemonSet more.
    """
    daemon_sets = SPOT_DAEMON_SETS if spot else AWS_DAEMON_SETS
    return usable(pool_allocatable(instance_type, pods_per_node, disk_gib), daemon_sets)


def per_node(usable_resources: Resources, cpu: int, memory: int) -> int:
    """How many pods of a size a node holds.

    Args:
        cpu: of one pod, in millicores.
        memory: of one pod, in bytes.
    """
    return min(usable_resources.cpu // cpu, usable_resources.memory // memory, usable_resources.pods)


def network_encrypts(instance_types: Sequence[str], retiring: Sequence[str]) -> bool:
    """Whether the network encrypts what nodes of a pool say to each other, and to others of which this is true.

    Nodes of retiring generations may be of other types than those that the settings name.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/data-protection.html#encryption-transit
    """
    return not retiring and all(instance(name).encrypts_in_transit for name in instance_types)
