"""What brings a queue's secrets into its drivers and executors: an init container, and memory that they share with it.

Only queues that have secrets are looked at, by their namespace's label.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from components.admission.patches import add, when
from components.admission.pod_variables import DRIVERS, EXECUTOR, ROLE_LABEL, label, of_namespace
from components.admission.policy import CREATE, Condition, Match, MutatingPolicy, Mutation, Requests, cel_list, cel_text
from components.queue.secrets import (
    ENVIRONMENT,
    FETCHER,
    LIMITS,
    LINES,
    REQUESTS,
    SCRIPT,
    USER,
    VOLUME_SIZE,
)
from components.software.versions import AWS_CLI_IMAGE
from sizing import names
from sizing.secrets import DIRECTORY

_INIT: Final = "Object.spec.initContainers"


def pods_secrets() -> MutatingPolicy:
    """The policy that lets drivers and executors find their queue's secrets."""
    roles = cel_list((*DRIVERS, EXECUTOR))
    return MutatingPolicy(
        name="elastic-spark-pods-secrets",
        match=Match(
            requests=(Requests(group="", resources=("pods",), operations=CREATE),),
            label=names.SECRETS_LABEL,
        ),
        conditions=(
            Condition("runs-jobs", f"{label(ROLE_LABEL)} in {roles}"),
            Condition(
                "lacks-secrets",
                f"!object.spec.?initContainers.orValue([]).exists(c, c.name == {cel_text(FETCHER)})",
            ),
        ),
        mutations=(Mutation("secrets", f"{_fetcher()} + {_volume()} + {_mounts()}"),),
    )


def _map(texts: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{cel_text(key)}: {cel_text(value)}' for key, value in texts.items())}}}"


def _fetcher() -> str:
    """The init container, before all others."""
    variable = f"{_INIT}.env"
    environment = [
        f"{variable}{{name: {cel_text(key)}, value: {cel_text(value)}}}" for key, value in ENVIRONMENT.items()
    ]
    secrets = f"{variable}{{name: {cel_text(LINES)}, value: {of_namespace(names.SECRETS_ANNOTATION)}}}"
    context = f"{_INIT}.securityContext"
    container = (
        f"{_INIT}{{name: {cel_text(FETCHER)}, image: {cel_text(AWS_CLI_IMAGE)}, "
        f"command: ['/bin/sh', '-ec', {cel_text(SCRIPT)}], env: [{', '.join((*environment, secrets))}], "
        f"resources: {_INIT}.resources{{requests: {_map(REQUESTS)}, limits: {_map(LIMITS)}}}, "
        f"securityContext: {context}{{allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: {USER}, "
        f"runAsGroup: {USER}, capabilities: {context}.capabilities{{drop: ['ALL']}}, "
        f"seccompProfile: {context}.seccompProfile{{type: 'RuntimeDefault'}}}}, "
        f"volumeMounts: [{_INIT}.volumeMounts{{name: {cel_text(FETCHER)}, mountPath: {cel_text(DIRECTORY)}}}]}}"
    )
    return _into("object.spec.initContainers", "'/spec/initContainers", "0", container)


def _volume() -> str:
    volume = (
        f"Object.spec.volumes{{name: {cel_text(FETCHER)}, emptyDir: "
        f"Object.spec.volumes.emptyDir{{medium: 'Memory', sizeLimit: {cel_text(VOLUME_SIZE)}}}}}"
    )
    return _into("object.spec.volumes", "'/spec/volumes", "-", volume)


def _mounts() -> str:
    mount = (
        f"Object.spec.containers.volumeMounts{{name: {cel_text(FETCHER)}, mountPath: {cel_text(DIRECTORY)}, "
        "readOnly: true}"
    )
    each = _into("c.volumeMounts", "'/spec/containers/' + string(i) + '/volumeMounts", "-", mount)
    return f"object.spec.containers.transformList(i, c, {each}).flatten()"


def _into(there: str, path: str, index: str, value: str) -> str:
    """Patches that add an element to a list, and the list where there is none.

    A list that holds an object can't be a patch's value: the API server fails to make JSON of it (Kubernetes 1.36,
    apiserver/pkg/cel/mutation/dynamic, where a list takes its elements' `Struct` for a `Value`).
    """
    missing = when(f"!has({there})", add(f"{path}'", "[]"))
    at = add(f"{path}/{index}'", value)
    return f"({missing} + [{at}])"
