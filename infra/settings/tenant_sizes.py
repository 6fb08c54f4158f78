"""A tenant's declarations as numbers: what a node of each pool offers, and how large each queue is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.contract import AwsContract, ExistingContract
from infra.settings.nodes import pool_usable
from infra.settings.tenancy import AwsTenancy, ExistingTenancy, Tenancy
from infra.settings.tenant import (
    Drivers,
    ExistingPoolSettings,
    ExistingQueueSettings,
    PoolSettings,
    QueueSettings,
)
from sizing.history import HistoryServer, history_server
from sizing.instances import instance
from sizing.node_labels import NodeLabels, pool_labels
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


def queue_numbers(tenancy: Tenancy, name: str) -> QueueNumbers:
    """The numbers of a queue.

    Args:
        tenancy: whose it is.
        name: of the queue.

    Raises:
        ValueError: a pool's nodes hold nothing beside the DaemonSets.
    """
    match tenancy:
        case AwsTenancy():
            queue, aws = tenancy.settings.queues[name], tenancy.contract.aws
            shares = {
                pool_name: PoolShare(
                    min_nodes=sum(pool.zones.values()),
                    max_nodes=pool.max_nodes,
                    usable=executor_usable(pool, aws.executor_pods_per_node),
                )
                for pool_name, pool in sorted(queue.pools.items())
            }
            return _numbers(
                shares, queue.drivers, history_of(queue, aws.event_log_days, logs=shows_logs(tenancy.contract))
            )
        case ExistingTenancy():
            existing = tenancy.settings.queues[name]
            shares = {
                pool_name: PoolShare(
                    min_nodes=pool.nodes, max_nodes=pool.nodes, usable=labelled_usable(pool, tenancy.contract)
                )
                for pool_name, pool in sorted(existing.pools.items())
            }
            return _numbers(shares, existing.drivers, None)


def _numbers(shares: Mapping[str, PoolShare], driver: Drivers, history: HistoryServer | None) -> QueueNumbers:
    drivers = driver_allowance(driver)
    return QueueNumbers(
        size=queue_size(shares.values(), drivers, history.pod if history else None),
        drivers=drivers,
        history=history,
        shares=dict(shares),
        shapes={name: executor_shapes(share.usable) for name, share in shares.items()},
    )


def executor_usable(pool: PoolSettings, pods_per_node: int) -> Resources:
    """What executors can fill of a node of a pool.

    Args:
        pool: its settings.
        pods_per_node: the kubelet's limit.

    Raises:
        ValueError: nothing is left beside the DaemonSets.
    """
    return pool_usable(pool.instance_types[0], pods_per_node, pool.disk_gib, spot=pool.capacity == "spot")


def executor_labels(pool: PoolSettings, identity: str, labels: Mapping[str, str]) -> NodeLabels:
    """The labels of the nodes of a pool in AWS.

    Args:
        pool: its settings.
        identity: of the pool.
        labels: that all of the queue's nodes have.
    """
    return pool_labels(
        identity=identity,
        purpose="executor",
        architecture=instance(pool.instance_types[0]).architecture,
        instance_types=pool.instance_types,
        zones=tuple(pool.zones),
        capacities=(pool.capacity, "on-demand") if pool.capacity == "spot" and pool.fallback else (pool.capacity,),
        generations=(pool.generation, *pool.retiring),
        labels=labels,
    )


def labelled_usable(pool: ExistingPoolSettings, contract: ExistingContract) -> Resources:
    """The same of a node of an existing cluster.

    Raises:
        ValueError: nothing is left beside the DaemonSets.
    """
    overheads = [DaemonSetOverhead(d.name, d.cpu, d.memory) for d in contract.daemon_sets]
    return usable(Resources(cpu=pool.cpu, memory=pool.memory, pods=contract.driver.usable.pods), overheads)


def shows_logs(contract: AwsContract) -> bool:
    """Whether logs of pods that are gone are shown beside history servers: where they are kept, and behind a door."""
    return bool(contract.door and contract.aws.logs)


def history_of(
    queue: QueueSettings | ExistingQueueSettings, event_log_days: int, *, logs: bool
) -> HistoryServer | None:
    """A queue's history server, if it has one: it reads from S3, which an existing cluster doesn't have."""
    if isinstance(queue, ExistingQueueSettings) or not queue.history.enabled:
        return None
    minutes = queue.history.refresh_minutes
    return history_server(
        queue.history.applications_a_week, event_log_days, minutes * 60 if minutes else None, logs=logs
    )


def driver_allowance(drivers: Drivers) -> DriverAllowance:
    """The driver allowance that a queue's settings say."""
    return DriverAllowance(at_once=drivers.at_once, driver=Resources(cpu=drivers.cpu, memory=drivers.memory))
