"""Applications whose pods Pod Security would refuse, or whose volumes no pod of a queue may have."""

from __future__ import annotations

from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import SIZE, submitting
from tests.cluster.attempts import Attempt, Case, Create
from tests.cluster.cluster import User
from tests.cluster.pod_shapes import IMAGE


def beside(**security: Any) -> list[Object]:  # noqa: ANN401
    """An init container, with what it asks of its node."""
    resources = {"requests": {"cpu": "1", "memory": "256Mi"}, "limits": {"memory": "256Mi"}}
    return [{"name": "init", "image": IMAGE, "resources": resources, **security}]


def template(**spec: Any) -> Object:  # noqa: ANN401
    """A pod template of one container."""
    return {"template": {"spec": {"containers": [{"name": "spark-kubernetes-driver", "resources": SIZE}], **spec}}}


def secured(name: str, wrong: Object, right: Object) -> Attempt:
    """A driver's container with a security context that Pod Security refuses, and one that it takes."""
    attempt, twin = application(driver={"securityContext": wrong}), application(driver={"securityContext": right})
    return submitting(name, "application-security", attempt, twin)


def volumes(name: str, wrong: Object, right: Object) -> Attempt:
    """A volume that no pod may have, and one that it may."""
    mounts = {"volumeMounts": [{"name": "files", "mountPath": "/files"}]}
    attempt, twin = (
        application(volumes=[{"name": "files", **volume}], driver=mounts, executor=mounts) for volume in (wrong, right)
    )
    return submitting(name, "application-volumes", attempt, twin)


ENGINEER_OF_SECRETS: Final = User("searcher", ("elastic-spark:search:owner",))


def with_secrets(thing: Object) -> Object:
    """An application in a queue one of whose secrets is the variable KAFKA_LOGIN."""
    return {**thing, "metadata": {**thing["metadata"], "namespace": "search-adhoc"}}


