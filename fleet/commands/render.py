"""`fleet render`: the Kubernetes objects that a stack registers, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root
from fleet.errors import FleetError
from fleet.files import write_folder
from fleet.offline.manifests import manifests
from fleet.offline.preview import platform_of, preview
from fleet.offline.stacks import chosen_stacks

EPILOG = (
    "Examples:\n\n"
    "`fleet render ads-dev --out manifests`\n\n"
    "`kubectl apply --server-side --dry-run=server -f manifests` # to have an API server check them\n\n"
    "Charts are not rendered: their values are written as `release-<name>.values.yaml`."
)


@ends_in_words
def render(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack to render.")],
    out: Annotated[Path, typer.Option("--out", help="A folder that does not exist yet, or is empty.")],
    root: Root = Path(),
) -> None:
    """Write the Kubernetes objects that a stack registers as manifests."""
    root = root.resolve()
    (stack,) = chosen_stacks(root, [stack])
    (found,) = preview(root, [stack], jobs=1 if platform_of(root, stack) is None else 2).stacks
    if found.plan is None:
        raise FleetError(found.failure.message if found.failure else stack)
    rendered = manifests(found.plan)
    write_folder(out.resolve(), {manifest.file: manifest.text for manifest in rendered})
    typer.echo(f"{len(rendered)} files in {out}")
