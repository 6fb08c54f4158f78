"""A cluster's nodes and pods as the series that their software would tell of them, over a scripted time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final, Literal

from components.observability import series
from components.observability.kube_state import NODE_LABELS
from sizing import names
from sizing.quantities import GIB
from tests.observability import recorded
from tests.observability.samples import Samples

SCRAPE: Final = 15
LEAVING_TAINT: Final = "ToBeDeletedByClusterAutoscaler"
RECORDED: Final = ("cluster-autoscaler.busy.txt", "yunikorn.busy.txt", "spark-operator.txt")
SCRIPTED: Final = ("cluster_autoscaler_node_group_", "yunikorn_queue_", "cluster_autoscaler_last_activity")
"""What starts so is told by the script, not by the recorded answers."""
RECENT_AMI: Final = f"v{datetime.now(UTC) - timedelta(days=10):%Y%m%d}"
"""Stories end now."""


@dataclass(frozen=True, kw_only=True)
class NodeKind:
    """Nodes of one pool that are alike."""

    pool: str
    purpose: Literal["system", "driver", "executor"] = "executor"
    queue: str = ""
    tenant: str = ""
    capacity: Literal["on-demand", "spot"] = "on-demand"
    instance_type: str = "m7i.4xlarge"
    zone: str = "eu-central-1a"
    ami_release: str = RECENT_AMI
    cpu: float = 15.89
    memory: int = 59 * GIB

    @property
    def labels(self) -> dict[str, str]:
        """As the series of ours have them."""
        return {label: str(getattr(self, label)) for label in NODE_LABELS.values()}


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node, by times in seconds since the story's start."""

    name: str
    kind: NodeKind
    created: float
    ready: float
    gone: float = float("inf")
    leaving: float = float("inf")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A driver or executor, by times in seconds since the story's start; infinite for what never comes."""

    name: str
    namespace: str
    pool: str
    created: float
    unschedulable: float = float("inf")
    scheduled: float = float("inf")
    started: float = float("inf")
    ended: float = float("inf")
    node: str = ""
    cpu: float = 5
    memory: int = 18 * GIB
    owner: str = "Pod"
    deadline: float = float("inf")

    @property
    def labels(self) -> dict[str, str]:
        """By which kube-state-metrics tells it from others."""
        return {"namespace": self.namespace, "pod": self.name, "uid": f"uid-{self.name}"}

    @property
    def container(self) -> str:
        """As Spark calls it."""
        return f"spark-kubernetes-{'driver' if self.pool == names.DRIVER_POOL else 'executor'}"


