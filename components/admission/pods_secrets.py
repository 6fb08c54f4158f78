"""What brings a queue's secrets into its drivers and executors: an init container, and memory that they share with it.

Only queues that have secrets are looked at, by their namespace's label. Those that are environment variables are in
every container's `env`, by what the init container wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from components.admission.patches import add, replace, when
from components.admission.pod_variables import DRIVERS, EXECUTOR, ROLE_LABEL, label, of_namespace
from components.admission.policy import (
    CREATE,
    Condition,
    Match,
    MutatingPolicy,
    Mutation,
    Requests,
    Variable,
    cel_list,
    cel_text,
)
from components.admission.secret_texts import VARIABLE_NAMES
from components.queue.secrets import (
    ENVIRONMENT,
    FETCHER,
    LIMITS,
    LINES,
    REQUESTS,
    SCRIPT,
    USER,
    VARIABLE_LINES,
    VARIABLES,
    VARIABLES_DIRECTORY,
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
        conditions=(Condition("runs-jobs", f"{label(ROLE_LABEL)} in {roles}"),),
        variables=(
            Variable(
                "lacks_secrets",
                f"!object.spec.?initContainers.orValue([]).exists(c, c.name == {cel_text(FETCHER)})",
            ),
            Variable("names", VARIABLE_NAMES),
        ),
        mutations=(
            Mutation(
                "secrets",
                f"variables.lacks_secrets ? {_fetcher()} + {_volumes()} : []",
            ),
            Mutation("secret-files", _mounts()),
            Mutation("secret-variables", _variables()),
        ),
    )


def _map(texts: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{cel_text(key)}: {cel_text(value)}' for key, value in texts.items())}}}"


def _fetcher() -> str:
    """The init container, before all others."""
    variable = f"{_INIT}.env"
    environment = [
        f"{variable}{{name: {cel_text(key)}, value: {cel_text(value)}}}" for key, value in ENVIRONMENT.items()
    ]
    for lines, annotation in ((LINES, names.SECRETS_ANNOTATION), (VARIABLE_LINES, names.VARIABLES_ANNOTATION)):
        environment.append(f"{variable}{{name: {cel_text(lines)}, value: {of_namespace(annotation)}}}")
    mounts = [
        f"{_INIT}.volumeMounts{{name: {cel_text(volume)}, mountPath: {cel_text(path)}}}"
        for volume, path in ((FETCHER, DIRECTORY), (VARIABLES, VARIABLES_DIRECTORY))
    ]
    context = f"{_INIT}.securityContext"
    container = (
        f"{_INIT}{{name: {cel_text(FETCHER)}, image: {cel_text(AWS_CLI_IMAGE)}, "
        f"command: ['/bin/sh', '-ec', {cel_text(SCRIPT)}], env: [{', '.join(environment)}], "
        f"resources: {_INIT}.resources{{requests: {_map(REQUESTS)}, limits: {_map(LIMITS)}}}, "
        f"securityContext: {context}{{allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: {USER}, "
        f"runAsGroup: {USER}, capabilities: {context}.capabilities{{drop: ['ALL']}}, "
        f"seccompProfile: {context}.seccompProfile{{type: 'RuntimeDefault'}}}}, "
        f"volumeMounts: [{', '.join(mounts)}]}}"
    )
    return _into("object.spec.initContainers", "'/spec/initContainers", "0", container)


def _volumes() -> str:
    volumes = (
        f"Object.spec.volumes{{name: {cel_text(name)}, emptyDir: "
        f"Object.spec.volumes.emptyDir{{medium: 'Memory', sizeLimit: {cel_text(VOLUME_SIZE)}}}}}"
        for name in (FETCHER, VARIABLES)
    )
    return _into("object.spec.volumes", "'/spec/volumes", "-", *volumes)


def _mounts() -> str:
    mount = (
        f"Object.spec.containers.volumeMounts{{name: {cel_text(FETCHER)}, mountPath: {cel_text(DIRECTORY)}, "
        "readOnly: true}"
    )
    each = _into("c.volumeMounts", "'/spec/containers/' + string(i) + '/volumeMounts", "-", mount)
    lacks = f"!c.?volumeMounts.orValue([]).exists(m, m.name == {cel_text(FETCHER)})"
    return f"object.spec.containers.transformList(i, c, {lacks}, {each}).flatten()"


def _variables() -> str:
    """Each variable once, the queue's whatever else is said of it.

    A webhook that doesn't know `fileKeyRef` may take it away: the Spark operator's does where it adds variables of its
    own (kubeflow/spark-operator v2.5.2, k8s.io/api v0.32.5). So it is put there again.
    """
    right = (
        "has(e.valueFrom) && has(e.valueFrom.fileKeyRef) && e.valueFrom.fileKeyRef.key == e.name "
        f"&& e.valueFrom.fileKeyRef.path == e.name && e.valueFrom.fileKeyRef.volumeName == {cel_text(VARIABLES)}"
    )
    there, path = "c.?env.orValue([])", "'/spec/containers/' + string(i) + '/env"
    at, end = f"{path}/' + string(j)", f"{path}/-'"
    wrong = f"e.name in variables.names && !({right})"
    mended = f"{there}.transformList(j, e, {wrong}, {replace(at, _variable('e.name'))})"
    missing = f"variables.names.filter(name, !{there}.exists(e, e.name == name))"
    added = f"{missing}.map(name, {add(end, _variable('name'))})"
    first = when("!has(c.env) && variables.names.size() > 0", add(f"{path}'", "[]"))
    return f"object.spec.containers.transformList(i, c, {first} + {mended} + {added}).flatten()"


def _variable(name: str) -> str:
    of = "Object.spec.containers.env.valueFrom"
    key = f"{of}.fileKeyRef{{volumeName: {cel_text(VARIABLES)}, path: {name}, key: {name}}}"
    return f"Object.spec.containers.env{{name: {name}, valueFrom: {of}{{fileKeyRef: {key}}}}}"


def _into(there: str, path: str, index: str, *values: str) -> str:
    """Patches that add elements to a list, and the list where there is none.

    A list that holds an object can't be a patch's value: the API server fails to make JSON of it (Kubernetes 1.36,
    apiserver/pkg/cel/mutation/dynamic, where a list takes its elements' `Struct` for a `Value`).
    """
    missing = when(f"!has({there})", add(f"{path}'", "[]"))
    each = (add(f"{path}/{index}'", value) for value in values)
    return f"({missing} + [{', '.join(each)}])"
