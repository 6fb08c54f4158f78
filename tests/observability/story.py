"""An hour and a half of a platform in which everything happens that rules are made for.

Minutes since the start:

- throughout: `ads-batch` has two nodes at least; `search-etl` has four that are full; two driver nodes, two of `system`
- 10: a job of `ads-batch` asks for 600 executors: 2 -> 200 nodes, the last executor is placed after 105 s;
  its deadline is at 20, and is missed
- 25: the job ends; 193 nodes go at 30 and 31, five stay, empty, until 60: a stuck scale-in
- 45: a small job runs on `ads-batch`; its node is taken away at 52 with three executors running: lost
- 65: `search-etl` asks for 20 more executors, and AWS has no capacity: they still wait at the end
- `search` has a budget of 1 USD a month, which its four nodes use up within the hour: overrun
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from components.observability import series
from components.observability.alerts import alert_groups
from components.observability.constants import PoolConstants, budget_constant, pool_constants
from components.observability.groups import Group
from components.observability.recording import recording_groups
from sizing import names
from sizing.pricing.node_prices import NodePrice
from sizing.quantities import GIB
from tests.observability.cluster_samples import ClusterScript, Node, NodeKind, Pod

PLATFORM: Final = "spark-dev"
MINUTE: Final = 60
LENGTH: Final = 90 * MINUTE
PRICE: Final = Decimal("1.00")
"""USD an hour of each node but Spot's, which is 0.40: easy to reckon with."""

SYSTEM: Final = NodeKind(pool="system", purpose="system", instance_type="m7i.xlarge")
DRIVER: Final = NodeKind(pool="driver", purpose="driver", instance_type="m7i.2xlarge", cpu=8.3, memory=33 * GIB)
BATCH: Final = NodeKind(pool="ads-batch-main", queue="ads-batch", tenant="ads")
ETL: Final = NodeKind(
    pool="search-etl-main", queue="search-etl", tenant="search", capacity="spot", instance_type="r7i.4xlarge"
)
STUCK: Final = 5
LOST: Final = 3


def story(end: float) -> ClusterScript:
    """The script, whose last scrape is at `end`, in seconds; a multiple of 30, so that rules and scrapes agree."""
    script = ClusterScript(start=end - LENGTH, length=LENGTH, platform=PLATFORM)
    for number in range(2):
        script.nodes.append(Node(name=f"system-{number}", kind=SYSTEM, created=-3600, ready=-3600))
        script.pods.append(_system(number))
        script.nodes.append(Node(name=f"driver-{number}", kind=DRIVER, created=-3600, ready=-3600))
        script.nodes.append(Node(name=f"batch-{number}", kind=BATCH, created=-3600, ready=-3600, **_taken(number)))
    script.targets[script.group(DRIVER)] = [(0, 2)]
    script.minimums.update({script.group(DRIVER): 1, script.group(BATCH): 2})
    script.queues["ads-batch"] = _constants(guaranteed=2, maximum=200)
    script.queues["search-etl"] = _constants(guaranteed=0, maximum=30)
    _large_job(script)
    _small_job(script)
    _job_without_capacity(script)
    return script


def groups() -> tuple[Group, ...]:
    """All rules that such a platform and its tenants would have."""
    return (*constants(), *recording_groups(PLATFORM), *alert_groups(PLATFORM, door=False))


def constants() -> tuple[Group, ...]:
    """What the stacks of the platform and the two tenants declare."""
    batch, etl = (
        PoolConstants(
            identity=kind.pool,
            queue=kind.queue,
            tenant=kind.tenant,
            minimum=minimum,
            maximum=maximum,
            unneeded=unneeded,
            prices=_price(kind),
        )
        for kind, minimum, maximum, unneeded in ((BATCH, 2, 200, None), (ETL, 0, 30, 300))
    )
    shared = (
        PoolConstants(identity="system", minimum=2, maximum=2, prices=_price(SYSTEM)),
        PoolConstants(identity="driver", minimum=1, maximum=10, prices=_price(DRIVER)),
    )
    return (
        pool_constants(PLATFORM, shared),
        pool_constants(BATCH.queue, [batch]),
        pool_constants(ETL.queue, [etl]),
        budget_constant("ads", Decimal(250_000)),
        budget_constant("search", Decimal(1)),
    )


def _price(kind: NodeKind) -> tuple[NodePrice, ...]:
    share = Decimal("0.4") if kind.capacity == "spot" else 1
    return (NodePrice(kind.instance_type, kind.capacity, PRICE * share),)


