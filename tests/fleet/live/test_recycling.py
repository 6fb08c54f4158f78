"""Which nodes go, by table and by generated pools; and how they go, with a cluster that fails where it may."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.live.nodes import Group, LiveError, Node, RefusedError
from fleet.live.recycling import Result as Outcome
from fleet.live.recycling import decide, give_back

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GROUP = Group(name="prod-driver-eu-central-1a-a", minimum=1, desired=5, retiring=False)


def node(name: str, *, days: float = 3, **changes: Any) -> Node:  # noqa: ANN401
    base = Node(
        name=name,
        instance=f"i-{name}",
        region="eu-central-1",
        created=NOW - timedelta(days=days),
        ready=True,
        cordoned=False,
        work=(),
    )
    return replace(base, **changes)


def reasons(nodes: list[Node], groups: dict[str, Group], *, keep: int = 0, hours: int = 24) -> dict[str, str]:
    verdicts = decide(nodes, groups, now=NOW, older_than=timedelta(hours=hours), keep=keep)
    return {verdict.node.name: verdict.why_kept for verdict in verdicts}


@pytest.mark.parametrize(
    ("nodes", "keep", "group", "expected"),
    [
        pytest.param([node("a")], 0, GROUP, {"a": ""}, id="idle and old: goes"),
        pytest.param([node("a", work=("ads/d",))], 0, GROUP, {"a": "runs ads/d"}, id="works: stays"),
        pytest.param(
            [node("a", work=("x/1", "x/2", "x/3"))],
            0,
            GROUP,
            {"a": "runs x/1, x/2 and 1 more"},
            id="works a lot: stays",
        ),
        pytest.param([node("a", days=0.9)], 0, GROUP, {"a": "younger than 1d"}, id="young: stays"),
        pytest.param([node("a", days=1)], 0, GROUP, {"a": ""}, id="just old enough: goes"),
        pytest.param(
            [node("a", instance="")], 0, GROUP, {"a": "in no Auto Scaling group of the platform"}, id="no group: stays"
        ),
        pytest.param(
            [node("a", days=2), node("b", days=4)],
            1,
            GROUP,
            {"b": "", "a": "one of the 1 idle nodes to keep"},
            id="headroom is the newest",
        ),
        pytest.param(
            [node("a", days=0.1), node("b", days=4)],
            1,
            GROUP,
            {"b": "", "a": "younger than 1d"},
            id="a young idle node is headroom already",
        ),
        pytest.param(
            [node("a", days=2, cordoned=True), node("b", days=3, ready=False), node("c", days=4)],
            1,
            GROUP,
            {"c": "one of the 1 idle nodes to keep", "b": "", "a": ""},
            id="cordoned and unready nodes are no headroom",
        ),
        pytest.param(
            [node("a", days=2), node("b", days=3), node("c", days=4)],
            0,
            replace(GROUP, minimum=3),
            {"c": "", "b": "", "a": "group prod-driver-eu-central-1a-a is at its minimum of 3"},
            id="the oldest go first, down to the minimum",
        ),
        pytest.param([], 0, GROUP, {}, id="no nodes"),
    ],
)
def test_which_nodes_go(nodes: list[Node], keep: int, group: Group, expected: dict[str, str]) -> None:
    assert reasons(nodes, {n.instance: group for n in nodes if n.instance}, keep=keep) == expected


def test_each_group_has_a_minimum_of_its_own() -> None:
    other = replace(GROUP, name="prod-driver-eu-central-1b-a", minimum=5)
    found = reasons([node("a"), node("b")], {"i-a": GROUP, "i-b": other})
    assert found == {"a": "", "b": "group prod-driver-eu-central-1b-a is at its minimum of 5"}


NODES = st.lists(
    st.builds(
        node,
        name=st.text("abcdef", min_size=1, max_size=3),
        days=st.floats(0, 9),
        ready=st.booleans(),
        cordoned=st.booleans(),
        work=st.sampled_from([(), ("ads/driver",)]),
    ),
    unique_by=lambda n: n.name,
    max_size=12,
)


@given(NODES, st.integers(0, 4), st.integers(0, 4), st.integers(0, 12))
def test_whatever_the_nodes_no_work_is_touched_and_minimum_and_headroom_stay(
    nodes: list[Node], keep: int, minimum: int, desired: int
) -> None:
    group = replace(GROUP, minimum=minimum, desired=desired)
    verdicts = decide(nodes, {n.instance: group for n in nodes}, now=NOW, older_than=timedelta(days=1), keep=keep)
    gone = [verdict.node for verdict in verdicts if verdict.recycled]
    left = [verdict.node for verdict in verdicts if not verdict.recycled]
    usable = [n for n in nodes if not n.work and n.ready and not n.cordoned]
    assert len(verdicts) == len(nodes)
    assert not any(n.work for n in gone)
    assert len(gone) <= max(desired - minimum, 0)
    assert sum(n in usable for n in left) >= min(keep, len(usable))


@dataclass
class FakePlatform:
    """Answers as a cluster and its groups do, and can be told to go wrong at one call."""

    calls: list[str] = field(default_factory=list)
    work: dict[str, tuple[str, ...]] = field(default_factory=dict)
    group: Group = GROUP
    wrong: dict[str, BaseException] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def work_on(self, node: str, /) -> tuple[str, ...]:
        self._call(f"look {node}")
        return self.work.get(node, ())

    def set_cordon(self, node: str, cordoned: bool, /) -> None:
        self._call(f"{'cordon' if cordoned else 'uncordon'} {node}")

    def again(self, name: str, /) -> Group:
        return self.group

    def terminate(self, instance: str, /) -> None:
        self._call(f"end {instance}")
        self.group = replace(self.group, desired=self.group.desired - 1)

    def _call(self, call: str) -> None:
        self.calls.append(call)
        if call in self.wrong:
            raise self.wrong[call]

    def give_back(self, *nodes: Node, stay_cordoned: bool = False) -> Counter[Outcome]:
        return give_back(
            nodes,
            {n.instance: self.group for n in nodes},
            self,
            self,
            stay_cordoned=stay_cordoned,
            settle=lambda: self._call("settle"),
            say=self.said.append,
        )


def test_nodes_are_cordoned_looked_at_again_and_ended() -> None:
    platform = FakePlatform()
    assert platform.give_back(node("a"), node("b")) == {"recycled": 2}
    assert platform.calls == ["cordon a", "cordon b", "settle", "look a", "end i-a", "look b", "end i-b"]


def test_a_node_that_got_work_after_its_cordon_is_opened_again() -> None:
    platform = FakePlatform(work={"a": ("ads/driver",)})
    assert platform.give_back(node("a"), node("b")) == {"kept": 1, "recycled": 1}
    assert "end i-a" not in platform.calls
    assert "uncordon a" in platform.calls
    assert "a: kept, it got work meanwhile: ads/driver" in platform.said


def test_a_node_that_somebody_else_cordoned_is_left_cordoned() -> None:
    platform = FakePlatform(work={"a": ("ads/driver",)})
    platform.give_back(node("a", cordoned=True))
    assert "uncordon a" not in platform.calls


def test_a_retiring_node_that_got_work_stays_cordoned() -> None:
    platform = FakePlatform(work={"a": ("ads/driver",)})
    assert platform.give_back(node("a"), stay_cordoned=True) == {"kept": 1}
    assert "uncordon a" not in platform.calls


def test_a_minimum_raised_meanwhile_is_kept() -> None:
    platform = FakePlatform(group=replace(GROUP, minimum=4))
    assert platform.give_back(node("a"), node("b")) == {"recycled": 1, "kept": 1}
    assert "end i-b" not in platform.calls
    assert platform.calls[-1] == "uncordon b"


def test_what_aws_refuses_to_end_is_opened_again_and_the_next_node_still_goes() -> None:
    platform = FakePlatform(wrong={"end i-a": RefusedError("AWS: AccessDenied")})
    assert platform.give_back(node("a"), node("b")) == {"failed": 1, "recycled": 1}
    assert "uncordon a" in platform.calls
    assert "a: not recycled: AWS: AccessDenied" in platform.said


def test_a_node_that_may_be_ending_is_never_opened_again() -> None:
    platform = FakePlatform(wrong={"end i-a": LiveError("AWS: connection closed")})
    assert platform.give_back(node("a")) == {"failed": 1}
    assert "uncordon a" not in platform.calls
    assert "a: not recycled: AWS: connection closed; left cordoned, it may be ending" in platform.said


def test_a_cordon_whose_answer_was_lost_is_taken_off() -> None:
    platform = FakePlatform(wrong={"cordon a": LiveError("Kubernetes API: timed out")})
    assert platform.give_back(node("a"), node("b")) == {"failed": 1, "recycled": 1}
    assert platform.calls[:3] == ["cordon a", "uncordon a", "cordon b"]
    assert "end i-a" not in platform.calls


def test_a_node_that_can_not_be_looked_at_stays_and_is_opened_again() -> None:
    platform = FakePlatform(wrong={"look a": LiveError("Kubernetes API: 503")})
    assert platform.give_back(node("a")) == {"failed": 1}
    assert platform.calls[-1] == "uncordon a"


def test_a_node_that_can_not_be_opened_again_is_named() -> None:
    platform = FakePlatform(work={"a": ("ads/d",)}, wrong={"uncordon a": LiveError("Kubernetes API: 503")})
    assert platform.give_back(node("a")) == {"failed": 1}
    assert platform.said[-1] == "a: still cordoned, uncordon it by hand: Kubernetes API: 503"


def test_an_interruption_opens_every_cordoned_node_again() -> None:
    platform = FakePlatform(wrong={"settle": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        platform.give_back(node("a"), node("b"))
    assert platform.calls[-2:] == ["uncordon a", "uncordon b"]
