"""A queue's numbers as annotations of its namespace: for YuniKorn, and one by one for admission and metrics."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sizing import names
from sizing.node_labels import NodeLabels, label_lines
from sizing.nodes import Resources
from sizing.quantities import MIB, format_cpu
from sizing.queues import DriverAllowance, PoolShare, QueueSize
from sizing.sharing import Sharing, parent_queue

YUNIKORN: Final = "yunikorn.apache.org"
SCALAR: Final = "elastic-spark"
"""CEL can't take a JSON string apart: the same numbers stand beside it, each for itself."""


def queue_annotations(
    tenant: str,
    queue: str,
    size: QueueSize,
    drivers: DriverAllowance,
    pools: Sequence[str],
    sharing: Sharing,
) -> dict[str, str]:
    """All annotations of a queue's namespace.

    Args:
        tenant: the tenant's name.
        queue: the queue's name within the tenant.
        size: the queue's numbers.
        drivers: the driver allowance.
        pools: the identities of the queue's executor pools, the default one first.
        sharing: how its jobs share it.

    YuniKorn makes the queue by them: the parent is a full path, amounts are quantities in JSON strings, and guaranteed
    amounts of zero take earlier ones back. Source: apache/yunikorn-k8shim v1.9.0, pkg/common/utils/utils.go;
    apache/yunikorn-core v1.9.0-0, pkg/scheduler/placement/tag_rule.go and objects/queue.go (setResources).
    """
    return {
        f"{YUNIKORN}/namespace.enableYuniKorn": "true",
        f"{YUNIKORN}/parentqueue": parent_queue(tenant, sharing.order),
        f"{YUNIKORN}/namespace.guaranteed": _quantities(size.guaranteed),
        f"{YUNIKORN}/namespace.quota": _quantities(size.maximum),
        f"{YUNIKORN}/namespace.maxApps": str(size.max_apps),
        f"{SCALAR}/guaranteed-cpu-millicores": str(size.guaranteed.cpu),
        f"{SCALAR}/guaranteed-memory-bytes": str(size.guaranteed.memory),
        f"{SCALAR}/maximum-cpu-millicores": str(size.maximum.cpu),
        f"{SCALAR}/maximum-memory-bytes": str(size.maximum.memory),
        f"{SCALAR}/max-apps": str(size.max_apps),
        names.DRIVERS_AT_ONCE_ANNOTATION: str(drivers.at_once),
        names.HISTORY_CPU_ANNOTATION: str(size.history.cpu),
        names.HISTORY_MEMORY_ANNOTATION: str(size.history.memory),
        names.DRIVER_CPU_ANNOTATION: str(drivers.driver.cpu),
        names.DRIVER_MEMORY_ANNOTATION: str(drivers.driver.memory),
        names.POOLS_ANNOTATION: ",".join(sorted(pools)),
        names.DEFAULT_POOL_ANNOTATION: pools[0],
        names.APPLICATION_PREFIX_ANNOTATION: names.application_prefix(names.namespace(tenant, queue)),
        **_sharing(sharing),
    }


def conf_annotation(conf: Mapping[str, str]) -> dict[str, str]:
    """The annotation by which a queue's applications get their Spark settings; none where there are none.

    Raises:
        ValueError: a name or a value can't be written in lines of `name=value`.
    """
    for name, value in conf.items():
        if not name or "=" in name or not (name + value).isprintable():
            raise ValueError(f"a Spark setting is a name without =, and a value, of one line: {name!r}: {value!r}")
    lines = "\n".join(f"{name}={conf[name]}" for name in sorted(conf))
    return {names.SPARK_CONF_ANNOTATION: lines} if lines else {}


def _sharing(sharing: Sharing) -> dict[str, str]:
    found = {}
    if sharing.max_executors_per_job is not None:
        found[names.MAX_EXECUTORS_PER_JOB_ANNOTATION] = str(sharing.max_executors_per_job)
    if sharing.backfill:
        found[names.BACKFILL_ANNOTATION] = "true"
    return found


def pool_annotations(
    shares: Mapping[str, PoolShare], node_labels: Mapping[str, NodeLabels], egress_ports: Collection[int]
) -> dict[str, str]:
    """What else admission knows of a queue, by which applications are judged: annotations of its namespace.

    Args:
        shares: what each pool gives the queue, by its identity.
        node_labels: the labels of each pool's nodes, by its identity; empty where they are somebody else's.
        egress_ports: TCP ports by which pods reach the world outside, or places there that the queue names.
    """
    usable = [f"{pool}:{share.usable.cpu}:{share.usable.memory}" for pool, share in sorted(shares.items())]
    lines = [f"{pool} {line}" for pool, labels in sorted(node_labels.items()) for line in label_lines(labels)]
    return {
        names.POOLS_USABLE_ANNOTATION: ",".join(usable),
        names.PORTS_ANNOTATION: ",".join(map(str, sorted(egress_ports))),
        **({names.NODE_LABELS_ANNOTATION: "\n".join(lines)} if lines else {}),
    }


def fingerprint(annotations: Mapping[str, str]) -> str:
    """Eight hexadecimal digits that change with any of the annotations, and with nothing else."""
    return hashlib.sha256(json.dumps(dict(annotations), sort_keys=True).encode()).hexdigest()[:8]


def _quantities(amount: Resources) -> str:
    return json.dumps({"cpu": format_cpu(amount.cpu), "memory": _memory(amount.memory)}, sort_keys=True)


def _memory(count: int) -> str:
    """In MiB, which compare at a glance; in bytes where that isn't exact."""
    return f"{count // MIB}Mi" if count % MIB == 0 else str(count)