CASES: Final[tuple[Case, ...]] = (
    secured("a driver that is root", {"runAsUser": 0}, {"runAsUser": 185}),
    secured("a driver that may be root", {"runAsNonRoot": False}, {"runAsNonRoot": True}),
    secured("a privileged driver", {"privileged": True}, {"privileged": False}),
    secured("a driver that may gain privileges", {"allowPrivilegeEscalation": True}, {"readOnlyRootFilesystem": True}),
    secured(
        "a driver with capabilities",
        {"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}},
        {"capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}},
    ),
    secured(
        "a driver that keeps capabilities",
        {"capabilities": {"drop": ["NET_RAW"]}},
        {"capabilities": {"drop": ["ALL", "NET_RAW"]}},
    ),
    secured(
        "a driver without a profile",
        {"seccompProfile": {"type": "Unconfined"}},
        {"seccompProfile": {"type": "RuntimeDefault"}},
    ),
    secured("a driver with all of /proc", {"procMount": "Unmasked"}, {"procMount": "Default"}),
    secured(
        "a driver without AppArmor",
        {"appArmorProfile": {"type": "Unconfined"}},
        {"appArmorProfile": {"type": "RuntimeDefault"}},
    ),
    secured("a driver of another label of SELinux", {"seLinuxOptions": {"type": "spc_t"}}, {"seLinuxOptions": {}}),
    submitting(
        "executors that are root, pod by pod",
        "application-security",
        scheduled(executor={"podSecurityContext": {"runAsUser": 0}}),
        scheduled(executor={"podSecurityContext": {"fsGroup": 185, "runAsUser": 185}}),
    ),
    submitting(
        "an init container that is root",
        "application-security",
        application(driver={"initContainers": beside(securityContext={"runAsUser": 0})}),
        application(driver={"initContainers": beside(securityContext={"runAsUser": 185})}),
    ),
    submitting(
        "a Spark Connect server that is root",
        "application-security",
        connect(server=template(securityContext={"runAsUser": 0})),
        connect(server=template(securityContext={"runAsUser": 185})),
    ),
    submitting(
        "settings of the kernel",
        "application-security",
        application(executor={"podSecurityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}}),
        application(executor={"podSecurityContext": {"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]}}),
    ),
    submitting(
        "a driver on its node's network",
        "application-host",
        application(driver={"hostNetwork": True}),
        application(driver={"hostNetwork": False}),
    ),
    submitting(
        "executors among their node's processes",
        "application-host",
        connect(executor={"template": {"spec": {"hostPID": True}}}),
        connect(executor={"template": {"spec": {"shareProcessNamespace": True}}}),
    ),
    submitting(
        "a port of the node",
        "application-host",
        application(executor={"sidecars": beside(ports=[{"containerPort": 80, "hostPort": 80}])}),
        application(executor={"sidecars": beside(ports=[{"containerPort": 8080}])}),
    ),
    submitting(
        "a probe of another host",
        "application-host",
        application(executor={"sidecars": beside(livenessProbe={"httpGet": {"host": "10.0.0.1", "port": 80}})}),
        application(executor={"sidecars": beside(livenessProbe={"httpGet": {"port": 80}})}),
    ),
    volumes("a folder of the node", {"hostPath": {"path": "/mnt/k8s-disks"}}, {"emptyDir": {}}),
    volumes(
        "a share of NFS", {"nfs": {"server": "10.0.0.1", "path": "/"}}, {"persistentVolumeClaim": {"claimName": "a"}}
    ),
    volumes("what a CSI driver mounts", {"csi": {"driver": "efs.csi.aws.com"}}, {"configMap": {"name": "files"}}),
    submitting(
        "a folder of the node in a template",
        "application-volumes",
        connect(server=template(volumes=[{"name": "disks", "hostPath": {"path": "/mnt"}}])),
        connect(server=template(volumes=[{"name": "disks", "emptyDir": {}}])),
    ),
    submitting(
        "Spark's own files on a volume that the operator makes no settings of",
        "application-volumes",
        application(
            volumes=[{"name": "spark-local-dir-1", "ephemeral": {}}],
            executor={"volumeMounts": [{"name": "spark-local-dir-1", "mountPath": "/data1"}]},
        ),
        application(
            volumes=[{"name": "spark-local-dir-1", "emptyDir": {}}],
            executor={"volumeMounts": [{"name": "spark-local-dir-1", "mountPath": "/data1"}]},
        ),
    ),
    submitting(
        "a mount without a volume",
        "application-mounts",
        application(driver={"volumeMounts": [{"name": "files", "mountPath": "/files"}]}),
        application(
            volumes=[{"name": "files", "configMap": {"name": "files"}}],
            driver={"volumeMounts": [{"name": "files", "mountPath": "/files"}]},
        ),
    ),
    submitting(
        "a sidecar that mounts what the executor doesn't",
        "application-mounts",
        application(
            volumes=[{"name": "files", "configMap": {"name": "files"}}],
            executor={"sidecars": beside(volumeMounts=[{"name": "files", "mountPath": "/files"}])},
        ),
        application(
            volumes=[{"name": "files", "configMap": {"name": "files"}}],
            executor={
                "volumeMounts": [{"name": "files", "mountPath": "/files"}],
                "sidecars": beside(volumeMounts=[{"name": "files", "mountPath": "/files"}]),
            },
        ),
    ),
    *(
        Attempt(
            name=f"an application with a secret {name}",
            who=ENGINEER_OF_SECRETS,
            does=Create(with_secrets(shape(**wrong("$(KAFKA_LOGIN)")))),
            rule="application-secret-texts",
            twin=Create(with_secrets(shape(**wrong("$(KAFKA_LOGINS)")))),
        )
        for name, shape, wrong in (
            ("as an argument", application, lambda text: {"arguments": ["--login", text]}),
            ("as an argument of a schedule's", scheduled, lambda text: {"arguments": [f"--login={text}"]}),
            ("in a variable", application, lambda text: {"driver": {"env": [{"name": "A", "value": text}]}}),
            ("in a variable of executors", application, lambda text: {"executor": {"envVars": {"A": f"x{text}"}}}),
            ("among a JVM's options", application, lambda text: {"executor": {"javaOptions": f"-Da={text}"}}),
            ("among a setting's", application, lambda text: {"sparkConf": {"spark.executorEnv.A": text}}),
            ("of a sidecar's", application, lambda text: {"executor": {"sidecars": beside(args=[text])}}),
            (
                "of a server's container",
                connect,
                lambda text: {"server": template(initContainers=beside(command=["echo", text]))},
            ),
        )
    ),
)
