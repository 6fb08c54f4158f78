"""What a tenant might ask of drivers, executors and gangs to have more than its share."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from components.software.versions import PYTHON_IMAGE
from sizing import names
from tests import samples
from tests.cluster import pod_shapes as pods
from tests.cluster.api import Object
from tests.cluster.attempts import Attempt, Case, Create, RunJob
from tests.cluster.cluster import OPERATOR, SCHEDULER, TENANT_DEPLOYER, User, Who
from tests.cluster.objects import objects_of
from tests.cluster.pod_shapes import DRIVER, connect_server, driver, executor, operator_driver, placeholder, task_groups

GANG: Final = {"elastic-spark/gang": "true"}


def _try(name: str, rule: str, pod: Object, twin: Object, *, who: Who = DRIVER) -> Attempt:
    return Attempt(name=name, who=who, does=Create(pod), rule=rule, twin=Create(twin))


def _sized(cpu: str, memory: str, **limits: str) -> Mapping[str, Any]:
    return {"resources": {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory, **limits}}}


def _container(name: str, cpu: str, memory: str, **more: Any) -> Object:  # noqa: ANN401
    return {"name": name, "image": pods.IMAGE, **_sized(cpu, memory), **more}


def _drivers() -> Iterator[Case]:
    """The queue's drivers have at most cpu 1 and memory 4Gi."""
    full = driver(container=_sized("1", "4Gi"))
    beside = driver(
        container=_sized("900m", "3Gi"),
        initContainers=[
            _container("proxy", "100m", "1Gi", restartPolicy="Always"),
            _container("fetch", "900m", "3Gi"),
        ],
    )
    for name, pod, twin in (
        ("a driver with more cpu than the allowance", driver(container=_sized("1001m", "4Gi")), full),
        (
            "a driver with more cpu, by a sidecar",
            driver(container=_sized("950m", "3Gi"), containers=[_container("proxy", "100m", "1Gi")]),
            driver(container=_sized("900m", "3Gi"), containers=[_container("proxy", "100m", "1Gi")]),
        ),
        (
            "a driver with more cpu, by an init container that stays",
            driver(
                container=_sized("950m", "3Gi"),
                initContainers=[_container("proxy", "100m", "1Gi", restartPolicy="Always")],
            ),
            beside,
        ),
        (
            "a driver with more cpu while it starts",
            driver(container=_sized("900m", "3Gi"), initContainers=[_container("fetch", "2", "3Gi")]),
            beside,
        ),
    ):
        yield _try(name, "driver-size", pod, twin)
    # Without a limit, so that nothing else refuses it.
    huge = placeholder("spark-driver", container=_sized("1", "40Gi"))
    yield _try(
        "a driver's placeholder with more memory", "driver-size", huge, placeholder("spark-driver"), who=SCHEDULER
    )
    yield _try(
        "a Spark Connect server that is larger than a driver",
        "driver-size",
        connect_server(containers=[_container("spark-kubernetes-driver", "4", "4Gi")]),
        connect_server(containers=[_container("spark-kubernetes-driver", "1", "4Gi")]),
        who=OPERATOR,
    )
    for name, container in (
        ("without a limit of memory", {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}),
        (
            "that may grow over its allowance",
            {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "5Gi"}}},
        ),
        (
            "with a limit of nothing, which is none",
            {"resources": {"requests": {"cpu": "1", "memory": "0"}, "limits": {"memory": "0"}}},
        ),
    ):
        yield _try(f"a driver {name}", "driver-memory-limit", driver(container=container), full)
    starting = _container("fetch", "900m", "3Gi")
    starting["resources"]["limits"]["memory"] = "900Gi"
    yield _try(
        "a driver that may grow over its allowance while it starts",
        "driver-memory-limit",
        driver(container=_sized("900m", "3Gi"), initContainers=[starting]),
        beside,
    )
    yield _try(
        "a driver that claims a device of driver nodes",
        "driver-resources",
        driver(resourceClaims=[{"name": "device", "resourceClaimName": "device"}]),
        full,
    )
    yield _try(
        "a driver with a sidecar without a limit of memory",
        "driver-memory-limit",
        driver(container=_sized("900m", "3Gi"), containers=[{"name": "proxy", "image": pods.IMAGE}]),
        driver(container=_sized("900m", "3Gi"), containers=[_container("proxy", "100m", "1Gi")]),
    )
    yield _try(
        "a driver that takes the disk of driver nodes",
        "driver-resources",
        driver(container=_sized("1", "4Gi", **{"ephemeral-storage": "90Gi"})),
        full,
    )
    yield _try(
        "a driver whose pod requests more than its containers",
        "resources-by-container",
        driver(resources={"requests": {"cpu": "8", "memory": "32Gi"}}),
        full,
    )


