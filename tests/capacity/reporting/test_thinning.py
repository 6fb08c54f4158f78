"""Fewer points of long traces."""

from __future__ import annotations

import numpy as np
import pytest

from capacity.reporting.thinning import MOST_POINTS, STEPS, numbers, step_of, thinned


@pytest.mark.parametrize(
    ("weeks", "queues", "step"), [(0.1, 1, 1), (2, 4, 1), (52, 2, 1), (52, 4, 2), (52, 100, 48), (5000, 100, 168)]
)
def test_points_stand_for_more_hours_where_there_are_more(weeks: float, queues: int, step: int) -> None:
    assert step_of(weeks * 168, queues) == step


@pytest.mark.parametrize("queues", [1, 7, 20, 200])
def test_a_year_stays_below_the_points_that_a_page_can_have(queues: int) -> None:
    step = step_of(8760, queues)
    assert 8760 / step * queues <= MOST_POINTS or step == STEPS[-1]


def test_a_point_is_the_average_of_what_is_known_of_its_time() -> None:
    samples = np.array([1.0, 3.0, np.nan, 5.0, np.nan, np.nan, 7.0])
    assert numbers(thinned(samples, 1800, 1), 1) == [2.0, 5.0, None, 7.0]
    assert numbers(thinned(samples, 1800, 2), 1) == [3.0, 7.0]


def test_several_columns_are_thinned_each_by_itself() -> None:
    samples = np.array([[1.0, 10.0], [2.0, 20.0], [9.0, 90.0], [np.nan, 4.0]])
    found = thinned(samples, 1200, 1, np.nanmedian)
    assert found.tolist() == [[2.0, 20.0], [pytest.approx(np.nan, nan_ok=True), 4.0]]
