"""The command line `fleet`."""

from __future__ import annotations

import errno
import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from fleet.options import Root, chosen_stacks
from fleet.preview import FleetPreview
from fleet.preview import preview as preview_fleet
from fleet.recycle import EPILOG as RECYCLE_EPILOG
from fleet.recycle import recycle
from fleet.refresh import refresh_instances
from fleet.render import EPILOG as RENDER_EPILOG
from fleet.render import render
from fleet.report import preview_form, to_json
from fleet.text import print_preview

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="All stacks of an elastic-spark fleet at once.",
    epilog="Start with `fleet preview`; each command has examples under --help. "
    "Exit code 0: fine; 1: something is wrong with a stack; 2: wrong usage.",
)
OUTPUT_ERRORS = frozenset({errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})
"""What writing to a full or closed output gives."""
FILE_WIDTH = 150
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
    root: Root = Path(),
) -> None:
    """Show what stacks would register, with no network, no credentials and no Pulumi CLI."""
    root = root.resolve()
    names = chosen_stacks(root, stacks or [])
    found = _with_progress(root, names, jobs)
    if format_ is Format.JSON:
        typer.echo(to_json(preview_form(found)), nl=False)
    else:
        console = Console()
        if not console.is_terminal:
            console.width = FILE_WIDTH
        print_preview(console, found, resources=resources)
    if not found.ok:
        raise typer.Exit(1)


def _with_progress(root: Path, names: list[str], jobs: int) -> FleetPreview:
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Previewing", total=len(names))

        def done(stack: str) -> None:
            progress.update(task, advance=1 if stack in names else 0, description=f"Previewed {stack}")

        return preview_fleet(root, names, jobs, done)


app.command(epilog=RENDER_EPILOG)(render)
app.command(epilog=RECYCLE_EPILOG)(recycle)
app.command()(refresh_instances)


def main() -> None:
    """The entry point of the command `fleet`."""
    # Who reads the output may have had enough, as in `fleet preview | head`: end quietly, as other commands do.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        app()
    except OSError as error:
        if error.errno not in OUTPUT_ERRORS:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"fleet: the output can't be written: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
