"""`fleet cost` on a real Prometheus: of the story, and of measurements that stop and go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from components.observability import series
from fleet.live.cost.amounts import CostReportError
from fleet.live.cost.period import Span
from fleet.live.cost.prometheus import Prometheus
from fleet.live.cost.prometheus_costs import measure
from fleet.live.cost.report import CostReport, Line, cost_report
from tests.observability.programs import Programs
from tests.observability.prometheus import prometheus
from tests.observability.replayed import Replayed
from tests.observability.samples import Samples

START = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
QUEUE = {"tenant": "ads", "queue": "ads-nightly"}
POOL = {**QUEUE, "pool": "ads-nightly-main"}
HOURS = 8


def asking(address: str) -> Prometheus:
    return Prometheus(address, token=None, ca_file=None, timeout=60)


def of_story(replayed: Replayed, start: float, end: float) -> CostReport:
    """The report of some minutes of the story, whose evaluations may be half a minute beside the clock's minutes."""
    first = datetime.fromtimestamp(replayed.start, UTC).replace(second=0) + timedelta(minutes=1)
    return cost_report(
        measure(
            asking(replayed.server.address),
            Span(first + timedelta(minutes=start), first + timedelta(minutes=end)),
        )
    )


def queue(report: CostReport, name: str) -> Line:
    (line,) = [line for line in report.queues if line.owner.queue == name]
    return line


def test_the_story_costs_its_nodes_for_as_long_as_they_were_there(replayed: Replayed) -> None:
    """Minutes 12 to 28: 200 nodes at 1 USD an hour, and 4 Spot nodes at 0.40."""
    report = of_story(replayed, 12, 28)
    hours = 16 / 60
    batch, etl = queue(report, "ads-batch"), queue(report, "search-etl")
    assert batch.cost == pytest.approx(200 * hours)
    assert batch.node_hours == pytest.approx(200 * hours)
    assert etl.cost == pytest.approx(4 * 0.40 * hours)
    assert etl.saving == pytest.approx(0)
    assert report.platform_total is not None
    assert report.platform_total.cost == pytest.approx(4 * hours)
    assert {line.owner.part for line in report.platform} == {"driver nodes", "system nodes"}
    assert report.measured.covered == pytest.approx(hours)


def test_a_queue_that_has_shrunk_saves_what_its_peak_would_cost(replayed: Replayed) -> None:
    """Minutes 33 to 44: of 200 nodes seven are left, all of them empty."""
    line = queue(of_story(replayed, 33, 44), "ads-batch")
    hours = 11 / 60
    assert line.cost == pytest.approx(7 * hours)
    assert line.at_peak == pytest.approx(200 * hours)
    assert line.saving_ratio == pytest.approx(193 / 200)
    assert line.idle_ratio == pytest.approx(1)


def test_the_whole_story_agrees_with_what_prometheus_itself_makes_of_it(replayed: Replayed) -> None:
    report = of_story(replayed, 0, 88)
    for line in report.queues:
        seen = replayed.at(89, f'avg_over_time({series.QUEUE_COST}{{queue="{line.owner.queue}"}}[88m])')
        assert line.cost == pytest.approx(seen[0].value * 88 / 60, rel=0.03)


def test_a_budget_is_taken_for_the_time_that_is_covered(replayed: Replayed) -> None:
    report = of_story(replayed, 10, 40)
    line = next(line for line in report.tenants if line.owner.tenant == "search")
    assert line.budget == pytest.approx(1 / 730 * 0.5)
    assert line.monthly_budget == pytest.approx(1)
    assert line.budget_ratio == pytest.approx(1.6 * 730)
    assert line.over_budget


def test_a_time_before_the_story_is_told_to_have_nothing(replayed: Replayed) -> None:
    with pytest.raises(CostReportError) as told:
        of_story(replayed, -600, -300)
    assert f"has no {series.PLATFORM_COST} from " in str(told.value)


def samples() -> Samples:
    """Eight hours, each value from two replicas, and nothing in the second to fourth of them.

    For another hour nodes aren't seen: constants, peaks and zeros go on.
    """
    found = Samples()
    minutes = [START.timestamp() + 60 * minute for minute in range(60 * HOURS + 1)]
    there = [time for number, time in enumerate(minutes) if not 60 < number <= 240]
    seen = [time for number, time in enumerate(minutes) if not 60 < number <= 240 and not 300 < number <= 360]
    for replica in "ab":
        of = {"prometheus_replica": replica}
        found.set(series.QUEUE_COST, {**QUEUE, **of}, there, 0)
        found.set(series.QUEUE_COST, {**QUEUE, **of}, seen, 6)
        found.set(series.SUBMITTER_COST, {**QUEUE, "submitter": "jane", **of}, seen, 4)
        found.set(series.SUBMITTER_JOBS, {**QUEUE, "submitter": "jane", **of}, there[10:13], 2)
        found.set(series.QUEUE_HISTORY_COST, {**QUEUE, **of}, there, 0.05)
        found.set(series.QUEUE_HISTORY_COST, {"tenant": "ads", "queue": "ads-other", **of}, there, 0.03)
        found.set(series.QUEUE_COST_AT_PEAK, {**QUEUE, **of}, there, 10)
        found.set(series.PLATFORM_COST, {"purpose": "system", **of}, seen, 2)
        found.set(series.TENANT_BUDGET, {"tenant": "ads", **of}, there, 7300)
        for zone, nodes in (("a", 2), ("b", 1)):
            found.set(series.POOL_NODES, {**POOL, "purpose": "executor", "zone": zone, **of}, seen, nodes)
        found.set(series.POOL_NODES_EMPTY, {**POOL, **of}, seen, 1)
        found.set(series.POOL_NODES, {"pool": "system", "purpose": "system", "zone": "a", **of}, seen, 4)
    found.end_series(minutes)
    return found