def _accounts() -> Iterator[Case]:
    yield _try("a driver as the executors", "account", driver(serviceAccountName="spark-executor"), driver())
    yield _try(
        "a placeholder with the driver's rights",
        "account",
        placeholder(serviceAccountName="spark-driver"),
        placeholder(serviceAccountName="default"),
        who=SCHEDULER,
    )
    yield Attempt(
        name="an executor as the Spark operator",
        who=DRIVER,
        does=Create(executor(serviceAccountName="spark-operator-controller")),
        refused="error looking up service account ads-batch/spark-operator-controller",
        twin=Create(executor(serviceAccountName="spark-executor")),
    )


def _owners() -> Iterator[Case]:
    label = {"yunikorn.apache.org/app-id": "ads-batch-of-nobody"}
    connect = {"apiVersion": "sparkoperator.k8s.io/v1alpha1", "kind": "SparkConnect", "name": "notebooks"}
    for name, owners in (
        ("that nobody owns, and so nobody removes", []),
        ("of which a driver is one owner among others", [pods.owner(controller=False)]),
        ("that no pod owns", [{**connect, "uid": pods.DRIVER_UID, "controller": True}]),
        ("whose driver is of a kind that nobody can look up", [pods.owner(apiVersion="example.org/v1")]),
        ("whose driver has a UID that continues the name of another queue", [pods.owner(uid=f"x-{pods.DRIVER_UID}")]),
    ):
        yield _try(f"an executor {name}", "executor-owner", executor(owners=owners, labels=label), executor())


def _gangs() -> Iterator[Case]:
    """Placeholders of drivers wait on the nodes of all drivers, so that a gang may have one."""
    for name, groups in (
        ("with a hundred drivers", task_groups().replace('"minMember":1', '"minMember":100')),
        ("that says twice how many drivers it has", task_groups(minmember=100)),
        ("whose executors are called drivers", task_groups(100).replace("spark-executor", "spark-driver")),
        ("whose executors are renamed", task_groups(100)[:-2] + ',"name":"spark-driver"}]'),
        ("whose executors are renamed by an escape", task_groups(100)[:-2] + ',"name":"spark\\u002ddriver"}]'),
        ("that hides a group in the first one", task_groups(0)[:-2] + ',"labels":{"minMember":"1"}}]'),
        ("with more groups", task_groups()[:-1] + ',{"name":"more","minMember":9,"minResource":{"cpu":"1"}}]'),
    ):
        yield _try(
            f"a gang {name}",
            "gang",
            operator_driver(labels=GANG, annotations={"yunikorn.apache.org/task-groups": groups}),
            operator_driver(labels=GANG),
            who=OPERATOR,
        )
    yield _try(
        "an executor that starts a gang of its own",
        "gang",
        executor(labels=GANG, annotations={"yunikorn.apache.org/task-groups": task_groups()}),
        executor(labels=GANG, annotations={"yunikorn.apache.org/task-group-name": "spark-executor"}),
    )
    yield Attempt(
        name="a gang of one driver and no executors to begin with, where it would have two drivers",
        who=OPERATOR,
        does=Create(
            operator_driver(
                labels=GANG,
                annotations={
                    "yunikorn.apache.org/task-groups": task_groups(0).replace('"minMember":1', '"minMember":2')
                },
            )
        ),
        rule="gang",
        twin=Create(operator_driver(labels=GANG, annotations={"yunikorn.apache.org/task-groups": task_groups(0)})),
    )
    for name, pod in (
        ("that runs something", placeholder(container={"image": pods.IMAGE})),
        ("with something beside it", placeholder(containers=[_container("more", "1", "1Gi")])),
    ):
        yield _try(f"a placeholder {name}", "placeholder", pod, placeholder(), who=SCHEDULER)


STATEFUL_SETS: Final = User("system:serviceaccount:kube-system:statefulset-controller")
"""The controller, which makes pods of StatefulSets."""


def history_set(**spec: Any) -> Object:  # noqa: ANN401
    """The history server of the queue `ads-batch`, with what is different about it."""
    (server,) = (
        thing for thing in objects_of(samples.sample_registrations("ads-dev")) if thing["kind"] == "StatefulSet"
    )
    server = copy.deepcopy(server)
    server["spec"].update(spec)
    return server


