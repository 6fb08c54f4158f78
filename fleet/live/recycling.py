"""Giving nodes back: which may go, and how they are ended without taking anybody's pod.

The autoscaler never scales the driver pool in, so it only grows; see docs/guides/recycle-driver-nodes.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from fleet.live.nodes import REGION_LABEL, Group, LiveError, Node, RefusedError

SHOWN_PODS: Final = 2

Result = Literal["recycled", "kept", "failed"]


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
    """What giving back needs of `fleet.live.nodes.Cluster`."""

    def work_on(self, node: str, /) -> tuple[str, ...]: ...

    def set_cordon(self, node: str, cordoned: bool, /) -> None: ...


class Scaling(Protocol):
    """What giving back needs of `fleet.live.nodes.Groups`."""

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
    verdicts = []
    for node in oldest_first:
        group = groups.get(node.instance)
        if node.work:
            why_kept = f"runs {_listed(node.work)}"
        elif group is None:
            why_kept = "in no Auto Scaling group of the platform"
        elif now - node.created < older_than:
            why_kept = f"younger than {span(older_than)}"
        elif node.name in useful[:keep]:
            why_kept = f"one of the {keep} idle nodes to keep"
        elif room[group.name] <= 0:
            why_kept = f"group {group.name} is at its minimum of {group.minimum}"
        else:
            why_kept = ""
            room[group.name] -= 1
        verdicts.append(Verdict(node, why_kept))
    return verdicts


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


def _needed(node: Node, group_name: str, cluster: Nodes, scaling: Scaling) -> str:
    """Why a node can't go any more; empty when it can."""
    if work := cluster.work_on(node.name):
        return f"it got work meanwhile: {_listed(work)}"
    group = scaling.again(group_name)
    return f"group {group.name} is at its minimum of {group.minimum} meanwhile" if group.room <= 0 else ""


def check(platform: str, pool: str, retire: str | None, nodes: Sequence[Node], groups: Mapping[str, Group]) -> None:
    """See that cluster and account belong together, and that a generation to be emptied is out of use.

    Raises:
        LiveError: they don't, or it is in use.
    """
    found = [groups[node.instance] for node in nodes if node.instance in groups]
    if not found:
        raise LiveError(
            f"none of the {len(nodes)} nodes of {subject(pool, retire)} is in an Auto Scaling group of platform "
            f"{platform}: do the kubeconfig context and the AWS credentials belong to it?"
        )
    if retire and (used := sorted({group.name for group in found if not group.retiring})):
        raise LiveError(
            f"{subject(pool, retire)} is in use, its group {used[0]} still launches nodes: list it under `retiring` "
            "in the stack file, and run `pulumi up` first"
        )


def region_of_nodes(nodes: Sequence[Node]) -> str:
    """The AWS region in which nodes are.

    Raises:
        LiveError: none of them says it.
    """
    for node in nodes:
        if node.region:
            return node.region
    raise LiveError(f"node {nodes[0].name} doesn't say its region (label {REGION_LABEL}): is this a cluster on AWS?")


def subject(pool: str, generation: str | None) -> str:
    """What is emptied, in words."""
    return f"generation {generation} of pool {pool}" if generation else f"pool {pool}"


def span(duration: timedelta) -> str:
    """A duration in its largest unit, rounded down: `3d`, `5h`, `20m`."""
    seconds = int(duration.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _listed(pods: Sequence[str]) -> str:
    more = f" and {len(pods) - SHOWN_PODS} more" if len(pods) > SHOWN_PODS else ""
    return ", ".join(pods[:SHOWN_PODS]) + more
