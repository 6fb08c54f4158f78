"""What dashboards take from Spark's drivers, which answer for their executors too, and the labels that monitors add.

Only what is here has to be kept when drivers are scraped (`KEEP`): a driver offers some 400 names. Read from answers
of Spark 4.0.1 with the platform's defaults, `sizing.spark.defaults.ALWAYS`, and dynamic allocation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sizing.spark.defaults import METRICS_NAMESPACE

DRIVER_PATH: Final = "/metrics/prometheus"
"""Of `PrometheusServlet`; nothing there says which application it is."""
EXECUTORS_PATH: Final = "/metrics/executors/prometheus"
"""Of the driver's status store: a set for each executor, and one for the driver as executor `driver`."""
APPLICATION_LABEL: Final = "spark-app-selector"
"""The pod label that holds the application's identifier."""
ADDED_LABELS: Final = ("tenant", "queue", "application_id")
"""What the drivers' monitor must add to every sample: the pod's tenant and namespace, and `APPLICATION_LABEL`'s value,
which is the same that the second path says by itself."""

_DRIVER: Final = f"metrics_{METRICS_NAMESPACE}_driver"
ACTIVE_JOBS: Final = f"{_DRIVER}_DAGScheduler_job_activeJobs_Value"
RUNNING_STAGES: Final = f"{_DRIVER}_DAGScheduler_stage_runningStages_Value"
WAITING_STAGES: Final = f"{_DRIVER}_DAGScheduler_stage_waitingStages_Value"
FAILED_STAGES: Final = f"{_DRIVER}_DAGScheduler_stage_failedStages_Value"
SCHEDULER_P99: Final = f"{_DRIVER}_DAGScheduler_messageProcessingTime_99thPercentile"
"""Nanoseconds."""
LISTENER_QUEUE: Final = f"{_DRIVER}_LiveListenerBus_queue_appStatus_size_Value"
LISTENER_DROPPED: Final = f"{_DRIVER}_LiveListenerBus_queue_appStatus_numDroppedEvents_Count"
_ALLOCATION: Final = f"{_DRIVER}_ExecutorAllocationManager_executors"
EXECUTORS_TARGET: Final = f"{_ALLOCATION}_numberTargetExecutors_Value"
EXECUTORS_NEEDED: Final = f"{_ALLOCATION}_numberMaxNeededExecutors_Value"
EXECUTORS_DIED: Final = f"{_ALLOCATION}_numberExecutorsExitedUnexpectedly_Count"
"""These are there only with dynamic allocation, which a job may switch off."""

_EXECUTOR: Final = "metrics_executor"
SLOTS: Final = f"{_EXECUTOR}_maxTasks"
"""Tasks that it runs at once; 0 for the driver."""
ACTIVE_TASKS: Final = f"{_EXECUTOR}_activeTasks"
COMPLETED_TASKS: Final = f"{_EXECUTOR}_completedTasks_total"
FAILED_TASKS: Final = f"{_EXECUTOR}_failedTasks_total"
TASK_SECONDS: Final = f"{_EXECUTOR}_totalDuration_seconds_total"
GC_SECONDS: Final = f"{_EXECUTOR}_totalGCTime_seconds_total"
MAJOR_GC_SECONDS: Final = f"{_EXECUTOR}_MajorGCTime_seconds_total"
INPUT_BYTES: Final = f"{_EXECUTOR}_totalInputBytes_bytes_total"
SHUFFLE_READ: Final = f"{_EXECUTOR}_totalShuffleRead_bytes_total"
SHUFFLE_WRITE: Final = f"{_EXECUTOR}_totalShuffleWrite_bytes_total"
DISK_USED: Final = f"{_EXECUTOR}_diskUsed_bytes"
STORAGE_USED: Final = f"{_EXECUTOR}_memoryUsed_bytes"
STORAGE_MAXIMUM: Final = f"{_EXECUTOR}_maxMemory_bytes"
PEAK_HEAP: Final = f"{_EXECUTOR}_JVMHeapMemory_bytes"
PEAK_OFF_HEAP: Final = f"{_EXECUTOR}_JVMOffHeapMemory_bytes"
PEAK_EXECUTION: Final = f"{_EXECUTOR}_OnHeapExecutionMemory_bytes"
"""Peaks: the maximum so far, as the executor's heartbeats told (apache/spark 4.0, PrometheusResource.scala)."""

_BY_DRIVER: Final = (*ADDED_LABELS, "pod")
_BY_EXECUTOR: Final = (*ADDED_LABELS, "pod", "application_name", "executor_id")
METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    value: _BY_EXECUTOR if value.startswith(_EXECUTOR) else _BY_DRIVER
    for name, value in sorted(globals().items())
    if not name.startswith("_") and isinstance(value, str) and value.startswith("metrics_")
} | {"spark_info": (*_BY_DRIVER, "version")}
"""The labels of each."""
KEEP: Final = "|".join(sorted(METRICS))
"""A regular expression for `metricRelabelings` of the drivers' monitor, action `keep` on `__name__`."""


def renaming() -> tuple[str, str]:
    """A regular expression for the driver's names under whatever namespace, and what they are called here.

    A job may set `spark.metrics.namespace`, and the Spark operator does, where an application has
    `monitoring.prometheus`: then a name starts with the queue's and the application's.

    Source: apache/spark 4.0, metrics/MetricsSystem.scala (buildRegistryName), metrics/sink/PrometheusServlet.scala
    (normalizeKey: what is no letter and no digit becomes `_`)
    """
    start = f"metrics_{METRICS_NAMESPACE}_"
    names = "|".join(sorted(name.removeprefix(start) for name in METRICS if name.startswith(_DRIVER)))
    return f"metrics_(?:[a-zA-Z0-9_]+_)?({names})", f"{start}$1"
