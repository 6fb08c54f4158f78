"""What a queue's jobs and its history server are told, as the platform renders it, for a queue in no account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from components.queue.folder import event_location
from components.queue.history import QueueHistoryArgs
from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from sizing.arns import Arns
from sizing.history import history_server
from sizing.nodes import Resources
from sizing.quantities import GIB
from sizing.shapes import executor_shapes, usual_shape
from sizing.spark.application import OFFICIAL
from sizing.spark.defaults import EventLogs, queue_properties
from tests.spark.stand_in import REGION

EVENTS_BUCKET: Final = "spark-dev-events"
EVENTS: Final = event_location(EVENTS_BUCKET, "ads", "batch")


def properties(of_queue: Mapping[str, str]) -> dict[str, str]:
    """Of spark-submit and notebooks in the queue; an application gets the same by admission.

    Args:
        of_queue: settings of this queue alone.
    """
    return queue_properties(
        namespace="ads-batch",
        driver_account=DRIVER_ACCOUNT,
        executor_account=EXECUTOR_ACCOUNT,
        shape=usual_shape(executor_shapes(Resources(cpu=15_610, memory=57 * GIB, pods=20))),
        max_executors=12,
        driver=Resources(cpu=2000, memory=8 * GIB),
        image=OFFICIAL,
        events=EventLogs(location=EVENTS, region=REGION),
        of_queue=of_queue,
    )


PROPERTIES: Final = properties({})
"""Of a queue that says nothing of its own."""
HISTORY: Final = QueueHistoryArgs(
    platform="spark-dev",
    arns=Arns("111122223333", REGION),
    tenant="ads",
    queue="batch",
    events_bucket=EVENTS_BUCKET,
    key_alias="alias/spark-dev-data",
    image=OFFICIAL.image,
    packages=OFFICIAL.packages,
    server=history_server(applications_a_week=200, days=14),
)
HERE: Final = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.ui.port": "0",
}
"""What a job must be told beside, to find its place on a small machine."""
