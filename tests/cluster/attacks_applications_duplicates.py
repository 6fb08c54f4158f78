"""Applications that would give a pod the same thing twice, which Kubernetes refuses of the pod."""

from __future__ import annotations

from typing import Any, Final

from components.queue.secrets import FETCHER
from sizing.secrets import DIRECTORY
from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import SIZE
from tests.cluster.attacks_applications_security import beside, template
from tests.cluster.attempts import Attempt, Case, Create
from tests.cluster.cluster import User
from tests.cluster.pod_shapes import ENGINEER

RULE: Final = "application-duplicates"
CONTAINERS: Final = "application-containers"
FILES: Final = "application-files"
QUEUE: Final = "search-adhoc"
"""Its pods are given secrets."""
ITS_ENGINEER: Final = User("engineer", ("elastic-spark:search:owner",))
EMPTY: Final[Object] = {"emptyDir": {}}
VOLUMES: Final = [{"name": name, **EMPTY} for name in ("a", "b")]


def mounts(*of: tuple[str, str]) -> Object:
    """Mounts of volumes at paths."""
    return {"volumeMounts": [{"name": name, "mountPath": path} for name, path in of]}


def there(thing: Object) -> Object:
    """An application in the queue with secrets."""
    thing["metadata"]["namespace"] = QUEUE
    return thing


def twice(name: str, attempt: Object, twin: Object, who: User = ENGINEER, rule: str = RULE) -> Attempt:
    """Somebody submits an application with something twice, and one with two things."""
    return Attempt(name=name, who=who, does=Create(attempt), rule=rule, twin=Create(twin))


def ports(*called: str) -> Object:
    """Ports of Spark's container."""
    return {"ports": [{"name": name, "protocol": "TCP", "containerPort": 9000 + i} for i, name in enumerate(called)]}


def containers(*of: Object) -> list[Object]:
    """Sidecars called `a` with more fields."""
    return [{**beside()[0], "name": "a", **fields} for fields in of]


def _in_template(name: str, **spec: Any) -> Object:  # noqa: ANN401
    return template(volumes=[{"name": name, **EMPTY}], **spec)


def _templated(*of: tuple[str, str]) -> Object:
    """A template whose only container, which is Spark's, has mounts of the template's volumes."""
    return template(volumes=VOLUMES[1:], containers=[{"name": "main", "resources": SIZE, **mounts(*of)}])


def _settings(role: str, name: str) -> Object:
    return {f"spark.kubernetes.{role}.volumes.emptyDir.{name}.mount.path": "/of-settings"}


CASES: Final[tuple[Case, ...]] = (
    twice(
        "two volumes at one place of a driver",
        application(volumes=VOLUMES, driver=mounts(("a", "/x"), ("b", "/x"))),
        application(volumes=VOLUMES, driver=mounts(("a", "/x"), ("a", "/y"), ("b", "/x/b"))),
        rule=FILES,
    ),
    twice(
        "executors' volume where Spark's settings are",
        scheduled(volumes=VOLUMES, executor=mounts(("a", "/opt/spark/conf"))),
        scheduled(volumes=VOLUMES, executor=mounts(("a", "/opt/spark/work"))),
        rule=FILES,
    ),
    twice(
        "a ConfigMap where a volume is",
        application(
            volumes=VOLUMES, driver={**mounts(("a", "/x")), "configMaps": [{"name": "settings", "path": "/x"}]}
        ),
        application(
            volumes=VOLUMES, driver={**mounts(("a", "/x")), "configMaps": [{"name": "settings", "path": "/y"}]}
        ),
        rule=FILES,
    ),
    twice(
        "a ConfigMap in two places, which the operator makes two volumes of one name of",
        application(driver={"configMaps": [{"name": "settings", "path": path} for path in ("/x", "/y")]}),
        application(driver={"configMaps": [{"name": f"settings{path[1:]}", "path": path} for path in ("/x", "/y")]}),
    ),
    twice(
        "a volume of settings where a field's is",
        application(
            volumes=VOLUMES,
            executor=mounts(("a", "/of-settings")),
            sparkConf=_settings("executor", "files"),
        ),
        application(
            volumes=VOLUMES,
            executor=mounts(("a", "/x")),
            sparkConf=_settings("executor", "files"),
        ),
        rule=FILES,
    ),
    twice(
        "a template's volume that is called like Spark's own",
        application(driver={"cores": 1, "memory": "1g", **_in_template("spark-conf-volume-driver")}),
        application(driver={"cores": 1, "memory": "1g", **_in_template("conf-volume-driver")}),
    ),
    twice(
        "two sidecars of one name",
        application(executor={"sidecars": containers({}, {"image": "docker.io/apache/spark:4.1.0"})}),
        application(executor={"sidecars": containers({}, {"name": "b"})}),
        rule=CONTAINERS,
    ),
    twice(
        "two volumes at one place of a sidecar",
        application(
            volumes=VOLUMES,
            executor={
                **mounts(("a", "/x"), ("b", "/y")),
                "sidecars": containers(mounts(("a", "/z"), ("b", "/z"))),
            },
        ),
        application(
            volumes=VOLUMES,
            executor={
                **mounts(("a", "/x"), ("b", "/y")),
                "sidecars": containers(mounts(("a", "/x"), ("b", "/z"))),
            },
        ),
        rule=FILES,
    ),
    twice(
        "a template's mount where a field's is",
        application(volumes=VOLUMES, driver={**mounts(("a", "/x")), **_templated(("b", "/x"))}),
        application(volumes=VOLUMES, driver={**mounts(("a", "/x")), **_templated(("b", "/y"))}),
        rule=FILES,
    ),
    twice(
        "a volume of settings that is called like a field's",
        application(volumes=VOLUMES, driver=mounts(("a", "/x")), sparkConf=_settings("driver", "a")),
        application(volumes=VOLUMES, driver=mounts(("b", "/x")), sparkConf=_settings("driver", "a")),
    ),
    twice(
        "a port that is called like Spark's",
        application(driver=ports("spark-ui")),
        application(driver=ports("ui", "metrics")),
        rule=CONTAINERS,
    ),
    twice(
        "a volume where the queue's secrets are",
        there(application(volumes=VOLUMES, driver=mounts(("a", DIRECTORY)))),
        there(application(volumes=VOLUMES, driver=mounts(("a", "/etc/elastic-spark")))),
        ITS_ENGINEER,
        rule=FILES,
    ),
    twice(
        "a sidecar's volume where the queue's secrets are",
        there(
            application(
                volumes=VOLUMES,
                executor={**mounts(("a", "/x")), "sidecars": containers(mounts(("a", DIRECTORY)))},
            )
        ),
        there(
            application(
                volumes=VOLUMES,
                executor={**mounts(("a", "/x")), "initContainers": containers(mounts(("a", DIRECTORY)))},
            )
        ),
        ITS_ENGINEER,
        rule=FILES,
    ),
    twice(
        "a Spark Connect server's volume that is called like the secrets'",
        there(connect(server=_in_template(FETCHER))),
        there(connect(server=_in_template("files"))),
        ITS_ENGINEER,
    ),
    twice(
        "an init container that is called like the one that reads secrets",
        there(application(driver={"initContainers": containers({"name": FETCHER})})),
        there(application(driver={"initContainers": containers({"name": "own"})})),
        ITS_ENGINEER,
    ),
)
