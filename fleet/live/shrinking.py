"""Which nodes a deployment would take away on which something may run.

A maximum below a group's size makes AWS shrink the group, and a group that is deleted ends its nodes; an offline
preview can't see how many there are.
Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html, MaxSize and
DesiredCapacity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fleet.live.groups import Group
from fleet.offline.pools import POOL_TYPE, pool_nodes
from fleet.offline.registration import Registrations
from sizing import names
from sizing.autoscaling_tags import NODE_TEMPLATE

GROUP_TYPE: Final = "aws:autoscaling/group:Group"
POOL_TAG: Final = f"{NODE_TEMPLATE}/label/{names.POOL_LABEL}"
TENANT_TAG: Final = f"{NODE_TEMPLATE}/label/{names.TENANT_LABEL}"


@dataclass(frozen=True)
class Shrink:
    """More nodes than a deployment allows.

    Attributes:
        what: a pool, or one of its groups.
        running: nodes that there are.
        allowed: so many may run: the maximum to come, or the minimum of what is to be destroyed.
        destroyed: whether the whole stack is.
    """

    what: str
    running: int
    allowed: int
    destroyed: bool = False

    def __str__(self) -> str:
        running = f"{self.what}: {self.running} {'node runs' if self.running == 1 else 'nodes run'}"
        if self.destroyed:
            return f"{running}, and {self.allowed} are its minimum: the others came for work"
        return f"{running}, and " + (f"its maximum would be {self.allowed}" if self.allowed else "it would have none")


def shrinks(registrations: Registrations, groups: Iterable[Group]) -> list[Shrink]:
    """Where more nodes run than the maximum to come: of pools, and of groups where their pool's is not exceeded.

    Args:
        registrations: of a stack that has pools in AWS.
        groups: of its platform, by whichever stack.
    """
    live = _own(registrations, groups)
    maxima = _group_maxima(registrations)
    pools = {pool.identity: pool.maximum for pool in pool_nodes(registrations)}
    # What the stack leaves as it is, a retiring generation's groups, counts for nothing.
    counted = [group for group in live if maxima.get(group.name, 0) is not None]
    running = _by_pool((group, group.running) for group in counted)
    over = {pool for pool, count in running.items() if count > pools.get(pool, 0)}
    found = [Shrink(f"pool {pool}", running[pool], pools.get(pool, 0)) for pool in sorted(over)]
    return [
        *found,
        *(
            Shrink(f"group {group.name}", group.running, maximum)
            for group in counted
            if _pool(group) not in over and group.running > (maximum := maxima.get(group.name, 0) or 0)
        ),
    ]


def at_work(registrations: Registrations, groups: Iterable[Group]) -> list[Shrink]:
    """The pools of a stack that have more nodes than their minimum, which is as much as AWS can tell of their work.

    Args: see `shrinks`.
    """
    live = _own(registrations, groups)
    running = _by_pool((group, group.running) for group in live)
    minimum = _by_pool((group, group.minimum) for group in live)
    return [
        Shrink(f"pool {pool}", running[pool], minimum[pool], destroyed=True)
        for pool in sorted(running)
        if running[pool] > minimum[pool]
    ]


def _own(registrations: Registrations, groups: Iterable[Group]) -> list[Group]:
    """The groups of the tenant whose registrations they are; of no tenant, for a platform's."""
    owner = next(
        (str(pool.inputs["labels"].get(names.TENANT_LABEL, "")) for pool in registrations.of_type(POOL_TYPE)), ""
    )
    return [group for group in groups if group.tags.get(TENANT_TAG, "") == owner]


def _pool(group: Group) -> str:
    return group.tags.get(POOL_TAG, group.name)


def _by_pool(counts: Iterable[tuple[Group, int]]) -> Counter[str]:
    summed: Counter[str] = Counter()
    for group, count in counts:
        summed[_pool(group)] += count
    return summed


def _group_maxima(registrations: Registrations) -> dict[str, int | None]:
    """The maximum of each group by its name; None where the stack leaves it as it is."""
    return {
        group.inputs["name"]: None if "maxSize" in group.options.ignore_changes else group.inputs["maxSize"]
        for group in registrations.of_type(GROUP_TYPE)
    }
