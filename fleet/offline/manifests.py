"""The Kubernetes objects that a stack registers, as manifests."""

from __future__ import annotations

import io
from dataclasses import dataclass

from ruamel.yaml import YAML

from fleet.errors import FleetError
from fleet.offline.registration import Registration, Registrations, Secret, Unknown
from sizing.values import Json, mapped

RELEASE = "kubernetes:helm.sh/v3:Release"


@dataclass(frozen=True)
class Manifest:
    """One file: its name, and the text in it."""

    file: str
    text: str


class RenderError(FleetError):
    """A stack can't be rendered; the message says why."""


def manifests(registrations: Registrations) -> list[Manifest]:
    """The Kubernetes objects of a stack in the order in which they are deployed, and the values of its charts.

    What only the deployment can tell stands as `<unknown until ...>`.

    Raises:
        RenderError: an object holds a secret, which belongs in no file.
    """
    ordered = _in_order(
        [r for r in registrations.values() if r.type.startswith("kubernetes:") and r.custom], registrations
    )
    return [_manifest(index, registration) for index, registration in enumerate(ordered, start=1)]


def _in_order(chosen: list[Registration], registrations: Registrations) -> list[Registration]:
    ranks: dict[str, int] = {}

    def rank(urn: str) -> int:
        if urn not in ranks:
            ranks[urn] = 0
            ranks[urn] = 1 + max((rank(other) for other in registrations[urn].dependencies), default=0)
        return ranks[urn]

    return sorted(chosen, key=lambda r: (rank(r.urn), r.urn))


def _manifest(index: int, registration: Registration) -> Manifest:
    inputs = _printable(registration)
    if registration.type == RELEASE:
        name = f"{index:03d}-release-{inputs['name']}.values.yaml"
        return Manifest(name, _yaml(inputs.get("values", {})))
    metadata = inputs["metadata"]
    kind = inputs["kind"].lower()
    where = [metadata["namespace"]] if "namespace" in metadata else []
    file = "-".join([f"{index:03d}", *where, kind, metadata["name"]]).replace(":", "-")
    return Manifest(f"{file}.yaml", _yaml(inputs))


def _printable(registration: Registration) -> dict[str, Json]:
    def printed(leaf: Json) -> Json:
        if isinstance(leaf, Secret):
            raise RenderError(f"{registration.name} holds a secret, which belongs in no file")
        return str(leaf) if isinstance(leaf, Unknown) else leaf

    inputs: dict[str, Json] = mapped(registration.inputs, printed)
    return inputs


def _yaml(value: Json) -> str:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4096
    buffer = io.StringIO()
    yaml.dump(value, buffer)
    return buffer.getvalue()
