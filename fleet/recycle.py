"""`fleet recycle`: give back driver nodes whose drivers ended, and nodes of a generation that retires.

The autoscaler never scales the driver pool in, so it only grows; see docs/guides/recycle-driver-nodes.md.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fleet.live_nodes import REGION_LABEL, Cluster, Group, Groups, LiveError, Node, RefusedError
from sizing import names

UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SETTLE_SECONDS: Final = 15
"""A scheduler may still place a pod by what it knew before the cordon; cluster-autoscaler waits 5 s for the same."""
SHOWN_PODS: Final = 2

Result = Literal["recycled", "kept", "failed"]

EPILOG: Final = (
    "Examples:\n\n"
    "`fleet recycle prod` # show what would go, change nothing\n\n"
    "`fleet recycle prod --older-than 7d --keep 2 --yes` # give back idle nodes older than a week, but two\n\n"
    "`fleet recycle prod --pool ads-batch-main --retire a --yes` # cordon generation a, give back what is idle; repeat "
    "until no node is left\n\n"
    "Exit code 0: done, or nothing to do; 1: something failed; 2: wrong usage."
)


@dataclass(frozen=True)
class Verdict:
    """What becomes of a node."""

    node: Node
    why_kept: str
    """Empty when it goes."""

    @property
    def recycled(self) -> bool:
        return not self.why_kept


class Nodes(Protocol):
    """What giving back needs of `fleet.live_nodes.Cluster`."""

    def work_on(self, node: str, /) -> tuple[str, ...]: ...

    def set_cordon(self, node: str, cordoned: bool, /) -> None: ...


class Scaling(Protocol):
    """What giving back needs of `fleet.live_nodes.Groups`."""

    def again(self, name: str, /) -> Group: ...

    def terminate(self, instance: str, /) -> None: ...


def decide(
    nodes: Iterable[Node], groups: Mapping[str, Group], *, now: datetime, older_than: timedelta, keep: int
) -> list[Verdict]:
    """Which nodes go, the oldest first.

    A node goes when nothing runs there, it is old enough, its group doesn't fall below its minimum, and `keep` other
    idle nodes remain: the newest on which a driver could start at once.

    Args:
        nodes: of one pool.
        groups: of the platform, by instance id.
        now: what ages are counted from.
        older_than: how old a node has to be.
        keep: idle nodes that stay.
    """
    oldest_first = sorted(nodes, key=lambda node: (node.created, node.name))
    useful = [node.name for node in reversed(oldest_first) if not node.work and node.ready and not node.cordoned]
    room = {group.name: group.room for group in groups.values()}

    def why_kept(node: Node) -> str:
        group = groups.get(node.instance)
        if node.work:
            return f"runs {_listed(node.work)}"
        if group is None:
            return "in no Auto Scaling group of the platform"
        if now - node.created < older_than:
            return f"younger than {_span(older_than)}"
        if node.name in useful[:keep]:
            return f"one of the {keep} idle nodes to keep"
        if room[group.name] <= 0:
            return f"group {group.name} is at its minimum of {group.minimum}"
        room[group.name] -= 1
        return ""

    return [Verdict(node, why_kept(node)) for node in oldest_first]


def give_back(
    chosen: Sequence[Node],
    groups: Mapping[str, Group],
    cluster: Nodes,
    scaling: Scaling,
    *,
    stay_cordoned: bool,
    settle: Callable[[], None],
    say: Callable[[str], None],
) -> Counter[Result]:
    """Cordon the chosen nodes, wait, and end those that are still idle and that no minimum needs.

    A node cordoned here that isn't ended is uncordoned, whatever happens, but for `stay_cordoned` and when it can't be
    told whether AWS is ending it. One node's failure stops no other.

    Args:
        chosen: the nodes to end.
        groups: of the platform, by instance id.
        settle: waits until no scheduler places pods by what it knew before the cordon.
        say: told each step, one line.
    """
    results: dict[str, Result] = {}
    cordoned: dict[str, bool] = {}

    def reopen(node: Node) -> None:
        if cordoned.pop(node.name, False) and not stay_cordoned:
            try:
                cluster.set_cordon(node.name, False)
            except LiveError as error:
                results[node.name] = "failed"
                say(f"{node.name}: still cordoned, uncordon it by hand: {error}")

    try:
        for node in chosen:
            # Noted first: a cordon whose answer was lost is taken off too.
            cordoned[node.name] = not node.cordoned
            try:
                cluster.set_cordon(node.name, True)
                say(f"{node.name}: cordoned")
            except LiveError as error:
                results[node.name] = "failed"
                say(f"{node.name}: not cordoned: {error}")
                reopen(node)
        waiting = [node for node in chosen if node.name in cordoned]
        if waiting:
            settle()
        for node in waiting:
            try:
                if why := _needed(node, groups[node.instance].name, cluster, scaling):
                    results[node.name] = "kept"
                    say(f"{node.name}: kept, {why}")
                    reopen(node)
                    continue
                # From here on the node may be ending: only a refusal makes it usable again.
                ours = cordoned.pop(node.name)
                try:
                    scaling.terminate(node.instance)
                except RefusedError:
                    cordoned[node.name] = ours
                    raise
                results[node.name] = "recycled"
                say(f"{node.name}: recycled")
            except LiveError as error:
                results[node.name] = "failed"
                left = "" if node.name in cordoned else "; left cordoned, it may be ending"
                say(f"{node.name}: not recycled: {error}{left}")
                reopen(node)
    finally:
        for node in chosen:
            reopen(node)
    return Counter(results.values())


def recycle(
    platform: Annotated[str, typer.Argument(help="The platform's name, which is the cluster's.")],
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
) -> None:
    """Give back idle nodes of a pool that the autoscaler never scales in, such as the drivers'.

    Idle: nothing runs there but DaemonSets, static pods and finished pods. Nothing that runs is touched, no group goes
    below its minimum, and a node that gets work meanwhile stays.
    """
    age = timedelta() if retire else _duration(older_than)
    errors = Console(stderr=True, soft_wrap=True)
    now = datetime.now(UTC)
    try:
        with errors.status("Asking the cluster and its groups"):
            cluster = Cluster(kubeconfig, context)
            nodes = cluster.nodes(pool, retire)
            if not nodes:
                typer.echo(f"no node of {_subject(pool, retire)} is in this cluster")
                return
            scaling = Groups(platform, _region(nodes))
            groups = scaling.by_instance()
        _check(platform, pool, retire, nodes, groups)
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
    except LiveError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    gone, failed = outcome["recycled"], outcome["failed"]
    typer.echo(f"{gone} of {len(nodes)} nodes recycled, {failed} failed, {len(nodes) - gone - failed} kept")
    if failed:
        raise typer.Exit(1)


def _needed(node: Node, group_name: str, cluster: Nodes, scaling: Scaling) -> str:
    """Why a node can't go any more; empty when it can."""
    if work := cluster.work_on(node.name):
        return f"it got work meanwhile: {_listed(work)}"
    group = scaling.again(group_name)
    return f"group {group.name} is at its minimum of {group.minimum} meanwhile" if group.room <= 0 else ""


