"""What dashboards ask for and no rule does, so that the story leaves it out: recorded, and told all the time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from prometheus_client.samples import Sample

from components.observability import spark_metrics
from tests.observability import recorded
from tests.observability.cluster_samples import ClusterScript
from tests.observability.samples import Samples

TENANT: Final = "ads"
QUEUE: Final = "ads-batch"
APPLICATION: Final = "spark-recorded"
_ADDED: Final = {"tenant": TENANT, "queue": QUEUE, "application_id": APPLICATION, "pod": "recorded-driver"}


def more_samples(script: ClusterScript) -> Samples:
    """A Spark application, as its driver told of it, with the labels that its monitor adds; all that YuniKorn tells of
    its queues; the autoscaler's groups' maxima."""
    found = Samples()
    for file in ("spark-driver.txt", "spark-executors.txt"):
        for sample in _samples(file):
            if sample.name in spark_metrics.METRICS:
                _put(found, sample, _ADDED, script.times)
    for sample in _samples("yunikorn.busy.txt"):
        if sample.name.startswith("yunikorn_queue_") and not _told(sample):
            _put(found, sample, {}, script.times)
    for group, targets in script.targets.items():
        maximum = max(nodes for _, nodes in targets)
        found.set("cluster_autoscaler_node_group_max_count", {"node_group": group}, script.times, maximum)
    return found


def _samples(file: str) -> list[Sample]:
    return [sample for family in recorded.families(file) for sample in family.samples]


def _told(sample: Sample) -> bool:
    """Whether the story says it."""
    if sample.name == "yunikorn_queue_app":
        return sample.labels["state"] == "running"
    return sample.labels["state"] in {"allocated", "pending"} and sample.labels["resource"] in {"memory", "vcore"}


def _put(found: Samples, sample: Sample, added: dict[str, str], times: Sequence[float]) -> None:
    """At all times; counters grow by their value every hour."""
    grows = sample.name.endswith(("_total", "_Count"))
    values = [(time, sample.value * (1 + ((time - times[0]) / 3600 if grows else 0))) for time in times]
    found.put(sample.name, {**sample.labels, **added}, values)
