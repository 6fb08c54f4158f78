"""Completions of applications: how a row says what admission completes, and the pieces that several tables take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.cluster.api import Json, Object
from tests.cluster.attempts import Completion, Create
from tests.cluster.pod_shapes import ENGINEER, IMAGE

CUSTOM: Final = "docker.io/apache/spark:4.1.0"
"""Not the image that lacks what S3 takes."""
MIXED: Final = "research-explore"
"""A queue with nodes of types whose network doesn't encrypt."""


def spec_of(thing: Object) -> Object:
    """The application's spec, of a schedule its template's."""
    spec: Object = thing["spec"]
    inner: Object = spec.get("template", spec)
    return inner


def conf(key: str) -> Callable[[Object], Json]:
    """Reads a setting of an application."""
    return lambda thing: spec_of(thing).get("sparkConf", {}).get(key)


def at(*path: str) -> Callable[[Object], Json]:
    """Reads something of an application's spec, `None` if it isn't there."""

    def read(thing: Object) -> Json:
        found: Json = spec_of(thing)
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    return read


def completed(
    name: str, rule: str, thing: Object, field: Callable[[Object], Json], becomes: Json, twin: Object, stays: Json
) -> Completion:
    """Somebody submits an application that lacks something, and then one that doesn't."""
    return Completion(
        name=name,
        who=ENGINEER,
        does=Create(thing),
        rule=rule,
        field=field,
        becomes=becomes,
        twin=Create(twin),
        stays=stays,
    )


def templated(**spec: Any) -> Object:  # noqa: ANN401
    """A part of an application that has a template of its pod, with this spec or none."""
    return {"cores": 1, "template": {"metadata": {"labels": {"team": "ads"}}, **({"spec": spec} if spec else {})}}


EXECUTOR_CONTAINER: Final = {"name": "spark-kubernetes-executor", "image": CUSTOM}
CONTAINER: Final = {
    "name": "spark-kubernetes-driver",
    "resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "2Gi"}},
}
OFFICIAL_SERVER: Final = {**CONTAINER, "image": IMAGE}
