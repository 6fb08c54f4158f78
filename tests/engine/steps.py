"""What becomes of each resource of a stack: as the engine's preview says it, and as a difference does, in one form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fleet.offline.changes.difference import Change, Difference, Operation
from fleet.offline.changes.property_paths import PropertyPath, parsed, written
from fleet.offline.registration import Registrations, has_unknown
from sizing.values import Json
from tests.engine import echo_provider

OPERATIONS = {
    "create": Operation.ADDED,
    "delete": Operation.REMOVED,
    "replace": Operation.REPLACED,
    "same": Operation.KEPT,
    "update": Operation.CHANGED,
}
"""The engine's operations, without those that are a part of a replacement, and `read` and `discard`: what
is only looked at is never changed."""


@dataclass(frozen=True)
class Step:
    """What becomes of one resource.

    Attributes:
        operation: what.
        former: its URN before; empty for a resource that is added.
        inputs: paths of its inputs that change, down to what is no object: lists, secrets, and texts that may be JSON.
            None for what the engine tells no paths of: components, providers, and resources replaced with another one.
    """

    operation: Operation
    former: str
    inputs: frozenset[str] | None = None


def engine_steps(printed: str) -> dict[str, Step]:
    """What `pulumi preview --json --show-sames` printed, by URN, without resources that nothing becomes of."""
    found: dict[str, Step] = {}
    for step in json.loads(printed)["steps"]:
        if step["urn"].split("::")[2].split("$")[-1].split(":")[1] == echo_provider.OUTPUTS_MODULE:
            continue
        old, new = step.get("oldState", {}), step.get("newState", {})
        former = old.get("urn", "")
        operation = OPERATIONS.get(step["op"])
        if operation and (operation is not Operation.KEPT or former != step["urn"]):
            paths = step.get("detailedDiff") and map(parsed, step["detailedDiff"])
            found[step["urn"]] = Step(operation, former, _objects(paths, old.get("inputs"), new.get("inputs")))
    return found


def told_steps(told: Difference) -> dict[str, Step]:
    """The same of a difference, without what the engine doesn't call a change: options, outputs and what is read."""
    return {
        change.resource.urn: Step(change.operation, change.before.urn if change.before else "", _inputs(change))
        for change in told.changes
        if (change.operation is not Operation.KEPT or change.renamed) and not (change.after and change.after.read_id)
    }


def as_far_as_told(said: Mapping[str, Step], told: Mapping[str, Step]) -> dict[str, Step]:
    """What the engine says, without the inputs of a resource of which none are told."""
    return {
        urn: replace(step, inputs=None) if urn in told and told[urn].inputs is None else step
        for urn, step in said.items()
    }


def without_unknowns(said: Mapping[str, Step], before: Registrations, after: Registrations) -> dict[str, Step]:
    """What the engine says, without inputs that are the same unknown in both: it knows what they are by now."""
    found: dict[str, Step] = {}
    for urn, step in said.items():
        inputs = step.inputs
        if inputs and step.former:
            sides = before[step.former].inputs, after[urn].inputs
            inputs = frozenset(
                path for path in inputs if not _same_unknown(*(_at(parsed(path), side) for side in sides))
            )
        if inputs or not step.inputs or step.operation is not Operation.CHANGED:
            found[urn] = replace(step, inputs=inputs or None)
    return found


def _same_unknown(before: Json, after: Json) -> bool:
    return has_unknown(before) and before == after


def _at(path: PropertyPath, value: Json) -> Json:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else value
    return value


def _inputs(change: Change) -> frozenset[str] | None:
    if not change.resource.custom or change.resource.type.startswith("pulumi:providers:"):
        return None
    if change.replaced_for or change.updated_for:
        return None
    paths = [each.path for each in change.properties if each.part == "input"]
    before, after = (side.inputs if side else None for side in (change.before, change.after))
    return _objects(paths, before, after)


def _objects(paths: Iterable[PropertyPath] | None, *sides: Mapping[str, Json] | None) -> frozenset[str] | None:
    """What of the paths leads through objects, which is all of them that compares well."""
    cut = {path[: max(_depth(path, side) for side in sides)] for path in paths or ()}
    return frozenset(map(written, cut)) or None


def _depth(path: PropertyPath, value: Json) -> int:
    """How many of a path's steps lead through objects in a value."""
    depth = 0
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            break
        value = value[step]
        depth += 1
    return depth
