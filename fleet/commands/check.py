"""`fleet check`: what the policy pack and the rules between stacks say, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from fleet.commands.ending import ends_in_words
from fleet.commands.kept import kept
from fleet.commands.options import Root
from fleet.commands.progress import with_progress
from fleet.formats.terminal import say, terminal
from fleet.formats.text_errors import print_advice, print_errors
from fleet.offline.preview import preview
from fleet.offline.stack_preview import FleetPreview
from fleet.offline.stacks import chosen_stacks
from infra.settings.fleet_rules import FleetFinding
from infra.settings.validation import file_of
from policies.config import FOLDER, configs_of_no_stack

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet check` # all stacks, and what is wrong between them\n\n"
    "`fleet check ads-prod` # one stack\n\n"
    "`fleet check --format json | jq -r '.stacks[].policyFindings[].message'`\n\n"
    "The rules are listed in policies/README.md; `policies/config/<stack>.json` sets their levels and options.\n\n"
    "Exit code 0: no mandatory rule is broken; 1: one is, or a stack is wrong; 2: wrong usage."
)


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"


@ends_in_words
def check(
    stacks: Annotated[
        list[str] | None, typer.Argument(metavar="STACK", help="Stacks to check; none: all that have a file.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TEXT,
    jobs: Annotated[int, typer.Option(min=1, help="Stacks to check at a time.")] = os.cpu_count() or 1,
    root: Root = Path(),
) -> None:
    """Check stacks against the policy pack and each other, with no network, no credentials and no Pulumi CLI."""
    root = root.resolve()
    names = chosen_stacks(root, stacks or [])
    found = with_progress(len(names), lambda progress: preview(root, names, jobs, progress))
    if not stacks:
        found = replace(found, findings=(*found.findings, *_stray_configs(root, names)))
    if format_ is Format.JSON:
        from fleet.formats.check_forms import check_form  # the forms take time to load, for this format alone
        from fleet.formats.report import to_json

        typer.echo(to_json(check_form(found)), nl=False)
    else:
        _print(root, terminal(), found)
    if not found.ok:
        raise typer.Exit(1)


def _stray_configs(root: Path, stacks: Sequence[str]) -> Iterator[FleetFinding]:
    """Policy configurations that are nobody's: a mistyped name would leave a stack with other rules than meant."""
    for name in configs_of_no_stack(root, stacks):
        close = get_close_matches(name, stacks, n=1)
        rename = f"rename it to {FOLDER}/{close[0]}.json if it is meant for {close[0]}, " if close else ""
        yield FleetFinding(
            (name,),
            f"rules for it in {FOLDER}/{name}.json, and no {file_of(name)}",
            f"configurations of stacks that there are: {rename}delete it if the stack is gone, or bring the stack's "
            "file back",
        )


def _print(root: Path, console: Console, found: FleetPreview) -> None:
    print_advice(console, found.stacks)
    print_errors(console, found, whole=True)
    concerned = {stack for finding in found.findings for stack in finding.stacks}
    if fine := [stack for stack in found.stacks if stack.ok and stack.stack not in concerned]:
        say(console, kept(root, fine, together=found.ok), "green")
