"""Which nodes are old, what becomes of each, and why, by table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from fleet.live.groups import Group
from fleet.live.nodes import Node
from fleet.live.patching import BY_HAND, Plan, View, Wish, plan, release_age, why_old
from tests.fleet.live.platforms import NEW, NOW, OLD, WISH, group, node

IDLE: Final[dict[str, Any]] = {"work": ()}
BUSY: Final[dict[str, Any]] = {"work": ("ads-batch/exec-1",)}
GIVE_BACK = replace(WISH, give_back=True)
RETIRE = replace(WISH, older_than=timedelta(), keep=0, retire=True)


def planned(nodes: list[Node], of: Group, wish: Wish = WISH, **facts: Any) -> Plan:  # noqa: ANN401
    groups = {one.instance: of for one in nodes if one.instance}
    return plan(View(nodes=nodes, groups=groups, releases={of.template: NEW}, now=NOW, **facts), wish)


def said(found: Plan) -> dict[str, str]:
    return {fate.node.name: f"{'goes' if fate.goes else 'stays'}: {fate.why}" for fate in found.fates}


def done(found: Plan) -> list[str]:
    return [f"{step.do} {step.node.name}" + (" shrink" if step.shrink else "") for step in found.steps]


@pytest.mark.parametrize(
    ("one", "releases", "expected"),
    [
        (node("a", days=30), {}, "30d old"),
        (node("a", days=29.9), {}, ""),
        (node("a", days=1), {"prod-ads-batch-main-a": NEW}, "its AMI is 51d old"),
        (node("a", days=1), {"prod-ads-batch-main-a": OLD}, ""),
        (node("a", days=1), {}, ""),
        (node("a", days=1, ami_release=""), {"prod-ads-batch-main-a": NEW}, ""),
        (node("a", days=1, ami_release="v20261101"), {"prod-ads-batch-main-a": NEW}, ""),
        (node("a", days=1, cordoned=True, patching=NOW - timedelta(hours=5)), {}, "being emptied for 5h"),
    ],
    ids=[
        "just old enough",
        "younger",
        "of an old AMI, and there is a newer one",
        "of an old AMI, but new nodes get no other",
        "nobody knows what new nodes get",
        "it doesn't say its AMI",
        "its AMI is young",
        "begun with another age",
    ],
)
def test_which_nodes_are_old(one: Node, releases: dict[str, str], expected: str) -> None:
    view = View(nodes=[one], groups={one.instance: group()}, releases=releases, now=NOW)
    assert why_old(one, view, WISH) == expected


@pytest.mark.parametrize("name", ["", "latest", "v20261399", "20260930"])
def test_what_is_no_release_has_no_age(name: str) -> None:
    assert release_age(name, NOW) is None


CASES = [
    pytest.param(
        [node("a", **BUSY), node("b", days=35, **IDLE)],
        group(minimum=0, desired=2),
        {"b": "goes: empty", "a": "goes: runs ads-batch/exec-1"},
        ["cordon b", "cordon a"],
        id="empty ones go first, then the oldest",
    ),
    pytest.param(
        [node("a", **BUSY)],
        group(minimum=1, desired=1),
        {"a": "goes: runs ads-batch/exec-1; a successor comes first"},
        ["grow a", "hold a"],
        id="a node of the minimum waits for its successor",
    ),
    pytest.param(
        [node("a", **BUSY)],
        group(minimum=1, desired=2),
        {"a": "goes: runs ads-batch/exec-1; a successor is coming"},
        [],
        id="nobody asks twice for a successor",
    ),
    pytest.param(
        [node("a", **IDLE), node("b", days=0)],
        group(minimum=1, desired=2),
        {"a": "goes: empty"},
        ["cordon a", "hold b"],
        id="the successor is there, and the autoscaler does not get it",
    ),
    pytest.param(
        [node("a", **IDLE), node("b", days=0, spared=True)],
        group(minimum=1, desired=2),
        {"a": "goes: empty"},
        ["cordon a"],
        id="what somebody else holds is left as it is",
    ),
    pytest.param(
        [node("a", **BUSY)],
        group(minimum=1, desired=1, maximum=1),
        {
            "a": "stays: its group is at its maximum of 1: no successor can come first",
        },
        [],
        id="no room for a successor",
    ),
    pytest.param(
        [node("a", **BUSY), node("b", **BUSY)],
        group(minimum=1, desired=2, maximum=2),
        {
            "a": "goes: runs ads-batch/exec-1",
            "b": "goes: runs ads-batch/exec-1; after those before it",
        },
        ["cordon a", "hold b"],
        id="at the maximum those above the minimum still go",
    ),
    pytest.param(
        [node(name, **BUSY) for name in "abcd"],
        group(minimum=0, desired=4),
        {
            **dict.fromkeys("abc", "goes: runs ads-batch/exec-1"),
            "d": "goes: runs ads-batch/exec-1; after those before it",
        },
        ["cordon a", "cordon b", "cordon c"],
        id="three at once",
    ),
    pytest.param(
        [node("a", cordoned=True, patching=NOW - timedelta(seconds=14), **IDLE)],
        group(minimum=0, desired=1),
        {"a": "goes: cordoned just now"},
        [],
        id="a pod may still come",
    ),
    pytest.param(
        [node("a", cordoned=True, patching=NOW - timedelta(seconds=15), **IDLE)],
        group(minimum=0, desired=1),
        {"a": "goes: empty"},
        ["end a shrink"],
        id="no pod comes any more",
    ),
    pytest.param(
        [node("a", cordoned=True, patching=NOW - timedelta(hours=1), **IDLE)],
        group(minimum=1, desired=1),
        {"a": "goes: empty; its group launches another"},
        ["end a"],
        id="where the minimum misses a node already, its group replaces it",
    ),
    pytest.param(
        [node("a", instance="", **IDLE), node("b", leaving=True, cordoned=True, **IDLE)],
        group(minimum=0),
        {
            "b": "stays: the autoscaler is taking it",
            "a": "stays: in no Auto Scaling group of the platform, or ending",
        },
        [],
        id="what is not the platform's, and what goes anyway",
    ),
    pytest.param(
        [node("a", purpose="system", **BUSY), node("b", purpose="system", cordoned=True, **BUSY)],
        group(minimum=2, desired=2, maximum=2),
        {"b": f"stays: runs ads-batch/exec-1; {BY_HAND}", "a": f"stays: {BY_HAND}"},
        [],
        id="system nodes are shown",
    ),
    pytest.param(
        [node("a", purpose="system", cordoned=True, **IDLE)],
        group(minimum=1, desired=1, maximum=1),
        {"a": "goes: empty; its group launches another"},
        ["end a"],
        id="a system node that was drained",
    ),
    pytest.param(
        [node("a", purpose="driver", **BUSY)],
        group(minimum=0, desired=1),
        {"a": "goes: runs ads-batch/exec-1; a successor comes first"},
        ["grow a"],
        id="a driver can start while a driver node is emptied",
    ),
    pytest.param(
        [node("a", purpose="driver", **BUSY), node("b", purpose="driver", days=1, ami_release=NEW, **IDLE)],
        group(minimum=0, desired=2),
        {"a": "goes: runs ads-batch/exec-1"},
        ["cordon a"],
        id="an idle driver node is there",
    ),
    pytest.param(
        [node("x", days=1, ami_release=NEW, held=True)],
        group(),
        {},
        ["let go x"],
        id="when all is done the autoscaler has every node again",
    ),
]


@pytest.mark.parametrize(("nodes", "of", "fates", "steps"), CASES)
def test_what_becomes_of_old_nodes(nodes: list[Node], of: Group, fates: dict[str, str], steps: list[str]) -> None:
    # Young nodes are of the new AMI.
    found = planned(
        [replace(one, ami_release=NEW) if one.created > NOW - timedelta(days=2) else one for one in nodes], of
    )
    assert said(found) == fates
    assert list(said(found)) == list(fates)
    assert done(found) == steps


def test_without_a_successor_one_node_of_a_group_is_emptied_at_a_time() -> None:
    wish, full = replace(WISH, without_successor=True), group(minimum=2, desired=2, maximum=2)
    nodes = [node("a", **BUSY), node("b", **BUSY)]
    assert done(planned(nodes, full, wish)) == ["cordon a", "hold b"]
    begun = [replace(nodes[0], cordoned=True, patching=NOW), replace(nodes[1], held=True)]
    assert done(planned(begun, full, wish)) == []
    away = [replace(nodes[1], held=True)]
    assert said(planned(away, full, wish)) == {"b": "goes: runs ads-batch/exec-1; a successor is coming"}


def test_a_successor_that_got_work_at_once_is_one_all_the_same() -> None:
    nodes = [node("a", purpose="driver", **BUSY), node("b", purpose="driver", days=0, ami_release=NEW, **BUSY)]
    of = group(minimum=0, desired=2)
    assert done(planned(nodes, of)) == ["grow a"]
    assert done(planned(nodes, of, asked={of.name: 1})) == ["cordon a"]


def driver(name: str, **facts: Any) -> Node:  # noqa: ANN401
    return node(name, pool="driver", purpose="driver", **facts)


@pytest.mark.parametrize(
    ("nodes", "keep", "of", "fates"),
    [
        ([driver("a", **IDLE)], 0, group(), {"a": "goes: empty"}),
        ([driver("a", **BUSY)], 0, group(), {"a": "stays: runs ads-batch/exec-1"}),
        (
            [driver("a", days=32, **IDLE), driver("b", **IDLE)],
            1,
            group(),
            {"b": "goes: empty", "a": "stays: one of the 1 idle nodes to keep"},
        ),
        ([driver("a", days=1, ami_release=NEW, **IDLE), driver("b", **IDLE)], 1, group(), {"b": "goes: empty"}),
        (
            [driver("a", days=32, ready=False, **IDLE), driver("b", **IDLE)],
            1,
            group(),
            {"b": "stays: one of the 1 idle nodes to keep", "a": "goes: empty"},
        ),
        (
            [driver("a", days=32, **IDLE), driver("b", **IDLE), driver("c", days=50, **IDLE)],
            0,
            group(minimum=1, desired=3),
            {
                "c": "goes: empty",
                "b": "goes: empty",
                "a": "stays: its group is at its minimum of 1",
            },
        ),
    ],
    ids=["idle", "busy", "headroom is the newest", "headroom is young", "unready is no headroom", "the minimum"],
)
def test_which_nodes_are_given_back(nodes: list[Node], keep: int, of: Group, fates: dict[str, str]) -> None:
    assert said(planned(nodes, of, replace(GIVE_BACK, keep=keep))) == fates


def test_a_node_to_be_given_back_that_got_work_is_open_again_if_this_run_cordoned_it() -> None:
    cordoned = driver("a", cordoned=True, patching=NOW, **BUSY)
    assert done(planned([cordoned], group(), GIVE_BACK, mine=frozenset("a"))) == ["uncordon a"]
    assert done(planned([cordoned], group(), GIVE_BACK)) == []


def test_a_generation_retires_with_all_its_nodes_at_once() -> None:
    nodes = [node(name, days=0, **BUSY) for name in "abcde"]
    found = planned(nodes, group(minimum=0, desired=5, retiring=True), RETIRE)
    assert done(found) == [f"cordon {name}" for name in "abcde"]
    assert found.going == 5


def test_what_failed_is_not_tried_again() -> None:
    found = planned([node("a", **IDLE)], group(minimum=0), failed={"a": "could not be ended: AWS: AccessDenied"})
    assert said(found) == {"a": "stays: could not be ended: AWS: AccessDenied"}
    assert done(found) == []
