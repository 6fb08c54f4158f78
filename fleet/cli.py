"""The command line `fleet`. It needs a POSIX system."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from keyword import iskeyword
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context

SUMMARIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "preview": "Show what stacks would register, cost and change, with no network, no "
        "credentials and no Pulumi CLI.",
        "check": "Check stacks against the policy pack and each other, with no network, no "
        "credentials and no Pulumi CLI.",
        "job": "Print a ready job for a queue; asks neither AWS nor a cluster.",
        "render": "Write the Kubernetes objects that a stack registers as manifests.",
        "cost": "Say what each queue has cost, what it saved against nodes fixed at its peak, "
        "and how idle its nodes were.",
        "access": "Print what a role needs in AWS, as policies of IAM by their names: JSON, each short enough for IAM.",
        "door": "Print the hosts at platforms' doors, who passes there, and the redirect URIs of logins; asks nobody.",
        "quotas": "Say what stacks need of AWS's service quotas, what to ask for, and what the "
        "first hour costs; asks nobody.",
        "affected": "Say which stacks a change is about, platform by platform: those whose preview "
        "changes, and those that go.",
        "guard": "Refuse a maximum below what runs: compares a stack's preview with its Auto Scaling groups.",
        "pools": "What is done to the nodes of a platform that runs.",
        "capacity": "How big queues should be, from recorded jobs: import them, and look at what there is.",
        "refresh-instances": "Rebuild the instance types' facts and prices from the AWS API.",
    }
)
"""Of each command the line that the help shows. Its code is imported when it is called: `fleet.commands.<name>`."""
COMMANDS: Final = "fleet.commands"
OUTPUT_ERRORS = frozenset({errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})
"""What writing to a full or closed output gives."""


def command(name: str, package: str = COMMANDS) -> TyperCommand | TyperGroup:
    """A command with its options, of the function called like it in its module, whose `EPILOG` has the examples.

    A package instead of a module is a group: its `SUMMARIES` lists commands, each a module or a package in it. What
    is a keyword of Python has a `_` behind it there.

    Args:
        name: of the command.
        package: that its module is in.
    """
    function = name.replace("-", "_") + "_" * iskeyword(name)
    module = import_module(f"{package}.{function}")
    epilog = getattr(module, "EPILOG", None)
    if summaries := getattr(module, "SUMMARIES", None):
        about = next(line for line in (module.__doc__ or "").splitlines() if line)
        return Commands(name=name, help=about, epilog=epilog, summaries=summaries, package=module.__name__)
    only = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
    only.command(name, epilog=epilog)(getattr(module, function))
    return cast("TyperCommand", typer.main.get_command(only))


class Commands(TyperGroup):
    """Shows all commands by name and summary, and imports the one that is called.

    Args:
        summaries: of each command the line that the help shows.
        package: that their modules are in.
        attributes: Typer's own.
    """

    def __init__(
        self,
        *,
        summaries: Mapping[str, str] = SUMMARIES,
        package: str = COMMANDS,
        **attributes: Any,  # noqa: ANN401
    ) -> None:
        if package != COMMANDS:
            attributes |= {"no_args_is_help": True, "rich_markup_mode": "markdown"}
        super().__init__(**attributes)
        self.package = package
        self.commands = {name: TyperCommand(name, help=text) for name, text in summaries.items()}

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """As everywhere, where wrong usage is one error as all others are, in words and without a frame."""
        given = partial(super().main, args, prog_name, complete_var, False, windows_expand_args, **extra)
        if not standalone_mode:
            return given()
        try:
            code = given()
        except NoArgsIsHelpError as error:
            # Where Rich shows the help, asking for it has printed it, and there is no text left.
            if text := error.format_message():
                print(text)
            sys.exit(error.exit_code)
        except ClickException as error:
            print(f"error: {error.format_message()}", file=sys.stderr)
            if context := getattr(error, "ctx", None):
                print(f"  `{context.command_path} --help` says what is right.", file=sys.stderr)
            sys.exit(error.exit_code)
        except typer.Abort:
            print("error: interrupted", file=sys.stderr)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """As everywhere, with the real command in place of what only has a summary."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, command(name, self.package) if name and found else found, rest


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    epilog="Start with `fleet preview`; each command has examples under --help. "
    "Exit code 0: fine; 1: something is wrong with a stack; 2: wrong usage.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"fleet {version('elastic-spark')}")
        raise typer.Exit


@app.callback()
def _fleet(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and end.")
    ] = False,
) -> None:
    """All stacks of an elastic-spark fleet at once."""


def main() -> None:
    """The entry point of the command `fleet`."""
    # Who reads the output may have had enough, as in `fleet preview | head`: end quietly, as other commands do.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Ended from outside, it ends as after an error: workers are stopped, and temporary files removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        app()
    except OSError as error:
        if error.errno not in OUTPUT_ERRORS:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"error: the output can't be written: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