@pytest.fixture(scope="module")
def address(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("costs")
    with prometheus(programs, folder) as server:
        server.write(samples())
        yield server.address


def reported(address: str, hours: float = HOURS, *match: str) -> CostReport:
    return cost_report(measure(asking(address), Span(START, START + timedelta(hours=hours)), match))


def test_what_was_not_seen_is_in_no_number_and_said(address: str) -> None:
    report = reported(address)
    (line,) = report.queues
    assert report.measured.covered == line.hours == pytest.approx(4)
    assert line.cost == pytest.approx(4 * 6)
    assert line.at_peak == pytest.approx(4 * 10)
    assert line.node_hours == pytest.approx(4 * 3)
    assert line.idle_ratio == pytest.approx(1 / 3)
    (submitter,) = report.submitters
    assert (submitter.owner.queue, submitter.owner.part) == (line.owner.queue, "jane")
    assert submitter.cost == pytest.approx(4 * 4)
    assert submitter.hours == pytest.approx(4)
    assert submitter.jobs == pytest.approx(6)
    assert line.budget is None
    assert report.tenants[0].budget == pytest.approx(4 * 10)
    assert report.tenants[0].monthly_budget == pytest.approx(7300)
    history = next(one for one in report.platform if one.owner.part == "history servers")
    assert history.cost == pytest.approx(4 * 0.08)
    # Hours of the clock: of those at both ends a half is there.
    assert [str(gap) for gap in report.measured.gaps] == ["2026-11-20 23:00 to 2026-11-21 01:00 UTC"]


def test_replicas_count_once_and_one_of_them_can_be_chosen(address: str) -> None:
    assert reported(address, HOURS, "prometheus_replica=b").total == reported(address).total
    with pytest.raises(CostReportError, match="has no"):
        reported(address, HOURS, 'prometheus_replica=c"} or vector(1) #')


@pytest.mark.parametrize("minutes", [1, 29, 30, 31, 60])
def test_a_period_of_any_length_has_each_of_its_minutes_once(address: str, minutes: int) -> None:
    report = reported(address, minutes / 60)
    assert report.measured.covered == pytest.approx(minutes / 60)
    assert report.total.cost == pytest.approx(8.08 * minutes / 60)


def test_neighbouring_periods_add_up(address: str) -> None:
    middle = START + timedelta(minutes=47)
    parts = (Span(START, middle), Span(middle, START + timedelta(hours=HOURS)))
    costs = [cost_report(measure(asking(address), part)).total.cost for part in parts]
    assert sum(costs) == pytest.approx(reported(address).total.cost)


def whole(address: str) -> CostReport:
    """All measurements: the first stands at the end of a minute."""
    first = START - timedelta(minutes=1)
    return cost_report(measure(asking(address), Span(first, START + timedelta(hours=HOURS))))


def test_what_stands_beside_a_period_is_what_its_own_report_says(address: str) -> None:
    middle = START + timedelta(hours=5)
    later = cost_report(measure(asking(address), Span(middle, START + timedelta(hours=HOURS))))
    earlier = cost_report(measure(asking(address), Span(START + timedelta(hours=2), middle)))
    every = whole(address)
    assert later.queues[0].before == pytest.approx(earlier.queues[0].cost)
    assert later.total.before == pytest.approx(earlier.total.cost)
    assert later.measured.before is not None
    assert later.measured.before.covered == pytest.approx(earlier.measured.covered)
    assert later.measured.month is not None
    assert later.measured.month.covered == pytest.approx(every.measured.covered - later.measured.covered)
    left = (datetime(2026, 12, 1, tzinfo=UTC) - START).total_seconds() / 3600 - HOURS
    rate = later.queues[0].cost / later.queues[0].hours
    assert later.queues[0].forecast == pytest.approx(every.queues[0].cost + rate * left)


def test_before_the_first_measurement_nothing_is_known(address: str) -> None:
    report = whole(address)
    assert report.total.before is None
    assert report.measured.before is not None
    assert report.measured.before.covered == 0
