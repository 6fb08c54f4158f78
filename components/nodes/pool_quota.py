"""A pool's maximum over all of its groups, which the autoscaler holds."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.nodes.quota_crd import API_VERSION, KIND
from sizing import names


@dataclass(frozen=True, kw_only=True)
class PoolQuotaArgs:
    """How many nodes a pool has at most.

    Args:
        identity: of the pool, the value of its nodes' label, and the quota's name.
        generation: the current one; nodes of others take nothing new, and don't count.
        maximum: nodes at most, over all zones, Spot and on-demand.
    """

    identity: str
    generation: str
    maximum: int


class PoolQuota(Component):
    """A CapacityQuota on the pool's nodes.

    An Auto Scaling group knows its own maximum only, and each of a pool's groups may grow to the pool's. YuniKorn holds
    the queue's resources, which is not the same: executors that fill no node, and a pod whose place another one took,
    ask for nodes that the queue's resources would allow and the pool's maximum doesn't. The autoscaler counts nodes
    that boot, and those that shut down until they are gone.
    """

    module = "pool_quota"

    def __init__(self, name: str, args: PoolQuotaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        k8s.apiextensions.CustomResource(
            f"{name}-quota",
            api_version=API_VERSION,
            kind=KIND,
            metadata={"name": args.identity},
            spec={
                "selector": {"matchLabels": {names.POOL_LABEL: args.identity, names.GENERATION_LABEL: args.generation}},
                "limits": {"resources": {"nodes": args.maximum}},
            },
            opts=self.child(),
        )
        self.register_outputs({})