def _taken(number: int) -> dict[str, float]:
    """The second node is the one that scale-in takes with executors on it."""
    return {"leaving": 52 * MINUTE, "gone": 53.5 * MINUTE} if number == 1 else {}


def _constants(*, guaranteed: int, maximum: int) -> dict[series.Series, float]:
    return {
        series.QUEUE_GUARANTEED_CPU: guaranteed * 15_500,
        series.QUEUE_GUARANTEED_MEMORY: guaranteed * 58 * GIB,
        series.QUEUE_MAXIMUM_CPU: maximum * 15_500 + 40_000,
        series.QUEUE_MAXIMUM_MEMORY: maximum * 58 * GIB + 160 * GIB,
        series.QUEUE_MAX_APPS: 20,
    }


def _system(number: int) -> Pod:
    ages = {"created": -3600, "scheduled": -3600, "started": -3590}
    pool, node = names.SYSTEM_POOL, f"system-{number}"
    return Pod(name=f"yunikorn-{number}", namespace=names.SYSTEM_NAMESPACE, pool=pool, node=node, owner="", **ages)


def _driver(namespace: str, job: str, created: float, ended: float, deadline: float = float("inf")) -> Pod:
    return Pod(
        name=f"{job}-driver",
        namespace=namespace,
        pool=names.DRIVER_POOL,
        created=created,
        scheduled=created + 2,
        started=created + 12,
        ended=ended,
        node="driver-0",
        cpu=2,
        memory=8 * GIB,
        owner="",
        deadline=deadline,
    )


def _large_job(script: ClusterScript) -> None:
    begin, end = 10 * MINUTE, 25 * MINUTE
    script.pods.append(_driver("ads-batch", "large", begin, end, deadline=20 * MINUTE))
    asked = begin + 30
    script.pods.extend(
        Pod(
            name=f"large-exec-{number}",
            namespace="ads-batch",
            pool=BATCH.pool,
            created=asked,
            # Two nodes are there and take three executors each.
            unschedulable=asked + 1 if number >= 6 else float("inf"),
            scheduled=(placed := asked + 1 if number < 6 else asked + 60 + 45 * number / 600),
            started=placed + 8,
            ended=end,
            node=f"batch-{number // 3}",
        )
        for number in range(600)
    )
    script.nodes.extend(
        Node(
            name=f"batch-{number}",
            kind=BATCH,
            created=asked + 40,
            ready=asked + 55,
            gone=60 * MINUTE if number < 2 + STUCK else (30 if number < 100 else 31) * MINUTE,
        )
        for number in range(2, 200)
    )
    script.targets[script.group(BATCH)] = [
        (0, 2),
        (asked + 15, 200),
        (29 * MINUTE, 2 + STUCK),
        (52 * MINUTE, 1 + STUCK),
        (54 * MINUTE, 2 + STUCK),
        (60 * MINUTE, 2),
    ]
    script.nodes.append(Node(name="batch-new", kind=BATCH, created=55 * MINUTE, ready=55.5 * MINUTE))


def _small_job(script: ClusterScript) -> None:
    begin, end = 45 * MINUTE, 58 * MINUTE
    script.pods.append(_driver("ads-batch", "small", begin, end))
    script.pods.extend(
        Pod(
            name=f"small-exec-{number}",
            namespace="ads-batch",
            pool=BATCH.pool,
            created=begin + 20,
            scheduled=begin + 21,
            started=begin + 25,
            ended=53.5 * MINUTE if number >= LOST else end,
            node=f"batch-{number // 3}",
        )
        for number in range(2 * LOST)
    )


def _job_without_capacity(script: ClusterScript) -> None:
    never = float("inf")
    group, beside = script.group(ETL), 65 * MINUTE
    script.pods.append(_driver("search-etl", "etl", -1800, never))
    script.pods.extend(_etl_executors(beside))
    script.nodes.extend(Node(name=f"etl-{number}", kind=ETL, created=-3600, ready=-3600) for number in range(4))
    script.targets[group] = [(0, 4), (beside + 20, 11), (beside + 60, 4)]
    script.backoffs[group, "InsufficientInstanceCapacity"] = (beside + 60, never)


def _etl_executors(more: float) -> Iterator[Pod]:
    for number in range(12):
        yield Pod(
            name=f"etl-exec-{number}",
            namespace="search-etl",
            pool=ETL.pool,
            created=-1790,
            scheduled=-1789,
            started=-1780,
            node=f"etl-{number // 3}",
        )
    for number in range(20):
        yield Pod(
            name=f"etl-exec-{12 + number}",
            namespace="search-etl",
            pool=ETL.pool,
            created=more,
            unschedulable=more + 1,
        )
