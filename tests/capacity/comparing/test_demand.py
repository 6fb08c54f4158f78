"""How many nodes jobs could use, hour by hour."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.comparing.demand import nodes_by_hour, peaks_by_hour

LIVES = st.lists(
    st.tuples(st.just(1), st.floats(0, 20_000), st.just(0.0), st.floats(0, 15_000)).map(
        lambda life: (life[0], life[1], life[1], life[1] + life[3])
    ),
    max_size=20,
)


@given(LIVES)
def test_hours_add_up_to_what_nodes_lived(lives: list[tuple[int, float, float, float]]) -> None:
    lived = sum(gone - asked for _, asked, _, gone in lives)
    assert nodes_by_hour(lives, 1, 10).sum() * 3600 == pytest.approx(lived, abs=1e-3)


@given(LIVES)
def test_an_hours_peak_is_the_most_nodes_at_one_of_its_moments(lives: list[tuple[int, float, float, float]]) -> None:
    moments = sorted({time for _, asked, _, gone in lives for time in (asked, gone)} | {3600.0 * h for h in range(10)})

    def at(time: float) -> int:
        return sum(asked <= time < gone for _, asked, _, gone in lives)

    peaks = peaks_by_hour(lives, 1, 10)
    for hour in range(10):
        seen = [at(time) for time in moments if 3600 * hour <= time < 3600 * (hour + 1)]
        before = [at(time) for time in moments if time < 3600 * hour]
        assert peaks[hour] >= max(seen)
        assert peaks[hour] <= max([*seen, *before[-1:]])


def test_nodes_of_other_pools_are_not_counted() -> None:
    assert nodes_by_hour([(2, 0.0, 0.0, 3600.0)], 1, 1).tolist() == [0.0]


def test_a_node_of_half_an_hour_is_half_a_node_of_that_hour() -> None:
    assert nodes_by_hour([(1, 1800.0, 1830.0, 5400.0)], 1, 2).tolist() == [0.5, 0.5]
    assert np.array_equal(peaks_by_hour([(1, 1800.0, 1830.0, 5400.0)], 1, 2), [1.0, 1.0])
