"""Expected months of a comparison: which sides are replayed, and what of them is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from capacity.declared import Platform, platforms
from capacity.replay.fleet import Replayed
from capacity.replay.fleet import replayed as replay_on_one
from capacity.replay.sizes import Loaded
from capacity.traces.files import table_of
from fleet.offline.changes.comparison import FleetComparison
from fleet.offline.expected import ExpectedQueue, with_expected
from tests.capacity.traces.runs import a_run
from tests.fleet.formats.comparisons import fleet_of, stack_of
from tests.fleet.offline.recorded import sample
from tests.samples import ROOT

DECLARED = platforms(ROOT)


def jobs(*queues: str, **more: Any) -> pa.Table:  # noqa: ANN401
    """Six jobs of each queue, an hour apart, that need more than its minimum."""
    return table_of(
        [
            a_run(f"{queue}-{hour}", 60 * hour, 40, queue=queue, peak_executors=30, **more)
            for queue in queues
            for hour in range(6)
        ]
    )


def changed(queue: str, **changes: Any) -> list[Platform]:  # noqa: ANN401
    """The samples, with other pools of one queue."""
    found = []
    for platform in DECLARED:
        queues = dict(platform.queues)
        if queue in queues:
            pools = {name: replace(pool, **changes) for name, pool in queues[queue].pools.items()}
            queues[queue] = replace(queues[queue], pools=pools)
        found.append(replace(platform, queues=queues))
    return found


def fleet(*stacks: str, compare: bool = True) -> FleetComparison:
    found = [stack_of(name, sample(name) if compare else None, sample(name), compare) for name in stacks]
    return fleet_of(*found) if compare else fleet_of(*found, base=None)


def queues(comparison: FleetComparison) -> dict[str, ExpectedQueue]:
    return {one.queue: one for stack in comparison.stacks for one in stack.expected}


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The platforms that were replayed, in order."""
    names: list[str] = []

    def noted(loaded: Loaded, platform: Platform) -> Replayed:
        names.append(platform.stack)
        return replay_on_one(loaded, platform)

    monkeypatch.setattr("capacity.expected.replayed", noted)
    return names


def test_both_sides_are_replayed_where_a_queue_differs(replayed: list[str]) -> None:
    now = changed("ads-batch", minimum=8)
    found = queues(with_expected(fleet("ads-dev"), jobs("ads-batch"), "t", now, DECLARED))["ads-batch"]
    assert found.then is not None
    assert found.now is not None
    assert (found.now.usd or 0) > (found.then.usd or 0) > 0
    assert replayed == ["platform-dev", "platform-dev"]


def test_a_platform_that_is_as_it_was_is_replayed_once(replayed: list[str]) -> None:
    found = queues(with_expected(fleet("ads-dev"), jobs("ads-batch"), "t", DECLARED, DECLARED))["ads-batch"]
    assert found.then == found.now is not None
    assert replayed == ["platform-dev"]


def test_a_change_of_a_queue_without_jobs_replays_nothing_anew(replayed: list[str]) -> None:
    with_expected(fleet("ads-dev"), jobs("ads-batch"), "t", changed("search-adhoc", minimum=3), DECLARED)
    assert replayed == ["platform-dev"]


def test_only_platforms_of_the_stacks_asked_for_are_replayed(replayed: list[str]) -> None:
    table = jobs("ads-batch", "ads-nightly")
    found = with_expected(fleet("ads-dev", compare=False), table, "t", DECLARED, None)
    assert replayed == ["platform-dev"]
    assert found.trace is not None
    assert found.trace.remarks == ()


def test_a_queue_that_is_declared_as_it_was_has_one_month_though_its_neighbour_changes() -> None:
    now = changed("search-adhoc", minimum=8)
    table = jobs("ads-batch", "search-adhoc")
    found = queues(with_expected(fleet("ads-dev", "search-dev"), table, "t", now, DECLARED))
    assert found["ads-batch"].then == found["ads-batch"].now is not None
    assert found["search-adhoc"].then != found["search-adhoc"].now


def test_a_change_of_what_a_platform_shares_shows_in_each_of_its_queues() -> None:
    slow = [replace(platform, unneeded=3600) for platform in DECLARED]
    found = queues(with_expected(fleet("ads-dev"), jobs("ads-batch"), "t", slow, DECLARED))["ads-batch"]
    assert found.then is not None
    assert found.now is not None
    assert (found.now.usd or 0) > (found.then.usd or 0)


def test_compared_with_nothing_there_is_no_before() -> None:
    found = queues(with_expected(fleet("ads-dev", compare=False), jobs("ads-batch"), "t", DECLARED, None))["ads-batch"]
    assert found.then is None
    assert found.now is not None


def test_queues_without_a_month_say_why() -> None:
    found = queues(with_expected(fleet("search-dev", "demo-kind"), jobs("ads-batch"), "t", DECLARED, DECLARED))
    assert {one.why for one in found.values() if one.queue.startswith("search-")} == {"the trace has no job of it"}
    assert {one.why for one in found.values() if one.queue.startswith("demo-")} == {
        "its stack is wrong, or its platform is not one in AWS"
    }
    lost = jobs("ads-batch", pool="gone")
    one = queues(with_expected(fleet("ads-dev"), lost, "t", DECLARED, DECLARED))["ads-batch"]
    assert one.why == "none of its recorded jobs can run as it is declared"
    assert one.unable is not None


def test_jobs_that_could_run_before_and_can_not_now_have_a_month_before() -> None:
    pool = next(iter(DECLARED[0].queues["ads-batch"].pools.values()))
    small = changed("ads-batch", usable=replace(pool.usable, cpu=1500))
    table = jobs("ads-batch", executor_cpu=2000)
    found = queues(with_expected(fleet("ads-dev"), table, "t", small, DECLARED))["ads-batch"]
    assert found.then is not None
    assert found.now is None
    assert found.unable is not None
    assert found.unable.jobs == 6


def test_a_queue_that_is_no_more_keeps_what_it_was() -> None:
    gone = fleet_of(stack_of("ads-dev", sample("ads-dev"), None))
    now = [replace(p, queues={n: q for n, q in p.queues.items() if n != "ads-batch"}) for p in DECLARED]
    one = queues(with_expected(gone, jobs("ads-batch"), "t", now, DECLARED))["ads-batch"]
    assert one.gone
    assert one.then is not None
    assert one.shown == one.then


def test_what_the_trace_can_not_answer_is_remarked() -> None:
    twice = [replace(platform, queues=DECLARED[0].queues) for platform in DECLARED]
    table = jobs("ads-batch", "gone-queue")
    found = with_expected(fleet("ads-dev"), table, "t", twice, DECLARED, unread=["ads-dev", "search-dev"])
    assert found.trace is not None
    left_out, several, before = found.trace.remarks
    assert left_out.startswith("What it has of gone-queue is left out")
    assert several.startswith("ads-batch: a queue of several platforms")
    assert before.startswith("Before, not known: expected months of ads-dev (")
