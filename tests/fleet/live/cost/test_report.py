from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.live.cost.amounts import Amount, CostReportError, Measurements, Owner, Stretch
from fleet.live.cost.period import HOUR, Span, before
from fleet.live.cost.report import cost_report
from tests.fleet.live.cost.measured import (
    INDEX,
    NIGHTLY,
    REPORTS,
    START,
    SYSTEM,
    amounts,
    fleet_of_three,
    measurements,
    week,
)

HOURS = 7 * 24
USD = st.integers(0, 10**8).map(lambda cents: cents / 100)


@st.composite
def measured(draw: st.DrawFn) -> Measurements:
    """A few queues and the platform, each with some hours of three days."""
    span = week(3)
    slots = list(span.slots())
    found = []
    for owner in draw(st.lists(st.sampled_from([NIGHTLY, REPORTS, INDEX, SYSTEM]), unique=True)):
        for slot in draw(st.lists(st.sampled_from(slots), unique=True, max_size=8)):
            cost, more, nodes = draw(USD), draw(USD), draw(USD)
            found.append(
                Amount(
                    owner=owner,
                    span=slot,
                    cost=cost,
                    at_peak=cost + more if owner.queue else None,
                    node_hours=nodes,
                    idle_node_hours=nodes / 2 if owner.queue else None,
                    budget=draw(st.none() | USD) if owner.queue else None,
                    hours=draw(st.integers(1, 60)) / 60,
                )
            )
    return measurements(found, span)


def test_a_queue_has_the_sums_of_its_hours_and_what_follows_from_them() -> None:
    line = cost_report(fleet_of_three()).queues[0]
    assert line.owner == NIGHTLY
    assert (line.cost, line.at_peak, line.saving) == (8 * HOURS, 20 * HOURS, 12 * HOURS)
    assert line.saving_ratio == pytest.approx(0.6)
    assert line.idle_ratio == pytest.approx(0.1)
    assert line.of_tenant == pytest.approx(8 / 9)
    assert (line.budget, line.budget_ratio) == (None, None)
    assert line.hours == HOURS


def test_the_dearest_queue_comes_first() -> None:
    assert [line.owner for line in cost_report(fleet_of_three()).queues] == [NIGHTLY, INDEX, REPORTS]


def test_a_tenants_queues_share_its_budget() -> None:
    ads, search = cost_report(fleet_of_three()).tenants
    assert (ads.owner, search.owner) == (Owner(tenant="ads"), Owner(tenant="search"))
    assert ads.cost == 9 * HOURS
    assert ads.budget == 6 * HOURS
    assert ads.budget_ratio == pytest.approx(1.5)
    assert ads.monthly_budget == 6 * 730
    assert (ads.over_budget, search.over_budget) == (True, False)
    assert search.budget_ratio is None


def test_the_same_budget_is_in_one_line_alone() -> None:
    report = cost_report(fleet_of_three())
    every = (*report.queues, *report.tenants, *report.platform, report.queues_total, report.total)
    assert [line.owner for line in every if line.budget is not None] == [Owner(tenant="ads")]
    for tenant in report.tenants:
        assert sum(q.of_tenant or 0 for q in report.queues if q.owner.tenant == tenant.owner.tenant) == pytest.approx(1)


def test_a_tenant_of_whom_the_report_lacks_queues_has_no_budget() -> None:
    (line,) = cost_report(fleet_of_three(), queues=["ads-nightly"]).tenants
    assert (line.budget, line.monthly_budget, line.over_budget) == (None, None, False)
    assert cost_report(fleet_of_three(), ["ads"]).tenants[0].budget == 6 * HOURS


def test_the_platform_costs_as_much_beside_fixed_queues() -> None:
    report = cost_report(fleet_of_three())
    assert report.platform_total is not None
    assert (report.platform_total.cost, report.platform_total.saving) == (2 * HOURS, None)
    assert report.queues_total.at_peak == 25 * HOURS
    assert report.total.at_peak == 27 * HOURS
    assert report.total.saving == report.queues_total.saving == 13 * HOURS


@pytest.mark.parametrize(
    ("tenants", "queues", "expected"),
    [
        ((), (), {"ads-nightly", "ads-reports", "search-index"}),
        (("ads",), (), {"ads-nightly", "ads-reports"}),
        ((), ("ads-reports",), {"ads-reports"}),
        (("search",), ("ads-reports",), {"ads-reports", "search-index"}),
    ],
)
def test_a_report_of_some_queues_has_no_others_and_not_the_platform(
    tenants: tuple[str, ...], queues: tuple[str, ...], expected: set[str]
) -> None:
    report = cost_report(fleet_of_three(), tenants, queues)
    assert {line.owner.queue for line in report.queues} == expected
    assert (report.platform_total is None) is bool(tenants or queues)
    assert set().union(*(bar.costs for bar in report.bars)) - {"platform"} == expected


