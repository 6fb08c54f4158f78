"""Applications that the Spark operator's webhook refuses, each with a twin, as like it as can be, that it takes.

They are for a namespace that is no queue: what our admission says of them doesn't matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.operator_rules import DENIED_CONF

NAMESPACE: Final = "default"


@dataclass(frozen=True)
class Row:
    """What the operator refuses, in words, and what it takes."""

    name: str
    refused: Object
    taken: Object


def named(name: str, thing: Object) -> Object:
    """An object with a name of its own, in the namespace of the rows."""
    return {**thing, "metadata": {"name": name, "namespace": NAMESPACE}}


def rows() -> list[Row]:
    """All rows: every rule, and every kind that it is for."""
    return [*_names(), *_settings(), *_templates(), *_sizes(), *_others()]


def _row(name: str, refused: Object, taken: Object) -> Row:
    return Row(name, named("pi", refused), named("pi", taken))


def _names() -> list[Row]:
    found = []
    for kind, shape in _SHAPES.items():
        found += [
            Row(f"{kind}: a name with a digit first", named("1pi", shape()), named("pi1", shape())),
            Row(f"{kind}: a name with a dot", named("pi.1", shape()), named("pi-1", shape())),
            Row(f"{kind}: a name that is too long", named("p" * 64, shape()), named("p" * 56, shape())),
        ]
    long = Row(
        "connect: a name that is too long with its suffix", named("p" * 57, connect()), named("p" * 56, connect())
    )
    return [*found, long, Row("as long as a label", named("p" * 64, application()), named("p" * 63, application()))]


def _settings() -> list[Row]:
    found = []
    for kind, shape in _SHAPES.items():
        found += [
            _row(f"{kind}: {key}", shape(sparkConf={key: "x"}), shape(sparkConf={f"{key}s": "x"}))
            for key in sorted(DENIED_CONF)
        ]
        namespace = "spark.kubernetes.namespace"
        elsewhere, here = (shape(sparkConf={namespace: name}) for name in ("kube-system", NAMESPACE))
        found.append(_row(f"{kind}: another namespace", elsewhere, here))
    return found


def _templates() -> list[Row]:
    template: dict[str, Any] = {"template": {"spec": {"containers": []}}}
    by_role = {"driver": application, "executor": application, "server": connect, "executor of connect": connect}
    found = []
    for role, shape in by_role.items():
        pod = {role.split()[0]: template}
        for version in ("2.4.8", "3.0.0-preview2", "latest"):
            old, new = (shape(**pod, sparkVersion=text) for text in (version, "3.0"))
            found.append(_row(f"a template of a {role} and Spark {version}", old, new))
    return found


def _sizes() -> list[Row]:
    found = []
    for role in ("server", "executor"):
        for bad, good in (("1.5g", "1500m"), ("-1g", "1g"), ("g", "0g"), ("1gib", "1GB"), ("1x", "1"), ("1 g", " 1g ")):
            wrong, right = (connect(**{role: {"memory": text}}) for text in (bad, good))
            found.append(_row(f"a {role}'s memory of {bad!r}", wrong, right))
    for bad_numbers, good_numbers in (
        ({"minExecutors": 3, "maxExecutors": 2}, {"minExecutors": 2, "maxExecutors": 2}),
        ({"minExecutors": 3, "initialExecutors": 2}, {"minExecutors": 2, "initialExecutors": 2}),
        ({"initialExecutors": 3, "maxExecutors": 2}, {"initialExecutors": 2, "maxExecutors": 2}),
        ({"minExecutors": -1}, {"minExecutors": 0}),
        ({"maxExecutors": -1}, {"maxExecutors": 0}),
        ({"initialExecutors": -1}, {"initialExecutors": 0}),
    ):
        bad_one, good_one = (_allocating(numbers) for numbers in (bad_numbers, good_numbers))
        found.append(_row(f"dynamic allocation with {bad_numbers}", bad_one, good_one))
    off = connect(dynamicAllocation={"enabled": False, "minExecutors": 3, "maxExecutors": 2})
    return [*found, _row("numbers that can't be", _allocating({"minExecutors": 3, "maxExecutors": 2}), off)]


def _others() -> list[Row]:
    selector = {"nodeSelector": {"disk": "nvme"}}
    ingress = {"servicePort": 80, "ingressURLFormat": "a.example.com"}
    other = {"servicePort": 81, "ingressURLFormat": "b.example.com"}
    return [
        *(
            _row(
                f"a node selector of all and of a {role}",
                application(**selector, **{role: selector}),
                application(driver=selector, executor=selector),
            )
            for role in ("driver", "executor")
        ),
        *(
            _row(f"ingresses: {what}", application(driverIngressOptions=bad), application(driverIngressOptions=good))
            for what, bad, good in (
                ("no port", [{"ingressURLFormat": "a.example.com"}], [ingress]),
                ("no host", [{"servicePort": 80}], [ingress]),
                ("an empty host", [{**ingress, "ingressURLFormat": ""}], [ingress]),
                ("one port twice", [ingress, {**other, "servicePort": 80}], [ingress, other]),
                ("one host twice", [ingress, {**other, "ingressURLFormat": "a.example.com"}], [ingress, other]),
            )
        ),
        _row("connect: no version", connect(sparkVersion=""), connect()),
        _row("connect: no image", connect(image=...), connect(image=..., **_images("server", "executor"))),
        _row("connect: no image of executors", connect(image=..., **_images("server")), connect(**_images("server"))),
        _row("connect: an empty image", connect(image=""), connect()),
    ]


def _allocating(numbers: dict[str, Any]) -> Object:
    return connect(dynamicAllocation={"enabled": True, **numbers})


def _images(*roles: str) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "spark", "image": "docker.io/apache/spark:4.0.4"}]}}
    return {role: {"template": template} for role in roles}


_SHAPES: Final = {"application": application, "schedule": scheduled, "connect": connect}
