"""What a tenant might change of a pod once it is there, and where it might put one by itself.

Drivers, because the garbage collector takes executors away whose driver is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.cluster import pod_shapes as pods
from tests.cluster.api import MERGE_TYPE, Json, Object
from tests.cluster.attempts import Attempt, Case, Change
from tests.cluster.cluster import SCHEDULER, Cluster, Who
from tests.cluster.pod_shapes import ADMINISTRATOR, DRIVER, driver

EVICTABLE: Final = "cluster-autoscaler.kubernetes.io/safe-to-evict"


@dataclass(frozen=True)
class _Edit:
    """Changes a field of a pod's spec that has to be sent as a whole.

    Args:
        field: such as `containers`.
        edit: gives the new value, by the one that is there.
        subresource: such as `ephemeralcontainers`.
    """

    field: str
    edit: Callable[[Any], Json]
    subresource: str = ""

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        pod = driver(initContainers=[{"name": "fetch", "image": pods.IMAGE, "resources": pods.RESOURCES}])
        with cluster.made(DRIVER, pod) as made:
            change = {"spec": {self.field: self.edit(made["spec"].get(self.field, []))}}
            path = cluster.admin.path(made, self.subresource)
            return cluster.acting(who).request("PATCH", path, change, content_type=MERGE_TYPE)


@dataclass(frozen=True)
class _EditGated:
    """Changes the spec of a pod that a scheduling gate still holds, of which Kubernetes lets more be changed."""

    change: Object

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        pod = driver(schedulingGates=[{"name": "example.org/later"}])
        with cluster.made(DRIVER, pod) as made:
            return cluster.acting(who).merge(made, {"spec": self.change})


@dataclass(frozen=True)
class _Bind:
    """Puts a pod on a node, as a scheduler does.

    Args:
        older: by the older of the two ways.
    """

    older: bool = False

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        with cluster.made(DRIVER, driver()) as pod:
            binding = {
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": pod["metadata"]["name"], "namespace": pods.NAMESPACE},
                "target": {"apiVersion": "v1", "kind": "Node", "name": "ip-10-0-0-1"},
            }
            path = f"/api/v1/namespaces/{pods.NAMESPACE}/bindings"
            return cluster.acting(who).request(
                "POST", path if self.older else cluster.admin.path(pod, "binding"), binding
            )


def _first(**changes: Any) -> Callable[[Any], Json]:  # noqa: ANN401
    """An edit that changes the first of several containers."""
    return lambda containers: [{**containers[0], **changes}, *containers[1:]]


def _metadata(**fields: Object) -> Object:
    return {"metadata": fields}


def _marks() -> Iterator[Case]:
    for name, change in (
        ("becomes an executor", _metadata(labels={"spark-role": "executor"})),
        ("has no role any more", _metadata(labels={"spark-role": None})),
        ("is said to be of another pool", _metadata(labels={"elastic-spark/pool": pods.OTHER_POOL})),
        ("joins another application", _metadata(labels={"yunikorn.apache.org/app-id": "research-explore-1"})),
        ("joins another application, in Spark's way", _metadata(labels={"spark-app-selector": "spark-other"})),
        ("names another queue", _metadata(labels={"queue": "root.tenants.research.research-explore"})),
        ("becomes a placeholder", _metadata(annotations={"internal.yunikorn.apache.org/placeholder": "true"})),
        ("may be evicted", _metadata(annotations={EVICTABLE: "true"})),
        ("has nothing against being evicted", _metadata(annotations={EVICTABLE: None})),
    ):
        yield Attempt(
            name=f"a driver that {name}, once it is there",
            who=DRIVER,
            does=Change(driver(), change),
            rule="marks-unchanged",
            # As Spark marks executors that it has given up.
            twin=Change(driver(), _metadata(labels={"spark-exec-inactive": "true"})),
        )


def _specs() -> Iterator[Case]:
    every_taint = {"operator": "Exists"}
    yield Attempt(
        name="a pod that comes to tolerate every taint",
        who=DRIVER,
        does=_Edit("tolerations", lambda tolerations: [*tolerations, every_taint]),
        rule="placement-unchanged",
        twin=_Edit("tolerations", lambda tolerations: tolerations),
    )
    node = {"key": "metadata.name", "operator": "In", "values": ["ip-10-0-0-1"]}
    chosen = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [node]}]}}
    for name, change in (
        ("chooses its node", {"affinity": {"nodeAffinity": chosen}}),
        ("chooses among nodes", {"nodeSelector": {"kubernetes.io/hostname": "ip-10-0-0-1"}}),
    ):
        yield Attempt(
            name=f"a pod with a gate that {name} before the gate opens",
            who=DRIVER,
            does=_EditGated(change),
            rule="placement-unchanged",
            twin=_EditGated({"schedulingGates": None}),
        )
    for name, field in (("a container", "containers"), ("an init container", "initContainers")):
        yield Attempt(
            name=f"{name} that comes to run another image",
            who=DRIVER,
            does=_Edit(field, _first(image="example.org/miner:1")),
            rule="images-unchanged",
            twin=_Edit(field, _first(image=pods.IMAGE)),
        )
    larger = {"requests": {"cpu": "64", "memory": "1408Mi"}, "limits": {"memory": "1408Mi"}}
    yield Attempt(
        name="a pod that grows",
        who=ADMINISTRATOR,
        does=_Edit("containers", _first(resources=larger), "resize"),
        rule="resources-unchanged",
        twin=_Edit("containers", _first(resources=pods.RESOURCES), "resize"),
    )
    yield Attempt(
        name="a driver that grows by itself",
        who=DRIVER,
        does=_Edit("containers", _first(resources=larger), "resize"),
        refused='cannot patch resource "pods/resize"',
        twin=_Edit("containers", _first(resources=pods.RESOURCES)),
    )
    shell = {"name": "shell", "image": pods.IMAGE, "securityContext": pods.RESTRICTED}
    yield Attempt(
        name="a container in a running pod",
        who=ADMINISTRATOR,
        does=_Edit("ephemeralContainers", lambda _: [shell], "ephemeralcontainers"),
        rule="no-ephemeral-containers",
        twin=_Edit("ephemeralContainers", lambda _: [], "ephemeralcontainers"),
    )
    yield Attempt(
        name="a container in a running pod, by a driver",
        who=DRIVER,
        does=_Edit("ephemeralContainers", lambda _: [shell], "ephemeralcontainers"),
        refused='cannot patch resource "pods/ephemeralcontainers"',
        twin=Change(driver(), _metadata(annotations={"controller.kubernetes.io/pod-deletion-cost": "10"})),
    )


def _bindings() -> Iterator[Case]:
    for name, older in (("a pod", False), ("a pod, in the older way", True)):
        yield Attempt(
            name=f"{name}, put on a node past the scheduler",
            who=ADMINISTRATOR,
            does=_Bind(older),
            rule="bound-by-yunikorn",
            twin=_Bind(),
            twin_who=SCHEDULER,
        )
    yield Attempt(
        name="a pod, put on a node by its driver",
        who=DRIVER,
        does=_Bind(),
        refused='cannot create resource "pods/binding"',
        twin=_Bind(),
        twin_who=SCHEDULER,
    )


CASES: Final[tuple[Case, ...]] = (*_marks(), *_specs(), *_bindings())
