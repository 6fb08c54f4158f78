"""`fleet preview`: the stacks as they are, beside what they were, in the formats that people and programs read."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.called import called
from fleet.commands.ending import ends_in_words
from fleet.commands.kept import kept
from fleet.commands.named_trace import NoTrace, Recorded, Trace, recorded_jobs, replayed
from fleet.commands.options import Root
from fleet.commands.progress import with_progress
from fleet.files import prepare, write_files
from fleet.formats.terminal import terminal
from fleet.formats.text import print_preview
from fleet.formats.text_errors import print_errors
from fleet.formats.text_overview import print_overview
from fleet.live.spot_history import spot_prices
from fleet.offline.changes.comparison import FleetComparison, compared
from fleet.offline.changes.revision import exported
from infra.settings.stack_file import stack_names

FILE_WIDTH: Final = 150
"""Columns of the file preview.txt, which nobody sees in a window."""
EPILOG: Final = (
    "Examples:\n\n"
    "`fleet preview` # all stacks, a line each\n\n"
    "`fleet preview ads-dev` # one stack whole\n\n"
    "`fleet preview ads-dev --resources` # with each resource by name\n\n"
    "`fleet preview --base HEAD` # what is not committed yet changes\n\n"
    "`fleet preview --base origin/main --out preview` # in all formats\n\n"
    "`fleet preview --base HEAD --trace trace.parquet` # expected months too\n\n"
    "`fleet preview --format json > preview.json` # for programs\n\n"
    "Exit code 0: every stack has a preview; 1: a stack is wrong or breaks a mandatory rule, or the preview can't be "
    "made; 2: wrong usage."
)


class Format(StrEnum):
    """How a preview is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


_FILES: Final[Mapping[Format, str]] = {
    Format.TEXT: "preview.txt",
    Format.JSON: "preview.json",
    Format.MARKDOWN: "preview.md",
    Format.HTML: "preview.html",
}


@ends_in_words
def preview(
    stacks: Annotated[
        list[str] | None, typer.Argument(metavar="STACK", help="Stacks to preview; none: all that have a file.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF", help="Compare with a git revision: its settings, run by its program. Nothing is checked out."
        ),
    ] = None,
    formats: Annotated[
        list[Format] | None,
        typer.Option(
            "--format", help="For people (text, markdown, html) or programs. Several, or none for all: --out."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write preview.txt, .json, .md and .html there.", file_okay=False)
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="In text: each of several stacks whole, instead of a line each.")
    ] = False,
    resources: Annotated[bool, typer.Option("--resources", help="In text: whole, and every resource by name.")] = False,
    spot_history: Annotated[
        bool,
        typer.Option(
            "--spot-history",
            help="Ask EC2 for Spot prices of the last days (needs credentials); else a share is taken.",
        ),
    ] = False,
    trace: Trace = None,
    no_trace: NoTrace = False,
    whole_at: Annotated[
        str,
        typer.Option(
            metavar="WHERE",
            envvar="FLEET_WHOLE_AT",
            help="In markdown: where its reader finds the whole preview, should it be cut; an address, or words.",
        ),
    ] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Stacks to preview at a time.")] = os.cpu_count() or 1,
    root: Root = Path(),
) -> None:
    """Show what stacks would register, cost and change, with no network, no credentials and no Pulumi CLI."""
    if not out and len(formats or ()) > 1:
        raise typer.BadParameter("several formats need --out", param_hint="--format")
    root, names = root.resolve(), stacks or []
    recorded = recorded_jobs(root, trace, no_trace)
    if out:
        prepare(out)
    found = with_progress(
        (len(names) or len(stack_names(root))) * (2 if base else 1),
        lambda progress: compared(root, names, jobs, base, progress, spot_prices if spot_history else None),
    )
    if recorded:
        found = _with_expected(found, root, recorded)
    chosen = formats or (list(Format) if out else [Format.TEXT])
    if out:
        write_files(out, {_FILES[each]: _text(found, each, resources, whole_at) for each in chosen})
        for each in chosen:
            typer.echo(out / _FILES[each])
        if not found.preview.ok:
            print_errors(terminal(stderr=True), found.preview, whole=False)
    elif chosen == [Format.TEXT]:
        if whole or resources or base or len(found.stacks) == 1:
            print_preview(terminal(), found, resources=resources)
        else:
            right = kept(root, found.preview.stacks, together=True) if found.preview.ok else ""
            print_overview(terminal(), found, kept=right, program=called())
    else:
        typer.echo(_text(found, chosen[0], resources, whole_at), nl=False)
    if not found.preview.ok:
        raise typer.Exit(1)


def _with_expected(comparison: FleetComparison, root: Path, recorded: Recorded) -> FleetComparison:
    from capacity.declared import sound_platforms  # a preview without a trace need not pay for these
    from fleet.offline.expected import with_expected

    then, unread = None, []
    if comparison.base:
        with exported(root, comparison.base.commit) as revision:
            then, wrong = sound_platforms(revision.root)
            unread = [*wrong]
    now, _ = sound_platforms(root)
    with replayed(recorded) as table:
        return with_expected(comparison, table, recorded.name, now, then, unread)


def _text(comparison: FleetComparison, format_: Format, resources: bool, whole_at: str) -> str:
    match format_:
        # Each format takes time to load, which the others need not pay.
        case Format.JSON:
            from fleet.formats.report import preview_form, to_json

            return to_json(preview_form(comparison))
        case Format.MARKDOWN:
            from fleet.formats.markdown import markdown

            return markdown(comparison, whole_at=whole_at)
        case Format.HTML:
            from fleet.formats.html import page

            return page(comparison)
    console = terminal(file=io.StringIO(), width=FILE_WIDTH)
    print_preview(console, comparison, resources=resources)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text
