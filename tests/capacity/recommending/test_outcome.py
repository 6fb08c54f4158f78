"""Figures of days, and how far they are from a target."""

from __future__ import annotations

import pytest

from capacity.recommending.outcome import Figures, Target
from tests.capacity.recommending.outcomes import an_outcome

TARGET = Target(wait=300, longer=0.05)
LEAST = Figures(usd=100, wait=8, longer=0, late=0)


@pytest.mark.parametrize(
    ("figures", "least", "beyond"),
    [
        pytest.param(Figures(usd=1, wait=300, longer=0.05, late=0), LEAST, 0.0, id="just met"),
        pytest.param(Figures(usd=1, wait=450, longer=0.05, late=0), LEAST, 0.5, id="waits half as long again"),
        pytest.param(Figures(usd=1, wait=8, longer=0.15, late=0), LEAST, 0.1, id="runs longer"),
        pytest.param(Figures(usd=1, wait=8, longer=0, late=0.2), LEAST, 0.2, id="misses deadlines"),
        pytest.param(
            Figures(usd=1, wait=900, longer=0, late=0.2),
            Figures(usd=1, wait=900, longer=0, late=0.2),
            0.0,
            id="as fixed nodes do",
        ),
    ],
)
def test_what_fixed_nodes_cannot_do_is_not_asked(figures: Figures, least: Figures, beyond: float) -> None:
    assert figures.beyond(TARGET, least) == pytest.approx(beyond)


def test_deadlines_need_not_count() -> None:
    assert Figures(usd=1, wait=8, longer=0, late=1).beyond(Target(deadlines=False), LEAST) == 0


def test_a_month_has_730_hours() -> None:
    assert an_outcome(14, usd=24.0).figures(an_outcome(14)).usd == pytest.approx(730)


def test_a_day_that_is_drawn_twice_counts_twice() -> None:
    one = an_outcome(7, noise=0.3)
    twice = one.figures(one, [0, 0, 1])
    assert twice.usd == pytest.approx((2 * one.usd[0] + one.usd[1]) / 72 * 730)


def test_runtimes_are_compared_job_by_job() -> None:
    assert an_outcome(7, seconds=120).figures(an_outcome(7, seconds=100)).longer == pytest.approx(0.2)
