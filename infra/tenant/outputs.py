"""What a tenant's stack exports: of a queue its numbers, the executors that fill its nodes, and a ready job."""

from __future__ import annotations

from typing import Any

from components.queue.folder import event_location
from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from infra.contract import AwsContract
from infra.settings.sharing_rules import sharing_of
from infra.settings.tenancy import AwsTenancy, ExistingTenancy, Tenancy
from infra.settings.tenant import Budget, default_pool
from infra.settings.tenant_conf import queue_conf
from infra.settings.tenant_sizes import QueueNumbers
from infra.tenant.door import queue_pages
from sizing import names
from sizing.nodes import Resources
from sizing.quantities import MIB, format_bytes, format_cpu
from sizing.shapes import ExecutorShape, usual_shape
from sizing.sharing import executors_of_a_job
from sizing.spark.application import OFFICIAL, spark_application_template
from sizing.spark.defaults import EventLogs, queue_properties


def budget_output(budget: Budget) -> dict[str, int]:
    """The export of a tenant's budget, by which a preview tells whether the tenant stays within it."""
    return {"monthlyUsd": budget.monthly_usd}


def queue_outputs(tenancy: Tenancy, name: str, numbers: QueueNumbers, path: str) -> dict[str, Any]:
    """The exports of one queue, whose full name in YuniKorn is `path`: plain values, all known at preview."""
    pages = queue_pages(tenancy, name, numbers)
    return {"queue": path, **queue_facts(tenancy, name, numbers), **({"pages": pages} if pages else {})}


def queue_facts(tenancy: Tenancy, name: str, numbers: QueueNumbers) -> dict[str, Any]:
    """What its people know of a queue: its numbers, a ready job, and settings for those who call Spark themselves.

    The job and the properties are for the queue's default pool, with executors of a usual size.
    """
    settings = tenancy.settings
    namespace = names.namespace(settings.name, name)
    pool_name = default_pool(settings.queues[name])
    shape = usual_shape(numbers.shapes[pool_name])
    sharing = sharing_of(settings.queues[name])
    job: dict[str, Any] = {
        "namespace": namespace,
        "driver_account": DRIVER_ACCOUNT,
        "executor_account": EXECUTOR_ACCOUNT,
        "shape": shape,
        "max_executors": executors_of_a_job(numbers.shares[pool_name].max_nodes * shape.per_node, sharing),
        "driver": numbers.drivers.driver,
        "image": OFFICIAL,
    }
    return {
        "namespace": namespace,
        "guaranteed": _amount(numbers.size.guaranteed),
        "maximum": _amount(numbers.size.maximum),
        "applicationsAtOnce": numbers.drivers.at_once,
        "order": sharing.order,
        "backfill": sharing.backfill,
        **({} if sharing.max_executors_per_job is None else {"maxExecutorsPerJob": sharing.max_executors_per_job}),
        "executorShapes": {
            pool: [exported_shape(shape) for shape in shapes] for pool, shapes in sorted(numbers.shapes.items())
        },
        "sparkApplication": spark_application_template(
            **job, pool_identity=names.pool_identity(settings.name, name, pool_name)
        ),
        "sparkDefaults": queue_properties(**job, events=event_logs(tenancy, name), of_queue=queue_conf(tenancy, name)),
    }


def event_logs(tenancy: Tenancy, name: str) -> EventLogs | None:
    """Where a queue's event logs go; None on an existing cluster."""
    match tenancy:
        case AwsTenancy(settings, AwsContract(aws=shared)):
            location = event_location(shared.buckets["events"], settings.name, name)
            return EventLogs(location=location, region=shared.region)
        case ExistingTenancy():
            return None


def _amount(amount: Resources) -> dict[str, str]:
    return {"cpu": format_cpu(amount.cpu), "memory": format_bytes(amount.memory)}


def exported_shape(shape: ExecutorShape) -> dict[str, Any]:
    """An executor that fills a node, as it is exported: memory as Spark takes it."""
    return {
        "perNode": shape.per_node,
        "cores": shape.cores,
        "coreRequest": format_cpu(shape.core_request),
        "memory": f"{shape.memory // MIB}m",
        "memoryOverhead": f"{shape.memory_overhead // MIB}m",
    }
