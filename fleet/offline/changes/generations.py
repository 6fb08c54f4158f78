"""Pools whose nodes become other ones within their generation, or whose generation goes at once.

A generation's groups are of one size and one architecture: nodes that are there already stay as they are, while the
autoscaler's template, the queue's numbers and executors' sizes follow the settings. And a generation that is dropped
takes along what runs on it. docs/decisions/0004-self-managed-groups.md has the whole of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fleet.offline.pools import POOL_TYPE, QUEUE_TYPE
from fleet.offline.registration import Registrations
from infra.settings.fleet_rules import FleetFinding
from infra.settings.validation import PLATFORM_KEY, TENANT_KEY, file_of
from sizing import names
from sizing.instances import UnknownInstanceType, instance
from sizing.values import Json

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class _NodeSize:
    """What all nodes of a generation have alike."""

    vcpus: float
    memory_mib: int
    architecture: str

    def __str__(self) -> str:
        return f"{self.vcpus:g} vCPU, {self.memory_mib / 1024:g} GiB, {self.architecture}"


def generation_findings(stack: str, before: Registrations, after: Registrations) -> Iterator[FleetFinding]:
    """What a change makes of a stack's generations that it must not, with the lines that say it right.

    Args:
        stack: its name.
        before: by the earlier revision; pools of it that can't be read are passed over.
        after: now.
    """
    then = _pools(before)
    for identity, new in _pools(after).items():
        old = then.get(identity)
        if old is None:
            continue
        path = _path(after, new)
        if old["generation"] == new["generation"]:
            yield from _another_size(stack, path, old, new)
        elif old["generation"] not in new["retiring"]:
            retiring = ", ".join(dict.fromkeys([*new["retiring"], old["generation"]]))
            yield FleetFinding(
                (stack,),
                f"generation {old['generation']} of pool {identity} goes at once, with all that runs on its nodes",
                f"that it retires until its nodes are gone: under {path} in {file_of(stack)} write\n"
                f"generation: {new['generation']}\nretiring: [{retiring}]",
            )


def _another_size(stack: str, path: str, old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[FleetFinding]:
    try:
        was, becomes = _size(old), _size(new)
    except UnknownInstanceType:
        # What the data file has no more is known by its AMI alone.
        was, becomes = old["architecture"], new["architecture"]
    if was != becomes:
        generation, retiring = new["generation"], ", ".join(dict.fromkeys([*new["retiring"], new["generation"]]))
        yield FleetFinding(
            (stack,),
            f"nodes of pool {new['identity']} of {was} become {becomes} within generation {generation}",
            f"the same change in a new generation, beside the nodes that are there: under {path} in {file_of(stack)} "
            f"write\ngeneration: {_next(generation, new['retiring'])}\nretiring: [{retiring}]",
        )


def _pools(registrations: Registrations) -> dict[str, Mapping[str, Json]]:
    """The inputs of pools by their identities; of a Spot pool and its fall-back, which are alike, those of one."""
    needed = {"identity", "generation", "retiring", "instanceTypes", "architecture", "purpose"}
    pools = (pool.inputs for pool in registrations.of_type(POOL_TYPE))
    return {inputs["identity"]: inputs for inputs in pools if needed <= inputs.keys()}


def _size(inputs: Mapping[str, Json]) -> _NodeSize:
    first = instance(inputs["instanceTypes"][0])
    return _NodeSize(first.vcpu, first.memory_mib, first.architecture)


def _next(generation: str, retiring: list[str]) -> str:
    """A generation that there isn't yet: the next letter, if that will do."""
    taken = {generation, *retiring}
    following = _LETTERS[_LETTERS.find(generation) + 1 :] if len(generation) == 1 else ""
    candidates: tuple[str, ...] = (*following, *_LETTERS, *map(str, range(10)))
    return next(one for one in candidates if one not in taken)


def _path(registrations: Registrations, pool: Mapping[str, Json]) -> str:
    """Where a stack file has a pool."""
    if pool["purpose"] != "executor":
        return f"{PLATFORM_KEY}.pools.{pool['identity']}"
    for queue in registrations.of_type(QUEUE_TYPE):
        tenant, name = queue.inputs["tenant"], queue.inputs["queue"]
        start = f"{names.namespace(tenant, name)}-"
        if pool["labels"].get(names.QUEUE_LABEL) == start[:-1] and pool["identity"].startswith(start):
            return f"{TENANT_KEY}.queues.{name}.pools.{pool['identity'].removeprefix(start)}"
    return f"{TENANT_KEY}.queues"