@pytest.mark.parametrize(
    ("tenants", "queues", "message"),
    [
        (("adds",), (), "no tenant adds in this period; there are: ads, search"),
        ((), ("ads",), "no queue ads in this period; there are: ads-nightly, ads-reports, search-index"),
    ],
)
def test_a_name_that_nobody_has_is_told_with_those_that_there_are(
    tenants: tuple[str, ...], queues: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CostReportError) as told:
        cost_report(fleet_of_three(), tenants, queues)
    assert str(told.value) == message


def test_what_one_queue_does_not_know_a_sum_does_not_either() -> None:
    found = [*amounts(NIGHTLY, week(), usd=1, peak=2, nodes=1, idle=0), *amounts(INDEX, week(), usd=1)]
    report = cost_report(measurements(found))
    assert report.queues_total.cost == 2 * HOURS
    assert report.queues_total.saving is None
    assert report.queues_total.idle_ratio is None


def test_a_queue_that_came_late_has_fewer_hours_and_its_tenant_all() -> None:
    late = Span(START + timedelta(days=5), week().end)
    found = [*amounts(NIGHTLY, week(), usd=1), *amounts(REPORTS, late, usd=1)]
    report = cost_report(measurements(found))
    assert {line.owner: line.hours for line in report.queues} == {NIGHTLY: HOURS, REPORTS: 48}
    assert report.tenants[0].hours == HOURS


def test_nothing_at_all_makes_a_report_of_nothing() -> None:
    report = cost_report(measurements([]))
    assert (report.queues, report.tenants, report.platform, report.platform_total) == ((), (), (), None)
    assert report.total.cost == 0
    assert report.total.saving_ratio is None


def test_bars_are_of_days_and_of_hours_in_short_periods() -> None:
    assert [bar.span.hours for bar in cost_report(fleet_of_three()).bars] == [24] * 7
    short = Span(START + HOUR / 2, START + 2 * HOUR)
    assert [bar.span.hours for bar in cost_report(fleet_of_three(short)).bars] == [0.5, 1]
    billed = replace(fleet_of_three(week(1)), source="aws")
    assert [bar.span.hours for bar in cost_report(billed).bars] == [24]


def test_a_bar_has_queues_and_the_platform_as_one_and_the_peak_of_all() -> None:
    bar = cost_report(fleet_of_three()).bars[0]
    assert bar.costs == {"ads-nightly": 192, "ads-reports": 24, "platform": 48, "search-index": 72}
    assert bar.at_peak == 24 * 27


@settings(deadline=None)
@given(measured())
def test_sums_agree_however_they_are_made(found: Measurements) -> None:
    report = cost_report(found)
    total = sum(amount.cost for amount in found.amounts)
    platform = report.platform_total.cost if report.platform_total else 0
    assert report.total.cost == pytest.approx(total)
    assert report.queues_total.cost + platform == pytest.approx(total)
    assert sum(line.cost for line in report.queues) == pytest.approx(report.queues_total.cost)
    assert sum(line.cost for line in report.tenants) == pytest.approx(report.queues_total.cost)
    assert sum(sum(bar.costs.values()) for bar in report.bars) == pytest.approx(total)
    assert report.queues_total.saving == pytest.approx(sum(line.saving or 0 for line in report.queues))


@settings(deadline=None)
@given(measured())
def test_shares_are_shares_and_hours_are_of_the_period(found: Measurements) -> None:
    report = cost_report(found)
    for line in (*report.queues, *report.tenants, *report.platform, report.queues_total, report.total):
        assert line.saving_ratio is None or 0 <= line.saving_ratio <= 1 + 1e-9
        assert line.idle_ratio is None or line.idle_ratio == pytest.approx(0.5)
        assert 0 <= line.hours <= found.period.hours + 1e-9


