"""A tenant's declarations as numbers: what a node of each pool offers, and how large each queue is."""

from __future__ import annotations

from dataclasses import dataclass

from infra.contract import PlatformContract
from infra.settings.nodes import pool_usable
from infra.settings.tenant import (
    Drivers,
    ExistingPoolSettings,
    ExistingQueueSettings,
    PoolSettings,
    QueueSettings,
    pool_sizes,
)
from sizing.history import HistoryServer, history_server
from sizing.nodes import DaemonSetOverhead, Resources, usable
from sizing.queues import DriverAllowance, PoolShare, QueueSize, queue_size
from sizing.shapes import ExecutorShape, executor_shapes


@dataclass(frozen=True, kw_only=True)
class QueueNumbers:
    """Everything that follows from the declaration of a queue.

    Attributes:
        size: guaranteed, maximum and applications at once.
        drivers: the driver allowance.
        history: the history server; `None` for a queue without one.
        shares: what each pool gives the queue.
        shapes: the executors that fill a node, by pool.
    """

    size: QueueSize
    drivers: DriverAllowance
    history: HistoryServer | None
    shares: dict[str, PoolShare]
    shapes: dict[str, tuple[ExecutorShape, ...]]


def queue_numbers(queue: QueueSettings | ExistingQueueSettings, contract: PlatformContract) -> QueueNumbers:
    """The numbers of a queue on the platform of this contract."""
    drivers = driver_allowance(queue.drivers)
    shares: dict[str, PoolShare] = {}
    for name, pool in pool_sizes(queue):
        if isinstance(pool, PoolSettings):
            minimum, maximum = sum(pool.zones.values()), pool.max_nodes
        else:
            minimum = maximum = pool.nodes
        shares[name] = PoolShare(min_nodes=minimum, max_nodes=maximum, usable=executor_usable(pool, contract))
    history = history_of(queue, contract.aws.event_log_days) if contract.aws else None
    return QueueNumbers(
        size=queue_size(shares.values(), drivers, history.pod if history else None),
        drivers=drivers,
        history=history,
        shares=shares,
        shapes={name: executor_shapes(share.usable) for name, share in shares.items()},
    )


def executor_usable(pool: PoolSettings | ExistingPoolSettings, contract: PlatformContract) -> Resources:
    """What executors can fill of a node of a pool.

    Raises:
        ValueError: nothing is left beside the DaemonSets.
    """
    if isinstance(pool, PoolSettings):
        pods = contract.aws.executor_pods_per_node if contract.aws else 0
        return pool_usable(pool.instance_types[0], pods, pool.disk_gib, spot=pool.capacity == "spot")
    overheads = [DaemonSetOverhead(d.name, d.cpu, d.memory) for d in contract.daemon_sets]
    return usable(Resources(cpu=pool.cpu, memory=pool.memory, pods=contract.driver.usable.pods), overheads)


def history_of(queue: QueueSettings | ExistingQueueSettings, event_log_days: int) -> HistoryServer | None:
    """A queue's history server, if it has one: it reads from S3, which an existing cluster doesn't have."""
    if isinstance(queue, ExistingQueueSettings) or not queue.history.enabled:
        return None
    minutes = queue.history.refresh_minutes
    return history_server(queue.history.applications_a_week, event_log_days, minutes * 60 if minutes else None)


def driver_allowance(drivers: Drivers) -> DriverAllowance:
    """The driver allowance that a queue's settings say."""
    return DriverAllowance(at_once=drivers.at_once, driver=Resources(cpu=drivers.cpu, memory=drivers.memory))
