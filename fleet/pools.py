"""The pools and queues of a plan, as tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fleet.registration import Json, Plan
from sizing import instances, names
from sizing.costs import known_pool_price

POOL_TYPE = "elastic-spark:pool:Pool"
QUEUE_TYPE = "elastic-spark:queue:Queue"
LABELLED_POOL_TYPE = "elastic-spark:labelled_pool:LabelledPool"


@dataclass(frozen=True)
class PoolRow:
    """One pool: its nodes over all zones, and what they amount to and cost at minimum and maximum.

    Prices are list prices; Spot is a stated share of them (`sizing.costs.SPOT_SHARE`), None where none is known.

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


def pool_rows(plan: Plan) -> list[PoolRow]:
    """The pools that a plan registers, sorted by identity."""
    return sorted((*_groups(plan), *_labelled(plan)), key=lambda row: row.identity)


def _groups(plan: Plan) -> Iterator[PoolRow]:
    by_identity: defaultdict[str, list[Mapping[str, Json]]] = defaultdict(list)
    for pool in plan.of_type(POOL_TYPE):
        by_identity[pool.inputs["identity"]].append(pool.inputs)
    for identity, sets in by_identity.items():
        inputs = sets[0]
        instance = instances.instance(inputs["instanceTypes"][0])
        zones = inputs["zones"]
        # any zone of an executor pool may grow to the pool's maximum, and the queue bounds the sum
        count = max if inputs["purpose"] == "executor" else sum
        least, most = sum(zone["min"] for zone in zones.values()), count(zone["max"] for zone in zones.values())
        capacities = sorted({one["capacity"] for one in sets}, reverse=True)
        # where it falls back to on-demand, that is what it may cost
        spot = capacities == ["spot"]
        price = known_pool_price(instance.name, _region(plan), inputs["diskGib"], least, most, spot=spot)
        yield PoolRow(
            identity=identity,
            purpose=inputs["purpose"],
            queue=inputs["labels"].get(names.QUEUE_LABEL, ""),
            zones=tuple(sorted(zones)),
            instance_types=tuple(inputs["instanceTypes"]),
            capacity=" or ".join(capacities),
            min_nodes=least,
            max_nodes=most,
            vcpus_per_node=instance.vcpu,
            memory_gib_per_node=instance.memory_mib / 1024,
            min_usd_per_hour=float(price.minimum) if price else None,
            max_usd_per_hour=float(price.maximum) if price else None,
        )


def _region(plan: Plan) -> str:
    """The region of a plan's AWS provider; empty without one."""
    return next((str(provider.inputs.get("region", "")) for provider in plan.of_type("pulumi:providers:aws")), "")


def _labelled(plan: Plan) -> Iterator[PoolRow]:
    for pool in plan.of_type(LABELLED_POOL_TYPE):
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
    """One queue: its numbers, in millicores and bytes, and its pools."""

    queue: str
    guaranteed_cpu: int
    guaranteed_memory: int
    maximum_cpu: int
    maximum_memory: int
    applications: int
    pools: tuple[PoolRow, ...]


def queue_rows(plan: Plan) -> list[QueueRow]:
    """The queues that a plan registers, sorted by name, each with its pools."""
    pools = pool_rows(plan)
    rows = []
    for queue in plan.of_type(QUEUE_TYPE):
        name = names.namespace(queue.inputs["tenant"], queue.inputs["queue"])
        size = queue.inputs["size"]
        rows.append(
            QueueRow(
                queue=name,
                guaranteed_cpu=size["guaranteed"]["cpu"],
                guaranteed_memory=size["guaranteed"]["memory"],
                maximum_cpu=size["maximum"]["cpu"],
                maximum_memory=size["maximum"]["memory"],
                applications=size["maxApps"],
                pools=tuple(pool for pool in pools if pool.queue == name),
            )
        )
    return sorted(rows, key=lambda row: row.queue)
