"""The command line `fleet`."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from fleet.preview import preview as previews_of
from fleet.recycle import EPILOG as RECYCLE_EPILOG
from fleet.recycle import recycle
from fleet.refresh import refresh_instances
from fleet.report import preview_form, to_json
from fleet.text import print_previews
from infra.stack_file import STACKS, stack_names

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="All stacks of an elastic-spark fleet at once.",
)


app.command(epilog=RECYCLE_EPILOG)(recycle)
app.command()(refresh_instances)


FILE_WIDTH = 120
"""Columns of output that is not for a terminal."""


class Format(StrEnum):
    """How a preview is printed."""

    TEXT = "text"
    JSON = "json"


@app.callback()
def _fleet() -> None:
    """All stacks of an elastic-spark fleet at once."""


@app.command(
    epilog="Examples:\n\n"
    "`fleet preview` all stacks\n\n"
    "`fleet preview platform-prod --resources` one stack, each resource by name\n\n"
    "`fleet preview --format json > preview.json` for programs; see docs/preview-json.md\n\n"
    "Exit code 0: every stack has a plan; 1: a stack is wrong; 2: wrong usage."
)
def preview(
    stacks: Annotated[
        list[str] | None, typer.Argument(metavar="STACK", help="Stacks to preview; none: all that have a file.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TEXT,
    resources: Annotated[
        bool, typer.Option("--resources", help="Name every resource instead of counting them.")
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Stacks to preview at a time.")] = os.cpu_count() or 1,
    root: Annotated[
        Path, typer.Option("--root", help="The project's folder, which has stacks/.", file_okay=False, exists=True)
    ] = Path(),
) -> None:
    """Show what stacks would register, with no network, no credentials and no Pulumi CLI."""
    root = root.resolve()
    known = stack_names(root)
    names = list(dict.fromkeys(stacks)) if stacks else known
    if not names:
        raise typer.BadParameter(f"{root / STACKS} has no file Pulumi.<stack>.yaml", param_hint="--root")
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"no stack {name}; there are: {', '.join(known) or 'none'}", param_hint="STACK")
    errors = Console(stderr=True)
    found = list(
        track(
            previews_of(root, names, jobs),
            description="Previewing",
            total=len(names),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
    )
    if format_ is Format.JSON:
        typer.echo(to_json(preview_form(found)), nl=False)
    else:
        console = Console()
        if not console.is_terminal:
            console.width = FILE_WIDTH
        print_previews(console, found, resources=resources)
    if any(result.failure for result in found):
        raise typer.Exit(1)


def main() -> None:
    """The entry point of the command `fleet`."""
    app()