def _check(platform: str, pool: str, retire: str | None, nodes: Sequence[Node], groups: Mapping[str, Group]) -> None:
    """Raise LiveError when cluster and account don't belong together, or when the generation is still in use."""
    found = [groups[node.instance] for node in nodes if node.instance in groups]
    if not found:
        raise LiveError(
            f"none of the {len(nodes)} nodes of {_subject(pool, retire)} is in an Auto Scaling group of platform "
            f"{platform}: do the kubeconfig context and the AWS credentials belong to it?"
        )
    if retire and (used := sorted({group.name for group in found if not group.retiring})):
        raise LiveError(
            f"{_subject(pool, retire)} is in use, its group {used[0]} still launches nodes: list it under `retiring` "
            "in the stack file, and run `pulumi up` first"
        )


def _region(nodes: Sequence[Node]) -> str:
    for node in nodes:
        if node.region:
            return node.region
    raise LiveError(f"node {nodes[0].name} doesn't say its region (label {REGION_LABEL}): is this a cluster on AWS?")


def _print(verdicts: Sequence[Verdict], now: datetime) -> None:
    table = Table()
    table.add_column("node", overflow="fold")
    table.add_column("age", justify="right")
    for column in ("", "why"):
        table.add_column(column, overflow="fold")
    for verdict in verdicts:
        what = "[yellow]recycle[/]" if verdict.recycled else "keep"
        table.add_row(verdict.node.name, _span(now - verdict.node.created), what, escape(verdict.why_kept or "idle"))
    Console().print(table)


def _subject(pool: str, generation: str | None) -> str:
    return f"generation {generation} of pool {pool}" if generation else f"pool {pool}"


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})([smhd])", text, re.ASCII)
    if match is None:
        raise typer.BadParameter(f"{text!r} is not an age, such as 90m, 24h or 7d", param_hint="--older-than")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def _span(duration: timedelta) -> str:
    """A duration in its largest unit, rounded down: `3d`, `5h`, `20m`."""
    seconds = int(duration.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _listed(pods: Sequence[str]) -> str:
    more = f" and {len(pods) - SHOWN_PODS} more" if len(pods) > SHOWN_PODS else ""
    return ", ".join(pods[:SHOWN_PODS]) + more
