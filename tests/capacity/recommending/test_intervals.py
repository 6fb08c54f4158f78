"""How sure figures are."""

from __future__ import annotations

import pytest

from capacity.recommending.intervals import intervals
from tests.capacity.recommending.outcomes import an_outcome


def test_days_that_are_all_alike_leave_no_doubt() -> None:
    found = intervals(an_outcome(28, usd=5.0), an_outcome(28), 1)
    assert found.usd == pytest.approx((5 * 730 / 24, 5 * 730 / 24))
    assert found.saving == pytest.approx((0.5, 0.5))


def test_days_that_differ_leave_doubt_around_their_mean() -> None:
    one = an_outcome(28, noise=0.2)
    low, high = intervals(one, one, 1).usd
    assert low < one.figures(one).usd < high


def test_more_days_leave_less_doubt() -> None:
    def width(days: int) -> float:
        one = an_outcome(days, noise=0.2)
        low, high = intervals(one, one, 1).usd
        return high - low

    assert width(49) < width(14)


@pytest.mark.parametrize(("days", "blocks"), [(28, "days"), (55, "days"), (56, "weeks")])
def test_weeks_are_drawn_once_there_are_enough(days: int, blocks: str) -> None:
    assert intervals(an_outcome(days), an_outcome(days), 1).blocks == blocks


def test_doubt_is_that_of_days_and_not_of_their_jobs() -> None:
    def width(jobs: int) -> float:
        one = an_outcome(28, noise=0.2, jobs_a_day=jobs)
        low, high = intervals(one, one, 1).wait
        return high - low

    assert width(40) == pytest.approx(width(4), rel=0.3)


def test_the_same_seed_draws_the_same() -> None:
    one = an_outcome(28, noise=0.2)
    assert intervals(one, one, 3) == intervals(one, one, 3)
