"""What the Spark operator's own webhook refuses, as a table: what our admission makes of an application must pass it.

`tests/cluster/test_operator_webhook.py` compares the table with the real webhook, where there is one.

Source: kubeflow/spark-operator v2.5.2, internal/webhook/*_validator.go, pkg/common/spark.go
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

VERSION: Final = "2.5.2"
"""Of the operator whose rules these are. For another: read its validators again."""
GROUP: Final = "sparkoperator.k8s.io/"

Spec = Mapping[str, Any]

_AUTHENTICATE: Final = "spark.kubernetes.authenticate"
DENIED_CONF: Final = frozenset(
    {
        "spark.master",
        "spark.kubernetes.driver.master",
        "spark.kubernetes.container.image",
        "spark.kubernetes.driver.container.image",
        "spark.kubernetes.executor.container.image",
        *(f"{_AUTHENTICATE}.{role}.serviceAccountName" for role in ("driver", "executor")),
        *(f"{_AUTHENTICATE}{role}.oauthToken{end}" for role in ("", ".driver", ".executor") for end in ("", "File")),
    }
)
"""Keys of sparkConf, in applications of every kind."""
NAMESPACE_CONF: Final = "spark.kubernetes.namespace"
"""May only name the application's own."""
TEMPLATES_SINCE: Final = (3, 0, 0)
"""Version of Spark that an application with a pod template must be of, at least."""
SERVICE_SUFFIX: Final = "-server"
"""Of a Spark Connect server's service, whose name must be a label of DNS too."""
LABEL_LENGTH: Final = 63
_LABEL: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_VERSION: Final = re.compile(
    r"v?(0|[1-9][0-9]*)(?:[.](0|[1-9][0-9]*)(?:[.](0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(?:[+][0-9A-Za-z.-]+)?)?)?"
)
"""Source: golang.org/x/mod/semver, to which a version without its last parts is one, too."""
_MEMORY: Final = re.compile(r"[0-9]+([kmgtp]?b|[kmgtp])?")


def operator_refusals(thing: Mapping[str, Any]) -> list[str]:
    """All that the operator's webhook would refuse about an object; nothing for kinds that it doesn't look at.

    Args:
        thing: as the API server stores it, with `apiVersion`, `kind`, and `metadata` with name and namespace.
    """
    look = _VALIDATORS.get(thing.get("kind", ""))
    if look is None or not thing.get("apiVersion", "").startswith(GROUP):
        return []
    name = thing["metadata"].get("name", "")
    bad_name = [] if _is_label(name) else [f"metadata.name {name!r} is no label of DNS (RFC 1035)"]
    return [*bad_name, *look(thing["metadata"], thing.get("spec") or {})]


def _application(metadata: Spec, spec: Spec) -> Iterator[str]:
    pods = [spec.get(role) or {} for role in ("driver", "executor")]
    yield from _templates(spec, pods)
    if spec.get("nodeSelector") is not None and any(pod.get("nodeSelector") is not None for pod in pods):
        yield "nodeSelector is given for the application, and for its driver or executors too"
    yield from _ingresses(spec.get("driverIngressOptions") or [])
    yield from _conf(metadata, spec)


def _scheduled(metadata: Spec, spec: Spec) -> Iterator[str]:
    yield from _conf(metadata, spec.get("template") or {})


def _connect(metadata: Spec, spec: Spec) -> Iterator[str]:
    if len(metadata.get("name", "")) > LABEL_LENGTH - len(SERVICE_SUFFIX):
        yield f"metadata.name is longer than {LABEL_LENGTH - len(SERVICE_SUFFIX)} characters"
    pods = {role: spec.get(role) or {} for role in ("server", "executor")}
    if not spec.get("sparkVersion"):
        yield "there is no sparkVersion"
    yield from _templates(spec, [*pods.values()])
    if not spec.get("image") and not all(map(_has_image, pods.values())):
        yield "there is neither an image nor one in both templates"
    yield from _allocation(spec.get("dynamicAllocation") or {})
    for role, pod in pods.items():
        memory = (pod.get("memory") or "").strip().lower()
        if pod.get("memory") and not _MEMORY.fullmatch(memory):
            yield f"{role}.memory {memory!r} is no whole number with a unit or without"
    yield from _conf(metadata, spec)


_VALIDATORS: Final[Mapping[str, Callable[[Spec, Spec], Iterator[str]]]] = {
    "SparkApplication": _application,
    "ScheduledSparkApplication": _scheduled,
    "SparkConnect": _connect,
}


def _conf(metadata: Spec, spec: Spec) -> Iterator[str]:
    namespace = metadata.get("namespace", "")
    for key, value in sorted((spec.get("sparkConf") or {}).items()):
        if key in DENIED_CONF:
            yield f"sparkConf has {key}"
        if key == NAMESPACE_CONF and value != namespace:
            yield f"sparkConf has {key} {value!r} in the namespace {namespace!r}"


def _templates(spec: Spec, pods: list[Spec]) -> Iterator[str]:
    version = spec.get("sparkVersion") or ""
    if any(pod.get("template") is not None for pod in pods) and not _takes_templates(version):
        yield f"there is a pod template, and sparkVersion {version!r} is none from 3.0.0 on"


def _takes_templates(version: str) -> bool:
    found = _VERSION.fullmatch(version)
    if found is None:
        return False
    numbers = tuple(int(part or "0") for part in found.groups()[:3])
    return numbers > TEMPLATES_SINCE or (numbers == TEMPLATES_SINCE and not found[4])


def _ingresses(options: list[Spec]) -> Iterator[str]:
    for field, empty in (("servicePort", None), ("ingressURLFormat", "")):
        values = [option.get(field, empty) for option in options]
        if empty in values:
            yield f"driverIngressOptions has an entry without {field}"
        if len(set(values)) < len(values):
            yield f"driverIngressOptions has one {field} twice"


def _has_image(pod: Spec) -> bool:
    containers = ((pod.get("template") or {}).get("spec") or {}).get("containers") or []
    return any(container.get("image") for container in containers)


def _allocation(allocation: Spec) -> Iterator[str]:
    if not allocation.get("enabled"):
        return
    minimum, initial, maximum = (allocation.get(f"{which}Executors") for which in ("min", "initial", "max"))
    for smaller, larger in ((minimum, maximum), (minimum, initial), (initial, maximum)):
        if smaller is not None and larger is not None and smaller > larger:
            yield f"dynamicAllocation has {smaller} executors where at most {larger} may be"
    if any(count is not None and count < 0 for count in (minimum, initial, maximum)):
        yield "dynamicAllocation has a number of executors below none"


def _is_label(name: str) -> bool:
    return len(name) <= LABEL_LENGTH and _LABEL.fullmatch(name) is not None
