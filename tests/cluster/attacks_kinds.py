"""What a tenant might make in its namespace beside Spark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.attacks_pods_roles import history_set, sync_job
from tests.cluster.attempts import Attempt, Case, Change, Create
from tests.cluster.cluster import OPERATOR, TENANT_DEPLOYER, User
from tests.cluster.pod_shapes import ADMINISTRATOR, DRIVER, IMAGE, NAMESPACE, OWNER

POWERFUL_OWNER: Final = User("lead", (*OWNER.groups, "system:masters"))
"""A tenant's owner to whom somebody gave too much."""
LABELS: Final = {"app": "tests"}
TEMPLATE: Final = {
    "metadata": {"labels": LABELS},
    "spec": {"containers": [{"name": "main", "image": IMAGE}], "restartPolicy": "Always"},
}
ONCE: Final = {**TEMPLATE, "spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}  # type: ignore[dict-item]
SELECTOR: Final = {"matchLabels": LABELS}


def _thing(api_version: str, kind: str, spec: Object, name: str = "") -> Object:
    metadata = {"name": name} if name else {"generateName": "tests-"}
    return {"apiVersion": api_version, "kind": kind, "metadata": {**metadata, "namespace": NAMESPACE}, "spec": spec}


def service(**spec: Any) -> Object:  # noqa: ANN401
    """A driver's service as spark-submit makes it, with what is different about it."""
    ports = [{"name": "driver-rpc-port", "port": 7078}, {"name": "spark-ui", "port": 4040}]
    return _thing("v1", "Service", {"selector": {"spark-role": "driver"}, "ports": ports, **spec})


def claim(**spec: Any) -> Object:  # noqa: ANN401
    """A claim for shuffle data as a driver makes it, with what is different about it."""
    requests = {"storage": "100Gi"}
    whole = {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3", "resources": {"requests": requests}, **spec}
    return _thing("v1", "PersistentVolumeClaim", whole)


def volume() -> Object:
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/"}}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"generateName": "tests-"}, "spec": spec}


def _workloads() -> Iterator[Case]:
    rule = {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "x"}}}]}}
    rule["http"]["paths"][0]["backend"]["service"]["port"] = {"number": 80}  # type: ignore[index]
    for kind, thing in {
        "DaemonSet": _thing("apps/v1", "DaemonSet", {"selector": SELECTOR, "template": TEMPLATE}),
        "Deployment": _thing("apps/v1", "Deployment", {"selector": SELECTOR, "template": TEMPLATE}),
        "ReplicaSet": _thing("apps/v1", "ReplicaSet", {"selector": SELECTOR, "template": TEMPLATE}),
        "StatefulSet": _thing(
            "apps/v1", "StatefulSet", {"selector": SELECTOR, "template": TEMPLATE, "serviceName": "tests"}
        ),
        "ReplicationController": _thing("v1", "ReplicationController", {"selector": LABELS, "template": TEMPLATE}),
        "CronJob": _thing(
            "batch/v1", "CronJob", {"schedule": "0 * * * *", "jobTemplate": {"spec": {"template": ONCE}}}
        ),
    }.items():
        yield Attempt(
            name=f"a {kind} in a queue",
            who=ADMINISTRATOR,
            does=Create(thing),
            rule="history-server" if kind == "StatefulSet" else "workloads",
            twin=Create(sync_job()),
        )
        yield Attempt(
            name=f"a {kind} by the queue's owner",
            who=OWNER,
            does=Create(thing),
            refused="cannot create resource",
            twin=Create(sync_job()),
            twin_who=TENANT_DEPLOYER,
        )
    yield Attempt(
        name="several history servers",
        who=TENANT_DEPLOYER,
        does=Create(history_set(replicas=2)),
        rule="history-server",
        twin=Create(sync_job()),
    )
    yield Attempt(
        name="an ingress to a driver",
        who=ADMINISTRATOR,
        does=Create(_thing("networking.k8s.io/v1", "Ingress", {"rules": [rule]})),
        rule="ingresses",
        twin=Create(sync_job()),
    )
    other = sync_job()
    other["metadata"]["name"] = "mine"
    yield Attempt(
        name="a deployer's Job of another name",
        who=TENANT_DEPLOYER,
        does=Create(other),
        rule="jobs",
        twin=Create(sync_job()),
    )
    yield Attempt(
        name="a Job by a driver",
        who=DRIVER,
        does=Create(sync_job()),
        refused="cannot create resource",
        twin=Create(sync_job()),
        twin_who=TENANT_DEPLOYER,
    )


def _services() -> Iterator[Case]:
    for name, spec in (
        ("a load balancer", {"type": "LoadBalancer"}),
        ("a port of every node", {"type": "NodePort"}),
        ("another name for a host outside", {"type": "ExternalName", "externalName": "example.org"}),
        ("somebody else's address", {"externalIPs": ["10.0.0.1"]}),
    ):
        for who in (DRIVER, OPERATOR):
            yield Attempt(
                name=f"{name} by {who.name}",
                who=who,
                does=Create(service(**spec)),
                rule="services",
                twin=Create(service(clusterIP="None")),
            )
    yield Attempt(
        name="a service that becomes a load balancer",
        who=DRIVER,
        does=Change(service(), {"spec": {"type": "LoadBalancer"}}),
        rule="services",
        twin=Change(service(), {"metadata": {"labels": {"spark-app-name": "pi"}}}),
    )


def _volumes() -> Iterator[Case]:
    for name, spec in (
        ("a volume that is there already", {"volumeName": "pvc-of-somebody-else"}),
        ("whichever volume of no class is there", {"storageClassName": ""}),
        ("a volume with a label", {"selector": {"matchLabels": {"owner": "research"}}}),
    ):
        yield Attempt(
            name=f"a claim to {name}", who=DRIVER, does=Create(claim(**spec)), rule="claims", twin=Create(claim())
        )
    yield Attempt(
        name="a claim that names its volume afterwards",
        who=DRIVER,
        does=Change(claim(), {"spec": {"volumeName": "pvc-of-somebody-else"}}),
        rule="claims",
        twin=Change(claim(), {"metadata": {"labels": {"team": "ads"}}}),
    )
    yield Attempt(
        name="a volume that is a node's root folder",
        who=POWERFUL_OWNER,
        does=Create(volume()),
        rule="volumes",
        twin=Create(volume()),
        twin_who=ADMINISTRATOR,
    )
    yield Attempt(
        name="a volume by a driver",
        who=DRIVER,
        does=Create(volume()),
        refused="cannot create resource",
        twin=Create(claim()),
    )


CASES: Final[tuple[Case, ...]] = (*_workloads(), *_services(), *_volumes())
