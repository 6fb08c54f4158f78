"""What the stacks of each environment sum up to: development and production are never one sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fleet.offline.changes.comparison import StackComparison
from fleet.offline.pools import QUEUE_TYPE, pool_rows
from fleet.offline.registration import Registrations
from infra.contract import CONTRACT_OUTPUT
from sizing.pricing.costs import Cost, Usd

NOT_KNOWN: Final = "environment not known"
"""Of tenants whose platform is not in the preview, and of stacks that have none."""


@dataclass(frozen=True)
class EnvironmentSums:
    """Sums over the stacks of an environment that have a preview on every side.

    Attributes:
        name: of the environment, or `NOT_KNOWN`.
        stacks: that are summed.
        left_out: that have no preview on a side.
        resources: how many.
        queues: how many.
        min_nodes: of all pools.
        max_nodes: of all pools.
        before: USD a month at the earlier revision; None where nothing is compared, or it is not known of all stacks.
        after: USD a month.
        complete: whether all prices are known, and no stack is left out.
    """

    name: str
    stacks: tuple[str, ...]
    left_out: tuple[str, ...]
    resources: int
    queues: int
    min_nodes: int
    max_nodes: int
    before: Usd | None
    after: Usd
    complete: bool


def environment_of(platform: Registrations | None) -> str:
    """The environment that a platform's contract names, or `NOT_KNOWN`."""
    contract = platform.stack.outputs.get(CONTRACT_OUTPUT) if platform else None
    environment = contract.get("environment") if isinstance(contract, Mapping) else None
    return environment if isinstance(environment, str) else NOT_KNOWN


def environment_sums(stacks: Sequence[StackComparison], *, compared: bool) -> list[EnvironmentSums]:
    """The environments by name, with those of which nothing is known last.

    Args:
        stacks: of a fleet.
        compared: whether they are compared with an earlier revision.
    """
    recorded = {stack.stack: stack.registrations or _before(stack) for stack in stacks}
    by_name: defaultdict[str, list[StackComparison]] = defaultdict(list)
    for stack in stacks:
        side = stack.after or stack.before
        platform = (side.platform if side else "") or stack.stack
        by_name[environment_of(recorded.get(platform))].append(stack)
    return [
        _sums(name, some, compared=compared)
        for name, some in sorted(by_name.items(), key=lambda one: (one[0] == NOT_KNOWN, one[0]))
    ]


def _sums(name: str, stacks: Sequence[StackComparison], *, compared: bool) -> EnvironmentSums:
    summed = [stack for stack in stacks if not stack.errors]
    now = [stack.registrations for stack in summed if stack.registrations]
    pools = [pool for registrations in now for pool in pool_rows(registrations)]
    costs = [stack.cost_after for stack in summed if stack.cost_after]
    known = compared and all(stack.cost_compared for stack in summed)
    return EnvironmentSums(
        name=name,
        stacks=tuple(stack.stack for stack in summed),
        left_out=tuple(stack.stack for stack in stacks if stack.errors),
        resources=sum(len(registrations) - 1 for registrations in now),
        queues=sum(len(registrations.of_type(QUEUE_TYPE)) for registrations in now),
        min_nodes=sum(pool.min_nodes for pool in pools),
        max_nodes=sum(pool.max_nodes for pool in pools),
        before=_sum(stack.cost_before for stack in summed) if known else None,
        after=_sum(costs),
        complete=len(summed) == len(stacks) and not any(cost.unknown for cost in costs),
    )


def _before(stack: StackComparison) -> Registrations | None:
    return stack.before.registrations if stack.before else None


def _sum(costs: Iterable[Cost | None]) -> Usd:
    return sum((cost.per_month for cost in costs if cost), Usd(Decimal(0), Decimal(0)))
