"""`fleet pools patch`: replace old nodes, give idle ones back, and empty a generation that retires."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fleet.commands.ending import ends_in_words
from fleet.commands.options import Root, platform_named
from fleet.errors import WrongUsage
from fleet.live.groups import Groups
from fleet.live.nodes import Cluster, Node
from fleet.live.patching import Plan, Wish, span
from fleet.live.replacing import Clock, Replacement, check, region_of_nodes, undo, utc_now
from infra.settings.observability import AwsMonitoring
from infra.settings.stack_file import read_config
from infra.settings.validation import PLATFORM_KEY
from sizing.durations import parse_duration

SETTLE_SECONDS: Final = 15
"""A scheduler may still place a pod by what it knew before the cordon; cluster-autoscaler waits 5 s for the same."""
EPILOG: Final = (
    "Examples:\n\n"
    "`fleet pools patch platform-prod` # show what would go, change nothing\n\n"
    "`fleet pools patch platform-prod --yes` # do it, and wait for busy nodes\n\n"
    "`fleet pools patch platform-prod --pool driver --older-than 7d --yes`\n\n"
    "`fleet pools patch platform-prod --pool driver --give-back --yes`\n\n"
    "`fleet pools patch platform-prod --pool ads-batch-main --retire a --yes`\n\n"
    "`fleet pools patch platform-prod --undo --yes` # open cordoned nodes again\n\n"
    "It may be interrupted at any time; run again, it goes on. Needs `make aws`, a kubeconfig and AWS credentials.\n\n"
    "Exit code 0: no old node is left that can go; 1: something failed, or time was up; 2: wrong usage."
)


@ends_in_words
def patch(
    platform: Annotated[str, typer.Argument(metavar="STACK", help="The platform's stack.")],
    pool: Annotated[
        list[str] | None, typer.Option(help="A pool's identity, its nodes' label; repeatable. Default: all pools.")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(
            metavar="AGE",
            help="Age of a node, or of its AMI: 90m, 24h, 30d. Not with --retire.",
            show_default="the platform's monitoring.nodeAgeDays; 24h with --give-back",
        ),
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, help="Nodes of a pool that are emptied at the same time.")] = 3,
    keep: Annotated[int, typer.Option(min=0, help="Idle driver nodes that stay open, the newest.")] = 1,
    timeout: Annotated[str, typer.Option(metavar="DURATION", help="How long busy nodes are waited for.")] = "4h",
    give_back: Annotated[
        bool, typer.Option("--give-back", help="Only end nodes that are empty and that no minimum needs.")
    ] = False,
    retire: Annotated[
        str | None,
        typer.Option(metavar="GENERATION", help="Empty this retiring generation: all its nodes, at once."),
    ] = None,
    without_successor: Annotated[
        bool,
        typer.Option(
            "--without-successor",
            help="Where a group is at its maximum, let it have one node less than its minimum meanwhile.",
        ),
    ] = False,
    undo_: Annotated[bool, typer.Option("--undo", help="Open the nodes again that were cordoned.")] = False,
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
    """Replace old nodes, or nodes of an old AMI, without taking anybody's pod.

    Empty nodes go first. Busy ones are cordoned and go when what runs there has ended; where a minimum would miss one,
    a successor comes before. Nodes of the pool `system` are shown, and go once somebody has drained them.
    """
    stack, root = platform, root.resolve()
    if sum((give_back, bool(retire), undo_)) > 1:
        raise WrongUsage("only one of --give-back, --retire and --undo", "--give-back")
    if retire and len(pool or ()) != 1:
        raise WrongUsage("a generation is one pool's: name it with --pool, once", "--retire")
    platform = platform_named(root, stack, "STACK")
    wish = Wish(
        older_than=timedelta() if retire else _age(older_than, "24h" if give_back else _limit(root, stack)),
        at_once=at_once,
        keep=0 if retire else keep,
        settle=timedelta(seconds=settle),
        give_back=give_back,
        retire=bool(retire),
        without_successor=without_successor,
    )
    waits = _seconds(timeout, "--timeout")
    errors = Console(emoji=False, stderr=True, soft_wrap=True)
    with errors.status("Asking the cluster and its groups"):
        cluster = Cluster(kubeconfig, context)
        nodes = [node for one in pool or (None,) for node in cluster.nodes(one, retire)]
        if not nodes:
            typer.echo(f"no node of {_subject(pool, retire)} is in this cluster")
            return
        scaling = Groups(platform, region_of_nodes(nodes))
        check(platform, retire, nodes, scaling.by_instance())
        if undo_:
            _undo(nodes, cluster, yes)
            return
        run = Replacement(
            cluster=cluster,
            scaling=scaling,
            clock=Clock(now=utc_now, sleep=time.sleep),
            pools=tuple(pool or ()),
            generation=retire,
            wish=wish,
            say=lambda line: errors.print(line, markup=False, highlight=False),
        )
        plans = run.plans()
    _print(plans, run, wish)
    old = sum(len(plan.fates) for plan in plans.values())
    going = sum(plan.going for plan in plans.values())
    what = f"{going} of {len(nodes)} nodes would go"
    if not yes:
        stay = f", {old - going} old ones stay" if old > going else ""
        typer.echo(f"{what}{stay}; nothing was changed (--yes does it)")
        return
    _replace(run, waits, stack, len(nodes), errors)


def _replace(run: Replacement, waits: timedelta, stack: str, nodes: int, errors: Console) -> None:
    again = "; ".join(
        (
            f"`fleet pools patch {stack} ... --yes` goes on",
            f"`fleet pools patch {stack} --undo --yes` opens cordoned nodes again",
        )
    )
    last = ""

    def shows(line: str) -> None:
        nonlocal last
        status.update(escape(line))
        said = line.rpartition(";")[0]
        if not errors.is_terminal and said != last:
            errors.print(line, markup=False, highlight=False)
        last = said

    status = errors.status("Beginning")
    try:
        with status:
            plans = run.run(waits, shows)
    except BaseException:
        if not run.wish.give_back:
            print(f"cordoned nodes stay so: {again}", file=sys.stderr)
        raise
    left = {fate.node.name for plan in plans.values() for fate in plan.fates if fate.goes} - {*run.gone, *run.failed}
    gone, failed = len(run.gone), len(run.failed)
    done = "given back" if run.wish.give_back or run.wish.retire else "replaced"
    typer.echo(f"{gone} of {nodes} nodes {done}, {failed} failed, {len(left)} still to go")
    if left:
        errors.print(f"time is up; {again}", markup=False, highlight=False)
    if left or failed:
        raise typer.Exit(1)


def _undo(nodes: Sequence[Node], cluster: Cluster, yes: bool) -> None:
    touched = [node for node in nodes if node.patching or node.held]
    if not yes:
        for node in touched:
            typer.echo(f"{node.name}: {'would be open again' if node.patching else 'would be left to the autoscaler'}")
        typer.echo(f"{len(touched)} of {len(nodes)} nodes; nothing was changed (--yes does it)")
        return
    failed = undo(touched, cluster, typer.echo)
    typer.echo(f"{len(touched) - failed} of {len(nodes)} nodes are as before, {failed} failed")
    if failed:
        raise typer.Exit(1)


def _print(plans: Mapping[str, Plan], run: Replacement, wish: Wish) -> None:
    """A table for each pool that has old nodes, in the order in which they go."""
    console = Console(emoji=False)
    verb = "give back" if wish.give_back or wish.retire else "replace"
    for pool, plan in plans.items():
        if not plan.fates:
            continue
        table = Table(title=f"pool {escape(pool)}", title_justify="left")
        table.add_column("node", overflow="fold")
        table.add_column("age", justify="right")
        for column in ("AMI", "", "why"):
            table.add_column(column, overflow="fold")
        for fate in sorted(plan.fates, key=lambda fate: not fate.goes):
            node = fate.node
            age = span(run.clock.now() - node.created)
            what = f"[yellow]{verb}[/]" if fate.goes else "keep"
            table.add_row(node.name, age, node.ami_release or "?", what, escape(fate.why))
        console.print(table)
    if not wish.retire:
        for line in run.old_releases():
            console.print(line, markup=False, highlight=False)


def _subject(pools: Sequence[str] | None, generation: str | None) -> str:
    which = f"pool {' or '.join(pools)}" if pools else "any pool"
    return f"generation {generation} of {which}" if generation else which


def _limit(root: Path, stack: str) -> str:
    """From which age the platform wants its nodes replaced."""
    settings = json.loads(read_config(root, stack)[PLATFORM_KEY])
    monitoring = settings.get("monitoring") or {}
    days = monitoring.get("nodeAgeDays") if isinstance(monitoring, dict) else None
    return f"{days or AwsMonitoring.model_fields['node_age_days'].default}d"


def _age(text: str | None, default: str) -> timedelta:
    return _seconds(default if text is None else text, "--older-than")


def _seconds(text: str, option: str) -> timedelta:
    try:
        return timedelta(seconds=parse_duration(text))
    except (ValueError, OverflowError):
        raise WrongUsage(f"{text!r} is not a duration, such as 90m, 24h or 30d", option) from None
