"""All commands by name. Code and libraries of one are imported when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context

SUMMARIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "login": "Make or check your login, and remember your queues.",
        "logout": "Forget your login at an identity provider, here and there.",
        "whoami": "Show who you are: user, groups, for which issuer, until when.",
        "token": "Print a token of your login for programs, renewed if need be.",
        "queues": "Show which queues you may use, how full they are, and who waits.",
        "init": "Write a job file to start from.",
        "schema": "Print the JSON Schema of job files, for editors.",
        "submit": "Submit a job file or a program, and follow the job to its end.",
        "run": "The same, and stop the job if this command is ended.",
        "wait": "Follow a job that is there to its end.",
        "ls": "List jobs; with --all also those of the last 90 days.",
        "status": "Show where a job is and what it took.",
        "why": "Say why a job ended as it did, or waits: one cause, one remedy.",
        "logs": "Show a job's log, also after its pods are gone.",
        "kill": "Stop jobs.",
        "rerun": "Submit a job again, as it was.",
        "ui": "Open Spark's pages of a job.",
    }
)
"""Of each command the line that the help shows. Its code: the function of its name in `skate.command.<name>`."""
EPILOG: Final = """
Start with `skate login`, then `skate queues` and `skate init`. Each command has examples under --help.

\b
Exit codes: 0 fine; 1 the job failed; 2 wrong input, or refused;
3 no login or no rights; 4 not reachable; 130 interrupted.
"""


def command(name: str) -> TyperCommand:
    """A command with its options, of the function called like it in its module, whose `EPILOG` has the examples."""
    module = import_module(f"skate.command.{name}")
    only = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    kind = getattr(module, "KIND", TyperCommand)
    only.command(name, cls=kind, epilog=module.EPILOG)(getattr(module, name))
    return cast("TyperCommand", typer.main.get_command(only))


class Commands(TyperGroup):
    """Shows all commands by name and summary, and imports the one that is called."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401
        super().__init__(**attributes)
        self.commands = {name: TyperCommand(name, help=text) for name, text in SUMMARIES.items()}

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """As everywhere, with the real command in place of what only has a summary."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, command(name) if name and found else found, rest


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    # Help in plain text: what Rich needs to frame it takes longer to import than all else together.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    epilog=EPILOG,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"skate {version('elastic-spark-client')}")
        raise typer.Exit


@app.callback()
def _skate(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and end.")
    ] = False,
) -> None:
    """Runs Spark jobs in the queues of an elastic-spark platform."""
