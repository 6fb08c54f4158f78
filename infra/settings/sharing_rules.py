"""How a queue's jobs share it, as settings say it, and whether the queue holds what they give one job."""

from __future__ import annotations

from collections.abc import Iterator

from infra.settings.findings import Finding
from infra.settings.tenancy import Tenancy
from infra.settings.tenant import ExistingQueueSettings, QueueSettings, queues_of
from infra.settings.tenant_sizes import queue_numbers
from sizing.shapes import smallest_executors
from sizing.sharing import Sharing


def sharing_of(queue: QueueSettings | ExistingQueueSettings) -> Sharing:
    """How the jobs of a queue share it."""
    return Sharing(order=queue.order, max_executors_per_job=queue.max_executors_per_job, backfill=queue.backfill)


def jobs_fit_queues(tenancy: Tenancy) -> Iterator[Finding]:
    """What one job may have is no more than its queue holds, of the smallest executors; paths from the settings' top.

    A queue whose nodes hold nothing has other findings.
    """
    for name, queue in queues_of(tenancy.settings):
        if queue.max_executors_per_job is None:
            continue
        try:
            shares = queue_numbers(tenancy, name).shares.values()
        except ValueError:
            continue
        held = sum(smallest_executors(share.usable) * share.max_nodes for share in shares)
        if held and queue.max_executors_per_job > held:
            yield Finding(
                f"queues.{name}.maxExecutorsPerJob",
                str(queue.max_executors_per_job),
                f"at most {held}, which the queue holds at its maximum, each with a core and a heap of 1 GiB",
            )
