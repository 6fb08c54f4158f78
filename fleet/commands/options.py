"""What several commands take in the same way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import infra


def _with_this_program(root: Path) -> Path:
    """Refuses a folder with another program: what this one makes of its stacks would say nothing of them."""
    here = Path(infra.__file__).resolve().parent.parent
    if (root / "infra").is_dir() and root.resolve() != here:
        message = f"{root} has a program of its own, and this command belongs to another; run `python -m fleet` there"
        raise typer.BadParameter(message, param_hint="--root")
    return root


Root = Annotated[
    Path,
    typer.Option(
        "--root",
        help="The project's folder, which has stacks/.",
        file_okay=False,
        exists=True,
        callback=_with_this_program,
    ),
]
