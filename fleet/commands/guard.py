"""`fleet guard`: refuse a deployment that would take nodes away on which something may run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root
from fleet.errors import FleetError
from fleet.formats.terminal import say, terminal
from fleet.live.groups import Groups
from fleet.live.shrinking import at_work, shrinks
from fleet.offline.pools import POOL_TYPE, region_of
from fleet.offline.preview import registrations_of
from fleet.offline.stacks import chosen_stacks

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet guard ads-prod` # before `pulumi up --stack ads-prod`\n\n"
    "`fleet guard ads-prod --destroy` # before `pulumi destroy --stack ads-prod`\n\n"
    "`fleet guard ads-prod --allow-shrink` # say what would go, and let it\n\n"
    "Needs `make aws` and credentials that allow autoscaling:DescribeAutoScalingGroups.\n\n"
    "Exit code 0: nothing that runs is taken, or it may be; 1: nodes would go, or AWS could not be asked; "
    "2: wrong usage."
)


@ends_in_words
def guard(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="The stack that is to be deployed.")],
    destroy: Annotated[
        bool, typer.Option("--destroy", help="It is to be destroyed: none of its nodes may run.")
    ] = False,
    allow_shrink: Annotated[
        bool, typer.Option("--allow-shrink", help="Say which nodes would go, and let them.")
    ] = False,
    root: Root = Path(),
) -> None:
    """Refuse a maximum below what runs: compares a stack's preview with its Auto Scaling groups."""
    root = root.resolve()
    (stack,) = chosen_stacks(root, [stack])
    registrations = registrations_of(root, stack)
    pools = registrations.of_type(POOL_TYPE)
    if not pools:
        typer.echo(f"{stack} has no nodes of its own in AWS")
        return
    groups = Groups(str(pools[0].inputs["boot"]["platform"]), region_of(registrations)).all()
    over = (at_work if destroy else shrinks)(registrations, groups)
    console = terminal(stderr=not allow_shrink)
    for one in over:
        say(console, str(one))
    if not over:
        typer.echo(f"{stack}: no node that runs is taken")
    elif not allow_shrink:
        raise FleetError(
            "these nodes may be working; wait until the autoscaler has taken them, or let it be with --allow-shrink"
        )
