"""The pools and queues of a stack, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fleet.offline.reached import Reached, reached
from fleet.offline.registration import Registrations
from sizing import instances, names
from sizing.pricing.costs import Cost, SpotPrices
from sizing.pricing.pool_costs import PoolNodes, nodes_of_pools, pool_lines
from sizing.sharing import Order
from sizing.values import Json

POOL_TYPE = "elastic-spark:pool:Pool"
QUEUE_TYPE = "elastic-spark:queue:Queue"
LABELLED_POOL_TYPE = "elastic-spark:labelled_pool:LabelledPool"


@dataclass(frozen=True)
class PoolRow:
    """One pool: its nodes over all zones, and what they amount to and cost at minimum and maximum.

    Prices are those of its lines (`sizing.pricing.pool_costs.pool_lines`), None where one is not known.

    The groups of a Spot pool and of its on-demand fall-back are one pool: they share its identity and its maximum.
    """

    identity: str
    purpose: str
    queue: str
    zones: tuple[str, ...]
    instance_types: tuple[str, ...]
    capacity: str
    min_nodes: int
    max_nodes: int
    vcpus_per_node: float
    memory_gib_per_node: float
    min_usd_per_hour: float | None
    max_usd_per_hour: float | None


def pool_rows(registrations: Registrations, spot_prices: SpotPrices | None = None) -> list[PoolRow]:
    """The pools that a stack registers, sorted by identity; of `spot_prices` see `sizing.pricing.pool_costs`."""
    inputs = {pool.inputs["identity"]: pool.inputs for pool in registrations.of_type(POOL_TYPE)}
    groups = (_row(inputs[nodes.identity], nodes, spot_prices) for nodes in pool_nodes(registrations))
    return sorted((*groups, *_labelled(registrations)), key=lambda row: row.identity)


def pool_nodes(registrations: Registrations) -> list[PoolNodes]:
    """The nodes of the pools in AWS that a stack registers, sorted by the pools' identities."""
    return nodes_of_pools((pool.inputs for pool in registrations.of_type(POOL_TYPE)), region_of(registrations))


def _row(inputs: Mapping[str, Json], nodes: PoolNodes, spot_prices: SpotPrices | None) -> PoolRow:
    instance = instances.instance(nodes.instance_types[0])
    cost = Cost(pool_lines(nodes, spot_prices))
    usd = None if cost.unpriced else cost.per_hour
    return PoolRow(
        identity=nodes.identity,
        purpose=inputs["purpose"],
        queue=inputs["labels"].get(names.QUEUE_LABEL, ""),
        zones=nodes.zones,
        instance_types=nodes.instance_types,
        capacity=nodes.capacity,
        min_nodes=nodes.minimum,
        max_nodes=nodes.maximum,
        vcpus_per_node=instance.vcpu,
        memory_gib_per_node=instance.memory_mib / 1024,
        min_usd_per_hour=float(usd.minimum) if usd else None,
        max_usd_per_hour=float(usd.maximum) if usd else None,
    )


def region_of(registrations: Registrations) -> str:
    """The region of the registered AWS provider; empty without one."""
    return next(
        (str(provider.inputs.get("region", "")) for provider in registrations.of_type("pulumi:providers:aws")), ""
    )


def _labelled(registrations: Registrations) -> Iterator[PoolRow]:
    for pool in registrations.of_type(LABELLED_POOL_TYPE):
        inputs = pool.inputs
        yield PoolRow(
            identity=inputs["identity"],
            purpose=inputs["purpose"],
            queue=inputs.get("queue", ""),
            zones=(),
            instance_types=(),
            capacity="existing",
            min_nodes=inputs["nodes"],
            max_nodes=inputs["nodes"],
            vcpus_per_node=inputs["cpu"] / 1000,
            memory_gib_per_node=inputs["memory"] / 2**30,
            min_usd_per_hour=None,
            max_usd_per_hour=None,
        )


@dataclass(frozen=True)
class QueueRow:
    """One queue: its numbers, in millicores and bytes, how its jobs share it, what they reach, and its pools.

    `max_executors_per_job` is None where one job may have all that the queue holds.
    """

    queue: str
    guaranteed_cpu: int
    guaranteed_memory: int
    maximum_cpu: int
    maximum_memory: int
    applications: int
    order: Order
    max_executors_per_job: int | None
    backfill: bool
    reached: Reached
    pools: tuple[PoolRow, ...]


def queue_rows(registrations: Registrations) -> list[QueueRow]:
    """The queues that a stack registers, sorted by name, each with its pools."""
    pools = pool_rows(registrations)
    rows = []
    for queue in registrations.of_type(QUEUE_TYPE):
        name = names.namespace(queue.inputs["tenant"], queue.inputs["queue"])
        size = queue.inputs["size"]
        # Earlier revisions have none, which is what follows from no settings.
        sharing = queue.inputs.get("sharing", {"order": "fifo", "backfill": False})
        rows.append(
            QueueRow(
                queue=name,
                guaranteed_cpu=size["guaranteed"]["cpu"],
                guaranteed_memory=size["guaranteed"]["memory"],
                maximum_cpu=size["maximum"]["cpu"],
                maximum_memory=size["maximum"]["memory"],
                applications=queue.inputs["drivers"]["atOnce"],
                order=sharing["order"],
                max_executors_per_job=sharing.get("maxExecutorsPerJob"),
                backfill=sharing["backfill"],
                reached=reached(registrations, queue.inputs),
                pools=tuple(pool for pool in pools if pool.queue == name),
            )
        )
    return sorted(rows, key=lambda row: row.queue)
