"""What a reviewer must not overlook: tenants that go, and resources whose end nobody can undo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.offline.changes.comparison import FleetComparison, StackComparison
from fleet.offline.changes.difference import Change, Operation
from fleet.offline.pools import QUEUE_TYPE
from fleet.offline.registration import Registration, Registrations, short_name

NAMESPACE: Final = "kubernetes:core/v1:Namespace"
IRREPLACEABLE: Final = {
    "aws:ec2/vpc:Vpc": "the network that everything is in",
    "aws:eks/cluster:Cluster": "the cluster, with all that runs on it",
    "aws:kms/key:Key": "what it encrypted can't be read any more",
    "aws:s3/bucket:Bucket": "the data in it goes too",
    "eks:index:Cluster": "the cluster, with all that runs on it",
}
"""Types whose deletion or replacement loses more than the resource, and what."""
QUEUE_LOSS: Final = "its jobs are stopped, running ones too"
PROTECTED_LOSS: Final = "it is protected"


@dataclass(frozen=True)
class RemovedStack:
    """A stack that has no file any more.

    Attributes:
        stack: its name.
        tenant: the tenant whose it was; empty for a platform, and where its former registrations are not known.
        queues: namespaces of the queues that it had, sorted.
        resources: how many it had, None where they are not known.
    """

    stack: str
    tenant: str
    queues: tuple[str, ...]
    resources: int | None

    @property
    def what(self) -> str:
        """Who goes: `The tenant ads` or `The stack platform-dev`."""
        return f"The tenant {self.tenant} (stack {self.stack})" if self.tenant else f"The stack {self.stack}"

    @property
    def sentence(self) -> str:
        """Who goes, and with what."""
        said = []
        if self.queues:
            said.append(f"its {'queue' if len(self.queues) == 1 else 'queues'} {', '.join(self.queues)}")
        if self.resources is not None:
            said.append(f"{self.resources} resources")
        return f"{self.what} is removed" + (f", with {' and '.join(said)}" if said else "")


@dataclass(frozen=True)
class EndedResource:
    """A resource of a stack that is deleted or replaced, and should rarely be.

    Attributes:
        stack: the stack's name.
        number: the place of the change among the stack's changes.
        change: what becomes of it.
        loss: what goes with it.
    """

    stack: str
    number: int
    change: Change
    loss: str

    @property
    def refused(self) -> bool:
        """Whether the engine refuses the change."""
        return self.change.refused

    @property
    def what(self) -> str:
        """`Bucket data is replaced`: who ends, and how."""
        return f"{short_name(self.change.resource.urn)} is {self.change.operation}"

    @property
    def consequence(self) -> str:
        """What goes with it, or that the engine refuses."""
        return "protected: the engine refuses" if self.refused else self.loss


@dataclass(frozen=True)
class Callouts:
    """What must not be overlooked in a fleet's comparison, in the order of its stacks."""

    removed: tuple[RemovedStack, ...]
    ended: tuple[EndedResource, ...]

    def __bool__(self) -> bool:
        return bool(self.removed or self.ended)


def callouts(comparison: FleetComparison) -> Callouts:
    """What must not be overlooked in a comparison; nothing where nothing is compared.

    A stack that goes as a whole names its queues, which are not called out a second time.
    """
    if comparison.base is None:
        return Callouts((), ())
    return Callouts(
        tuple(_removed(stack) for stack in comparison.stacks if stack.after is None),
        tuple(ended for stack in comparison.stacks for ended in _ended(stack)),
    )


def _removed(stack: StackComparison) -> RemovedStack:
    registrations = stack.before.registrations if stack.before else None
    queues = registrations.of_type(QUEUE_TYPE) if registrations else []
    return RemovedStack(
        stack=stack.stack,
        tenant=next((str(queue.inputs.get("tenant", "")) for queue in queues), ""),
        queues=tuple(sorted(queue.name for queue in queues)),
        resources=len(registrations) - 1 if registrations else None,
    )


def _ended(stack: StackComparison) -> Iterator[EndedResource]:
    before = stack.before.registrations if stack.before else None
    changes: Sequence[Change] = stack.difference.changes if stack.difference else ()
    for number, change in enumerate(changes):
        was = change.before
        if was is None or change.operation not in (Operation.REMOVED, Operation.REPLACED):
            continue
        loss = _loss(was, before)
        if loss and not (stack.after is None and loss == QUEUE_LOSS):
            yield EndedResource(stack.stack, number, change, loss)


def _loss(resource: Registration, registrations: Registrations | None) -> str:
    """What goes with a resource; empty where it can be made again."""
    if loss := IRREPLACEABLE.get(resource.type):
        return loss
    parent = registrations.get(resource.parent) if registrations else None
    if resource.type == NAMESPACE and parent and parent.type == QUEUE_TYPE:
        return QUEUE_LOSS
    return PROTECTED_LOSS if resource.options.protect else ""
