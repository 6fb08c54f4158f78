"""`fleet recycle`: give back driver nodes whose drivers ended, and nodes of a generation that retires."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root, platform_named
from fleet.live.nodes import Cluster, Groups
from fleet.live.recycling import Verdict, check, decide, give_back, region_of_nodes, span, subject
from sizing import names
from sizing.durations import parse_duration

SETTLE_SECONDS: Final = 15
"""A scheduler may still place a pod by what it knew before the cordon; cluster-autoscaler waits 5 s for the same."""
EPILOG: Final = (
    "Examples:\n\n"
    "`fleet recycle platform-prod` # show what would go, change nothing\n\n"
    "`fleet recycle platform-prod --older-than 7d --keep 2 --yes` # do it\n\n"
    "`fleet recycle platform-dev --pool ads-batch-main --retire a --yes`\n\n"
    "The last one cordons generation a and gives back what is idle; repeat it until no node is left.\n\n"
    "Exit code 0: done, or nothing to do; 1: something failed; 2: wrong usage."
)


@ends_in_words
def recycle(
    platform: Annotated[str, typer.Argument(metavar="STACK", help="The platform's stack.")],
    pool: Annotated[str, typer.Option(help="The pool's identity, the value of its node label.")] = names.DRIVER_POOL,
    older_than: Annotated[
        str, typer.Option(metavar="AGE", help="Leave younger nodes alone: 90m, 24h, 7d. Not with --retire.")
    ] = "24h",
    keep: Annotated[int, typer.Option(min=0, help="Idle nodes that stay, the newest. Not with --retire.")] = 1,
    retire: Annotated[
        str | None,
        typer.Option(metavar="GENERATION", help="Empty this retiring generation: cordon all its nodes, for good."),
    ] = None,
    kubeconfig: Annotated[
        Path | None, typer.Option(envvar="KUBECONFIG", help="Kubeconfig file. Default: ~/.kube/config.")
    ] = None,
    context: Annotated[str | None, typer.Option(help="Kubeconfig context. Default: the current one.")] = None,
    settle: Annotated[
        int, typer.Option(min=0, metavar="SECONDS", help="Wait between cordoning and looking again.")
    ] = SETTLE_SECONDS,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without, only say what would be done.")] = False,
    root: Root = Path(),
) -> None:
    """Give back idle nodes of a pool that the autoscaler never scales in, such as the drivers'.

    Idle: nothing runs there but DaemonSets, static pods and finished pods. Nothing that runs is touched, no group goes
    below its minimum, and a node that gets work meanwhile stays.
    """
    age = timedelta() if retire else _age(older_than)
    platform = platform_named(root.resolve(), platform, "STACK")
    errors = Console(emoji=False, stderr=True, soft_wrap=True)
    now = datetime.now(UTC)
    with errors.status("Asking the cluster and its groups"):
        cluster = Cluster(kubeconfig, context)
        nodes = cluster.nodes(pool, retire)
        if not nodes:
            typer.echo(f"no node of {subject(pool, retire)} is in this cluster")
            return
        scaling = Groups(platform, region_of_nodes(nodes))
        groups = scaling.by_instance()
    check(platform, pool, retire, nodes, groups)
    verdicts = decide(nodes, groups, now=now, older_than=age, keep=0 if retire else keep)
    _print(verdicts, now)
    chosen = [verdict.node for verdict in verdicts if verdict.recycled]
    if not yes:
        typer.echo(f"{len(chosen)} of {len(nodes)} nodes would go; nothing was changed (--yes does it)")
        return
    for node in nodes if retire else ():
        cluster.set_cordon(node.name, True)
    outcome = give_back(
        chosen,
        groups,
        cluster,
        scaling,
        stay_cordoned=bool(retire),
        settle=lambda: time.sleep(settle),
        say=lambda line: errors.print(line, markup=False, highlight=False),
    )
    gone, failed = outcome["recycled"], outcome["failed"]
    typer.echo(f"{gone} of {len(nodes)} nodes recycled, {failed} failed, {len(nodes) - gone - failed} kept")
    if failed:
        raise typer.Exit(1)


def _print(verdicts: Sequence[Verdict], now: datetime) -> None:
    table = Table()
    table.add_column("node", overflow="fold")
    table.add_column("age", justify="right")
    for column in ("", "why"):
        table.add_column(column, overflow="fold")
    for verdict in verdicts:
        what = "[yellow]recycle[/]" if verdict.recycled else "keep"
        table.add_row(verdict.node.name, span(now - verdict.node.created), what, escape(verdict.why_kept or "idle"))
    Console(emoji=False).print(table)


def _age(text: str) -> timedelta:
    try:
        return timedelta(seconds=parse_duration(text))
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is not an age, such as 90m, 24h or 7d", param_hint="--older-than") from None
