"""Applications whose pods Kubernetes refuses for their containers, or for what is mounted where."""

from __future__ import annotations

from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import submitting
from tests.cluster.attempts import Attempt, Case
from tests.cluster.pod_shapes import IMAGE

OTHER_IMAGE: Final = "docker.io/apache/spark:4.0.1"
SMALL: Final = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": 1, "memory": "64Mi"}}
"""A quantity may be a number, too."""


def beside(name: str = "logs", image: str = IMAGE, **more: Any) -> Object:  # noqa: ANN401
    """A container beside Spark's."""
    return {"name": name, "image": image, "resources": SMALL, **more}


def own(name: str, wrong: Object, right: Object) -> Attempt:
    """Fields of a driver that Kubernetes refuses, and such that it takes."""
    return submitting(name, "application-containers", application(driver=wrong), application(driver=right))


def sidecar(name: str, wrong: Object, right: Object) -> Attempt:
    """A container beside an executor's that Kubernetes refuses, and one that it takes."""
    attempt, twin = (scheduled(executor={"sidecars": [beside(**container)]}) for container in (wrong, right))
    return submitting(name, "application-containers", attempt, twin)


def template(**spec: Any) -> Object:  # noqa: ANN401
    """A Spark Connect server's pod."""
    return {"template": {"spec": {"containers": [beside("spark-kubernetes-driver")], **spec}}}


def port(**changes: Any) -> Object:  # noqa: ANN401
    """A port of Spark's own container."""
    return {"ports": [{"name": "rpc", "containerPort": 9000, "protocol": "TCP", **changes}]}


def variable(**source: Any) -> Object:  # noqa: ANN401
    """A variable of Spark's own container."""
    return {"env": [{"name": "WHERE", **source}]}


NAME: Final = {"fieldRef": {"fieldPath": "metadata.name"}}
IN_BOTH: Final = {role: {"image": IMAGE} for role in ("driver", "executor")}

