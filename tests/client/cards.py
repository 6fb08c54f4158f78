"""A queue's card as a tenant's stack publishes it."""

from __future__ import annotations

import json
from typing import Any

from skate.card import QueueCard, read_card

SHAPES: list[dict[str, Any]] = [
    {"perNode": 1, "cores": 7, "coreRequest": "7530m", "memory": "55258m", "memoryOverhead": "5526m", "usual": False},
    {"perNode": 2, "cores": 3, "coreRequest": "3765m", "memory": "27629m", "memoryOverhead": "2763m", "usual": True},
    {"perNode": 4, "cores": 1, "coreRequest": "1882m", "memory": "13814m", "memoryOverhead": "1382m", "usual": False},
]

ARTIFACTS = {
    "bucket": "spark-dev-artifacts",
    "uploads": "ads/batch/uploads/",
    "records": "ads/batch/skate/",
    "region": "eu-central-1",
}


def pool(name: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A pool of a card."""
    usual = {
        "name": name,
        "identity": f"ads-batch-{name}",
        "default": name == "main",
        "minimumNodes": 2,
        "maximumNodes": 10,
        "hourlyUsd": "0.4",
    }
    made = usual | changes
    shapes = [{**shape, "maximumExecutors": made["maximumNodes"] * shape["perNode"]} for shape in SHAPES]
    return {"shapes": shapes, **made}


def card_json(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A card as JSON, with what is different about it."""
    pod = {"nodeSelector": {"elastic-spark/pool": "any"}, "serviceAccount": "spark-driver"}
    spec = {
        "type": "Scala",
        "mode": "cluster",
        "sparkVersion": "4.0.4",
        "image": "docker.io/apache/spark:4.0.4",
        "mainClass": "org.apache.spark.examples.SparkPi",
        "mainApplicationFile": "local:///opt/spark/examples/jars/spark-examples.jar",
        "arguments": ["1000"],
        "restartPolicy": {"type": "Never"},
        "dynamicAllocation": {"enabled": True, "initialExecutors": 1, "minExecutors": 1, "maxExecutors": 20},
        "driver": {"cores": 1, "coreRequest": "1", "memory": "3712m", "memoryOverhead": "384m", **pod},
        "executor": {"cores": 3, "coreRequest": "3765m", "memory": "27629m", "memoryOverhead": "2763m", **pod},
    }
    card = {
        "version": 1,
        "platform": "spark-dev",
        "tenant": "ads",
        "queue": "batch",
        "namespace": "ads-batch",
        "queues": ["ads-adhoc", "ads-batch"],
        "guaranteed": {"cpu": "15060m", "memory": "121568Mi"},
        "maximum": {"cpu": "156850m", "memory": "1241159Mi"},
        "applicationsAtOnce": 6,
        "order": "fifo",
        "backfill": False,
        "maximumExecutors": 20,
        "driver": {"cores": 1, "coreRequest": "1", "memory": "3712m", "memoryOverhead": "384m", "hourlyUsd": "0.05"},
        "pools": [pool("main"), pool("spot", maximumNodes=4, hourlyUsd="0.1")],
        "spark": {"version": "4.0.4", "image": "docker.io/apache/spark:4.0.4", "python": "3.10"},
        "application": {"metadata": {"name": "spark-pi"}, "spec": spec},
    }
    return card | changes


def card(**changes: Any) -> QueueCard:  # noqa: ANN401
    """A card, with what is different about it."""
    return read_card("ads-batch", json.dumps(card_json(**changes)))
