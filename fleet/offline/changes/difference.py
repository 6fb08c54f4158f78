"""What a change makes of a stack: its registrations before and after, resource by resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from fleet.offline.changes import force_new
from fleet.offline.changes.aliases import former_urns
from fleet.offline.changes.property_changes import PropertyChange, forces_replacement, property_changes
from fleet.offline.changes.property_paths import PropertyPath, contains, parsed
from fleet.offline.pools import QUEUE_TYPE
from fleet.offline.registration import Registration, Registrations, Secret, Unknown, unknowns
from sizing.values import Json, mapped

AWS_PROVIDER: Final = "pulumi:providers:aws"


ROUTINE: Final = frozenset({"kubernetes:batch/v1:Job", "kubernetes:core/v1:ConfigMap"})
"""Types of which a queue's are made anew for every change of what they hold, and whose end stops nothing."""


class Operation(StrEnum):
    """What becomes of a resource."""

    ADDED = "added"
    REMOVED = "removed"
    REPLACED = "replaced"
    """Something changes that can't be changed in place."""
    CHANGED = "changed"
    KEPT = "kept"
    """Its provider does nothing: its name, its options or its outputs change."""


@dataclass(frozen=True)
class Change:
    """What becomes of one resource.

    Attributes:
        operation: what becomes of it.
        before: its registration, None when it is added.
        after: likewise, None when it is removed.
        properties: what changes in it; nothing for a resource that is added or removed.
        replaced_for: URNs of resources whose replacement forces its own.
        updated_for: URNs of resources whose replacement gives it new values, which it takes in place.
    """

    operation: Operation
    before: Registration | None
    after: Registration | None
    properties: tuple[PropertyChange, ...] = ()
    replaced_for: tuple[str, ...] = ()
    updated_for: tuple[str, ...] = ()

    @property
    def resource(self) -> Registration:
        """The registration after the change, or before it for a resource that is removed."""
        registration = self.after or self.before
        assert registration is not None  # noqa: S101 - a change has a side
        return registration

    @property
    def renamed(self) -> bool:
        """Whether it is known by an alias: the same resource under another URN."""
        return bool(self.before and self.after and self.before.urn != self.after.urn)

    @property
    def refused(self) -> bool:
        """Whether the engine refuses it, because the resource is protected from deletion.

        Protection that the change itself takes off counts for a removal only.
        """
        was, is_ = (bool(side and side.options.protect) for side in (self.before, self.after))
        return (self.operation is Operation.REMOVED and was) or (self.operation is Operation.REPLACED and was and is_)

    @property
    def routine(self) -> bool:
        """Whether it is a replacement that alarms nobody: a queue's sync Job or card, as its numbers change."""
        alone = self.operation is Operation.REPLACED and not self.refused and not self.replaced_for
        return alone and self.resource.type in ROUTINE and QUEUE_TYPE in self.resource.parent

    @property
    def weight(self) -> Operation:
        """What it is to a reviewer: the operation, and of a routine replacement a change."""
        return Operation.CHANGED if self.routine else self.operation

    @property
    def read(self) -> bool:
        """Whether the resource is somebody else's, which the program only looks at."""
        return bool(self.resource.read_id)


@dataclass(frozen=True)
class Difference:
    """What changes between two recordings of a stack, sorted by URN, and how many resources stay as they are."""

    changes: tuple[Change, ...]
    unchanged: int

    def count(self, operation: Operation) -> int:
        """How many resources meet with an operation."""
        return sum(change.operation is operation for change in self.changes)

    @property
    def renamed(self) -> int:
        """How many resources are known by an alias."""
        return sum(change.renamed for change in self.changes)


def difference(before: Registrations, after: Registrations) -> Difference:
    """What changes from one recording of a stack to another.

    A resource is the same where its URN is, or one that its aliases name. An unknown value is the same where it comes
    from the same resources: what it turns out to be is not known.
    """
    former = former_urns(before, after)
    present = {old: new for new, old in former.items()}
    changes = []
    for urn in sorted({*after, *(present.get(old, old) for old in before)}):
        change = _change(before.get(former.get(urn, urn)), after.get(urn), present)
        if change:
            changes.append(change)
    changes = _with_consequences(changes, after)
    return Difference(tuple(changes), len(after) - sum(change.after is not None for change in changes))


def everything(registrations: Registrations, operation: Literal[Operation.ADDED, Operation.REMOVED]) -> Difference:
    """The difference of a stack that comes or goes as a whole."""
    added = operation is Operation.ADDED
    return Difference(tuple(_begun(one) if added else _ended(one) for one in registrations.values()), 0)


