"""Volumes that an application would give a pod twice: Kubernetes then refuses the pod, minutes later.

What Spark, the operator and admission bring themselves counts. Paths, containers and ports are judged where the rest of
them is: `applications_files`, `applications_containers`.

Source: kubernetes v1.36, pkg/apis/core/validation (ValidateVolumes);
apache/spark 4.0, deploy/k8s/features; kubeflow/spark-operator v2.5.2, internal/webhook/sparkpod_defaulter.go
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission.application_pods import CONTAINERS, KEY, found_rule
from components.admission.application_variables import listed
from components.admission.applications_files import FETCHES
from components.admission.applications_security import LOCAL
from components.admission.policy import AdmissionRule, Variable, cel_list, cel_text
from components.queue.secrets import FETCHER

VOLUMES: Final = {
    "driver": ("pod-template-volume", "spark-conf-volume-driver"),
    "executor": ("spark-conf-volume-exec",),
}
"""What Spark itself gives its pods; the driver has the template of executors that the operator's settings bring."""
VOLUME_NAME_AT: Final = 5
"""Which part of `spark.kubernetes.<role>.volumes.<kind>.<name>.mount.path` is the volume's name, from 0."""


def _of_secrets(text: str) -> str:
    return f"({FETCHES} ? [{cel_text(text)}] : [])"


def _sparks(role: str, things: Sequence[str]) -> str:
    """What Spark brings; a Spark Connect server is a pod of its template alone."""
    return f"(variables.connect ? [] : {cel_list(things)})" if role == "driver" else cel_list(things)


def _again(texts: str, what: str) -> str:
    """The texts of a list that are in it earlier too, with what they are."""
    again = "all.transformList(i, text, text != '' && all.indexOf(text) != i, text)"
    return f"[{texts}].map(all, {again}).flatten().map(text, {cel_text(f'{what} ')} + text)"


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


def _found(role: str) -> str:
    """What is twice in one role's pod, a list of texts."""
    called = f"variables.{role}_containers.exists(c, c.?name.orValue('') == {cel_text(FETCHER)})"
    container = f"({FETCHES} && {called} ? [{cel_text(f'{role} container {FETCHER}')}] : [])"
    return f"{_again(_volume_names(role), f'{role} volume')} + {container}"


DUPLICATE_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-duplicates",
        " + ".join(_found(role) for role in CONTAINERS),
        "a pod has one volume of a name, and what Spark and the platform bring counts (Spark's settings, the queue's "
        f"secrets, {FETCHER}): name the second otherwise, or leave it out",
    ),
)
