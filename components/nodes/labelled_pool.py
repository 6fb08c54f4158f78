"""A pool on a cluster of somebody else's making: only a label that its nodes carry."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.base import Component


@dataclass(frozen=True, kw_only=True)
class LabelledPoolArgs:
    """A pool whose nodes are there already.

    Args:
        identity: the value that the nodes' label and taint `elastic-spark/pool` have.
        purpose: `system`, `driver` or `executor`.
        queue: whose executors they run; empty for nodes that all share.
        nodes: how many there are.
        cpu: what one of them offers to pods, in millicores.
        memory: what one of them offers to pods, in bytes.
    """

    identity: str
    purpose: str
    queue: str
    nodes: int
    cpu: int
    memory: int


class LabelledPool(Component):
    """States which nodes a pool has; makes nothing, since labels on existing nodes are their owner's to set."""

    module = "labelled_pool"

    def __init__(self, name: str, args: LabelledPoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.register_outputs({})
