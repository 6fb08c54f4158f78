"""The pools of a plan, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fleet.registration import Plan
from sizing import instances

POOL_TYPE = "elastic-spark:pool:Pool"
LABELLED_POOL_TYPE = "elastic-spark:labelled_pool:LabelledPool"


@dataclass(frozen=True)
class PoolRow:
    """One pool: its nodes over all zones, and what they amount to at minimum and maximum."""

    identity: str
    purpose: str
    zones: tuple[str, ...]
    instance_types: tuple[str, ...]
    capacity: str
    min_nodes: int
    max_nodes: int
    vcpus_per_node: float
    memory_gib_per_node: float


def pool_rows(plan: Plan) -> list[PoolRow]:
    """The pools that a plan registers, sorted by identity."""
    return sorted((*_groups(plan), *_labelled(plan)), key=lambda row: row.identity)


def _groups(plan: Plan) -> Iterator[PoolRow]:
    for pool in plan.of_type(POOL_TYPE):
        inputs = pool.inputs
        instance = instances.instance(inputs["instanceTypes"][0])
        zones = inputs["zones"]
        yield PoolRow(
            identity=inputs["identity"],
            purpose=inputs["purpose"],
            zones=tuple(sorted(zones)),
            instance_types=tuple(inputs["instanceTypes"]),
            capacity=inputs["capacity"],
            min_nodes=sum(zone["min"] for zone in zones.values()),
            max_nodes=sum(zone["max"] for zone in zones.values()),
            vcpus_per_node=instance.vcpu,
            memory_gib_per_node=instance.memory_mib / 1024,
        )


def _labelled(plan: Plan) -> Iterator[PoolRow]:
    for pool in plan.of_type(LABELLED_POOL_TYPE):
        inputs = pool.inputs
        yield PoolRow(
            identity=inputs["identity"],
            purpose=inputs["purpose"],
            zones=(),
            instance_types=(),
            capacity="existing",
            min_nodes=inputs["nodes"],
            max_nodes=inputs["nodes"],
            vcpus_per_node=inputs["cpu"] / 1000,
            memory_gib_per_node=inputs["memory"] / 2**30,
        )
