"""A large platform at its busiest, as samples: many queues, nodes and executors, and weeks of what rules recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from components.observability import series
from components.observability.alerts import alert_groups
from components.observability.constants import PoolConstants, budget_constant, pool_constants
from components.observability.groups import Group
from components.observability.recording import recording_groups
from sizing.pricing.node_prices import NodePrice
from sizing.quantities import GIB
from tests.observability.cluster_samples import ClusterScript, Node, NodeKind, Pod
from tests.observability.samples import Samples

PLATFORM = "spark-load"
HISTORY = 15 * 60
"""Seconds of scrapes; rules look at pods 12 minutes back."""
CONDITIONS = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
"""Of every node, beside being ready; each is told in three states."""
DAY = 86400


@dataclass(frozen=True)
class Size:
    """How large.

    Attributes:
        queues: each of a tenant of its own, with one pool.
        nodes: of each queue.
        executors: over all queues.
    """

    queues: int
    nodes: int
    executors: int


def kind(number: int) -> NodeKind:
    """The nodes of one of the queues."""
    tenant = f"team{number:02}"
    return NodeKind(pool=f"{tenant}-batch-main", queue=f"{tenant}-batch", tenant=tenant)


def groups(size: Size) -> tuple[Group, ...]:
    """All rules that such a platform and its tenants have."""
    price = (NodePrice("m7i.4xlarge", "on-demand", Decimal("0.9")),)
    shared = [PoolConstants(identity=pool, minimum=3, maximum=60, prices=price) for pool in ("system", "driver")]
    constants = [pool_constants(PLATFORM, shared)]
    for number in range(size.queues):
        one = kind(number)
        pool = PoolConstants(
            identity=one.pool, queue=one.queue, tenant=one.tenant, minimum=2, maximum=size.nodes * 2, prices=price
        )
        constants += [pool_constants(one.queue, [pool]), budget_constant(one.tenant, Decimal(100_000))]
    return (*constants, *recording_groups(PLATFORM), *alert_groups(PLATFORM))


def scraped(size: Size, end: float) -> Samples:
    """The last minutes: every node is there, and every executor had to wait for one, all at the same time."""
    script = ClusterScript(start=end - HISTORY, length=HISTORY, platform=PLATFORM)
    driver = NodeKind(pool="driver", purpose="driver")
    script.nodes.extend(
        Node(name=f"driver-{number}", kind=driver, created=-DAY, ready=-DAY) for number in range(size.queues)
    )
    for number in range(size.queues):
        one = kind(number)
        script.nodes.extend(
            Node(name=f"{one.queue}-{node}", kind=one, created=-DAY, ready=-DAY) for node in range(size.nodes)
        )
        script.targets[script.group(one)] = [(0, size.nodes)]
        script.queues[one.queue] = {
            series.QUEUE_MAXIMUM_CPU: size.nodes * 30_000,
            series.QUEUE_MAXIMUM_MEMORY: size.nodes * 120 * GIB,
            series.QUEUE_MAX_APPS: 20,
        }
        script.pods.extend(_pods(one, number, size))
    found = script.samples()
    for node in script.nodes:
        for condition in CONDITIONS:
            for status in ("true", "false", "unknown"):
                labels = {"node": node.name, "condition": condition, "status": status}
                found.set("kube_node_status_condition", labels, script.times, float(status == "false"))
    return found


def recorded_before(size: Size, end: float) -> Samples:
    """A month of costs and three days of scale-outs, one in every evaluation."""
    found = Samples()
    for number in range(size.queues):
        one = kind(number)
        queue = {"tenant": one.tenant, "queue": one.queue}
        found.put(series.QUEUE_COST, queue, ((at, float(step % 200)) for step, at in _times(end, 7 * DAY, 60)))
        found.put(series.QUEUE_COST_1H, queue, ((at, 100.0) for _, at in _times(end, 30 * DAY, 300)))
        for outcome in series.OUTCOMES:
            labels = {**queue, "pool": one.pool, "size_class": "large", "outcome": outcome}
            found.put(series.POOL_SCALE_OUT_PODS, labels, ((at, 5.0) for _, at in _times(end, 3 * DAY, 30)))
        for purpose in ("driver", "executor"):
            labels = {**queue, "purpose": purpose}
            found.put(series.QUEUE_PODS_SCHEDULED, labels, ((at, 5.0) for _, at in _times(end, DAY, 30)))
        found.put(series.EXECUTORS_LOST, queue, ((at, 0.0) for _, at in _times(end, DAY, 30)))
    return found


def _times(end: float, length: int, step: int) -> Iterable[tuple[int, float]]:
    return ((number, end - HISTORY - length + number * step) for number in range(length // step))


def _pods(one: NodeKind, number: int, size: Size) -> Iterable[Pod]:
    yield Pod(
        name=f"{one.queue}-driver",
        namespace=one.queue,
        pool="driver",
        created=-600,
        scheduled=-600,
        started=-590,
        node=f"driver-{number}",
        cpu=2,
        owner="",
    )
    mine = size.executors // size.queues
    for executor in range(mine):
        # The last ones are placed while the rules are evaluated.
        placed = HISTORY - 120 + 90 * executor / mine
        yield Pod(
            name=f"{one.queue}-exec-{executor}",
            namespace=one.queue,
            pool=one.pool,
            created=HISTORY - 260,
            unschedulable=HISTORY - 255,
            scheduled=placed,
            started=placed + 5,
            node=f"{one.queue}-{executor % size.nodes}",
        )
