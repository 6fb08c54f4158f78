"""The resources of a stack as a tree, by whose parent they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleet.offline.registration import Registration, Registrations


@dataclass(frozen=True)
class Node:
    """A resource in the tree of a stack, with those whose parent it is: components first."""

    resource: Registration
    children: Sequence[Node]

    @property
    def kind(self) -> str:
        """`Vpc` for `aws:ec2/vpc:Vpc`; Kubernetes kinds and components likewise by their last word."""
        return self.resource.type.rsplit(":", 1)[-1]


def tree(registrations: Registrations) -> Node:
    """The resources of a stack, from the stack down."""
    children: dict[str, list[Registration]] = {}
    for one in registrations.values():
        children.setdefault(one.parent, []).append(one)
    return _node(registrations.stack, children)


def _node(resource: Registration, children: Mapping[str, list[Registration]]) -> Node:
    found = [_node(child, children) for child in children.get(resource.urn, ())]
    return Node(resource, sorted(found, key=lambda one: (not one.children, one.resource.name, one.resource.type)))
