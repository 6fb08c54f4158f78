"""How admission completes pods: each thing that may be missing, once, and after webhooks too."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from sizing import names
from tests import samples
from tests.cluster import pod_shapes as pods
from tests.cluster.api import Object, RefusedError
from tests.cluster.cluster import TENANT_DEPLOYER, Cluster
from tests.cluster.objects import objects_of
from tests.cluster.pod_shapes import DRIVER, executor
from tests.cluster.webhook import CALLED, webhook

TWO = "ads-two"
POLICY = "elastic-spark-pods-placement"
POOL = names.POOL_LABEL
APPLICATION = "yunikorn.apache.org/app-id"
EVICTABLE = "cluster-autoscaler.kubernetes.io/safe-to-evict"

Edit = Callable[[Object], Any]


@pytest.fixture(scope="module")
def complete(cluster: Cluster) -> Object:
    """An executor that lacks nothing."""
    fetch = {"name": "fetch", "image": pods.IMAGE, "resources": pods.RESOURCES}
    return _as_written(cluster.acting(DRIVER).create(executor(initContainers=[fetch]), dryRun="All"))


@pytest.fixture(scope="module")
def two_pools(cluster: Cluster) -> Iterator[str]:
    """The namespace of a queue with the pools `a` and `b`, of which `b` is the default."""
    things = [
        t for t in objects_of(samples.sample_registrations("ads-dev")) if t["kind"] in ("Namespace", "ServiceAccount")
    ]
    for thing in copy.deepcopy(things):
        if thing["kind"] == "Namespace":
            metadata = thing["metadata"]
            metadata["name"] = metadata["labels"][names.QUEUE_LABEL] = TWO
            metadata["annotations"] |= {
                names.POOLS_ANNOTATION: f"{TWO}-a,{TWO}-b",
                names.DEFAULT_POOL_ANNOTATION: f"{TWO}-b",
                names.APPLICATION_PREFIX_ANNOTATION: TWO,
            }
            namespace = thing
        else:
            thing["metadata"]["namespace"] = TWO
        cluster.acting(TENANT_DEPLOYER).apply(thing)
    yield TWO
    cluster.remove(namespace)


@pytest.mark.parametrize(
    ("changes", "pool"),
    [
        ({}, "ads-two-b"),
        ({"labels": {POOL: "ads-two-a"}}, "ads-two-a"),
        ({"nodeSelector": {POOL: "ads-two-a"}}, "ads-two-a"),
        ({"labels": {POOL: "ads-two-b"}, "nodeSelector": {POOL: "ads-two-b"}}, "ads-two-b"),
    ],
)
def test_an_executor_goes_to_the_pool_it_names_or_to_the_default(
    cluster: Cluster,
    two_pools: str,
    changes: dict[str, Any],
    pool: str,
) -> None:
    made = cluster.admin.create(_in(two_pools, executor(**changes)), dryRun="All")
    assert made["spec"]["nodeSelector"][POOL] == made["metadata"]["labels"][POOL] == pool
    assert [t["value"] for t in made["spec"]["tolerations"] if t["key"] == POOL] == [pool]


def test_an_executor_names_one_pool(cluster: Cluster, two_pools: str) -> None:
    both = executor(labels={POOL: "ads-two-a"}, nodeSelector={POOL: "ads-two-b"})
    with pytest.raises(RefusedError, match=r"\[pool-label\]"):
        cluster.admin.create(_in(two_pools, both), dryRun="All")


LACKS: dict[str, Edit] = {
    "its pool": lambda pod: pod["spec"]["nodeSelector"].pop(POOL),
    "every node selector": lambda pod: pod["spec"].pop("nodeSelector"),
    "its pool's toleration": lambda pod: pod["spec"]["tolerations"].pop(),
    "its pool's label": lambda pod: pod["metadata"]["labels"].pop(POOL),
    "its scheduler": lambda pod: pod["spec"].pop("schedulerName"),
    "its priority": lambda pod: [pod["spec"].pop(f) for f in ("priorityClassName", "priority", "preemptionPolicy")],
    "its own account": lambda pod: pod["spec"].update(serviceAccountName="spark-driver", serviceAccount="spark-driver"),
    "every account": lambda pod: [pod["spec"].pop(field) for field in ("serviceAccountName", "serviceAccount")],
    "its application": lambda pod: pod["metadata"]["labels"].pop(APPLICATION),
    "what keeps it from being evicted": lambda pod: pod["metadata"]["annotations"].pop(EVICTABLE),
    "all annotations": lambda pod: pod["metadata"].pop("annotations"),
    "every security context": lambda pod: pod["spec"].pop("securityContext"),
    "that it is not root": lambda pod: pod["spec"]["securityContext"].pop("runAsNonRoot"),
    "its user": lambda pod: [pod["spec"]["securityContext"].pop(field) for field in ("runAsUser", "runAsGroup")],
    "its profile of system calls": lambda pod: pod["spec"]["securityContext"].pop("seccompProfile"),
    "a container's security context": lambda pod: pod["spec"]["containers"][0].pop("securityContext"),
    "that a container gains nothing": lambda pod: _context(pod).pop("allowPrivilegeEscalation"),
    "which capabilities a container has": lambda pod: _context(pod).pop("capabilities"),
    "which capabilities a container drops": lambda pod: _context(pod)["capabilities"].pop("drop"),
    "an init container's security context": lambda pod: pod["spec"]["initContainers"][0].pop("securityContext"),
    "that an init container gains nothing": lambda pod: _context(pod, "initContainers").pop("allowPrivilegeEscalation"),
}


@pytest.mark.parametrize("lack", LACKS.values(), ids=LACKS)
def test_a_pod_that_lacks_one_thing_gets_it(cluster: Cluster, complete: Object, lack: Edit) -> None:
    pod = copy.deepcopy(complete)
    lack(pod)
    assert _as_written(cluster.acting(DRIVER).create(pod, dryRun="All")) == complete


def test_a_mark_of_a_gang_comes_off_a_pod_that_lacks_nothing(cluster: Cluster, complete: Object) -> None:
    pod = copy.deepcopy(complete)
    pod["metadata"]["annotations"]["yunikorn.apache.org/task-group-name"] = "spark-executor"
    assert _as_written(cluster.acting(DRIVER).create(pod, dryRun="All")) == complete


def test_a_pod_that_lacks_nothing_is_not_patched(cluster: Cluster, complete: Object) -> None:
    before = _patched(cluster)
    cluster.acting(DRIVER).create(complete, dryRun="All")
    assert _patched(cluster) == before


def test_a_pod_as_spark_writes_it_is_patched_once(cluster: Cluster) -> None:
    before = _patched(cluster)
    cluster.acting(DRIVER).create(executor(), dryRun="All")
    assert _patched(cluster) == before + 1


def test_what_a_webhook_takes_away_comes_back(cluster: Cluster, complete: Object) -> None:
    """As the Spark operator's does with an application's own securityContext, sidecars and tolerations."""

    def operator_like(pod: Object) -> list[Object]:
        return [
            {"op": "replace", "path": "/spec/securityContext", "value": {"fsGroup": 185}},
            {"op": "add", "path": "/spec/containers/-", "value": {"name": "sidecar", "image": pods.IMAGE}},
            {"op": "add", "path": "/spec/tolerations/-", "value": pod["spec"]["tolerations"][-1]},
            {"op": "replace", "path": "/spec/priorityClassName", "value": "elastic-spark-job"},
            {"op": "remove", "path": "/spec/priority"},
        ]

    with webhook(cluster.admin, pods.NAMESPACE, operator_like, executor()):
        made = cluster.acting(DRIVER).create(executor(), dryRun="All")
    assert made["metadata"]["annotations"][CALLED] == "true"
    assert made["spec"]["securityContext"] == {**complete["spec"]["securityContext"], "fsGroup": 185}
    assert [c["securityContext"] for c in made["spec"]["containers"]] == [pods.RESTRICTED, pods.RESTRICTED]
    assert made["spec"]["priority"] == 0


def test_a_scheduler_that_a_webhook_takes_away_comes_back(cluster: Cluster) -> None:
    with _webhook(cluster, "/spec/schedulerName", "default-scheduler"):
        made = cluster.acting(DRIVER).create(executor(), dryRun="All")
    assert made["spec"]["schedulerName"] == "yunikorn"


@pytest.mark.parametrize(
    ("path", "value", "refusal"),
    [
        ("/spec/nodeSelector", {POOL: pods.OTHER_POOL}, "[pool]"),
        ("/spec/schedulerName", "mine", "[scheduler]"),
        ("/spec/tolerations/-", {"operator": "Exists"}, "[tolerations]"),
        ("/spec/hostNetwork", True, "PodSecurity"),
    ],
)
def test_a_webhook_is_no_way_around(cluster: Cluster, path: str, value: Any, refusal: str) -> None:  # noqa: ANN401
    with _webhook(cluster, path, value), pytest.raises(RefusedError, match=re.escape(refusal)):
        cluster.acting(DRIVER).create(executor(), dryRun="All")


def _webhook(cluster: Cluster, path: str, value: Any) -> AbstractContextManager[None]:  # noqa: ANN401
    patch = {"op": "add", "path": path, "value": value}
    return webhook(cluster.admin, pods.NAMESPACE, lambda _: [patch], executor())


def _in(namespace: str, pod: Object) -> Object:
    pod["metadata"]["namespace"] = namespace
    return pod


def _context(pod: Object, field: str = "containers") -> Object:
    context: Object = pod["spec"][field][0]["securityContext"]
    return context


def _as_written(pod: Object) -> Object:
    """A pod without what the API server says of it, and without the token's volume, which it adds by itself."""
    metadata = {
        key: pod["metadata"][key] for key in ("generateName", "namespace", "labels", "annotations", "ownerReferences")
    }
    spec = copy.deepcopy(pod["spec"])
    spec["volumes"] = [v for v in spec["volumes"] if not v["name"].startswith("kube-api-access-")]
    for container in (*spec["containers"], *spec.get("initContainers", [])):
        mounts = [m for m in container.pop("volumeMounts", []) if not m["name"].startswith("kube-api-access-")]
        if mounts:
            container["volumeMounts"] = mounts
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _patched(cluster: Cluster) -> int:
    """How often the API server has patched a pod by the policy."""
    text = cluster.admin.request("GET", "/metrics")
    pattern = rf'^apiserver_mutating_admission_policy_check_total{{[^}}]*policy="{POLICY}"[^}}]*}} (\d+)$'
    return sum(int(count) for count in re.findall(pattern, text, re.MULTILINE))
