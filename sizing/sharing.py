"""How the jobs of a queue share it: in which order they get executors, how many each may have, and who waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sizing import names

Order = Literal["fifo", "fair"]
"""In which YuniKorn gives a queue's applications what they wait for (its `application.sort.policy`): that which was
submitted first, or that which has least.

Source: https://yunikorn.apache.org/docs/user_guide/sorting_policies#application-sorting
"""
ROOT_QUEUES: Final[Mapping[Order, str]] = {"fifo": names.ROOT_QUEUE, "fair": names.FAIR_ROOT_QUEUE}
"""Parents of all tenants' queues in YuniKorn. A namespace can't say its queue's order, so it says a parent whose queues
have it (apache/yunikorn-core v1.9.0-0, pkg/scheduler/objects/queue.go: `applyTemplate`)."""


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """How the jobs of a queue share it.

    Args:
        order: in which its applications get executors.
        max_executors_per_job: executors of one job at most; `None` for as many as the queue holds.
        backfill: whether jobs may wait for everybody else's, in the lane for backfill.
    """

    order: Order = "fifo"
    max_executors_per_job: int | None = None
    backfill: bool = False


def parent_queue(tenant: str, order: Order) -> str:
    """The tenant's queue in YuniKorn, above those of its namespaces with this order."""
    return f"{ROOT_QUEUES[order]}.{tenant}"


def executors_of_a_job(held: int, sharing: Sharing) -> int:
    """Executors of one job at most.

    Args:
        held: as many as the queue, or the pool of the job, holds.
        sharing: of the queue.
    """
    return held if sharing.max_executors_per_job is None else min(held, sharing.max_executors_per_job)
