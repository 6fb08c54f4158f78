"""`fleet render`: the Kubernetes objects that a stack registers, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root
from fleet.files import write_folder
from fleet.offline.manifests import manifests
from fleet.offline.preview import registrations_of
from fleet.offline.stacks import chosen_stacks

EPILOG = (
    "Examples:\n\n"
    "`fleet render ads-dev --out manifests`\n\n"
    "`kubectl apply --server-side --dry-run=server -f manifests`\n\n"
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
    rendered = manifests(registrations_of(root, stack))
    write_folder(out.resolve(), {manifest.file: manifest.text for manifest in rendered})
    typer.echo(f"{len(rendered)} files in {out}")
