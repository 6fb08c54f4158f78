"""How old nodes are replaced while jobs come and go, on a platform in memory that goes wrong where it may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.live.nodes import LiveError, Node, RefusedError
from fleet.live.replacing import LOST_LOOKS, undo
from tests.fleet.live.platforms import NEW, NOW, WISH, group, node, platform

GIVE_BACK = replace(WISH, give_back=True)


def names(count: int) -> list[Node]:
    return [node(f"old{number}", days=40 + number) for number in range(count)]


def test_a_busy_minimum_is_replaced_without_a_moment_below_it() -> None:
    busy = {one.name: 5.0 + number for number, one in enumerate(names(3))}
    made = platform(*names(3), of=group(minimum=3, desired=3, maximum=9), busy=busy)
    run = made.run()
    assert sorted(run.gone) == ["old0", "old1", "old2"]
    assert {one.ami_release for one in made.all.values()} == {NEW}
    assert made.lowest == 3
    assert made.pods_taken == 0
    assert made.of.desired == 3


def test_nothing_is_left_behind_on_the_new_nodes() -> None:
    made = platform(*names(2), of=group(minimum=2, desired=2), busy={"old0": 3})
    made.run()
    assert not [one.name for one in made.all.values() if one.held or one.cordoned or one.patching]


def test_empty_ones_go_before_busy_ones() -> None:
    made = platform(*names(3), of=group(minimum=3, desired=3), busy={"old0": 2, "old2": 1})
    assert made.run().gone == ["old1", "old2", "old0"]


def test_the_successor_of_a_node_that_stays_busy_is_not_scaled_in() -> None:
    made = platform(*names(1), of=group(minimum=1, desired=1), busy={"old0": 20})
    made.run(hours=19)
    assert sorted(made.all) == ["new1", "old0"]
    assert made.all["new1"].held


def test_a_second_run_goes_on_where_the_first_ended() -> None:
    made = platform(*names(4), of=group(minimum=4, desired=4), busy={one.name: 10.0 for one in names(4)})
    assert made.run(hours=1).gone == []
    assert made.of.desired == 7
    run = made.run()
    assert len(run.gone) == 4
    assert made.of.desired == 4
    assert made.lowest == 4


def test_where_a_group_is_at_its_maximum_it_says_so_and_waits_for_nobody() -> None:
    made = platform(*names(2), of=group(minimum=2, desired=2, maximum=2))
    run = made.run()
    assert (run.gone, made.calls, made.time) == ([], [], NOW)


def test_without_a_successor_a_group_is_one_node_short_and_no_more() -> None:
    made = platform(*names(3), of=group(minimum=3, desired=3, maximum=3), busy={"old1": 4, "old2": 6})
    run = made.run(replace(WISH, without_successor=True))
    assert len(run.gone) == 3
    assert made.lowest == 2
    assert made.of.desired == 3
    assert made.pods_taken == 0


def test_without_capacity_at_aws_nothing_is_cordoned() -> None:
    made = platform(*names(2), of=group(minimum=2, desired=2), gives=False)
    made.run(hours=2)
    assert not any(one.cordoned for one in made.all.values())
    assert [call for call in made.calls if call.startswith("grow")] == ["grow 3"]


def test_at_most_so_many_are_emptied_at_once() -> None:
    made = platform(*names(8), of=group(minimum=0, desired=8), busy={one.name: 2.0 for one in names(8)})
    made.run(replace(WISH, at_once=2))
    assert made.most == 2


def test_drivers_have_an_idle_node_all_the_time() -> None:
    drivers = [replace(one, pool="driver", purpose="driver") for one in names(3)]
    made = platform(*drivers, of=group(minimum=1, desired=3), busy={one.name: 1.0 + 2 for one in drivers})
    run = made.run()
    assert len(run.gone) == 3
    assert made.pods_taken == 0
    # Three were there, and the pool is no smaller than one idle node afterwards.
    assert [one.ami_release for one in made.all.values()] == [NEW] * len(made.all)
    assert made.all


def test_an_interruption_leaves_cordoned_nodes_for_the_next_run_or_undo() -> None:
    made = platform(*names(1), of=group(minimum=0, desired=1), busy={"old0": 5}, wrong={"sleep": [KeyboardInterrupt()]})
    with pytest.raises(KeyboardInterrupt):
        made.run()
    assert made.all["old0"].patching == NOW
    assert undo(list(made.all.values()), made, made.said.append) == 0
    assert not made.all["old0"].cordoned
    assert made.said[-1] == "old0: open again"


def test_undo_leaves_alone_what_somebody_else_has_cordoned_or_holds() -> None:
    made = platform(node("a", cordoned=True), node("b", spared=True), node("c", held=True))
    assert undo(list(made.all.values()), made, made.said.append) == 0
    assert made.calls == ["let go c"]


def test_undo_says_what_it_could_not_do() -> None:
    made = platform(node("a", cordoned=True, patching=NOW), wrong={"uncordon a": [LiveError("Kubernetes API: 503")]})
    assert undo(list(made.all.values()), made, made.said.append) == 1
    assert made.said == ["a: Kubernetes API: 503"]


def test_an_interruption_of_giving_back_opens_every_node_again() -> None:
    made = platform(*names(2), of=group(minimum=0, desired=2), wrong={"sleep": [KeyboardInterrupt()]})
    with pytest.raises(KeyboardInterrupt):
        made.run(GIVE_BACK)
    assert made.calls == ["cordon old1", "cordon old0", "uncordon old0", "uncordon old1"]


def test_a_node_that_got_work_after_its_cordon_is_not_ended() -> None:
    made = platform(*names(1), of=group(minimum=0, desired=1))
    replacement = made.replacement()
    cordon = made.cordon

    def late(name: str, since: object, /) -> None:
        cordon(name, NOW)
        made.jobs[name] = NOW + timedelta(hours=1)

    made.cordon = late  # type: ignore[method-assign]
    replacement.run(timedelta(hours=3), made.shown.append)
    assert replacement.gone == ["old0"]
    assert made.pods_taken == 0
    assert made.time >= NOW + timedelta(hours=1)


def test_a_node_that_gets_work_between_a_look_and_its_end_is_not_ended() -> None:
    made = platform(*names(1), of=group(minimum=0, desired=1), scales_in=False)
    look, looks = made.work_on, []

    def late(name: str, /) -> tuple[str, ...]:
        found = look(name)
        if made.all[name].cordoned and made.time >= NOW + WISH.settle:
            looks.append(found)
            # Placed by what the scheduler knew before the cordon.
            made.jobs.setdefault(name, NOW + timedelta(hours=1))
        return found

    made.work_on = late  # type: ignore[method-assign]
    assert made.run().gone == ["old0"]
    assert looks[:2] == [(), ("ads-batch/pod",)]
    assert made.pods_taken == 0


def test_what_aws_refuses_to_end_is_opened_again_and_the_next_node_still_goes() -> None:
    wrong = {"end old1": [RefusedError("AWS: AccessDenied")]}
    made = platform(*names(2), of=group(minimum=0, desired=2), wrong=wrong, scales_in=False)
    run = made.run()
    assert run.gone == ["old0"]
    assert run.failed == {"old1": "could not be ended: AWS: AccessDenied"}
    assert not made.all["old1"].cordoned


def test_a_node_that_may_be_ending_is_never_opened_again() -> None:
    wrong = {"end old0": [LiveError("AWS: connection closed")]}
    made = platform(*names(1), of=group(minimum=0, desired=1), wrong=wrong, scales_in=False)
    run = made.run()
    assert "uncordon old0" not in made.calls
    assert run.failed["old0"].endswith("AWS: connection closed; left cordoned, it may be ending")


def test_a_cordon_whose_answer_was_lost_is_taken_off() -> None:
    wrong = {"cordon old0": [LiveError("Kubernetes API: timed out")]}
    made = platform(*names(1), of=group(minimum=0, desired=1), wrong=wrong, scales_in=False)
    made.run()
    assert made.calls == ["cordon old0", "uncordon old0"]


def test_a_node_that_can_not_be_opened_again_is_named() -> None:
    wrong = {"cordon old0": [LiveError("Kubernetes API: 503")], "uncordon old0": [LiveError("Kubernetes API: 503")]}
    made = platform(*names(1), of=group(minimum=0, desired=1), wrong=wrong, scales_in=False)
    run = made.run()
    assert run.failed == {"old0": "still cordoned, uncordon it by hand: Kubernetes API: 503"}


def test_a_successor_that_is_refused_fails_once() -> None:
    wrong = {"grow 2": [RefusedError("AWS: ScalingActivityInProgress")]}
    made = platform(*names(1), of=group(minimum=1, desired=1), wrong=wrong)
    run = made.run()
    assert run.failed == {made.of.name: "no successor: AWS: ScalingActivityInProgress"}
    assert made.calls[0] == "grow 2"


@pytest.mark.parametrize(("times", "ends"), [(LOST_LOOKS - 1, True), (LOST_LOOKS, False)])
def test_a_cluster_that_does_not_answer_for_a_while_is_asked_again(times: int, ends: bool) -> None:
    made = platform(*names(1), of=group(minimum=0, desired=1), busy={"old0": 1})
    run = made.replacement()
    run.plans()
    failing = [LiveError("Kubernetes API: 503") for _ in range(times)]
    shows = made.shown.append

    def later(line: str) -> None:
        shows(line)
        if len(made.shown) == 2:
            made.wrong["list"] = list(failing)

    if ends:
        run.run(timedelta(hours=3), later)
        assert run.gone == ["old0"] or "old0" not in made.all
    else:
        with pytest.raises(LiveError, match="503"):
            run.run(timedelta(hours=3), later)


def test_a_first_look_that_fails_is_an_error_at_once() -> None:
    made = platform(*names(1), wrong={"list": [LiveError("Kubernetes API: 401")]})
    with pytest.raises(LiveError, match="401"):
        made.run()


def test_progress_is_shown_in_a_line() -> None:
    made = platform(*names(1), of=group(minimum=1, desired=1), busy={"old0": 1})
    made.run()
    assert made.shown[0] == "0 replaced, 1 to go; waiting for 0 to become empty, for 1 successors; 1d left"
    assert "0 replaced, 1 to go; waiting for 1 to become empty; 23h left" in made.shown


POOLS = st.lists(
    st.tuples(st.floats(0, 90), st.one_of(st.none(), st.floats(0.01, 9)), st.booleans(), st.booleans()),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(POOLS, st.integers(0, 8), st.integers(0, 4), st.integers(1, 4), st.sampled_from(["executor", "driver"]))
def test_whatever_the_pool_no_pod_is_taken_and_the_minimum_is_there(
    pool: list[tuple[float, float | None, bool, bool]], minimum: int, room: int, at_once: int, purpose: str
) -> None:
    nodes = [
        node(f"n{i}", days=days, ami_release=NEW if young else "", purpose=purpose, ready=ready)
        for i, (days, _, young, ready) in enumerate(pool)
    ]
    busy = {f"n{i}": hours for i, (_, hours, _, _) in enumerate(pool) if hours}
    least = min(minimum, len(nodes))
    made = platform(*nodes, of=group(minimum=least, desired=len(nodes), maximum=len(nodes) + room), busy=busy)
    at_first = sum(one.open for one in nodes)
    run = made.run(replace(WISH, at_once=at_once), hours=60)
    assert made.pods_taken == 0
    assert not run.failed
    assert made.lowest >= min(least, at_first)
    assert made.of.minimum <= made.of.desired <= made.of.maximum
    assert made.most <= at_once
    if room:
        assert not [
            one for one in made.all.values() if made.time - one.created >= WISH.older_than and one.name[0] == "n"
        ]
    assert not [one.name for one in made.all.values() if one.held or one.cordoned]


@settings(max_examples=80, deadline=None)
@given(POOLS, st.integers(0, 8), st.integers(0, 3))
def test_giving_back_touches_no_work_no_minimum_and_no_headroom(
    pool: list[tuple[float, float | None, bool, bool]], minimum: int, keep: int
) -> None:
    nodes = [
        node(f"n{i}", days=days, ready=ready, pool="driver", purpose="driver")
        for i, (days, _, _, ready) in enumerate(pool)
    ]
    busy = {f"n{i}": hours + 1 for i, (_, hours, _, _) in enumerate(pool) if hours}
    of = group(minimum=min(minimum, len(nodes)), desired=len(nodes))
    made = platform(*nodes, of=of, busy=busy)
    idle = {one.name for one in nodes if one.ready and one.name not in busy}
    made.run(replace(GIVE_BACK, keep=keep, older_than=timedelta(days=1)))
    assert made.pods_taken == 0
    assert made.of.desired >= of.minimum
    assert len(idle & made.all.keys()) >= min(keep, len(idle))
    assert made.launched == 0
    assert not [one for one in made.all.values() if one.cordoned]
    assert made.time - NOW < timedelta(minutes=2)
