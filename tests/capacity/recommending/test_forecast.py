"""The week as it repeats itself, and its schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from capacity.recommending.forecast import WEEK, Weeks, pinball, schedules
from sizing.schedules import overlapping

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")


def nightly(nodes: float, first: int = 23, last: int = 2) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A week with so many nodes every night."""
    profile = np.zeros(WEEK)
    for hour in range(WEEK):
        if hour % 24 >= first or hour % 24 < last:
            profile[hour] = nodes
    return profile


def test_a_night_is_one_schedule_over_midnight_for_all_days() -> None:
    found = schedules(nightly(6.0), 0, 20, 1, UTC_ZONE)
    (evening,) = [one for one in found if one.hours.start == 22 * 60 + 55]
    assert (evening.hours.end, evening.minimum, len(evening.hours.days)) == (2 * 60, 6, 7)


def test_hours_that_the_minimum_holds_have_no_schedule() -> None:
    assert schedules(np.full(WEEK, 2.0), 2, 20, 1, UTC_ZONE) == ()


def test_days_that_are_nearly_alike_share_a_schedule_that_is_enough_for_each() -> None:
    profile = np.zeros(WEEK)
    for day in range(7):
        profile[24 * day + 9 : 24 * day + 12] = 8.0 if day < 5 else 7.0
    (found,) = schedules(profile, 0, 20, 1, UTC_ZONE)
    assert (found.minimum, found.hours.days) == (8, ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))


def test_nodes_come_in_whole_rounds_of_zones() -> None:
    (found,) = schedules(np.where(np.arange(WEEK) % 24 == 9, 4.0, 0.0), 0, 20, 3, UTC_ZONE)
    assert found.minimum == 6


@given(st.lists(st.floats(0, 50), min_size=WEEK, max_size=WEEK), st.integers(0, 10), st.integers(1, 40))
def test_schedules_are_apart_above_the_minimum_and_within_the_maximum(
    week: list[float], minimum: int, more: int
) -> None:
    found = schedules(np.array(week), minimum, minimum + more, 1, UTC_ZONE)
    assert not list(overlapping({str(position): one.hours for position, one in enumerate(found)}))
    for one in found:
        assert minimum < one.minimum <= minimum + more
        assert 0 < one.hours.length < 24 * 60


def test_hours_follow_the_clock_of_their_zone_when_it_changes() -> None:
    begin = datetime(2026, 10, 19, tzinfo=UTC)
    nodes = np.array([5.0 if (begin + timedelta(hours=h)).astimezone(BERLIN).hour == 9 else 0.0 for h in range(336)])
    profile = Weeks.of(nodes, begin, BERLIN).profile(0.5)
    assert {hour % 24 for hour in np.flatnonzero(profile)} == {9}


def test_hours_that_nobody_may_look_at_are_left_out() -> None:
    begin = datetime(2026, 9, 7, tzinfo=UTC)
    nodes = np.concatenate([np.full(WEEK, 3.0), np.full(WEEK, np.nan)])
    assert Weeks.of(nodes, begin, UTC_ZONE).profile(0.9).tolist() == [3.0] * WEEK


@given(st.lists(st.floats(0, 100), min_size=3, max_size=30), st.sampled_from([0.1, 0.5, 0.9]))
def test_the_true_quantile_is_the_best_forecast_of_itself(seen: list[float], level: float) -> None:
    numbers = np.array(seen)
    best = float(np.quantile(numbers, level, method="inverted_cdf"))
    assert all(
        pinball(numbers, np.full(len(seen), best), level) <= pinball(numbers, np.full(len(seen), other), level) + 1e-9
        for other in seen
    )
