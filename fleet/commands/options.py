"""What several commands take in the same way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

import infra
from fleet.errors import WrongUsage
from infra.settings.findings import SettingsError
from infra.settings.stack_file import read_config, stack_names
from infra.settings.validation import PLATFORM_KEY


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


def platform_named(root: Path, stack: str, option: str) -> str:
    """The name that a platform has in AWS and its cluster in the kubeconfig, by the platform's stack.

    Args:
        root: the project's folder.
        stack: as somebody named it.
        option: that named it, for the error.

    Raises:
        WrongUsage: it is no platform's stack.
    """
    names = {one: _name(root, one) for one in stack_names(root)}
    platforms = {one: name for one, name in names.items() if name}
    if name := platforms.get(stack):
        return name
    if same := next((one for one, name in platforms.items() if name == stack), None):
        raise WrongUsage(f"a platform is named by its stack, and that of {stack} is {same}", option)
    what = f"{stack} is a tenant's stack" if stack in names else f"no stack {stack}"
    raise WrongUsage(f"{what}; of platforms there are: {', '.join(platforms) or 'none'}", option)


def _name(root: Path, stack: str) -> str:
    """The name of the platform that a stack is; empty where it is none, or can't be read."""
    try:
        settings = json.loads(read_config(root, stack).get(PLATFORM_KEY, "null"))
    except (SettingsError, ValueError):
        return ""
    return str(settings.get("name", "")) if isinstance(settings, dict) else ""