CONTAINERS: Final[tuple[Case, ...]] = (
    sidecar("a container whose name is no label", {"name": "My_Logs"}, {"name": "my-logs"}),
    sidecar("a container without an image", {"image": ""}, {}),
    sidecar("a container pulled now and then", {"imagePullPolicy": "Sometimes"}, {"imagePullPolicy": "Always"}),
    sidecar("a container of no port", {"ports": [{"containerPort": 0}]}, {"ports": [{"containerPort": 8080}]}),
    sidecar(
        "a container that limits less than it requests",
        {"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}},
        {"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}}},
    ),
    sidecar(
        "a container that requests less than nothing",
        {"resources": {"requests": {"cpu": "-1"}}},
        {"resources": {"requests": {"cpu": 1}}},
    ),
    sidecar("a probe of no kind", {"livenessProbe": {}}, {"livenessProbe": {"httpGet": {"port": 8080}}}),
    submitting(
        "two containers of one name",
        "application-containers",
        application(executor={"sidecars": [beside(), beside(image=OTHER_IMAGE)]}),
        # The operator adds it once.
        application(executor={"sidecars": [beside(), beside()]}),
    ),
    submitting(
        "a container called as Spark's",
        "application-containers",
        application(executor={"sidecars": [beside("spark-kubernetes-executor", OTHER_IMAGE)]}),
        application(executor={"sidecars": [beside("spark-logs", OTHER_IMAGE)]}),
    ),
    submitting(
        "an init container that is looked after",
        "application-containers",
        application(executor={"initContainers": [beside(livenessProbe={"httpGet": {"port": 80}})]}),
        application(
            executor={"initContainers": [beside(livenessProbe={"httpGet": {"port": 80}}, restartPolicy="Always")]}
        ),
    ),
    own("a port beyond all ports", port(containerPort=70_000), port(containerPort=7_000)),
    own("a port of a protocol in small letters", port(protocol="tcp"), port(protocol="UDP")),
    own("a port called as one of Spark's", port(name="spark-ui"), port(name="my-ui")),
    own("a variable with a value and a source", variable(value="1", valueFrom=NAME), variable(valueFrom=NAME)),
    own(
        "a variable of a field that pods don't give",
        variable(valueFrom={"fieldRef": {"fieldPath": "spec.volumes"}}),
        variable(valueFrom={"fieldRef": {"fieldPath": "metadata.labels['spark-role']"}}),
    ),
    own("a variable with a sign of equality", {"env": [{"name": "A=B", "value": "1"}]}, {"env": [{"name": "A.B"}]}),
    own("variables from nowhere", {"envFrom": [{}]}, {"envFrom": [{"secretRef": {"name": "database"}}]}),
    own(
        "a secret's name in capital letters",
        {"envSecretKeyRefs": {"A": {"name": "Database", "key": "password"}}},
        {"envSecretKeyRefs": {"A": {"name": "database", "key": "password"}}},
    ),
    own("a hook of no kind", {"lifecycle": {"preStop": {}}}, {"lifecycle": {"preStop": {"exec": {"command": ["a"]}}}}),
    own(
        "an alias of no address",
        {"hostAliases": [{"ip": "db", "hostnames": ["db"]}]},
        {"hostAliases": [{"ip": "10.0.0.9", "hostnames": ["db"]}]},
    ),
    own(
        "more name servers than a pod asks",
        {"dnsConfig": {"nameservers": [f"10.0.0.{i}" for i in range(4)]}},
        {"dnsConfig": {"nameservers": [f"10.0.0.{i}" for i in range(3)]}},
    ),
    submitting(
        "a server's pod with no name servers at all",
        "application-containers",
        connect(server=template(dnsPolicy="None")),
        connect(server=template(dnsPolicy="None", dnsConfig={"nameservers": ["10.0.0.2"]})),
    ),
    submitting(
        "metrics at a port called as one of Spark's",
        "application-containers",
        *(
            application(
                monitoring={
                    "exposeDriverMetrics": True,
                    "exposeExecutorMetrics": False,
                    "prometheus": {"jmxExporterJar": "/prometheus.jar", "portName": name},
                }
            )
            for name in ("spark-ui", "metrics")
        ),
    ),
    submitting(
        "images pulled now and then",
        "application-containers",
        application(imagePullPolicy="Sometimes"),
        application(imagePullPolicy="IfNotPresent"),
    ),
    submitting(
        "images pulled now and then, by a setting",
        "application-containers",
        application(sparkConf={"spark.kubernetes.container.image.pullPolicy": "always"}),
        application(sparkConf={"spark.kubernetes.container.image.pullPolicy": "Always"}),
    ),
    submitting(
        "a secret of a variable by a setting, without its key",
        "application-containers",
        application(sparkConf={"spark.kubernetes.driver.secretKeyRef.PASSWORD": "database"}),
        application(sparkConf={"spark.kubernetes.driver.secretKeyRef.PASSWORD": "database:password"}),
    ),
    submitting("no image at all", "application-images", application(image=...), application(image=..., **IN_BOTH)),
    submitting(
        "an image that no node can pull",
        "application-images",
        connect(image=f"{IMAGE}$(id)"),
        connect(image=f"{IMAGE}-java17"),
    ),
)


def volume(name: str, wrong: Object, right: Object) -> Attempt:
    """A volume that Kubernetes refuses, and one that it takes."""
    attempt, twin = (application(volumes=[{"name": "files", **one}]) for one in (wrong, right))
    return submitting(name, "application-files", attempt, twin)


def mount(name: str, wrong: Object, right: Object) -> Attempt:
    """A mount of a driver that Kubernetes refuses, and one that it takes."""
    volumes = [{"name": "files", "emptyDir": {}}]
    attempt, twin = (
        application(volumes=volumes, driver={"volumeMounts": [{"name": "files", "mountPath": "/files", **one}]})
        for one in (wrong, right)
    )
    return submitting(name, "application-files", attempt, twin)


def files(name: str, wrong: Object, right: Object) -> Attempt:
    """What a driver has mounted by name, wrong and right."""
    return submitting(name, "application-files", application(driver=wrong), application(driver=right))


def secret(name: str, path: str = "/mnt/secret") -> Object:
    """A secret that Spark mounts."""
    return {"name": name, "path": path, "secretType": "Generic"}


FILES: Final[tuple[Case, ...]] = (
    volume("a volume of two kinds", {"emptyDir": {}, "configMap": {"name": "a"}}, {"configMap": {"name": "a"}}),
    volume("a volume whose name has a dot", {"name": "my.files", "emptyDir": {}}, {"name": "my-files", "emptyDir": {}}),
    volume("a volume called as Spark's", {"name": "spark-conf-volume-driver"}, {"name": "conf-volume-driver"}),
    volume("a claim of its own that says nothing", {"ephemeral": {}}, {"emptyDir": {"sizeLimit": "1Gi"}}),
    volume("a volume smaller than nothing", {"emptyDir": {"sizeLimit": "-1Gi"}}, {"emptyDir": {"sizeLimit": 1000}}),
    volume(
        "a mode that is none",
        {"secret": {"secretName": "a", "defaultMode": 1024}},
        {"secret": {"secretName": "a", "defaultMode": 0o400}},
    ),
    mount("a mount where Spark's settings are", {"mountPath": "/opt/spark/conf"}, {"mountPath": "/opt/spark/extra"}),
    mount("a mount at no path", {"mountPath": ""}, {}),
    mount("a mount out of its volume", {"subPath": "../up"}, {"subPath": "a/b..c"}),
    mount("a mount that reaches the node", {"mountPropagation": "Bidirectional"}, {"mountPropagation": "None"}),
    files("a secret whose name has a dot", {"secrets": [secret("my.secret")]}, {"secrets": [secret("my-secret")]}),
    files(
        "a ConfigMap whose name has a dot",
        {"configMaps": [{"name": "app.conf", "path": "/mnt/conf"}]},
        {"configMaps": [{"name": "app-conf", "path": "/mnt/conf"}]},
    ),
    files(
        "two secrets at one path",
        {"secrets": [secret("a", "/mnt"), secret("b", "/mnt")]},
        {"secrets": [secret("a", "/mnt/a"), secret("b", "/mnt/b")]},
    ),
    submitting(
        "a secret whose name has a dot, by a setting",
        "application-files",
        application(sparkConf={"spark.kubernetes.executor.secrets.my.secret": "/mnt"}),
        application(sparkConf={"spark.kubernetes.executor.secrets.my-secret": "/mnt"}),
    ),
)
CASES: Final[tuple[Case, ...]] = (*CONTAINERS, *FILES)
