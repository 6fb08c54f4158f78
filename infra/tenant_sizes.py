"""A tenant's declarations as numbers: what a node of each pool offers, and how large each queue is."""

from __future__ import annotations

from dataclasses import dataclass

from infra.contract import PlatformContract
from infra.nodes import pool_usable
from infra.tenant_settings import Drivers, ExistingPool, ExistingQueue, Pool, Queue, pool_sizes
from sizing.nodes import DaemonSetOverhead, Resources, usable
from sizing.queues import DriverAllowance, PoolShare, QueueSize, queue_size
from sizing.shapes import ExecutorShape, executor_shapes


@dataclass(frozen=True, kw_only=True)
class QueueNumbers:
    """Everything that follows from the declaration of a queue.

    Attributes:
        size: guaranteed, maximum and applications at once.
        drivers: the driver allowance.
        usable: what executors can fill of a node, by pool.
        shapes: the executors that fill a node, by pool.
    """

    size: QueueSize
    drivers: DriverAllowance
    usable: dict[str, Resources]
    shapes: dict[str, tuple[ExecutorShape, ...]]


def queue_numbers(queue: Queue | ExistingQueue, contract: PlatformContract) -> QueueNumbers:
    """The numbers of a queue on the platform of this contract."""
    drivers = driver_allowance(queue.drivers)
    offers: dict[str, Resources] = {}
    shares: list[PoolShare] = []
    for name, pool in pool_sizes(queue):
        offers[name] = executor_usable(pool, contract)
        if isinstance(pool, Pool):
            least, most = sum(pool.zones.values()), pool.max_nodes
        else:
            least = most = pool.nodes
        shares.append(PoolShare(min_nodes=least, max_nodes=most, usable=offers[name]))
    return QueueNumbers(
        size=queue_size(shares, drivers),
        drivers=drivers,
        usable=offers,
        shapes={name: executor_shapes(offer) for name, offer in offers.items()},
    )


def executor_usable(pool: Pool | ExistingPool, contract: PlatformContract) -> Resources:
    """What executors can fill of a node of a pool.

    Raises:
        ValueError: nothing is left beside the DaemonSets.
    """
    if isinstance(pool, Pool):
        pods = contract.aws.executor_pods_per_node if contract.aws else 0
        return pool_usable(pool.instance_types[0], pods, pool.disk_gib, spot=pool.capacity == "spot")
    overheads = [DaemonSetOverhead(d.name, d.cpu, d.memory) for d in contract.daemon_sets]
    return usable(Resources(cpu=pool.cpu, memory=pool.memory, pods=contract.driver.usable.pods), overheads)


def driver_allowance(drivers: Drivers) -> DriverAllowance:
    """The driver allowance that a queue's settings say."""
    return DriverAllowance(at_once=drivers.at_once, driver=Resources(cpu=drivers.cpu, memory=drivers.memory))
