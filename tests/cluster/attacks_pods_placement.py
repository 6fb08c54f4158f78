"""What admission puts on pods, whichever way they come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.cluster import pod_shapes as pods
from tests.cluster.api import Json, Object
from tests.cluster.attempts import Case, Completion, Create
from tests.cluster.cluster import OPERATOR, SCHEDULER
from tests.cluster.pod_shapes import DRIVER, POOL, connect_server, driver, executor, operator_driver, placeholder

OWN_TOLERATION: Final = {"key": "elastic-spark/pool", "operator": "Equal", "value": POOL, "effect": "NoSchedule"}
NOT_READY: Final = [
    {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
]
GANG: Final = {"elastic-spark/gang": "true"}
ROOTLESS: Final = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def spec(*fields: str) -> Callable[[Object], Json]:
    """Gives some fields of a pod's spec: the one, or a list of several."""
    return lambda pod: pod["spec"].get(fields[0]) if len(fields) == 1 else [pod["spec"].get(f) for f in fields]


def label(key: str) -> Callable[[Object], Json]:
    """Gives a label."""
    return lambda pod: pod["metadata"]["labels"].get(key)


def annotation(key: str) -> Callable[[Object], Json]:
    """Gives an annotation."""
    return lambda pod: pod["metadata"].get("annotations", {}).get(key)


def container_context(field: str = "containers") -> Callable[[Object], Json]:
    """Gives the securityContext of each container."""
    return lambda pod: [c.get("securityContext") for c in pod["spec"][field]]


def _pool(name: str) -> dict[str, Any]:
    return {"elastic-spark/pool": name}


