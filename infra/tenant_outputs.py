"""What a tenant's stack exports of a queue: its numbers, the executors that fill its nodes, and a ready job."""

from __future__ import annotations

from typing import Any

from components.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from components.queue_folder import event_location
from infra.contract import PlatformContract
from infra.tenant_settings import AwsTenant, ExistingPool, ExistingTenant, pool_sizes
from infra.tenant_sizes import QueueNumbers
from sizing import names
from sizing.nodes import Resources
from sizing.quantities import MIB, format_bytes, format_cpu
from sizing.shapes import ExecutorShape, usual_shape
from sizing.spark_application import OFFICIAL, EventLogs, spark_application_template


def queue_outputs(
    settings: AwsTenant | ExistingTenant, contract: PlatformContract, name: str, numbers: QueueNumbers, path: str
) -> dict[str, Any]:
    """The exports of one queue: plain values, all known at preview."""
    namespace = names.namespace(settings.name, name)
    return {
        "queue": path,
        "namespace": namespace,
        "guaranteed": _amount(numbers.size.guaranteed),
        "maximum": _amount(numbers.size.maximum),
        "applicationsAtOnce": numbers.size.max_apps,
        "executorShapes": {
            pool: [_shape(shape) for shape in shapes] for pool, shapes in sorted(numbers.shapes.items())
        },
        "sparkApplication": _application(settings, contract, name, numbers),
    }


def _application(
    settings: AwsTenant | ExistingTenant, contract: PlatformContract, name: str, numbers: QueueNumbers
) -> dict[str, Any]:
    """A job for the queue's first pool, with executors of a usual size."""
    queue = settings.queues[name]
    pool_name, pool = pool_sizes(queue)[0]
    shape = usual_shape(numbers.shapes[pool_name])
    nodes = pool.nodes if isinstance(pool, ExistingPool) else pool.max_nodes
    events = None
    if contract.aws:
        location = event_location(contract.aws.buckets["events"], settings.name, name)
        events = EventLogs(location=location, region=contract.aws.region)
    return spark_application_template(
        namespace=names.namespace(settings.name, name),
        driver_account=DRIVER_ACCOUNT,
        executor_account=EXECUTOR_ACCOUNT,
        pool_identity=names.pool_identity(settings.name, name, pool_name),
        shape=shape,
        max_executors=nodes * shape.per_node,
        driver=numbers.drivers.driver,
        image=OFFICIAL,
        events=events,
    )


def _amount(amount: Resources) -> dict[str, str]:
    return {"cpu": format_cpu(amount.cpu), "memory": format_bytes(amount.memory)}


def _shape(shape: ExecutorShape) -> dict[str, Any]:
    return {
        "perNode": shape.per_node,
        "cores": shape.cores,
        "coreRequest": format_cpu(shape.core_request),
        "memory": f"{shape.memory // MIB}m",
        "memoryOverhead": f"{shape.memory_overhead // MIB}m",
    }
