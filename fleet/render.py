"""The Kubernetes objects that a stack registers, as manifests."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from ruamel.yaml import YAML

from fleet.options import Root, chosen_stacks
from fleet.preview import platform_of, preview
from fleet.registration import Json, Plan, Registration, Secret, Unknown

RELEASE = "kubernetes:helm.sh/v3:Release"
EPILOG = (
    "Examples:\n\n"
    "`fleet render ads-dev --out manifests`\n\n"
    "`kubectl apply --server-side --dry-run=server -f manifests` # to have an API server check them\n\n"
    "Charts are not rendered: their values are written as `release-<name>.values.yaml`."
)


@dataclass(frozen=True)
class Manifest:
    """One file: its name, and the text in it."""

    file: str
    text: str


class RenderError(Exception):
    """A stack can't be rendered; the message says why."""


def manifests(plan: Plan) -> list[Manifest]:
    """The Kubernetes objects of a plan in the order in which they are deployed, and the values of its charts.

    What only the deployment can tell stands as `<unknown until ...>`.

    Raises:
        RenderError: an object holds a secret, which belongs in no file.
    """
    ordered = _in_order([r for r in plan.values() if r.type.startswith("kubernetes:") and r.custom], plan)
    return [_manifest(index, registration) for index, registration in enumerate(ordered, start=1)]


def _in_order(registrations: list[Registration], plan: Plan) -> list[Registration]:
    ranks: dict[str, int] = {}

    def rank(urn: str) -> int:
        if urn not in ranks:
            ranks[urn] = 0
            ranks[urn] = 1 + max((rank(other) for other in plan[urn].dependencies), default=0)
        return ranks[urn]

    return sorted(registrations, key=lambda r: (rank(r.urn), r.urn))


def _manifest(index: int, registration: Registration) -> Manifest:
    inputs = _printable(registration.inputs, registration.name)
    if registration.type == RELEASE:
        name = f"{index:03d}-release-{inputs['name']}.values.yaml"
        return Manifest(name, _yaml(inputs.get("values", {})))
    metadata = inputs["metadata"]
    kind = inputs["kind"].lower()
    where = [metadata["namespace"]] if "namespace" in metadata else []
    file = "-".join([f"{index:03d}", *where, kind, metadata["name"]]).replace(":", "-")
    return Manifest(f"{file}.yaml", _yaml(inputs))


def _printable(value: Json, name: str) -> Json:
    match value:
        case Secret():
            raise RenderError(f"{name} holds a secret, which belongs in no file")
        case Unknown():
            return str(value)
        case Mapping():
            return {key: _printable(item, name) for key, item in value.items()}
        case list():
            return [_printable(item, name) for item in value]
        case _:
            return value


def _yaml(value: Json) -> str:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4096
    buffer = io.StringIO()
    yaml.dump(value, buffer)
    return buffer.getvalue()


def write(rendered: list[Manifest], out: Path) -> None:
    """Write manifests into a folder that does not exist yet, or is empty: all of them or none.

    Raises:
        RenderError: the folder can't be written, or has something in it.
    """
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise RenderError(f"{out} is there already and not an empty folder; name another, or empty it")
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
            folder = Path(scratch) / "manifests"
            folder.mkdir()
            for manifest in rendered:
                (folder / manifest.file).write_text(manifest.text, encoding="utf-8")
            os.replace(folder, out)
    except OSError as error:
        raise RenderError(f"{out} can't be written: {error.strerror or error}") from None


def plan_of(root: Path, stack: str) -> Plan:
    """The plan of one stack below `root`.

    Raises:
        RenderError: it can't be previewed.
    """
    platform = platform_of(root, stack)
    (found,) = preview(root, [stack], jobs=1 if platform is None else 2).stacks
    if found.plan is None:
        raise RenderError(found.failure.message if found.failure else stack)
    return found.plan


def render(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack to render.")],
    out: Annotated[Path, typer.Option("--out", help="A folder that does not exist yet, or is empty.")],
    root: Root = Path(),
) -> None:
    """Write the Kubernetes objects that a stack registers as manifests."""
    root = root.resolve()
    (stack,) = chosen_stacks(root, [stack])
    try:
        rendered = manifests(plan_of(root, stack))
        write(rendered, out.resolve())
    except RenderError as error:
        Console(stderr=True).print(f"[red]{error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    typer.echo(f"{len(rendered)} files in {out}")