CASES: Final[tuple[Case, ...]] = (
    Completion(
        name="an executor that names no pool goes to the queue's default",
        who=DRIVER,
        does=Create(executor()),
        rule="pool-selector",
        field=spec("nodeSelector"),
        becomes=_pool(POOL),
        twin=Create(executor(nodeSelector={**_pool(POOL), "topology.kubernetes.io/zone": "eu-central-1a"})),
        stays={**_pool(POOL), "topology.kubernetes.io/zone": "eu-central-1a"},
    ),
    Completion(
        name="an executor goes to the pool that its label names, and keeps its zone",
        who=DRIVER,
        does=Create(executor(labels=_pool(POOL), nodeSelector={"topology.kubernetes.io/zone": "eu-central-1a"})),
        rule="pool-selector",
        field=spec("nodeSelector"),
        becomes={**_pool(POOL), "topology.kubernetes.io/zone": "eu-central-1a"},
        twin=Create(executor(labels=_pool(POOL), nodeSelector=_pool(POOL))),
        stays=_pool(POOL),
    ),
    Completion(
        name="a driver by spark-submit goes to the driver nodes",
        who=DRIVER,
        does=Create(driver()),
        rule="pool-selector",
        field=spec("nodeSelector"),
        becomes=_pool("driver"),
        twin=Create(driver(nodeSelector=_pool("driver"))),
        stays=_pool("driver"),
    ),
    Completion(
        name="a driver by the Spark operator goes to the driver nodes",
        who=OPERATOR,
        does=Create(operator_driver()),
        rule="pool-selector",
        field=spec("nodeSelector"),
        becomes=_pool("driver"),
        twin=Create(operator_driver(nodeSelector={**_pool("driver"), "kubernetes.io/arch": "amd64"})),
        stays={**_pool("driver"), "kubernetes.io/arch": "amd64"},
    ),
    Completion(
        name="a Spark Connect server goes to the driver nodes",
        who=OPERATOR,
        does=Create(connect_server()),
        rule="pool-selector",
        field=spec("nodeSelector"),
        becomes=_pool("driver"),
        twin=Create(connect_server(nodeSelector=_pool("driver"))),
        stays=_pool("driver"),
    ),
    Completion(
        name="the placeholder of an executor goes to the queue's nodes",
        who=SCHEDULER,
        does=Create(placeholder()),
        rule="pool-selector",
        field=spec("nodeSelector"),
        becomes=_pool(POOL),
        twin=Create(placeholder(nodeSelector=_pool(POOL))),
        stays=_pool(POOL),
    ),
    Completion(
        name="the placeholder of a driver goes to the driver nodes",
        who=SCHEDULER,
        does=Create(placeholder("spark-driver")),
        rule="pool-selector",
        field=spec("nodeSelector"),
        becomes=_pool("driver"),
        twin=Create(placeholder("spark-driver", nodeSelector=_pool("driver"))),
        stays=_pool("driver"),
    ),
    Completion(
        name="a pod tolerates its pool's taint, and nodes that are not ready for a while",
        who=DRIVER,
        does=Create(executor()),
        rule="pool-toleration",
        field=spec("tolerations"),
        becomes=[*NOT_READY, OWN_TOLERATION],
        twin=Create(executor(tolerations=[OWN_TOLERATION, *NOT_READY])),
        stays=[OWN_TOLERATION, *NOT_READY],
    ),
    Completion(
        name="a pod's label says its pool",
        who=DRIVER,
        does=Create(driver()),
        rule="pool-label",
        field=label("elastic-spark/pool"),
        becomes="driver",
        twin=Create(driver(labels=_pool("driver"))),
        stays="driver",
    ),
    Completion(
        name="YuniKorn schedules it",
        who=DRIVER,
        does=Create(executor()),
        rule="scheduler",
        field=spec("schedulerName"),
        becomes="yunikorn",
        twin=Create(executor(schedulerName="yunikorn")),
        stays="yunikorn",
    ),
    Completion(
        name="it has the class of jobs, with its priority and policy",
        who=DRIVER,
        does=Create(executor()),
        rule="priority",
        field=spec("priorityClassName", "priority", "preemptionPolicy"),
        becomes=["elastic-spark-job", 0, "Never"],
        twin=Create(executor(priorityClassName="elastic-spark-job")),
        stays=["elastic-spark-job", 0, "Never"],
    ),
    Completion(
        name="a Spark Connect server has the driver's account",
        who=OPERATOR,
        does=Create(connect_server()),
        rule="driver-account",
        field=spec("serviceAccountName", "serviceAccount"),
        becomes=["spark-driver", "spark-driver"],
        twin=Create(connect_server(serviceAccountName="spark-driver")),
        stays=["spark-driver", "spark-driver"],
    ),
    Completion(
        name="an executor loses its driver's account, and so its rights",
        who=DRIVER,
        does=Create(executor()),
        rule="executor-account",
        field=spec("serviceAccountName", "serviceAccount"),
        becomes=["spark-executor", "spark-executor"],
        twin=Create(executor(serviceAccountName="spark-executor")),
        stays=["spark-executor", "spark-executor"],
    ),
    Completion(
        name="a driver is an application of its own",
        who=DRIVER,
        does=Create(driver()),
        rule="application",
        field=label("yunikorn.apache.org/app-id"),
        becomes="ads-batch-uniqueautogen",
        twin=Create(driver(labels={"yunikorn.apache.org/app-id": "ads-batch-uniqueautogen"})),
        stays="ads-batch-uniqueautogen",
    ),
    Completion(
        name="an executor belongs to its driver's application",
        who=DRIVER,
        does=Create(executor()),
        rule="application",
        field=label("yunikorn.apache.org/app-id"),
        becomes=f"ads-batch-{pods.DRIVER_UID}",
        twin=Create(executor(labels={"yunikorn.apache.org/app-id": f"ads-batch-{pods.DRIVER_UID}"})),
        stays=f"ads-batch-{pods.DRIVER_UID}",
    ),
    Completion(
        name="the autoscaler may not evict it",
        who=DRIVER,
        does=Create(executor()),
        rule="not-safe-to-evict",
        field=annotation("cluster-autoscaler.kubernetes.io/safe-to-evict"),
        becomes="false",
        twin=Create(executor(annotations={"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"})),
        stays="false",
    ),
    Completion(
        name="a job is no gang unless it asks for it",
        who=OPERATOR,
        does=Create(operator_driver()),
        rule="no-gang-unasked",
        field=annotation("yunikorn.apache.org/task-groups"),
        becomes=None,
        twin=Create(operator_driver(labels=GANG)),
        stays=pods.task_groups(),
    ),
    Completion(
        name="a placeholder keeps the marks of its gang",
        who=OPERATOR,
        does=Create(operator_driver()),
        rule="no-gang-unasked",
        field=annotation("yunikorn.apache.org/task-group-name"),
        becomes=None,
        twin=Create(placeholder()),
        twin_who=SCHEDULER,
        stays="spark-executor",
    ),
    Completion(
        name="a pod is not root and confined",
        who=DRIVER,
        does=Create(executor()),
        rule="pod-security",
        field=spec("securityContext"),
        becomes={**ROOTLESS, "runAsUser": 185, "runAsGroup": 185},
        twin=Create(executor(securityContext={**ROOTLESS, "runAsUser": 1000, "fsGroup": 1000})),
        stays={**ROOTLESS, "runAsUser": 1000, "fsGroup": 1000},
    ),
    Completion(
        name="each container gains no privileges",
        who=DRIVER,
        does=Create(
            executor(
                containers=[
                    {
                        "name": "sidecar",
                        "image": pods.IMAGE,
                        "securityContext": {"readOnlyRootFilesystem": True, "capabilities": {}},
                    }
                ]
            )
        ),
        rule="container-security",
        field=container_context(),
        becomes=[pods.RESTRICTED, {**pods.RESTRICTED, "readOnlyRootFilesystem": True}],
        twin=Create(driver(container={"securityContext": {**pods.RESTRICTED, "runAsUser": 1000}})),
        stays=[{**pods.RESTRICTED, "runAsUser": 1000}],
    ),
    Completion(
        name="each init container gains no privileges",
        who=DRIVER,
        does=Create(executor(initContainers=[{"name": "fetch", "image": pods.IMAGE}])),
        rule="init-container-security",
        field=container_context("initContainers"),
        becomes=[pods.RESTRICTED],
        twin=Create(
            executor(initContainers=[{"name": "fetch", "image": pods.IMAGE, "securityContext": pods.RESTRICTED}])
        ),
        stays=[pods.RESTRICTED],
    ),
)
