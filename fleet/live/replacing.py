"""Replaces old nodes, step by step as `fleet.live.patching` plans, until none is left or time is up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from fleet.live.groups import Group
from fleet.live.nodes import REGION_LABEL, LiveError, Node, RefusedError
from fleet.live.patching import Fate, Plan, Step, View, Wish, listed, plan, release_age, span, why_old

POLL: Final = timedelta(seconds=15)
"""Between looks: well within the two minutes after which the autoscaler takes an empty successor."""
LOST_LOOKS: Final = 5
"""Looks in a row that may fail while nodes are waited for."""


class Nodes(Protocol):
    """What is used of `fleet.live.nodes.Cluster`."""

    def nodes(self, pool: str | None = None, generation: str | None = None, /) -> list[Node]: ...

    def work_on(self, node: str, /) -> tuple[str, ...]: ...

    def cordon(self, node: str, since: datetime, /) -> None: ...

    def uncordon(self, node: str, /) -> None: ...

    def hold(self, node: str, /) -> None: ...

    def let_go(self, node: str, /) -> None: ...


class Scaling(Protocol):
    """What is used of `fleet.live.groups.Groups`."""

    def by_instance(self) -> dict[str, Group]: ...

    def again(self, name: str, /) -> Group: ...

    def terminate(self, instance: str, /, *, shrink: bool) -> None: ...

    def grow(self, name: str, desired: int, /) -> None: ...

    def releases(self, templates: Sequence[str], /) -> dict[str, str]: ...


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Time, so that tests have their own."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


@dataclass(kw_only=True)
class Replacement:
    """One run over some pools.

    Args:
        cluster: the nodes.
        scaling: their groups.
        clock: see `Clock`.
        pools: identities; none for all.
        generation: of their nodes; None for all.
        wish: see `fleet.live.patching.Wish`.
        say: told each thing that is done, one line.

    Attributes:
        gone: names of nodes that were ended.
        failed: why what was tried went wrong, by node or group.
        mine: nodes that this run has cordoned, and that are there.
    """

    cluster: Nodes
    scaling: Scaling
    clock: Clock
    pools: Sequence[str]
    generation: str | None
    wish: Wish
    say: Callable[[str], None]
    gone: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    mine: set[str] = field(default_factory=set)
    _asked: dict[str, int] = field(default_factory=dict)
    _releases: dict[str, str] | None = None

    def look(self) -> dict[str, View]:
        """Each pool as it is now.

        Raises:
            LiveError: the cluster or AWS could not be asked.
        """
        found = [node for pool in self.pools or (None,) for node in self.cluster.nodes(pool, self.generation)]
        groups = self.scaling.by_instance()
        if self._releases is None:
            templates = {groups[node.instance].template for node in found if node.instance in groups}
            self._releases = self.scaling.releases(sorted(templates - {""}))
        by_pool: dict[str, list[Node]] = {}
        for node in found:
            if node.name not in self.gone:
                by_pool.setdefault(node.pool, []).append(node)
        views = {pool: self._view(nodes, groups) for pool, nodes in sorted(by_pool.items())}
        return {pool: replace(view, nodes=[self._seen(n, view) for n in view.nodes]) for pool, view in views.items()}

    def plans(self) -> dict[str, Plan]:
        """What would be done now, by pool; see `look`."""
        return {pool: plan(view, self.wish) for pool, view in self.look().items()}

    def run(self, timeout: timedelta, shows: Callable[[str], None]) -> dict[str, Plan]:
        """Replace nodes until none is left that can go, or time is up; what was begun stays as it is then.

        Args:
            timeout: how long nodes are waited for.
            shows: told how far it is, at every look.

        Returns:
            the last plans.

        Raises:
            LiveError: the cluster or AWS could not be asked, several times in a row.
        """
        until = self.clock.now() + timeout
        lost = 0
        plans: dict[str, Plan] = {}
        try:
            while True:
                try:
                    plans = self.plans()
                    lost = 0
                except LiveError as error:
                    lost += 1
                    if not plans or lost >= LOST_LOOKS:
                        raise
                    self.say(f"not seen: {error}; looking again")
                else:
                    for step in (step for one in plans.values() for step in one.steps):
                        self._do(step)
                    if not any(one.going or one.steps for one in plans.values()):
                        return plans
                now = self.clock.now()
                if now >= until:
                    return plans
                if not self._left(plans):
                    continue
                shows(f"{self.progress(plans)}; {span(until - now)} left")
                self.clock.sleep(min(POLL, max(until - now, timedelta(seconds=1))).total_seconds())
        finally:
            if self.wish.give_back:
                for name in sorted(self.mine):
                    self._reopen(name)

    def old_releases(self) -> list[str]:
        """What to say of launch templates whose own AMI is as old as what is to be replaced."""
        found = []
        for template, release in sorted((self._releases or {}).items()):
            made = release_age(release, self.clock.now())
            if made and made >= self.wish.older_than >= timedelta(days=1):
                found.append(
                    f"new nodes of {template} get AMI {release}, which is {span(made)} old too: "
                    "name a newer cluster.amiRelease and run `pulumi up` first"
                )
        return found

    def progress(self, plans: Mapping[str, Plan]) -> str:
        """How far it is, in a line."""
        left = self._left(plans)
        emptied = [fate for fate in left if fate.node.cordoned or fate.node.name in self.mine]
        coming = f", for {len(self._asked)} successors" if self._asked else ""
        return f"{len(self.gone)} replaced, {len(left)} to go; waiting for {len(emptied)} to become empty{coming}"

    def _left(self, plans: Mapping[str, Plan]) -> list[Fate]:
        return [fate for one in plans.values() for fate in one.fates if fate.goes and fate.node.name not in self.gone]

    def _view(self, nodes: Sequence[Node], groups: Mapping[str, Group]) -> View:
        return View(
            nodes=nodes,
            groups=groups,
            releases=self._releases or {},
            now=self.clock.now(),
            mine=frozenset(self.mine),
            asked=dict(self._asked),
            failed=dict(self.failed),
        )

    def _seen(self, node: Node, view: View) -> Node:
        """With what runs there, where that matters: the other nodes may be very many."""
        wanted = node.purpose == "driver" or why_old(node, view, self.wish)
        return replace(node, work=self.cluster.work_on(node.name)) if wanted else node

    def _do(self, step: Step) -> None:
        node, group = step.node, step.group
        try:
            if step.do == "cordon":
                # Noted first: a cordon whose answer was lost is taken off too.
                self.mine.add(node.name)
                self.cluster.cordon(node.name, self.clock.now())
                self._asked.pop(group.name, None)
                self.say(f"{node.name}: cordoned")
            elif step.do == "uncordon":
                self._reopen(node.name)
                self.say(f"{node.name}: got work meanwhile, open again")
            elif step.do == "end":
                self._end(step)
            elif step.do == "grow":
                wanted = self.scaling.again(group.name).desired + 1
                self.scaling.grow(group.name, min(wanted, group.maximum))
                self._asked[group.name] = step.open_nodes
                self.say(f"{group.name}: a successor is asked for, {wanted} nodes in all")
            elif step.do == "hold":
                self.cluster.hold(node.name)
            else:
                self.cluster.let_go(node.name)
        except LiveError as error:
            self._failed(step, error)

    def _end(self, step: Step) -> None:
        """Looks once more: what was planned by is some seconds old."""
        node, name = step.node, step.group.name
        if work := self.cluster.work_on(node.name):
            self.say(f"{node.name}: got work meanwhile: {listed(work)}")
            return
        group = self.scaling.again(name)
        shrink = step.shrink and group.desired > group.minimum
        if self.wish.give_back and not shrink:
            self._reopen(node.name)
            self.say(f"{node.name}: kept, group {name} is at its minimum of {group.minimum} meanwhile")
            return
        # From here on the node may be ending: only a refusal makes it usable again.
        ours = node.name in self.mine
        self.mine.discard(node.name)
        try:
            self.scaling.terminate(node.instance, shrink=shrink)
        except RefusedError:
            if ours:
                self.mine.add(node.name)
            raise
        self.gone.append(node.name)
        self.say(f"{node.name}: ended{'' if shrink else ', its group launches another'}")

    def _failed(self, step: Step, error: LiveError) -> None:
        node = step.node.name
        if step.do == "grow":
            self.failed[step.group.name] = f"no successor: {error}"
            self.say(f"{step.group.name}: {self.failed[step.group.name]}")
            return
        left = "; left cordoned, it may be ending" if step.do == "end" and not isinstance(error, RefusedError) else ""
        self.failed[node] = f"could not {DONE[step.do]}: {error}{left}"
        self.say(f"{node}: {self.failed[node]}")
        if step.do in ("cordon", "end") and node in self.mine and not self.wish.retire:
            self._reopen(node)

    def _reopen(self, name: str) -> None:
        self.mine.discard(name)
        try:
            self.cluster.uncordon(name)
        except LiveError as error:
            self.failed[name] = f"still cordoned, uncordon it by hand: {error}"
            self.say(f"{name}: {self.failed[name]}")


DONE: Final = {
    "cordon": "be cordoned",
    "uncordon": "be uncordoned",
    "end": "be ended",
    "hold": "be kept from the autoscaler",
    "let go": "be left to the autoscaler",
}


def undo(nodes: Sequence[Node], cluster: Nodes, say: Callable[[str], None]) -> int:
    """Open every node that a run has cordoned, and let the autoscaler have those that it held.

    Returns:
        how many could not be.
    """
    failed = 0
    for node in nodes:
        try:
            if node.patching:
                cluster.uncordon(node.name)
                say(f"{node.name}: open again")
            if node.held:
                cluster.let_go(node.name)
                say(f"{node.name}: left to the autoscaler again")
        except LiveError as error:
            failed += 1
            say(f"{node.name}: {error}")
    return failed


def check(platform: str, generation: str | None, nodes: Sequence[Node], groups: Mapping[str, Group]) -> None:
    """See that cluster and account belong together, and that a generation that is to retire is out of use.

    Raises:
        LiveError: they don't, or it is in use.
    """
    found = [groups[node.instance] for node in nodes if node.instance in groups]
    if not found:
        raise LiveError(
            f"none of the {len(nodes)} nodes is in an Auto Scaling group of platform {platform}: do the kubeconfig "
            "context and the AWS credentials belong to it?"
        )
    if generation and (used := sorted({group.name for group in found if not group.retiring})):
        raise LiveError(
            f"generation {generation} is in use, its group {used[0]} still launches nodes: list it under `retiring` "
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


def utc_now() -> datetime:
    """Now."""
    return datetime.now(UTC)