def _begun(new: Registration) -> Change:
    return Change(Operation.KEPT if new.read_id else Operation.ADDED, None, new)


def _ended(old: Registration) -> Change:
    return Change(Operation.KEPT if old.read_id else Operation.REMOVED, old, None)


def _change(old: Registration | None, new: Registration | None, present: Mapping[str, str]) -> Change | None:
    if old is None:
        return _begun(new) if new else None
    if new is None:
        return _ended(old)
    properties = property_changes(_in_present_names(old, present), new)
    change = Change(_operation(old, new, properties), old, new, properties)
    return change if properties or change.renamed or change.operation is Operation.REPLACED else None


def _operation(old: Registration, new: Registration, properties: Sequence[PropertyChange]) -> Operation:
    if old.custom != new.custom or any(change.forces_replacement for change in properties):
        return Operation.REPLACED
    return Operation.CHANGED if any(change.part == "input" for change in properties) else Operation.KEPT


def _with_consequences(changes: Sequence[Change], after: Registrations) -> list[Change]:
    """The changes, and what follows because the outputs of a resource that is replaced will be new ones."""
    by_urn = {change.resource.urn: change for change in changes}
    moved = {change.resource.urn for change in changes if _moves(change)}
    waiting = [*moved, *(change.resource.urn for change in changes if change.operation is Operation.REPLACED)]
    causes = set(waiting)
    while waiting:
        cause = waiting.pop()
        for user in after.values():
            change = by_urn.get(user.urn, Change(Operation.KEPT, user, user))
            if change.before is None:
                continue
            follows = user.provider == cause and _has_region(user) if cause in moved else _follows(user, cause)
            if follows:
                replaced_for = tuple(sorted({*change.replaced_for, cause}))
                by_urn[user.urn] = replace(change, operation=Operation.REPLACED, replaced_for=replaced_for)
                if user.urn not in causes:
                    causes.add(user.urn)
                    waiting.append(user.urn)
            elif cause not in moved and any(_uses(user, cause)):
                kept = change.operation is Operation.KEPT
                by_urn[user.urn] = replace(
                    change,
                    operation=Operation.CHANGED if kept else change.operation,
                    updated_for=tuple(sorted({*change.updated_for, cause})),
                )
    return [by_urn[urn] for urn in sorted(by_urn)]


def _moves(change: Change) -> bool:
    """Whether a provider gets another region, which it then gives to each of its resources.

    Source: https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/
    """
    return change.resource.type == AWS_PROVIDER and any(each.path == ("region",) for each in change.properties)


def _has_region(resource: Registration) -> bool:
    """Whether it belongs to a region, in the table's words, and not to an account."""
    return "region" not in resource.inputs and bool(force_new.replaced_if(resource.type, ("region",)))


def _follows(user: Registration, cause: str) -> bool:
    """Whether the replacement of `cause` replaces its user too.

    Source: https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/ and, for what belongs to a
    provider or goes with another resource, pulumi, pkg/resource/deploy/step_generator.go.
    """
    if not user.custom:
        return False
    belongs = cause in (user.provider, user.options.deleted_with)
    return belongs or any(forces_replacement(user, path) for path in _uses(user, cause))


def _uses(user: Registration, cause: str) -> Iterator[PropertyPath]:
    """The inputs that outputs of another resource are in, but for those whose changes are ignored."""
    ignored = [parsed(pattern) for pattern in user.options.ignore_changes]
    for path, unknown in unknowns(user.inputs):
        if cause in unknown.sources and not any(contains(pattern, path) for pattern in ignored):
            yield path


def _in_present_names(registration: Registration, present: Mapping[str, str]) -> Registration:
    """A registration of before, speaking of other resources by the URNs that they have after."""
    if not present:
        return registration

    def now(urn: str) -> str:
        return present.get(urn, urn)

    def renamed(leaf: Json) -> Json:
        match leaf:
            case Unknown(sources):
                return Unknown(tuple(sorted(map(now, sources))))
            case Secret(content):
                return Secret(mapped(content, renamed))
            case str():
                return now(leaf)
            case _:
                return leaf

    return replace(
        registration,
        parent=now(registration.parent),
        inputs=mapped(registration.inputs, renamed),
        outputs=mapped(registration.outputs, renamed),
        dependencies=tuple(sorted(map(now, registration.dependencies))),
        property_dependencies={
            name: tuple(sorted(map(now, urns))) for name, urns in registration.property_dependencies.items()
        },
        provider=now(registration.provider),
        providers=tuple((package, now(urn)) for package, urn in registration.providers),
        options=replace(registration.options, deleted_with=now(registration.options.deleted_with)),
    )
