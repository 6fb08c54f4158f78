"""What a pod has once, and an application would give it twice: Kubernetes then refuses the pod, minutes later.

What Spark, the operator and admission bring themselves counts: `/opt/spark/conf`, the queue's secrets and the like.

Source: kubernetes v1.36, pkg/apis/core/validation (ValidateVolumes, ValidateVolumeMounts, validateContainers);
apache/spark 4.0, deploy/k8s/features; kubeflow/spark-operator v2.5.2, internal/webhook/sparkpod_defaulter.go
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission.application_pods import CONTAINERS, KEY, found_rule
from components.admission.application_variables import listed
from components.admission.applications_security import LOCAL
from components.admission.policy import AdmissionRule, Variable, cel_list, cel_text
from components.queue.secrets import FETCHER
from sizing import names
from sizing.secrets import DIRECTORY

PATHS: Final = {"driver": ("/opt/spark/conf", "/opt/spark/pod-template"), "executor": ("/opt/spark/conf",)}
VOLUMES: Final = {
    "driver": ("pod-template-volume", "spark-conf-volume-driver"),
    "executor": ("spark-conf-volume-exec",),
}
PORTS: Final = {"driver": ("blockmanager", "driver-rpc-port", "spark-ui"), "executor": ()}
"""What Spark itself gives its pods; the driver has the template of executors that the operator's settings bring."""
CONFIG_MAPS: Final = {"hadoopConfigMap": "/etc/hadoop/conf", "sparkConfigMap": "/etc/spark/conf"}
"""Where the operator mounts them."""
VOLUME_NAME_AT: Final = 5
"""Which part of `spark.kubernetes.<role>.volumes.<kind>.<name>.mount.path` is the volume's name, from 0."""

_OWN_PATHS: Final = f"{listed('c.?volumeMounts')}.map(mount, mount.?mountPath.orValue(''))"
_SECRETS: Final = f"{cel_text(names.SECRETS_LABEL)} in namespaceObject.metadata.?labels.orValue({{}})"


def _of_secrets(text: str) -> str:
    return f"({_SECRETS} ? [{cel_text(text)}] : [])"


def _sparks(role: str, things: Sequence[str]) -> str:
    """What Spark brings; a Spark Connect server is a pod of its template alone."""
    return f"(variables.connect ? [] : {cel_list(things)})" if role == "driver" else cel_list(things)


def _again(texts: str, what: str) -> str:
    """The texts of a list that are in it earlier too, with what they are."""
    again = "all.transformList(i, text, text != '' && all.indexOf(text) != i, text)"
    return f"[{texts}].map(all, {again}).flatten().map(text, {cel_text(f'{what} ')} + text)"


def _mount_paths(role: str) -> str:
    """Where Spark's own container has mounts, from each place that says such."""
    of = f"variables.{role}"
    return " + ".join(
        (
            _sparks(role, PATHS[role]),
            _of_secrets(DIRECTORY),
            *(f"(has(variables.spec.{field}) ? [{cel_text(path)}] : [])" for field, path in CONFIG_MAPS.items()),
            f"{listed(f'{of}.?volumeMounts')}.map(mount, mount.?mountPath.orValue(''))",
            *(f"{listed(f'{of}.?{field}')}.map(one, one.?path.orValue(''))" for field in ("configMaps", "secrets")),
            f"{_volume_settings(role)}.map(key, string(variables.conf[key]))",
            f"{_in_template(role, spark=True)}.map(c, {_OWN_PATHS}).flatten()",
        )
    )


def _volume_names(role: str) -> str:
    """The pod's volumes; of `volumes` the operator takes those that are mounted, each once."""
    of = f"variables.{role}"
    return " + ".join(
        (
            _sparks(role, VOLUMES[role]),
            _of_secrets(FETCHER),
            f"variables.volumes.map(volume, volume.?name.orValue('')).filter(name, !name.startsWith({cel_text(LOCAL)}) "
            f"&& {listed(f'{of}.?volumeMounts')}.exists(mount, mount.name == name))",
            f"{listed(f'{of}_pod.?volumes')}.map(volume, volume.?name.orValue(''))",
            f"{listed(f'{of}.?configMaps')}.map(one, one.?name.orValue('') + '-vol')",
            f"{_volume_settings(role)}.map(key, key.split('.')[{VOLUME_NAME_AT}])",
        )
    )


def _volume_settings(role: str) -> str:
    start = cel_text(f"{KEY}{role}.volumes.")
    return f"variables.conf.filter(key, key.startsWith({start}) && key.endsWith('.mount.path'))"


def _in_template(role: str, *, spark: bool) -> str:
    """Spark's own container of the template, or the others; where none is called so, it is the first."""
    all_of_it, called = f"variables.{role}_in_template", f"c.?name.orValue('') == {cel_text(CONTAINERS[role])}"
    by_name, by_place = (called, "i == 0") if spark else (f"!({called})", "i > 0")
    return (
        f"({all_of_it}.exists(c, {called}) ? {all_of_it}.filter(c, {by_name}) "
        f": {all_of_it}.transformList(i, c, {by_place}, c))"
    )


def _found(role: str) -> str:
    """What is twice in one role's pod, a list of texts."""
    of, mount = f"variables.{role}", f"{role} mount"
    beside = f"({listed(f'{of}.?sidecars')} + {_in_template(role, spark=False)})"
    named = f"{of}_containers.map(c, c.?name.orValue('')).filter(name, name != '')"
    ports = f"{listed(f'{of}.?ports')}.map(port, port.?name.orValue(''))"
    return " + ".join(
        (
            _again(_mount_paths(role), mount),
            f"{beside}.map(c, {_again(f'{_of_secrets(DIRECTORY)} + {_OWN_PATHS}', mount)}).flatten()",
            f"{of}_init.map(c, {_again(_OWN_PATHS, mount)}).flatten()",
            _again(_volume_names(role), f"{role} volume"),
            _again(f"{_of_secrets(FETCHER)} + {named}", f"{role} container"),
            _again(f"{_sparks(role, PORTS[role])} + {ports}", f"{role} port"),
        )
    )


DUPLICATE_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-duplicates",
        " + ".join(_found(role) for role in CONTAINERS),
        "a pod has a volume or a container of one name, a container one mount at a path and one port of a name, and "
        "what Spark and the platform bring counts (Spark's /opt/spark/conf, its ports, the queue's secrets at "
        f"{DIRECTORY}): name the second otherwise, or leave it out",
    ),
)
