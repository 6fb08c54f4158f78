"""What a tenant might write into a pod to get where it does not belong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.cluster import pod_shapes as pods
from tests.cluster.api import Object
from tests.cluster.attempts import Apply, Attempt, Case, Create
from tests.cluster.cluster import OPERATOR, SCHEDULER, Who
from tests.cluster.pod_shapes import DRIVER, OTHER_POOL, POOL, connect_server, driver, executor, placeholder

POOL_LABEL: Final = "elastic-spark/pool"
QUEUE: Final = "root.tenants.ads.ads-batch"
OTHER_QUEUE: Final = "root.tenants.research.research-explore"
USER_INFO: Final = "yunikorn.apache.org/user.info"
DRIVER_USER: Final = "system:serviceaccount:ads-batch:spark-driver"


def _try(
    name: str,
    rule: str,
    pod: Object,
    twin: Object,
    *,
    who: Who = DRIVER,
) -> Attempt:
    return Attempt(name=name, who=who, does=Create(pod), rule=rule, twin=Create(twin))


def _refused(name: str, refused: str, pod: Object, twin: Object) -> Attempt:
    return Attempt(name=name, who=DRIVER, does=Create(pod), refused=refused, twin=Create(twin))


def _pool(name: str) -> dict[str, str]:
    return {POOL_LABEL: name}


def _tolerating(**toleration: Any) -> list[Object]:  # noqa: ANN401
    return [{"operator": "Exists", **toleration}]


def _node_affinity(expression: Mapping[str, Any], *, field: str = "matchExpressions", required: bool = True) -> Object:
    term = {field: [expression]}
    if required:
        affinity: Object = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    else:
        affinity = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": term}]}
    return {"nodeAffinity": affinity}


def _apart(**where: Any) -> Object:  # noqa: ANN401
    term = {"labelSelector": {"matchLabels": {"spark-role": "driver"}}, "topologyKey": "kubernetes.io/hostname"}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{**term, **where}]}}


def _places() -> Iterator[Case]:
    yield _try(
        "an executor on another tenant's nodes by its node selector",
        "pool",
        executor(nodeSelector=_pool(OTHER_POOL)),
        executor(nodeSelector=_pool(POOL)),
    )
    yield _try(
        "an executor on another tenant's nodes by its label",
        "pool",
        executor(labels=_pool(OTHER_POOL)),
        executor(labels=_pool(POOL)),
    )
    yield _try("an executor on system nodes", "pool", executor(nodeSelector=_pool("system")), executor())
    yield _try("an executor on driver nodes", "pool", executor(nodeSelector=_pool("driver")), executor())
    yield _try("a driver on system nodes", "pool", driver(nodeSelector=_pool("system")), driver())
    yield Attempt(
        name="a driver on system nodes by server-side apply",
        who=DRIVER,
        does=Apply(driver(nodeSelector=_pool("system"))),
        rule="pool",
        twin=Apply(driver()),
    )
    yield _try(
        "a driver on the queue's executor nodes",
        "pool",
        driver(nodeSelector=_pool(POOL)),
        driver(nodeSelector=_pool("driver")),
    )
    yield _try(
        "a Spark Connect server on system nodes",
        "pool",
        connect_server(nodeSelector=_pool("system")),
        connect_server(nodeSelector=_pool("driver")),
        who=OPERATOR,
    )
    yield _try(
        "a gang's placeholder on another tenant's nodes",
        "pool",
        placeholder(nodeSelector=_pool(OTHER_POOL)),
        placeholder(nodeSelector=_pool(POOL)),
        who=SCHEDULER,
    )
    yield _try(
        "the placeholder of an executor on driver nodes",
        "pool",
        placeholder(nodeSelector=_pool("driver")),
        placeholder("spark-driver", nodeSelector=_pool("driver")),
        who=SCHEDULER,
    )
    yield _try(
        "a label that says another pool than the one the pod runs on",
        "pool-label",
        executor(nodeSelector=_pool(POOL), labels=_pool(OTHER_POOL)),
        executor(nodeSelector=_pool(POOL), labels=_pool(POOL)),
    )
    own = {"key": POOL_LABEL, "operator": "Equal", "value": POOL, "effect": "NoSchedule"}
    for name, tolerations in (
        ("every taint there is", _tolerating()),
        ("every pool's taint", _tolerating(key=POOL_LABEL)),
        ("another tenant's taint", [{**own, "value": OTHER_POOL}]),
        (
            "the taint of nodes whose network policies are not there yet",
            _tolerating(key="node.cilium.io/agent-not-ready"),
        ),
        ("nodes without memory left", _tolerating(key="node.kubernetes.io/memory-pressure", effect="NoSchedule")),
        ("nodes that are not ready, to be placed there", _tolerating(key="node.kubernetes.io/not-ready")),
    ):
        yield _try(
            f"a pod that tolerates {name}",
            "tolerations",
            executor(tolerations=tolerations),
            executor(tolerations=[own]),
        )
    yield _try(
        "a taint tolerated by asking for a resource that is called like it",
        "tolerations",
        executor(container={"resources": {"limits": {"memory": "1Gi", POOL_LABEL: "1"}}}),
        executor(container={"resources": {"limits": {"memory": "1Gi", "nvidia.com/gpu": "1"}}}),
    )
    taint = "node.cilium.io/agent-not-ready"
    yield _try(
        "a taint tolerated by asking for nothing of a resource that is called like it",
        "tolerations",
        executor(container={"resources": {"limits": {"memory": "1Gi", taint: "0"}}}),
        executor(container={"resources": {"limits": {"memory": "1Gi", "nvidia.com/gpu": "1"}}}),
    )
    own_nodes = _node_affinity({"key": POOL_LABEL, "operator": "In", "values": [POOL]})
    spot = _node_affinity({"key": "elastic-spark/capacity", "operator": "In", "values": ["spot"]}, required=False)
    one_node = {"key": "metadata.name", "operator": "In", "values": ["ip-10-0-0-1"]}
    for name, affinity, twin in (
        (
            "other tenants' nodes",
            _node_affinity({"key": POOL_LABEL, "operator": "In", "values": [POOL, OTHER_POOL]}),
            own_nodes,
        ),
        (
            "nodes that are not its own",
            _node_affinity({"key": POOL_LABEL, "operator": "NotIn", "values": [POOL]}),
            own_nodes,
        ),
        (
            "any pool's nodes, if it can",
            _node_affinity({"key": POOL_LABEL, "operator": "Exists"}, required=False),
            spot,
        ),
        ("one node, by its name", _node_affinity(one_node, field="matchFields"), spot),
    ):
        yield _try(f"node affinity to {name}", "node-affinity", executor(affinity=affinity), executor(affinity=twin))
    for name, where in (
        ("of every namespace", {"namespaceSelector": {}}),
        ("of another tenant", {"namespaces": ["research-explore"]}),
    ):
        yield _try(
            f"a driver that keeps the drivers {name} off its node",
            "pod-affinity",
            driver(affinity=_apart(**where)),
            driver(affinity=_apart()),
        )
    yield _try("a pod that names its node", "node-name", executor(nodeName="ip-10-0-0-1"), executor())


def _scheduling() -> Iterator[Case]:
    yield _try(
        "a scheduler that knows no queues",
        "scheduler",
        executor(schedulerName="my-scheduler"),
        executor(schedulerName="yunikorn"),
    )
    for name in ("system-cluster-critical", "system-node-critical"):
        yield _try(
            f"the priority of {name}",
            "priority",
            executor(priorityClassName=name),
            executor(priorityClassName="elastic-spark-job"),
        )
    evictable = "cluster-autoscaler.kubernetes.io/safe-to-evict"
    yield _try(
        "an executor that lets the autoscaler end it",
        "safe-to-evict",
        executor(annotations={evictable: "true"}),
        executor(annotations={evictable: "false"}),
    )
    for key in ("queue", "yunikorn.apache.org/queue"):
        yield _try(
            f"another tenant's queue in the label {key}",
            "yunikorn-queue",
            executor(labels={key: OTHER_QUEUE}),
            executor(labels={key: QUEUE}),
        )
    yield _try(
        "another tenant's queue in an annotation",
        "yunikorn-queue",
        executor(annotations={"yunikorn.apache.org/queue": OTHER_QUEUE}),
        executor(annotations={"yunikorn.apache.org/queue": QUEUE}),
    )
    for name, pod in (
        ("a parent queue", executor(annotations={"yunikorn.apache.org/parentqueue": "root.tenants.research"})),
        (
            "that YuniKorn ignores its application",
            executor(annotations={"yunikorn.apache.org/ignore-application": "true"}),
        ),
        ("that it is a placeholder", executor(annotations={"internal.yunikorn.apache.org/placeholder": "true"})),
        ("that it is a placeholder, in the old way", executor(labels={"placeholder": "true"})),
        ("for whom it runs, in the old way", executor(labels={"yunikorn.apache.org/username": "root"})),
    ):
        yield _try(
            f"a pod that says {name}",
            "yunikorn-keys",
            pod,
            executor(annotations={"yunikorn.apache.org/allow-preemption": "false"}),
        )
    for name, info in (
        ("for somebody else", '{"user":"ceo","groups":["admins"]}'),
        ("for somebody else, named second", f'{{"user":"{DRIVER_USER}","user":"ceo"}}'),
        (
            "for somebody else, named second in other letters",
            f'{{"user":"{DRIVER_USER}","groups":[],"u\u017fer":"ceo"}}',
        ),
        ("for somebody whose name starts alike", f'{{"user":"{DRIVER_USER}-admin","groups":[]}}'),
    ):
        yield _try(
            f"a driver that runs {name}",
            "user-info",
            driver(annotations={USER_INFO: info}),
            driver(
                annotations={
                    USER_INFO: f'{{"user":"{DRIVER_USER}","groups":["system:authenticated","system:masters"]}}'
                }
            ),
        )


def _applications() -> Iterator[Case]:
    label = "yunikorn.apache.org/app-id"
    for name, pod, twin in (
        (
            "a second driver in a running application, past the number that the queue may run",
            driver(labels={label: f"ads-batch-{pods.DRIVER_UID}"}),
            driver(labels={label: "ads-batch-uniqueautogen"}),
        ),
        (
            "an executor in another tenant's application, so that its queue pays",
            executor(labels={label: f"research-explore-{pods.DRIVER_UID}"}),
            executor(labels={label: f"ads-batch-{pods.DRIVER_UID}"}),
        ),
        (
            "an executor in no driver's application",
            executor(labels={label: "ads-batch-mine"}),
            executor(),
        ),
    ):
        yield _try(name, "application", pod, twin)
    yield _try(
        "a placeholder in another tenant's application",
        "application",
        placeholder(labels={label: f"research-explore-{pods.DRIVER_UID}"}),
        placeholder(),
        who=SCHEDULER,
    )


def _roles() -> Iterator[Case]:
    forged = placeholder(labels={"spark-role": "placeholder"})
    yield _try("a placeholder that YuniKorn did not make", "pod-role", forged, executor())
    for name, labels in (("a pod of no role", {}), ("a pod of a role that is none", {"spark-role": "system"})):
        alike = executor(
            labels={"spark-role": "", "yunikorn.apache.org/app-id": "ads-batch-mine", **labels},
            serviceAccountName="default",
        )
        yield _try(f"{name} that is like an executor otherwise", "pod-role", alike, executor())
    bare = executor()
    del bare["metadata"]["labels"]
    yield _try("a bare pod", "pod-role", bare, executor())
    for name, pod in (
        ("an image from anywhere", executor(container={"image": "example.org/miner:1"})),
        (
            "an image that is called like an allowed one",
            executor(container={"image": "docker.io/apache/spark-and-more:1"}),
        ),
        ("a sidecar from anywhere", executor(containers=[{"name": "sidecar", "image": "example.org/miner:1"}])),
        ("an init container from anywhere", executor(initContainers=[{"name": "fetch", "image": "example.org/m:1"}])),
    ):
        yield _try(name, "image", pod, executor(initContainers=[{"name": "fetch", "image": pods.IMAGE}]))
    yield _try(
        "the files of an image from anywhere",
        "image",
        executor(volumes=[_scratch(), {"name": "files", "image": {"reference": "example.org/miner:1"}}]),
        executor(volumes=[_scratch(), {"name": "files", "image": {"reference": pods.IMAGE}}]),
    )
    share = {"driver": "nfs.csi.k8s.io", "volumeAttributes": {"server": "10.0.0.1", "share": "/"}}
    template = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    yield _try(
        "a share that a CSI driver mounts for a pod alone",
        "csi-volumes",
        executor(volumes=[_scratch(), {"name": "share", "csi": share}]),
        executor(volumes=[_scratch(), {"name": "more", "ephemeral": {"volumeClaimTemplate": template}}]),
    )


def _scratch() -> Object:
    return {"name": "spark-local-dir-1", "emptyDir": {}}


def _privileges() -> Iterator[Case]:
    """What the namespace's Pod Security level refuses, before any policy is asked."""
    host_path = [{"name": "spark-local-dir-1", "hostPath": {"path": "/var/lib/kubelet"}}]
    level = 'violates PodSecurity "restricted:latest"'
    for name, pod, twin in (
        ("the host's network", executor(hostNetwork=True), executor(hostNetwork=False)),
        ("the host's processes", executor(hostPID=True), executor(shareProcessNamespace=True)),
        ("the host's shared memory", executor(hostIPC=True), executor(hostIPC=False)),
        (
            "a port of the host",
            executor(container={"ports": [{"containerPort": 80, "hostPort": 80}]}),
            executor(container={"ports": [{"containerPort": 80}]}),
        ),
        ("a folder of the host", executor(volumes=host_path), executor(volumes=[_scratch()])),
        (
            "a privileged container",
            executor(container={"securityContext": {"privileged": True, "allowPrivilegeEscalation": True}}),
            executor(container={"securityContext": {"privileged": False}}),
        ),
        (
            "a capability",
            executor(container={"securityContext": {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}}),
            executor(container={"securityContext": {"capabilities": {"drop": ["ALL"]}}}),
        ),
        ("root", executor(securityContext={"runAsUser": 0}), executor(securityContext={"runAsUser": 1000})),
        (
            "every system call",
            executor(securityContext={"seccompProfile": {"type": "Unconfined"}}),
            executor(securityContext={"seccompProfile": {"type": "RuntimeDefault"}}),
        ),
        (
            "a probe by which its node asks another host",
            executor(container={"livenessProbe": {"httpGet": {"host": "169.254.169.254", "port": 80}}}),
            executor(container={"livenessProbe": {"httpGet": {"port": 80}}}),
        ),
        (
            "a hook by which its node asks another host",
            executor(container={"lifecycle": {"preStop": {"httpGet": {"host": "169.254.169.254", "port": 80}}}}),
            executor(container={"lifecycle": {"preStop": {"httpGet": {"port": 80}}}}),
        ),
        (
            "a share of somebody else's",
            executor(volumes=[{"name": "spark-local-dir-1", "nfs": {"server": "10.0.0.1", "path": "/"}}]),
            executor(volumes=[_scratch()]),
        ),
        (
            "an unmasked /proc",
            executor(container={"securityContext": {"procMount": "Unmasked"}}, hostUsers=False),
            executor(container={"securityContext": {"procMount": "Default"}}, hostUsers=False),
        ),
    ):
        yield _refused(f"a pod with {name}", level, pod, twin)


CASES: Final[tuple[Case, ...]] = (
    *_places(),
    *_scheduling(),
    *_applications(),
    *_roles(),
    *_privileges(),
)
