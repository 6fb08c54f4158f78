"""`fleet door`: the hosts at platforms' doors, and what the issuer's people must enter for each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root
from fleet.commands.progress import with_progress
from fleet.formats.tables import print_table
from fleet.offline.doors import DoorHost, door_hosts
from fleet.offline.preview import registrations_of_all
from fleet.offline.stacks import chosen_stacks

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet door` # all hosts, and who passes there\n\n"
    "`fleet door search-dev` # a tenant's\n\n"
    "`fleet door --uris` # redirect URIs, a line each, for the client at the issuer\n\n"
    "A host is there where a platform has a `door` (docs/guides/door.md). Exit code 0: the stacks could be read; "
    "1: one is wrong; 2: wrong usage."
)


@ends_in_words
def door(
    stacks: Annotated[
        list[str] | None, typer.Argument(metavar="STACK", help="Stacks to look at; none: all that have a file.")
    ] = None,
    uris: Annotated[bool, typer.Option("--uris", help="Print redirect URIs alone.")] = False,
    root: Root = Path(),
) -> None:
    """Print the hosts at platforms' doors, who passes there, and the redirect URIs of logins; asks nobody."""
    root = root.resolve()
    names = chosen_stacks(root, stacks or [])
    hosts = door_hosts(
        with_progress(len(names), lambda progress: registrations_of_all(root, names, os.cpu_count() or 1, progress))
    )
    if uris:
        for uri in sorted({host.redirect_uri for host in hosts}):
            typer.echo(uri)
        return
    console = Console(emoji=False, highlight=False)
    if not hosts:
        console.print("No host: none of these stacks' platforms has a door.")
        return
    print_table(console, _table(hosts))
    if closed := [host.shown for host in hosts if not (host.groups or host.everybody)]:
        console.print(f"Nobody passes, as no group is among the people: {', '.join(closed)}", markup=False)


def _table(hosts: list[DoorHost]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Host", overflow="fold")
    table.add_column("Stack")
    table.add_column("Passes", overflow="fold")
    for host in hosts:
        passes = "everybody" if host.everybody else ", ".join(host.groups) or "nobody"
        table.add_row(host.shown, host.stack, passes)
    return table
