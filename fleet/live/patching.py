"""Which nodes are replaced for their age or their AMI's, in which order, and what is done next; nothing is done here.

Nobody's pod is taken: a node is cordoned, and goes when what runs there has ended. A group never has fewer open nodes
than its minimum for it, and the driver pool keeps idle ones: where one more would be missing, a successor comes first.
What was begun is seen on the nodes themselves, so that whoever asks again goes on. See docs/guides/patch-nodes.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from fleet.live.groups import Group
from fleet.live.nodes import Node

SHOWN_PODS: Final = 2
BOOTING: Final = timedelta(minutes=10)
"""A node that isn't ready for longer is broken, and no successor; the autoscaler gives up on one as late."""
EARLIER: Final = "after those before it"
BY_HAND: Final = "a system node goes when it is drained by hand"

Deed = Literal["cordon", "uncordon", "end", "grow", "hold", "let go"]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for.

    Args:
        older_than: how old a node, or its AMI, has to be.
        at_once: nodes of a pool that are emptied at the same time.
        keep: idle nodes of the driver pool that stay open.
        settle: how long after its cordon a node may still get a pod, placed by what the scheduler knew before.
        give_back: only nodes that are empty and that no minimum needs; no successors, no waiting.
        retire: the nodes are of a generation that retires: all of them, whatever their age, and without successors.
        without_successor: where a group is at its maximum, let it have one open node less than its minimum.
    """

    older_than: timedelta
    at_once: int
    keep: int
    settle: timedelta
    give_back: bool = False
    retire: bool = False
    without_successor: bool = False


@dataclass(frozen=True, kw_only=True)
class View:
    """A pool at one moment.

    Args:
        nodes: all of it; somebody has looked at the work of those that are due, and of driver nodes.
        groups: by instance, those of ending instances left out.
        releases: the AMI release that new nodes get, by launch template.
        now: what ages are counted from.
        mine: names of nodes that this run has cordoned.
        asked: how many open nodes a group had when a successor was asked for, by the group's name.
        failed: why what was tried went wrong, by the name of a node or a group; it isn't tried again.
    """

    nodes: Sequence[Node]
    groups: Mapping[str, Group]
    releases: Mapping[str, str]
    now: datetime
    mine: frozenset[str] = frozenset()
    asked: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    def group(self, node: Node) -> Group | None:
        """The group that a node belongs to; None where it is no group of the platform's, or the node is ending."""
        return self.groups.get(node.instance)


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What becomes of an old node."""

    node: Node
    goes: bool
    why: str
    """What it waits for, or why it stays."""
    old: str
    """Why it is one of those to be replaced."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something to do now."""

    do: Deed
    node: Node
    group: Group
    shrink: bool = False
    """Of `end`: the group becomes one smaller, and launches none in its place."""
    open_nodes: int = 0
    """Of `grow`: how many the group has before the successor is one."""


@dataclass(frozen=True)
class Plan:
    """What becomes of a pool's old nodes, in their order, and what to do now."""

    fates: tuple[Fate, ...]
    steps: tuple[Step, ...]

    @property
    def going(self) -> int:
        """Nodes that are to go and have not gone."""
        return sum(fate.goes for fate in self.fates)


def why_old(node: Node, view: View, wish: Wish) -> str:
    """Why a node is to be replaced; empty when it isn't.

    An old AMI alone is a reason only where new nodes get a newer one.
    """
    age = view.now - node.created
    if wish.retire:
        return "retires"
    if age >= wish.older_than:
        return f"{span(age)} old"
    group = view.group(node)
    newer = view.releases.get(group.template, "") if group else ""
    made = release_age(node.ami_release, view.now)
    if made and made >= wish.older_than and node.ami_release < newer:
        return f"its AMI is {span(made)} old"
    return f"being emptied for {span(view.now - node.patching)}" if node.patching else ""


def plan(view: View, wish: Wish) -> Plan:
    """What to do for a pool now: cordoned nodes first, then empty ones, then busy ones, the oldest first of each."""
    return _Pool(view, wish).plan()


