"""What several commands take in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import infra
from infra.stack_file import STACKS, misnamed_files, stack_names


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


def chosen_stacks(root: Path, asked: Sequence[str], earlier: Sequence[str] = ()) -> list[str]:
    """The stacks asked for, each once; all that have a file below `root`, or are among the earlier ones, when none is.

    Raises:
        typer.BadParameter: there is no stack, or none of a name asked for.
    """
    known = sorted({*stack_names(root), *earlier})
    if not known:
        message = f"{root / STACKS} has no file Pulumi.<stack>.yaml; run in the project's folder, or name it"
        raise typer.BadParameter(message, param_hint="--root")
    if not asked and (misnamed := misnamed_files(root)):
        message = (
            f"{', '.join(map(repr, misnamed))} in {STACKS}: a stack's file is Pulumi.<stack>.yaml, the stack's name of "
        )
        raise typer.BadParameter(message + "letters, digits and _.-, at most 100", param_hint="--root")
    for name in asked:
        if name not in known:
            raise typer.BadParameter(f"no stack {name}; there are: {', '.join(known)}", param_hint="STACK")
    return list(dict.fromkeys(asked)) or known
