"""Behaviours with which a replay would have no end are refused."""

from __future__ import annotations

from typing import Any

import pytest

from capacity.comparing.demand import AT_ONCE
from capacity.errors import CapacityError
from capacity.replay.behaviour import MOMENT, Behaviour


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"outage_seconds": 60.0, "backoff": 0.0, "loop_base": 0.0}, "refuses is asked again at the same moment"),
        ({"failure_share": 0.5, "backoff": 0.0, "loop_base": 0.0}, "make backoff, or loop_base, 0.001 seconds or more"),
        ({"outage_seconds": 60.0, "backoff": 1e-12, "loop_base": 0.0}, "for ever"),
        ({"scan_interval": 0.0, "loop_base": 0.0}, "the autoscaler looks again at the same moment for ever"),
        ({"failure_share": 1.0}, "failure_share is 1.0, so no node ever comes; it is less than 1"),
        ({"outage_seconds": float("inf")}, "outage_seconds is inf; it is 0 or more, and finite"),
        ({"mark": float("nan")}, "mark is nan; it is 0 or more, and finite"),
        ({"removal": -1.0}, "removal is -1.0; it is 0 or more"),
        ({"batch_size": 0}, "batch_size is 0, so no executor is ever asked for; it is 1 or more"),
    ],
)
def test_a_behaviour_without_an_end_is_refused_with_what_to_do(values: dict[str, Any], said: str) -> None:
    with pytest.raises(CapacityError, match="a Behaviour can't be replayed: ") as error:
        Behaviour(**values)
    assert len(error.value.findings) == 1
    assert said in error.value.findings[0]


def test_all_that_is_wrong_with_one_is_told_at_once() -> None:
    with pytest.raises(CapacityError) as error:
        Behaviour(backlog=-1.0, failure_share=2.0)
    assert len(error.value.findings) == 2


def test_an_outage_without_backoff_is_fine_while_a_look_takes_time_and_no_backoff_without_refusals_too() -> None:
    assert Behaviour(outage_seconds=60.0, backoff=0.0, loop_base=MOMENT).backoff == 0
    assert Behaviour(backoff=0.0, loop_base=0.0).scan_interval > 0
    assert AT_ONCE.scan_interval > 0