def history_pod(*, container: Mapping[str, Any] | None = None, **spec: Any) -> Object:  # noqa: ANN401
    """A pod of the history server, with another name, and with what is different about it and its container."""
    template = history_set()["spec"]["template"]
    template["spec"].update(spec)
    template["spec"]["containers"][0].update(container or {})
    return pods.pod("spark-history", template["metadata"]["labels"], template["spec"])


def _beside(image: str) -> Object:
    """A history server's pod with a container of an image beside it, as large as what shows logs."""
    made = history_pod()
    made["spec"]["containers"].append({"name": "beside", "image": image, **_sized("50m", "128Mi")})
    return made


def _history() -> Iterator[Case]:
    ours = history_pod()
    for name, rule, pod in (
        ("of another image", "image", history_pod(container={"image": "docker.io/library/nginx:1"})),
        ("with the driver's rights", "account", history_pod(serviceAccountName="spark-driver")),
        ("that is larger than its settings make it", "driver-size", history_pod(container=_sized("250m", "2Gi"))),
        ("with something beside it", "driver-size", history_pod(containers=[_container("more", "1", "16Mi")])),
        ("on the system nodes", "pool", history_pod(nodeSelector={"elastic-spark/pool": "system"})),
    ):
        yield _try(f"a history server {name}", rule, pod, ours, who=STATEFUL_SETS)
    for image in ("docker.io/library/python:3", "docker.io/envoyproxy/envoy:v1.0.0"):
        yield _try(
            f"a history server beside which {image} runs",
            "image",
            _beside(image),
            _beside(PYTHON_IMAGE),
            who=STATEFUL_SETS,
        )
    yield _try("a driver of the image that shows logs", "image", driver(container={"image": PYTHON_IMAGE}), driver())
    as_history = driver(serviceAccountName="spark-history", serviceAccount="spark-history")
    yield _try("a driver with the history server's identity", "account", as_history, driver())
    yield _try("a pod that looks like the history server", "pod-role", ours, driver())


def sync_job(**container: Any) -> Object:  # noqa: ANN401
    """The Job of the queue `ads-batch` with another name, and with what is different about its container."""
    (job,) = (thing for thing in objects_of(samples.sample_registrations("ads-dev")) if thing["kind"] == "Job")
    job = copy.deepcopy(job)
    job["metadata"] = {"name": "queue-sync-00000000", "namespace": pods.NAMESPACE}
    job["spec"]["template"]["spec"]["containers"][0].update(container)
    return job


def _jobs() -> Iterator[Case]:
    beside = sync_job()
    beside["spec"]["template"]["spec"]["containers"].append(_container("more", "10m", "16Mi"))
    account = sync_job()
    account["spec"]["template"]["spec"]["serviceAccountName"] = "spark-driver"
    for name, rule, job in (
        ("that runs something", "sync", sync_job(image=pods.IMAGE)),
        ("that takes a driver's place", "sync", sync_job(resources={"requests": {"cpu": "1", "memory": "16Mi"}})),
        ("that takes a driver's memory", "sync", sync_job(resources={"requests": {"cpu": "10m", "memory": "4Gi"}})),
        ("with something beside it", "sync", beside),
        ("with the driver's rights", "account", account),
    ):
        yield Attempt(
            name=f"a deployer's Job {name}", who=TENANT_DEPLOYER, does=RunJob(job), rule=rule, twin=RunJob(sync_job())
        )


def _submitters() -> Iterator[Case]:
    mark = names.SUBMITTER_ANNOTATION
    marked = driver(annotations={mark: "lead"})
    yield _try(
        "another's name on a driver that a job makes", "submitter-mark", marked, executor(annotations={mark: "me"})
    )
    yield Attempt(
        name="another's name on a driver, unless the operator brings it",
        who=DRIVER,
        does=Create(marked),
        rule="submitter-mark",
        twin=Create(marked),
        twin_who=OPERATOR,
    )


def _deadlines() -> Iterator[Case]:
    mark = names.DEADLINE_ANNOTATION
    right = driver(annotations={mark: "2027-03-01T06:00:00Z"})
    for wrong in ("2027-03-01T07:00:00+01:00", "2027-02-30T06:00:00Z", "2027-03-01T06:00:00Z,2027", "soon"):
        marked = driver(annotations={mark: wrong})
        yield _try(f"a driver's deadline that Prometheus can't reckon with: {wrong}", "deadline-mark", marked, right)


CASES: Final[tuple[Case, ...]] = (
    *_drivers(),
    *_deadlines(),
    *_submitters(),
    *_accounts(),
    *_owners(),
    *_gangs(),
    *_history(),
    *_jobs(),
)
