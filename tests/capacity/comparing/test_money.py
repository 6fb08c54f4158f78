"""Savings Plans and shares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.comparing.money import shared_out, with_savings_plan

HOURS = st.lists(st.floats(0, 100), min_size=1, max_size=40)


@given(HOURS, st.floats(0.01, 0.8))
def test_no_plan_costs_less_than_the_chosen_one(hourly: list[float], rate: float) -> None:
    found = with_savings_plan(np.array(hourly), rate)

    def cost(covered: float) -> float:
        return sum((1 - rate) * covered + max(0.0, use - covered) for use in hourly)

    assert found == pytest.approx(min(cost(covered) for covered in [0.0, *hourly]), abs=1e-6)


def test_nodes_that_are_always_there_cost_the_rate_less() -> None:
    assert with_savings_plan(np.full(24, 2.0), 0.28) == pytest.approx(24 * 2 * 0.72)


def test_a_peak_of_an_hour_is_not_worth_a_plan() -> None:
    assert with_savings_plan(np.array([0.0] * 23 + [50.0]), 0.28) == 50.0


@given(st.floats(0, 1e6), st.dictionaries(st.text(max_size=3), st.floats(0, 1e6), min_size=1))
def test_shares_add_up(usd: float, weights: dict[str, float]) -> None:
    assert sum(shared_out(usd, weights).values()) == pytest.approx(usd, rel=1e-6, abs=1e-6)


def test_what_nobody_used_is_shared_evenly() -> None:
    assert shared_out(6.0, {"a": 0.0, "b": 0.0}) == {"a": 3.0, "b": 3.0}