class _Pool:
    """Counts while a plan is made: what it decides of a node holds for those after it."""

    def __init__(self, view: View, wish: Wish) -> None:
        self._view, self._wish = view, wish
        self._fates: list[Fate] = []
        self._steps: list[Step] = []
        self._members: dict[str, list[Node]] = {}
        self._desired: dict[str, int] = {}
        for node in view.nodes:
            if (group := view.group(node)) and not node.leaving:
                self._members.setdefault(group.name, []).append(node)
                self._desired[group.name] = group.desired
        self._open = Counter({name: sum(n.open for n in nodes) for name, nodes in self._members.items()})
        self._idle = {node.name for node in view.nodes if node.open and node.work == ()}
        self._in_flight = 0
        self._waiting: set[str] = set()
        """Groups in which a successor is to come, or a node is emptied without one."""
        self._emptied: set[str] = set()
        """Groups of which nodes are cordoned: when those have gone, a group at its maximum has room."""

    def plan(self) -> Plan:
        old = [(node, why) for node in self._view.nodes if (why := why_old(node, self._view, self._wish))]
        for node, why in sorted(old, key=lambda one: (not one[0].cordoned, one[0].work != (), one[0].created)):
            goes, said = self._fate(node)
            self._fates.append(Fate(node=node, goes=goes, why=said, old=why))
        self._hold()
        return Plan(tuple(self._fates), tuple(self._steps))

    def _fate(self, node: Node) -> tuple[bool, str]:
        group = self._view.group(node)
        if node.leaving:
            return False, "the autoscaler is taking it"
        if group is None:
            return False, "in no Auto Scaling group of the platform, or ending"
        if failure := self._view.failed.get(node.name) or self._view.failed.get(group.name):
            return False, failure
        return self._cordoned(node, group) if node.cordoned else self._untouched(node, group)

    def _cordoned(self, node: Node, group: Group) -> tuple[bool, str]:
        if node.work:
            runs = f"runs {listed(node.work)}"
            if self._wish.give_back:
                if node.name in self._view.mine:
                    self._do("uncordon", node, group)
                return False, runs
            if node.purpose == "system":
                return False, f"{runs}; {BY_HAND}"
            self._in_flight += 1
            self._emptied.add(group.name)
            if self._open[group.name] < group.minimum:
                self._waiting.add(group.name)
            return True, f"{runs}: goes when they have ended"
        if self._wish.give_back and self._desired[group.name] <= group.minimum:
            if node.name in self._view.mine:
                self._do("uncordon", node, group)
            return False, f"its group is at its minimum of {group.minimum}"
        self._in_flight += 1
        self._emptied.add(group.name)
        if node.patching and self._view.now - node.patching < self._wish.settle:
            return True, "cordoned just now"
        minimum_there = self._wish.give_back or self._open[group.name] >= group.minimum
        shrink = self._desired[group.name] > group.minimum and minimum_there
        self._desired[group.name] -= shrink
        if not shrink:
            self._waiting.add(group.name)
        self._do("end", node, group, shrink=shrink)
        return True, "empty" if shrink else "empty; its group launches another"

    def _untouched(self, node: Node, group: Group) -> tuple[bool, str]:
        if node.purpose == "system" and not self._wish.retire:
            return False, BY_HAND
        runs = f"runs {listed(node.work or ())}"
        if self._wish.give_back:
            return self._given_back(node, group, runs)
        state = runs if node.work else "empty"
        if self._wish.retire:
            return self._cordon(node, group, state)
        if self._in_flight >= self._wish.at_once:
            return True, f"{state}; {EARLIER}"
        if not self._needs_successor(node, group):
            return self._cordon(node, group, state)
        name = group.name
        if name not in self._waiting and self._open[name] > self._view.asked.get(name, self._open[name]):
            return self._cordon(node, group, f"{state}; its successor is there")
        if name in self._waiting:
            return True, f"{state}; {EARLIER}"
        if self._coming(group):
            self._in_flight += 1
            self._waiting.add(name)
            return True, f"{state}; a successor is coming"
        if self._desired[name] < group.maximum:
            self._in_flight += 1
            self._waiting.add(name)
            self._do("grow", node, group)
            return True, f"{state}; a successor comes first"
        if name in self._emptied:
            return True, f"{state}; {EARLIER}"
        if not self._wish.without_successor:
            return False, f"its group is at its maximum of {group.maximum}: no successor can come first"
        if sum(member.open for member in self._members[name]) < self._desired[name]:
            return True, f"{state}; when all others of its group are there"
        self._waiting.add(name)
        return self._cordon(node, group, f"{state}; without a successor")

    def _given_back(self, node: Node, group: Group, runs: str) -> tuple[bool, str]:
        if node.work:
            return False, runs
        if node.purpose == "driver" and node.open and len(self._idle) <= self._wish.keep:
            return False, f"one of the {self._wish.keep} idle nodes to keep"
        if self._desired[group.name] <= group.minimum:
            return False, f"its group is at its minimum of {group.minimum}"
        self._desired[group.name] -= 1
        return self._cordon(node, group, "empty")

    def _needs_successor(self, node: Node, group: Group) -> bool:
        if self._open[group.name] - node.open < group.minimum:
            return True
        return node.purpose == "driver" and len(self._idle - {node.name}) < self._wish.keep

    def _coming(self, group: Group) -> bool:
        """Whether a node is on its way, whoever asked for it."""
        members = self._members[group.name]
        young = any(not node.ready and self._view.now - node.created < BOOTING for node in members)
        return self._desired[group.name] > len(members) or young

    def _cordon(self, node: Node, group: Group, why: str) -> tuple[bool, str]:
        self._do("cordon", node, group)
        self._open[group.name] -= node.open
        self._idle.discard(node.name)
        self._in_flight += 1
        self._emptied.add(group.name)
        return True, why

    def _hold(self) -> None:
        """Keep the minimum's nodes from the autoscaler: to it, a group with cordoned nodes has some above its minimum.

        Driver nodes are never scaled in.
        """
        if self._wish.give_back or self._wish.retire:
            return
        chosen = {step.node.name for step in self._steps if step.do in ("cordon", "end")}
        groups = {group.name: group for node in self._view.nodes if (group := self._view.group(node))}
        begun = {
            group.name
            for fate in self._fates
            if fate.goes and (fate.node.cordoned or fate.node.name in chosen) and (group := self._view.group(fate.node))
        }
        begun |= {step.group.name for step in self._steps if step.do == "grow"} | {*self._view.asked}
        for name, members in sorted(self._members.items()):
            group = groups[name]
            newest = sorted(members, key=lambda node: (node.created, node.name), reverse=True)
            usable = [node.name for node in newest if node.open and node.purpose == "executor"]
            needed = [one for one in usable if one not in chosen][: group.minimum] if name in begun else []
            for node in members:
                if node.name in self._view.failed:
                    continue
                if node.name in needed and not node.held and not node.spared:
                    self._do("hold", node, group)
                elif node.held and node.name not in needed:
                    self._do("let go", node, group)

    def _do(self, do: Deed, node: Node, group: Group, *, shrink: bool = False) -> None:
        open_nodes = self._open[group.name]
        self._steps.append(Step(do=do, node=node, group=group, shrink=shrink, open_nodes=open_nodes))


def release_age(release: str, now: datetime) -> timedelta | None:
    """How old a release of the AMI is, by the date in its name; None where that is no date."""
    try:
        return now - datetime.strptime(release, "v%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def span(duration: timedelta) -> str:
    """A duration in its largest unit, rounded down: `3d`, `5h`, `20m`."""
    seconds = int(duration.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def listed(pods: Sequence[str]) -> str:
    """Some pods by name, and how many more."""
    more = f" and {len(pods) - SHOWN_PODS} more" if len(pods) > SHOWN_PODS else ""
    return ", ".join(pods[:SHOWN_PODS]) + more