@settings(deadline=None)
@given(measured(), st.randoms())
def test_the_order_in_which_amounts_come_changes_nothing(found: Measurements, random: object) -> None:
    shuffled = list(found.amounts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    there, here = cost_report(found), cost_report(replace(found, amounts=shuffled))
    assert [line.owner for line in there.tenants] == [line.owner for line in here.tenants]
    assert here.total.cost == pytest.approx(there.total.cost)
    assert {line.owner: pytest.approx(line.cost) for line in there.queues} == {
        line.owner: line.cost for line in here.queues
    }


def beside(days_before: int, month_hours: int, **rates: float) -> Measurements:
    """A week to the 24th, in which all cost what they do, beside what they cost by the hour before it."""
    found, of = fleet_of_three(), {"nightly": NIGHTLY, "index": INDEX, "system": SYSTEM}
    span = Span(START - timedelta(days=days_before), START)
    some = [one for name, usd in rates.items() for one in amounts(of[name], span, usd=usd)]
    month = Span(START.replace(day=1), START)
    in_month = [one for one in some if one.span.start >= month.start][-month_hours:]
    return replace(
        found,
        before=Stretch(span=before(week()), amounts=some, covered=days_before * 24),
        month=Stretch(span=month, amounts=in_month, covered=month_hours),
    )


def test_a_line_stands_beside_what_it_cost_before_and_what_the_month_will() -> None:
    report = cost_report(beside(7, 168, nightly=6))
    line = report.queues[0]
    assert line.before == 6 * HOURS
    # A week was before, a week is now, and seven days are left of November.
    assert line.forecast == pytest.approx(6 * HOURS + 8 * HOURS + 8 * HOURS)
    assert {one.owner: one.before for one in report.queues} == {NIGHTLY: 6 * HOURS, INDEX: 0, REPORTS: 0}


def test_forecasts_and_what_was_before_add_up() -> None:
    report = cost_report(beside(7, 100, nightly=6, index=2, system=2))
    ads = report.tenants[0]
    assert ads.forecast == pytest.approx(sum(q.forecast or 0 for q in report.queues if q.owner.tenant == "ads"))
    assert report.total.forecast == pytest.approx(
        (report.queues_total.forecast or 0) + (report.platform_total.forecast or 0 if report.platform_total else 0)
    )
    assert report.total.before == pytest.approx(10 * HOURS)
    assert ads.forecast_ratio == pytest.approx((ads.forecast or 0) / (6 * 730))


def test_a_queue_that_came_late_goes_on_as_in_the_hours_that_it_had() -> None:
    late = Span(START + timedelta(days=5), week().end)
    found = [*amounts(NIGHTLY, week(), usd=1), *amounts(REPORTS, late, usd=1)]
    nothing = Stretch(span=before(week()), amounts=(), covered=0)
    lines = {one.owner: one for one in cost_report(replace(measurements(found), before=nothing)).queues}
    assert lines[REPORTS].forecast == pytest.approx(48 + HOURS)
    assert lines[NIGHTLY].forecast == pytest.approx(2 * HOURS)
    assert lines[NIGHTLY].before is None


def test_a_month_that_is_over_has_no_forecast_but_its_cost() -> None:
    span = Span(START.replace(day=1), START.replace(day=1, month=12))
    found = replace(
        measurements(amounts(NIGHTLY, span, usd=1), span), before=Stretch(span=before(span), amounts=(), covered=0)
    )
    assert cost_report(found).total.forecast == pytest.approx(720)


def test_without_anything_beside_it_a_report_compares_and_forecasts_nothing() -> None:
    report = cost_report(fleet_of_three())
    assert (report.total.before, report.total.forecast) == (None, None)


def test_a_tenant_that_will_be_over_its_budget_is_told_before_it_is() -> None:
    found = [*amounts(NIGHTLY, week(), usd=8, budget=9)]
    month = Stretch(
        span=Span(START.replace(day=1), START), amounts=amounts(NIGHTLY, before(week()), usd=30), covered=168
    )
    nothing = Stretch(span=before(week()), amounts=(), covered=0)
    (line,) = cost_report(replace(measurements(found), before=nothing, month=month)).tenants
    assert line.budget_ratio == pytest.approx(8 / 9)
    assert line.forecast_ratio == pytest.approx((30 + 8 + 8) * HOURS / (9 * 730))
    assert line.over_budget


def test_days_of_which_a_part_is_missing_are_marked_and_a_restart_makes_none() -> None:
    span = Span(START + 10 * HOUR, START + timedelta(days=3) - HOUR)
    found = [*amounts(NIGHTLY, span, usd=1), *amounts(SYSTEM, span, usd=1)]
    short = [replace(one, hours=0.9) if one.span.start.hour == 12 else one for one in found]
    bars = cost_report(measurements(short, span)).bars
    assert [bar.partial for bar in bars] == [True, False, True]
    assert [round(bar.hours, 1) for bar in bars] == [13.9, 23.9, 22.9]
    none = cost_report(measurements([one for one in found if one.span.start.day != 18], span)).bars
    assert none[1].partial
    # A queue that came in the middle of a day makes the day no shorter.
    late = [*amounts(SYSTEM, week(2), usd=1), *amounts(NIGHTLY, Span(START + 30 * HOUR, week(2).end), usd=1)]
    assert not any(bar.partial for bar in cost_report(measurements(late, week(2)), ["ads"]).bars)
