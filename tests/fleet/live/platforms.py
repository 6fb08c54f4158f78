"""A platform that runs in memory: nodes, their groups, jobs that end and begin, and an autoscaler."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fleet.live.groups import Group
from fleet.live.nodes import Node
from fleet.live.patching import Wish
from fleet.live.replacing import Clock, Replacement

NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOOT: Final = timedelta(seconds=60)
UNNEEDED: Final = timedelta(minutes=2)
OLD: Final = "v20260930"
NEW: Final = "v20261110"
WISH: Final = Wish(older_than=timedelta(days=30), at_once=3, keep=1, settle=timedelta(seconds=15))


def node(name: str, *, days: float = 40, **changes: Any) -> Node:  # noqa: ANN401
    """An old executor node on which nobody has looked."""
    base = Node(
        name=name,
        instance=f"i-{name}",
        region="eu-central-1",
        created=NOW - timedelta(days=days),
        ready=True,
        cordoned=False,
        pool="ads-batch-main",
        purpose="executor",
        ami_release=OLD,
    )
    return replace(base, **changes)


def group(minimum: int = 1, desired: int = 3, maximum: int = 9, **changes: Any) -> Group:  # noqa: ANN401
    """A group of the same pool."""
    base = Group(
        name="prod-ads-batch-main-eu-central-1a-a",
        minimum=minimum,
        desired=desired,
        maximum=maximum,
        retiring=False,
        template="prod-ads-batch-main-a",
    )
    return replace(base, **changes)


@dataclass
class Platform:
    """One pool in one group, as `Replacement` sees it, and what happens while it waits.

    Attributes:
        all: nodes, by name.
        of: the group.
        jobs: until when each node's pods run, by the node's name.
        scales_in: whether an autoscaler takes empty nodes above the minimum.
        wrong: what a call raises, by its text.
        calls: that changed something.
        lowest: how few open nodes there were at any time.
        most: how many nodes were cordoned at once.
    """

    all: dict[str, Node]
    of: Group
    jobs: dict[str, datetime] = field(default_factory=dict)
    scales_in: bool = True
    wrong: dict[str, list[BaseException]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    time: datetime = NOW
    lowest: int = 10**6
    most: int = 0
    launched: int = 0
    gives: bool = True
    empty_since: dict[str, datetime] = field(default_factory=dict)
    pods_taken: int = 0

    def nodes(self, pool: str | None = None, generation: str | None = None, /) -> list[Node]:
        self._call("list")
        return [replace(one, work=None) for one in self.all.values()]

    def work_on(self, node: str, /) -> tuple[str, ...]:
        self._call(f"look {node}")
        return ("ads-batch/pod",) if self.busy(node) else ()

    def busy(self, name: str) -> bool:
        return self.jobs.get(name, self.time) > self.time

    def cordon(self, node: str, since: datetime, /) -> None:
        self._call(f"cordon {node}", node, cordoned=True, patching=since)

    def uncordon(self, node: str, /) -> None:
        self._call(f"uncordon {node}", node, cordoned=False, patching=None)

    def hold(self, node: str, /) -> None:
        self._call(f"hold {node}", node, held=True)

    def let_go(self, node: str, /) -> None:
        self._call(f"let go {node}", node, held=False)

    def by_instance(self) -> dict[str, Group]:
        return {one.instance: self.of for one in self.all.values()}

    def again(self, name: str, /) -> Group:
        return self.of

    def releases(self, templates: object, /) -> dict[str, str]:
        return {"prod-ads-batch-main-a": NEW}

    def grow(self, name: str, desired: int, /) -> None:
        self._call(f"grow {desired}")
        assert self.of.desired < desired <= self.of.maximum
        self.of = replace(self.of, desired=desired)

    def terminate(self, instance: str, /, *, shrink: bool) -> None:
        name = instance.removeprefix("i-")
        self._call(f"end {name}{'' if shrink else ' and launch'}")
        if shrink:
            assert self.of.desired > self.of.minimum, "AWS refuses to go below the minimum"
            self.of = replace(self.of, desired=self.of.desired - 1)
        self._gone(name)

    def _gone(self, name: str) -> None:
        self.pods_taken += self.busy(name)
        del self.all[name]

    def _call(self, text: str, on: str = "", **changes: Any) -> None:  # noqa: ANN401
        changed = not text.startswith(("look", "list"))
        if changed:
            self.calls.append(text)
        if on:
            self.all[on] = replace(self.all[on], **changes)
        if self.wrong.get(text):
            raise self.wrong[text].pop(0)
        if changed:
            self._measure()

    def _measure(self) -> None:
        self.lowest = min(self.lowest, sum(one.open for one in self.all.values()))
        self.most = max(self.most, sum(one.cordoned for one in self.all.values()))

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        if self.wrong.get("sleep"):
            raise self.wrong["sleep"].pop(0)
        for name, one in list(self.all.items()):
            if not one.ready and self.time - one.created >= BOOT:
                self.all[name] = replace(one, ready=True)
        while self.gives and len(self.all) < self.of.desired:
            self.launched += 1
            name = f"new{self.launched}"
            fresh = next(iter(self.all.values()), node("x"))
            self.all[name] = node(
                name, ready=False, ami_release=NEW, pool=fresh.pool, purpose=fresh.purpose, created=self.time
            )
        if self.scales_in:
            self._autoscale()
        self._measure()

    def _autoscale(self) -> None:
        """As cluster-autoscaler: nodes that were empty for two minutes, to the minimum, whatever is cordoned."""
        for name, one in list(self.all.items()):
            if self.busy(name) or not one.ready:
                self.empty_since.pop(name, None)
                continue
            since = self.empty_since.setdefault(name, self.time)
            free = not one.held and not one.spared and one.purpose == "executor"
            if free and self.time - since >= UNNEEDED and self.of.desired > self.of.minimum:
                self._gone(name)
                self.of = replace(self.of, desired=self.of.desired - 1)

    def run(self, wish: Wish = WISH, hours: float = 24) -> Replacement:
        """Until nothing is left to do, or so many hours are over."""
        made = self.replacement(wish)
        made.run(timedelta(hours=hours), self.shown.append)
        return made

    def replacement(self, wish: Wish = WISH) -> Replacement:
        clock = Clock(now=lambda: self.time, sleep=self.sleep)
        return Replacement(
            cluster=self, scaling=self, clock=clock, pools=(), generation=None, wish=wish, say=self.said.append
        )


def platform(*nodes: Node, of: Group | None = None, busy: dict[str, float] | None = None, **more: Any) -> Platform:  # noqa: ANN401
    """A platform of these nodes, some of them busy for so many hours."""
    until = {name: NOW + timedelta(hours=hours) for name, hours in (busy or {}).items()}
    return Platform({one.name: one for one in nodes}, of or group(desired=len(nodes)), until, **more)