@dataclass(frozen=True, kw_only=True)
class ClusterScript:
    """What happens in a cluster.

    Args:
        start: the first scrape, seconds.
        length: seconds.
        platform: its name.
        nodes: all that ever are.
        pods: all that ever are.
        targets: nodes that the autoscaler asks for, by group and time since the start.
        minimums: of the groups.
        backoffs: by group and reason: from when to when.
    """

    start: float
    length: float
    platform: str
    nodes: list[Node] = field(default_factory=list)
    pods: list[Pod] = field(default_factory=list)
    targets: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    minimums: dict[str, int] = field(default_factory=dict)
    backoffs: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    queues: dict[str, Mapping[series.Series, float]] = field(default_factory=dict)

    @cached_property
    def times(self) -> list[float]:
        """Of all scrapes."""
        return [self.start + step * SCRAPE for step in range(int(self.length / SCRAPE) + 1)]

    def group(self, kind: NodeKind) -> str:
        """The name of the Auto Scaling group that such nodes belong to."""
        return names.group(self.platform, kind.pool, kind.zone, "a", spot=kind.capacity == "spot")

    def between(self, since: float, until: float) -> list[float]:
        """Scrapes from `since` to before `until`, both since the start."""
        return [time for time in self.times if since <= time - self.start < until]

    def samples(self) -> Samples:
        """All that would be scraped, with an end to each series that ends."""
        found = Samples()
        self._recorded(found)
        for node in self.nodes:
            self._node(found, node)
        for pod in self.pods:
            self._pod(found, pod)
        self._groups(found)
        self._queues(found)
        found.end_series(self.times)
        return found

    def _recorded(self, found: Samples) -> None:
        """What real components told once, all the time; counters grow by their value every hour."""
        for file in RECORDED:
            for family in recorded.families(file):
                for sample in family.samples:
                    if sample.name.startswith(SCRIPTED):
                        continue
                    grows = family.type in {"counter", "histogram", "summary"} and "quantile" not in sample.labels
                    found.put(
                        sample.name,
                        sample.labels,
                        (
                            (time, sample.value * (1 + (time - self.start) / 3600) if grows else sample.value)
                            for time in self.times
                        ),
                    )
        found.put("cluster_autoscaler_last_activity", {"activity": "main"}, ((time, time - 5) for time in self.times))
        for namespace, job in ((names.SYSTEM_NAMESPACE, "yunikorn"), ("kube-system", "cluster-autoscaler")):
            found.set("up", {"namespace": namespace, "job": job}, self.times, 1)

    def _node(self, found: Samples, node: Node) -> None:
        times = self.between(node.created, node.gone)
        on = {"node": node.name}
        found.set("kube_node_labels", on | node.kind.labels, times, 1)
        found.set("kube_node_created", on, times, self.start + node.created)
        for status, since, until in (
            ("true", node.ready, node.gone),
            ("false", node.created, node.ready),
        ):
            condition = on | {"condition": "Ready", "status": status}
            found.set("kube_node_status_condition", condition, times, 0)
            found.set("kube_node_status_condition", condition, self.between(since, until), 1)
        for resource, unit, amount in (("cpu", "core", node.kind.cpu), ("memory", "byte", node.kind.memory)):
            found.set("kube_node_status_allocatable", on | {"resource": resource, "unit": unit}, times, amount)
        found.set(
            "kube_node_spec_taint",
            on | {"key": LEAVING_TAINT, "effect": "NoSchedule"},
            self.between(node.leaving, node.gone),
            1,
        )

    def _pod(self, found: Samples, pod: Pod) -> None:
        end = pod.ended
        times = self.between(pod.created, end)
        found.set("kube_pod_nodeselectors", pod.labels | {"pool": pod.pool}, times, 1)
        if pod.pool in (names.SYSTEM_POOL, names.DRIVER_POOL):
            found.set("kube_pod_created", pod.labels, times, self.start + pod.created)
        found.set(
            "kube_pod_status_unschedulable", pod.labels, self.between(pod.unschedulable, min(pod.scheduled, end)), 1
        )
        placed = self.between(pod.scheduled, end)
        found.set("kube_pod_status_scheduled_time", pod.labels, placed, self.start + pod.scheduled)
        info = pod.labels | {"created_by_kind": pod.owner}
        found.set("kube_pod_info", info, self.between(pod.created, min(pod.scheduled, end)), 1)
        found.set("kube_pod_info", info | {"node": pod.node}, placed, 1)
        running = self.between(pod.started, end)
        container = pod.labels | {"container": pod.container}
        found.set("kube_pod_container_state_started", container, running, self.start + pod.started)
        if pod.deadline < float("inf"):
            due = datetime.fromtimestamp(self.start + pod.deadline, UTC)
            said = pod.labels | {"submitter": "ana", "deadline": f"{due:%Y-%m-%dT%H:%M:%SZ}"}
            found.set("kube_pod_annotations", said, times, 1)
        for phase, when in (("Running", running), ("Succeeded", []), ("Failed", [])):
            found.set("kube_pod_status_phase", pod.labels | {"phase": phase}, times, 0)
            found.set("kube_pod_status_phase", pod.labels | {"phase": phase}, when, 1)
        for resource, unit, amount in (("cpu", "core", pod.cpu), ("memory", "byte", pod.memory)):
            request = container | {"node": pod.node, "resource": resource, "unit": unit}
            found.set("kube_pod_container_resource_requests", request, placed, amount)

    def _groups(self, found: Samples) -> None:
        for group, steps in self.targets.items():
            on = {"node_group": group}
            for since, until, target in _steps(steps):
                found.set("cluster_autoscaler_node_group_target_count", on, self.between(since, until), target)
            found.set("cluster_autoscaler_node_group_min_count", on, self.times, self.minimums.get(group, 0))
            found.set("cluster_autoscaler_node_group_healthiness", on, self.times, 1)
            reasons = {reason: when for (name, reason), when in self.backoffs.items() if name == group}
            for reason, (since, until) in reasons.items():
                backoff = "cluster_autoscaler_node_group_backoff_status"
                found.set(backoff, on | {"reason": reason}, self.between(since, until), 1)
            quiet = [t for t in self.times if not any(a <= t - self.start < b for a, b in reasons.values())]
            found.set("cluster_autoscaler_node_group_backoff_status", on | {"reason": ""}, quiet, 0)

    def _queues(self, found: Samples) -> None:
        """YuniKorn forgets idle queues, kube-state-metrics doesn't."""
        for queue, constants in self.queues.items():
            tenant = queue.split("-")[0]
            for what, value in constants.items():
                found.set(what, {"queue": queue, "tenant": tenant}, self.times, value)
            path = f"{names.ROOT_QUEUE}.{tenant}.{queue}"
            pods = [pod for pod in self.pods if pod.namespace == queue]
            for time in self.times:
                now = time - self.start
                alive = [pod for pod in pods if pod.created <= now < pod.ended]
                if not alive:
                    continue
                placed = [pod for pod in alive if pod.scheduled <= now]
                waiting = [pod for pod in alive if pod.scheduled > now]
                for state, some in (("allocated", placed), ("pending", waiting)):
                    amounts = {"vcore": sum(pod.cpu for pod in some) * 1000, "memory": sum(pod.memory for pod in some)}
                    for resource, amount in amounts.items():
                        labels = {"queue": path, "resource": resource, "state": state}
                        found.set("yunikorn_queue_resource", labels, [time], amount)
                apps = sum(pod.pool == names.DRIVER_POOL for pod in placed)
                found.set("yunikorn_queue_app", {"queue": path, "state": "running"}, [time], apps)


def _steps(steps: Iterable[tuple[float, int]]) -> Iterator[tuple[float, float, int]]:
    ordered = sorted(steps)
    ends = [since for since, _ in ordered[1:]] + [float("inf")]
    for (since, target), until in zip(ordered, ends, strict=True):
        yield since, until, target
