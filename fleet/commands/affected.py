"""`fleet affected`: what a change deploys, for people and for the workflow that does it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root
from fleet.offline.changes.comparison import compared
from fleet.offline.changes.revision import unchanged
from fleet.offline.deployment import Deployment, PlatformDeployment, deployment
from sizing.values import Json

DEFAULT_RUNNER: Final = "ubuntu-latest"
EPILOG: Final = (
    "Examples:\n\n"
    "`fleet affected --base origin/main` # what would be deployed, and why\n\n"
    "`fleet affected --base $DEPLOYED --format outputs >> $GITHUB_OUTPUT`\n\n"
    '`fleet affected --platforms \'{"platform-prod": "spark-prod-vpc"}\'`\n\n'
    "Exit code 0: it can be told, even if it is nothing; 1: a stack is wrong, or there is no such revision; "
    "2: wrong usage."
)


class Format(StrEnum):
    """How it is printed."""

    TEXT = "text"
    JSON = "json"
    OUTPUTS = "outputs"
    """Lines for `GITHUB_OUTPUT`: `base`, `platforms` and `stacks`, the values as JSON."""


Runners = Mapping[str, str | Sequence[str]]
"""The label or labels of the runner that reaches a platform, by the platform's stack."""


def _parsed(text: str) -> Runners:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(map(_is_runner, found.values())):
        message = f"{text!r} is not a JSON object of platforms and their runners, such as " + '{"platform-prod": "vpc"}'
        raise typer.BadParameter(message, param_hint="--platforms")
    return found


def _is_runner(value: object) -> bool:
    labels = value if isinstance(value, list) else [value]
    return bool(labels) and all(isinstance(label, str) and label for label in labels)


@ends_in_words
def affected(
    base: Annotated[
        str | None,
        typer.Option(metavar="REF", help="The git revision that is deployed; without one, everything is affected."),
    ] = None,
    platforms: Annotated[
        str,
        typer.Option(
            metavar="JSON",
            envvar="FLEET_PLATFORMS",
            help="The platforms to deploy, and the runner that reaches each. Others are left out; none: all are in.",
        ),
    ] = "",
    stacks: Annotated[
        list[str] | None,
        typer.Option("--stack", metavar="STACK", help="Only this stack, changed or not; several times for several."),
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="For people, programs, or later jobs of a workflow.")
    ] = Format.TEXT,
    jobs: Annotated[int, typer.Option(min=1, help="Stacks to preview at a time.")] = os.cpu_count() or 1,
    root: Root = Path(),
) -> None:
    """Say which stacks a change is about, platform by platform: those whose preview changes, and those that go."""
    runners = _parsed(platforms) if platforms else None
    if base and stacks:
        raise typer.BadParameter(
            "the stacks named are deployed, whatever changed: without --base", param_hint="--stack"
        )
    root = root.resolve()
    if base and (commit := unchanged(root, base)):
        found = Deployment(commit, (), {})
    else:
        found = deployment(compared(root, stacks or [], jobs, base))
    match format_:
        case Format.JSON:
            typer.echo(json.dumps(matrix(found, runners), sort_keys=True))
        case Format.OUTPUTS:
            for name, value in matrix(found, runners).items():
                typer.echo(f"{name}={value or '' if name == 'base' else json.dumps(value, sort_keys=True)}")
        case Format.TEXT:
            typer.echo("\n".join(_lines(found, runners)))


def matrix(found: Deployment, runners: Runners | None) -> dict[str, Json]:
    """A deployment as the workflows read it: what happens on each platform, and all stacks that are updated.

    Args:
        found: the deployment.
        runners: of the platforms that are deployed; None for all, on a runner of GitHub's.
    """
    entries = [_entry(one, runners) for one in found.platforms if _in(one, runners)]
    updated = (
        {"stack": stack, "platform": entry["platform"], "runner": entry["runner"]}
        for entry in entries
        for stack in (*([entry["platform"]] if entry["updatePlatform"] else []), *entry["tenants"])
    )
    return {"base": found.base, "platforms": entries, "stacks": list(updated)}


def _in(one: PlatformDeployment, runners: Runners | None) -> bool:
    return runners is None or one.platform in runners


def _entry(one: PlatformDeployment, runners: Runners | None) -> dict[str, Json]:
    return {
        "platform": one.platform,
        "runner": (runners or {}).get(one.platform, DEFAULT_RUNNER),
        "updatePlatform": one.update_platform,
        "tenants": one.tenants,
        "removedTenants": one.removed_tenants,
        "removePlatform": one.remove_platform,
    }


def _lines(found: Deployment, runners: Runners | None) -> Sequence[str]:
    lines = [f"Compared with {found.base}."] if found.base else []
    for one in found.platforms:
        if not _in(one, runners):
            lines.append(f"{one.platform} and its tenants are not deployed from here.")
            continue
        updated = [*([one.platform] if one.update_platform else []), *one.tenants]
        destroyed = [*one.removed_tenants, *([one.platform] if one.remove_platform else [])]
        lines += [f"update   {stack}  ({found.reasons[stack]})" for stack in updated]
        lines += [f"destroy  {stack}  ({found.reasons[stack]})" for stack in destroyed]
    return lines if found.platforms else [*lines, "Nothing is to be deployed."]
