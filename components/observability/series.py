"""Every time series that is ours: its name, what it means, its unit and its labels. Everything else refers to it here.

Two kinds. Declared ones (`elastic_spark_...`) carry what stacks know: sizes, prices, budgets. Recorded ones
(`elastic_spark:level:what`) are made by the platform's rules of what is scraped, one for each node, pool, queue or
tenant. Of pods there is one for each that belongs to a job, which rules about waiting join and which gives them its
pool; others are there for a moment, or for few.

Labels that a series can't have are left out, which to Prometheus is the same as empty: nodes of the pools `system` and
`driver` have no `queue` and no `tenant`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Label = Literal[
    "tenant",
    "queue",
    "pool",
    "purpose",
    "capacity",
    "instance_type",
    "zone",
    "node",
    "namespace",
    "pod",
    "uid",
    "size_class",
    "outcome",
    "resource",
    "submitter",
]
"""`queue` is the namespace, `<tenant>-<queue>`; `pool` the pool's identity, the value of the nodes' label;
`purpose` `system`, `driver` or `executor`; `capacity` `on-demand` or `spot`; `resource` `cpu` or `memory`;
`submitter` a user as Kubernetes knows them; `size_class` one of `SIZE_CLASSES`; `outcome` one of `OUTCOMES`."""
Unit = Literal[
    "1", "nodes", "pods", "apps", "millicores", "cores", "bytes", "seconds", "ratio", "USD", "USD/h", "USD/month"
]

SIZE_CLASSES: Final = ("small", "medium", "large")
"""Of a scale-out, by how many nodes its pool lacks at most meanwhile; `components.observability.objectives` has the
limits."""
IN_TIME: Final = "in_time"
LATE: Final = "late"
OUTCOMES: Final = (IN_TIME, LATE)


@dataclass(frozen=True)
class Series:
    """A time series, or rather all that have its name.

    Attributes:
        name: in Prometheus.
        meaning: of one value; a sentence without its full stop.
        unit: of the value.
        labels: all that it has.
    """

    name: str
    meaning: str
    unit: Unit
    labels: tuple[Label, ...]

    def __str__(self) -> str:
        """The name, so that expressions can be written around it."""
        return self.name


_POD: Final[tuple[Label, ...]] = ("namespace", "pod", "uid")
_QUEUE: Final[tuple[Label, ...]] = ("tenant", "queue")
_POOL: Final[tuple[Label, ...]] = (*_QUEUE, "pool")
_NODES: Final[tuple[Label, ...]] = (*_POOL, "purpose", "capacity", "instance_type", "zone")

# Constants of each queue, recorded by a PrometheusRule of its tenant's stack (`components.observability.queue_sizes`):
# an idle queue is absent from YuniKorn's own metrics.
QUEUE_GUARANTEED_CPU: Final = Series(
    "elastic_spark_queue_guaranteed_cpu_millicores", "what the queue has at any time", "millicores", _QUEUE
)
QUEUE_GUARANTEED_MEMORY: Final = Series(
    "elastic_spark_queue_guaranteed_memory_bytes", "what the queue has at any time", "bytes", _QUEUE
)
QUEUE_MAXIMUM_CPU: Final = Series(
    "elastic_spark_queue_maximum_cpu_millicores", "what the queue may have, drivers included", "millicores", _QUEUE
)
QUEUE_MAXIMUM_MEMORY: Final = Series(
    "elastic_spark_queue_maximum_memory_bytes", "what the queue may have, drivers included", "bytes", _QUEUE
)
QUEUE_MAX_APPS: Final = Series("elastic_spark_queue_max_apps", "applications that may run at once", "apps", _QUEUE)
QUEUE_HISTORY_COST: Final = Series(
    "elastic_spark_queue_history_usd_per_hour",
    "its history server's requests to S3, reckoned from how many applications it shows and how often it looks",
    "USD/h",
    _QUEUE,
)

# Constants, recorded by a PrometheusRule of each stack (`components.observability.constants`).
POOL_MINIMUM: Final = Series(
    "elastic_spark_pool_minimum_nodes", "nodes at any time, over all zones, without schedules", "nodes", _POOL
)
POOL_MAXIMUM: Final = Series("elastic_spark_pool_maximum_nodes", "nodes at most, over all zones", "nodes", _POOL)
POOL_UNNEEDED: Final = Series(
    "elastic_spark_pool_unneeded_seconds",
    "how long a node stays empty, of a pool that has a time of its own",
    "seconds",
    _POOL,
)
NODE_PRICE: Final = Series(
    "elastic_spark_pool_node_usd_per_hour",
    "one node with its root volume: list price on demand, Spot as a stated share of that",
    "USD/h",
    (*_POOL, "instance_type", "capacity"),
)
TENANT_BUDGET: Final = Series(
    "elastic_spark_tenant_budget_usd_per_month", "what the tenant may cost", "USD/month", ("tenant",)
)

# Nodes.
NODE_EMPTY: Final = Series(
    "elastic_spark:node:empty",
    "1 for each executor node without a pod that is no DaemonSet's and has not ended",
    "1",
    ("node", *_NODES),
)
POOL_NODES: Final = Series(
    "elastic_spark:pool:nodes", "nodes that have joined; 0 for a pool without any", "nodes", _NODES
)
POOL_NODES_READY: Final = Series("elastic_spark:pool:nodes_ready", "nodes that are ready", "nodes", (*_POOL, "purpose"))
POOL_NODES_TARGET: Final = Series(
    "elastic_spark:pool:nodes_target", "nodes that the autoscaler has asked AWS for, over all groups", "nodes", _POOL
)
POOL_NODES_MISSING: Final = Series(
    "elastic_spark:pool:nodes_missing", "nodes asked for that are not ready", "nodes", _POOL
)
POOL_NODES_EMPTY: Final = Series(
    "elastic_spark:pool:nodes_empty", "executor nodes without a pod but DaemonSets'", "nodes", _POOL
)
POOL_NODES_EMPTY_TOO_LONG: Final = Series(
    "elastic_spark:pool:nodes_empty_too_long",
    "executor nodes above the minimum that have been empty for longer than scale-in should take",
    "nodes",
    _POOL,
)
POOL_OLDEST_NODE: Final = Series(
    "elastic_spark:pool:oldest_node_seconds", "how long ago the oldest node joined", "seconds", _POOL
)
POOL_OLDEST_AMI_RELEASE: Final = Series(
    "elastic_spark:pool:oldest_ami_release",
    "the oldest release of the AMI that nodes run, of those that say theirs, as a number: 20260930 is v20260930",
    "1",
    _POOL,
)
POOL_OLDEST_AMI: Final = Series(
    "elastic_spark:pool:oldest_ami_seconds",
    "the age of the oldest AMI that nodes run; of a node that doesn't say its AMI its own age, which is less",
    "seconds",
    _POOL,
)
POOL_HEADROOM: Final = Series(
    "elastic_spark:pool:headroom_drivers",
    "drivers that would fit on the driver nodes that are there",
    "pods",
    ("pool",),
)

# Waiting and starting. Events are counted in the interval in which they are known, each once: sum them over time.
POD_NODE_WAIT: Final = Series(
    "elastic_spark:pod:node_wait_seconds",
    "for how long a pod of a job was seen waiting for a node lately; 0 for those that found one at once",
    "seconds",
    (*_POD, "pool"),
)
POD_PLACED: Final = Series(
    "elastic_spark:pod:placed_after_seconds",
    "for how long a pod of a job that was given a node in this interval had waited for one",
    "seconds",
    (*_POD, "pool"),
)
POOL_UNSCHEDULABLE: Final = Series(
    "elastic_spark:pool:unschedulable_pods", "pods whose queue has room, and that wait for a node", "pods", _POOL
)
POOL_SCALE_OUT_SECONDS: Final = Series(
    "elastic_spark:pool:scale_out_latency_seconds",
    "how long the first of the pods that wait for a node, or just got one, has waited for it",
    "seconds",
    (*_POOL, "size_class"),
)
POOL_SCALE_OUT_PODS: Final = Series(
    "elastic_spark:pool:scale_out_pods",
    "pods that got a node, in time, or have waited for one up to the limit and are late",
    "pods",
    (*_POOL, "size_class", "outcome"),
)
DRIVER_START_SECONDS: Final = Series(
    "elastic_spark:queue:driver_start_latency_seconds",
    "the longest, of drivers just started, from leaving the queue to a running container",
    "seconds",
    _QUEUE,
)
EXECUTOR_ALLOCATION_SECONDS: Final = Series(
    "elastic_spark:queue:executor_allocation_latency_seconds",
    "the longest, of executors just started, from leaving the queue to a running container",
    "seconds",
    _QUEUE,
)
QUEUE_WAIT_SECONDS: Final = Series(
    "elastic_spark:queue:wait_seconds",
    "the longest that a driver, waiting or just released, has waited for its queue to let it run",
    "seconds",
    _QUEUE,
)
QUEUE_PODS_SCHEDULED: Final = Series(
    "elastic_spark:queue:pods_scheduled", "pods that were given a node in this interval", "pods", (*_QUEUE, "purpose")
)
QUEUE_DRIVERS_UNSCHEDULABLE: Final = Series(
    "elastic_spark:queue:drivers_unschedulable",
    "drivers whose queue has room, and that wait for a node",
    "pods",
    _QUEUE,
)
QUEUE_DRIVERS_UNPLACEABLE: Final = Series(
    "elastic_spark:queue:drivers_unplaceable",
    "of those, drivers for which a driver node has room: what they choose nodes by keeps them waiting",
    "pods",
    _QUEUE,
)
POD_ENDED: Final = Series("elastic_spark:pod:ended", "1 for each pod that has ended and is still told of", "1", _POD)
DEADLINE: Final = Series(
    "elastic_spark:pod:deadline_utc",
    "by when the job of a driver that has not ended must have ended, in UTC, its digits as a number: 20261130060000",
    "1",
    _POD,
)
JOB_DEADLINE: Final = Series(
    "elastic_spark:job:deadline_seconds",
    "how long a job that has a driver, running or waiting, has until its deadline; less than 0 past it",
    "seconds",
    (*_QUEUE, "pod"),
)
DEADLINES_MISSED: Final = Series(
    "elastic_spark:queue:deadlines_missed",
    "jobs that were past their deadline in this interval and not before",
    "apps",
    _QUEUE,
)
EXECUTOR_DOOMED: Final = Series(
    "elastic_spark:pod:on_leaving_node",
    "1 for each executor that runs on a node which the autoscaler is taking away",
    "1",
    (*_POD, "node"),
)
EXECUTORS_DOOMED: Final = Series(
    "elastic_spark:queue:executors_on_leaving_nodes",
    "executors that run on a node which the autoscaler is taking away",
    "pods",
    _QUEUE,
)
EXECUTORS_LOST: Final = Series(
    "elastic_spark:queue:executors_lost_to_scale_in",
    "executors whose node the autoscaler took away under them in this interval; must be 0",
    "pods",
    _QUEUE,
)
EXECUTORS_LOST_RATIO: Final = Series(
    "elastic_spark:queue:executors_lost_to_scale_in_ratio",
    "share of a day's executors that were lost to scale-in; must be 0",
    "ratio",
    _QUEUE,
)

# Queues.
QUEUE_ALLOCATED_CPU: Final = Series(
    "elastic_spark:queue:allocated_cpu_cores", "what YuniKorn has given the queue, drivers included", "cores", _QUEUE
)
QUEUE_ALLOCATED_MEMORY: Final = Series(
    "elastic_spark:queue:allocated_memory_bytes", "what YuniKorn has given the queue, drivers included", "bytes", _QUEUE
)
QUEUE_PENDING_CPU: Final = Series(
    "elastic_spark:queue:pending_cpu_cores", "what the queue's pods ask for and wait for", "cores", _QUEUE
)
QUEUE_PENDING_MEMORY: Final = Series(
    "elastic_spark:queue:pending_memory_bytes", "what the queue's pods ask for and wait for", "bytes", _QUEUE
)
QUEUE_WITHOUT_ASK: Final = Series(
    "elastic_spark:queue:without_ask_cpu_cores",
    "what the queue's pods have long waited for, beyond what YuniKorn is asked for: it has given them up",
    "cores",
    _QUEUE,
)
QUEUE_UTILIZATION: Final = Series(
    "elastic_spark:queue:utilization_ratio",
    "what the queue's pods request of its nodes' allocatable",
    "ratio",
    (*_QUEUE, "resource"),
)
QUEUE_IDLE: Final = Series(
    "elastic_spark:queue:idle_ratio",
    "share of its nodes' allocatable that no pod of the queue requests, by the fuller of cpu and memory",
    "ratio",
    _QUEUE,
)

# Money.
QUEUE_COST: Final = Series(
    "elastic_spark:queue:cost_usd_per_hour", "the queue's executor nodes at their prices, now", "USD/h", _QUEUE
)
QUEUE_COST_1H: Final = Series(
    "elastic_spark:queue:cost_usd_per_hour:avg1h", "its average over the last hour: USD in that hour", "USD/h", _QUEUE
)
QUEUE_COST_AT_PEAK: Final = Series(
    "elastic_spark:queue:cost_at_peak_usd_per_hour",
    "the same of a fixed cluster as large as the queue's largest in the last 7 days",
    "USD/h",
    _QUEUE,
)
SUBMITTER_COST: Final = Series(
    "elastic_spark:submitter:cost_usd_per_hour",
    "what the queue's nodes cost, shared among who submitted what runs there by the cpu that their executors request",
    "USD/h",
    (*_QUEUE, "submitter"),
)
SUBMITTER_JOBS: Final = Series(
    "elastic_spark:submitter:jobs_started",
    "jobs of who submitted them whose driver was given a node in this interval",
    "apps",
    (*_QUEUE, "submitter"),
)
QUEUE_SAVING: Final = Series(
    "elastic_spark:queue:saving_usd_per_hour", "what the queue costs less than that fixed cluster, now", "USD/h", _QUEUE
)
QUEUE_SAVING_RATIO: Final = Series(
    "elastic_spark:queue:saving_ratio", "share of the fixed cluster's cost saved over the last 7 days", "ratio", _QUEUE
)
TENANT_COST_30D: Final = Series(
    "elastic_spark:tenant:cost_usd:sum30d", "what the tenant's queues cost in the last 30 days", "USD", ("tenant",)
)
PLATFORM_COST: Final = Series(
    "elastic_spark:platform:cost_usd_per_hour", "the nodes that all queues share, now", "USD/h", ("purpose",)
)

SERIES: Final = tuple(value for value in globals().values() if isinstance(value, Series))
"""All of them but the windows of the scale-out objective, which `scale_out_late_ratio` names."""


def scale_out_late_ratio(window: str) -> Series:
    """The share of late ones among the pods of a pool that needed a new node, over a window such as `1h`."""
    return Series(
        f"elastic_spark:pool:scale_out_late:ratio_{window}",
        f"late share of the pods that needed a new node, over {window}",
        "ratio",
        _POOL,
    )
